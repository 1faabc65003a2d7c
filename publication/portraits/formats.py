"""The formats of a portrait, one module each with `rendre(document) -> bytes`, imported when asked for."""

import importlib
import re

from publication.portraits.modele import Document
from socle.erreurs import ErreurPublication

_SUR = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")

FORMATS = {"html": ".html", "pdf": ".pdf", "annexes": "-annexes.pdf", "pptx": ".pptx", "xlsx": ".xlsx"}
"""The formats, each by its module, and how its file ends."""


def rendre(document: Document, format_: str) -> bytes:
    """Return a portrait in one of `FORMATS`: the same bytes for the same document."""
    module = importlib.import_module(f"publication.portraits.{format_}")
    octets: bytes = module.rendre(document)
    return octets


def nom_de_fichier(document: Document, format_: str) -> str:
    """Return the name of its file: `portrait-ctg-baronnies-2025.html`.

    Raises ErreurPublication when the id of the territory could be read as a path.
    """
    if not _SUR.fullmatch(document.territoire_id):
        raise ErreurPublication(
            f"L'identifiant {document.territoire_id!r} ne peut nommer un fichier : attendu des lettres, des"
            " chiffres, - et _ après son niveau. Corriger le contrat ou le plan qui le déclare, puis"
            " relancer la nuit."
        )
    return f"portrait-{document.territoire_id.replace(':', '-')}{FORMATS[format_]}"
