"""The demonstration: source files in the producers' own layouts, real territories, invented figures.

Reads nothing of what it writes; sources and reserves are in `README.md`.
"""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from socle.disque import ecriture_atomique, synchroniser_tous
from socle.processus import a_cote

_ICI = Path(__file__).parent
# Code that decides the bytes written: this room, and the contracts and columns that it fills in.
_CODE = (
    _ICI,
    *(
        _ICI.parent / "ingestion" / nom
        for nom in ("sources", "contrats", "extrait/contrat.yml", "extrait/schema.py")
    ),
)
_TEMOIN = ".ecrit"


def ecrire_miroir(dossier: Path) -> list[Path]:
    """Write every file at its `mirror` path under `dossier`, always the same bytes; return the paths."""
    # A night that has its files already loads none of what invents them.
    from demonstration.producteurs import PRODUCTEURS

    contenus = {nom: octets for p in PRODUCTEURS for nom, octets in p.fichiers().items()}
    chemins = []
    for relatif, contenu in sorted(contenus.items()):
        chemin = dossier / relatif
        with ecriture_atomique(chemin, synchrone=False) as fichier:
            fichier.write(contenu)
        chemins.append(chemin)
    synchroniser_tous(chemins)
    return chemins


def ecrire_extraits(dossier: Path) -> list[Path]:
    """Write the demonstration extracts and their mapping under `dossier`; return the paths written."""
    from demonstration import caf_extrait

    return caf_extrait.ecrire_extraits(dossier)


def une_fois(ecrire: Callable[[Path], list[Path]], dossier: Path) -> None:
    """Write under `dossier` unless this very code did, and every file is still as it left it."""
    if _est_ecrit(dossier):
        return
    ecrits = {str(chemin.relative_to(dossier)): _etat(chemin) for chemin in ecrire(dossier)}
    with ecriture_atomique(dossier / _TEMOIN) as f:
        f.write(json.dumps({"code": _empreinte_code(), "fichiers": ecrits}).encode())


@contextmanager
def extraits_a_cote(dossier: Path) -> Iterator[Callable[[], None]]:
    """Have a second process write the extracts meanwhile; yield their wait.

    The wait raises `subprocess.CalledProcessError` when they could not be written.
    """
    if _est_ecrit(dossier):
        yield lambda: None
        return
    with a_cote("demonstration", dossier.resolve()) as aide:

        def attendre() -> None:
            if aide.wait():
                raise subprocess.CalledProcessError(aide.returncode, aide.args)

        yield attendre


def _est_ecrit(dossier: Path) -> bool:
    """Whether this very code wrote the folder, and every file is still as it left it."""
    try:
        dit = json.loads((dossier / _TEMOIN).read_bytes())
        fichiers = {nom: _etat(dossier / nom) for nom in dit["fichiers"]}
    except (ValueError, TypeError, KeyError, OSError):
        # Never written, a damaged witness, or a file that is gone: everything is written again.
        return False
    return bool(dit == {"code": _empreinte_code(), "fichiers": fichiers})


def _etat(chemin: Path) -> list[int]:
    etat = chemin.stat()
    return [etat.st_size, etat.st_mtime_ns]


def _empreinte_code() -> str:
    condense = hashlib.sha256()
    for racine in _CODE:
        for fichier in [racine] if racine.is_file() else sorted(racine.iterdir()):
            if fichier.is_file():
                condense.update(fichier.name.encode() + b"\0" + fichier.read_bytes() + b"\0")
    return condense.hexdigest()
