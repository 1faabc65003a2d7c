"""Opening what others may have put in a shared folder: the one way into files of the depot and of a mirror.

Belongs here: what is never opened, and counting bytes. Does not: what is made of a file once it is open.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ingestion.erreurs import ErreurSource, Lieu
from ingestion.recu import BLOC
from socle.disque import AUTRES

# Write permissions of others than the owner.
_ECRIRE = 0o022
_GENRES = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def ouvrir(racine: Path, fichier: Path, lieu: Lieu, *, liens: bool = False) -> BinaryIO:
    """Open an ordinary file under `racine`, a folder that others may write in, and nothing else.

    Refused by its name, unopened (`entree_interdite`): a link, a folder, a device, a pipe, a socket, and a
    file that its owner alone may read, unless the owner is this account or that of the folder. This last rule
    is for nights of root, which may read all: who drops a hard link to somebody's private file has not made
    it theirs to give. `racine` may be a link: its owner put it there. With `liens`, so is any link that
    stands where only this account or root could put one; others are refused.

    Raises besides `FileNotFoundError` and `NotADirectoryError` where nothing stands, and `OSError`.
    """
    try:
        return _ouvrir(racine, fichier, lieu, liens=liens)
    except OSError as e:
        # Of a name within a folder, or of a descriptor, the system does not say where it is.
        e.filename = str(fichier)
        raise


def _ouvrir(racine: Path, fichier: Path, lieu: Lieu, *, liens: bool) -> BinaryIO:
    noms = fichier.relative_to(racine).parts
    with ExitStack() as pile:
        # A descriptor of a path (O_PATH) opens nothing: no pipe waits, no device moves, and what it shows is
        # what is read afterwards, whatever takes its name meanwhile.
        ici = os.open(racine, os.O_PATH | os.O_DIRECTORY)
        pile.callback(os.close, ici)
        for rang, nom in enumerate(noms, 1):
            dossier = os.fstat(ici)
            suivre = 0 if liens and _est_tenu(dossier) else os.O_NOFOLLOW
            ici = os.open(nom, os.O_PATH | suivre, dir_fd=ici)
            pile.callback(os.close, ici)
            vu, dernier = os.fstat(ici), rang == len(noms)
            if not (stat.S_ISREG if dernier else stat.S_ISDIR)(vu.st_mode):
                raise interdite(_genre(vu.st_mode), racine.joinpath(*noms[:rang]), lieu)
            if dernier and not vu.st_mode & AUTRES and vu.st_uid not in (os.geteuid(), dossier.st_uid):
                raise interdite(f"a file that account {vu.st_uid} alone may read", fichier, lieu)
        return Path(f"/proc/self/fd/{ici}").open("rb")


def interdite(quoi: str, chemin: Path, lieu: Lieu) -> ErreurSource:
    """Return the error of what stands where a file is expected, and is not opened."""
    return replace(lieu, fichier=chemin.name).erreur(
        "entree_interdite",
        observe=f"{quoi} at {chemin}",
        attendu="an ordinary file, which its owner lets others read or which belongs to the night's account",
        que_faire="look at who put it there; copy the file itself in its place (`install -m 640 FILE`), or"
        " remove it",
    )


def compter(fichier: BinaryIO, octets: int, lieu: Lieu) -> Iterator[bytes]:
    """Yield the bytes of a file as they are read; `trop_gros` beyond `octets`, whatever size it declares."""
    lus = 0
    if (declares := os.fstat(fichier.fileno()).st_size) > octets:
        raise _trop_gros(f"{declares} bytes", octets, lieu)
    while bloc := fichier.read(BLOC):
        lus += len(bloc)
        if lus > octets:
            raise _trop_gros(f"more than {octets} bytes, where reading stopped", octets, lieu)
        yield bloc


def _trop_gros(observe: str, octets: int, lieu: Lieu) -> ErreurSource:
    return lieu.erreur(
        "trop_gros",
        observe=observe,
        attendu=f"at most {octets} bytes",
        que_faire="look whether it is the right file; if it is, raise `octets` under the `limites` of its"
        f" ressource in {lieu.contrat}",
    )


def _genre(mode: int) -> str:
    return _GENRES.get(stat.S_IFMT(mode), "a file in place of a folder")


def _est_tenu(dossier: os.stat_result) -> bool:
    """Whether this account and root alone can put a name in a folder."""
    return dossier.st_uid in (os.geteuid(), 0) and not dossier.st_mode & _ECRIRE
