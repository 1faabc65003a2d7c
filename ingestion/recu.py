"""A file brought into a temporary folder, with its sha256 and its origin's word; copying a local file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from socle.panne import en_ecrivant

BLOC = 1 << 20
Origine = Literal["mirror", "url", "rolling", "depot"]


@dataclass(frozen=True)
class Recu:
    """A file brought into a temporary folder. `octets` is its size in bytes."""

    chemin: Path
    nom: str
    origine: Origine
    adresse: str
    sha256: str
    octets: int
    etag: str | None = None
    last_modified: str | None = None


def copier(blocs: Iterable[bytes], source: Path, dossier: Path, origine: Origine) -> Recu:
    """Write the blocks of a local file, as they are read, into `dossier`."""
    cible = dossier / "recu"
    sha256, octets = ecrire_blocs(blocs, cible)
    return Recu(cible, nom_sur(source.name), origine, str(source), sha256, octets)


def lier(recu: Recu, dossier: Path, nom: str) -> Recu:
    """Give a file received a moment ago another name in `dossier`: the same bytes, once on the disk."""
    cible = dossier / "recu"
    with en_ecrivant(cible):
        cible.hardlink_to(recu.chemin)
    return replace(recu, chemin=cible, nom=nom_sur(nom))


def nom_sur(nom: str) -> str:
    """Make a file name safe to write: no folder, no hidden file, never the sidecar's."""
    propre = re.sub(r"[^\w.() -]", "_", nom).lstrip(".") or "fichier"
    # A file system stops at 255 bytes: the end, which tells the kind of file, is what stays.
    while len(propre.encode()) > 200:
        propre = propre[1:].lstrip(".")
    return f"_{propre}" if propre == "provenance.json" else propre


def ecrire_blocs(
    blocs: Iterable[bytes], cible: Path, avancer: Callable[[int], None] = lambda octets: None
) -> tuple[str, int]:
    """Write blocks to a file; return its sha256 and its size. `avancer` gets the size of each block."""
    empreinte, octets = hashlib.sha256(), 0
    with en_ecrivant(cible):
        f = cible.open("wb")
    try:
        # A block that cannot be read is its origin's fault, not the disk's.
        for bloc in blocs:
            with en_ecrivant(cible):
                f.write(bloc)
            empreinte.update(bloc)
            octets += len(bloc)
            avancer(len(bloc))
    finally:
        with en_ecrivant(cible):
            f.close()
    return empreinte.hexdigest(), octets
