"""The formats of a portrait, one module each with `rendre(document) -> bytes`, imported when asked for."""

import importlib
import re

from publication.portraits.modele import Document
from socle.erreurs import ErreurPublication

_SUR = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")

FORMATS = {"html": ".html", "pdf": ".pdf", "annexes": "-annexes.pdf", "pptx": ".pptx", "xlsx": ".xlsx"}
"""The formats, each by its module, and how its file ends."""

DE_SECTIONS = {"docx": "docx", "pdf": "annexes"}
"""Those of a document of sections alone, by module: the PDF has every section, as annexes have."""


def rendre(document: Document, format_: str) -> bytes:
    """Return a portrait in one of `FORMATS`: the same bytes for the same document."""
    module = importlib.import_module(f"publication.portraits.{format_}")
    octets: bytes = module.rendre(document)
    return octets


def rendre_dans(document: Document, modele: bytes, nom: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the deck set in a template (.potx or .pptx, called `nom`), and what that lacks, in words.

    Raises ErreurPublication when the template cannot be opened, or has no layout with a title.
    """
    module = importlib.import_module("publication.portraits.pptx")
    octets, manques = module.rendre_dans(document, modele, nom)
    return octets, manques


def imprimer_sections(document: Document, format_: str, prefixe: str) -> tuple[str, bytes]:
    """Return a document of sections in one of `DE_SECTIONS`: the name of its file, and its bytes."""
    return _nom(document, prefixe, f".{format_}"), rendre(document, DE_SECTIONS[format_])


def nom_de_fichier(document: Document, format_: str, suffixe: str = "") -> str:
    """Return the name of its file: `portrait-ctg-baronnies-2025.html`; `suffixe` says what was asked for.

    Raises ErreurPublication when the id of the territory could be read as a path.
    """
    return _nom(document, "portrait", f"{suffixe}{FORMATS[format_]}")


def _nom(document: Document, prefixe: str, fin: str) -> str:
    if not _SUR.fullmatch(document.territoire_id):
        raise ErreurPublication(
            f"L'identifiant {document.territoire_id!r} ne peut nommer un fichier : attendu des lettres, des"
            " chiffres, - et _ après son niveau. Corriger le contrat ou le plan qui le déclare, puis"
            " relancer la nuit."
        )
    return f"{prefixe}-{document.territoire_id.replace(':', '-')}{fin}"
