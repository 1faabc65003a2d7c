"""A disk that loses what was not brought to it: what a cut of power may leave of a folder.

The disk is known by its `fsync` alone. A file keeps what it held at its last one, a folder the names it held
at its last one. Beyond, each file and each folder may be as it was then or as it is now: a disk writes when
it likes. Real programs run on it, their calls told by the kernel (`appels.py`): what DuckDB and Arrow write
is on this disk as what we write is.

Belongs here: what survives. Does not: what is done on the disk, nor what must survive.
"""

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.drills.pannes.appels import Appel

Identite = tuple[int, int]
"""Device and inode: of a folder in memory (tmpfs), an inode is never given again."""

Garde = Callable[[Path, bool], bool]
"""Whether the last state of a path survives: the names of a folder (True), or the bytes of a file."""


@dataclass
class Inode:
    """A file, a folder or a link, as it was at its last `fsync`."""

    mode: int
    octets: bytes = b""
    noms: dict[str, Identite] = field(default_factory=dict)
    cible: Path | None = None


class DisqueAPertes:
    """What of `racine` is on the disk, as its calls are told."""

    def __init__(self, racine: Path) -> None:
        """All that is there now is on the disk."""
        self._racine = racine
        self._surs: dict[Identite, Inode] = {}
        for chemin in (racine, *racine.rglob("*")):
            self._surs[_identite(chemin)] = _lire(chemin)
        self._depart = _identite(racine)

    def entendre(self, appel: Appel) -> None:
        """Keep what a `fsync` is about to bring to the disk."""
        if appel.nom not in ("fsync", "fdatasync"):
            return
        for chemin in appel.chemins:
            self._surs[_identite(chemin)] = _lire(chemin)
            if chemin.is_dir():
                # It names them; what they hold is another matter.
                for entree in chemin.iterdir():
                    self._surs.setdefault(_identite(entree), _nommer(entree))

    def couper(self, vers: Path, garde: Garde) -> None:
        """Write to `vers` what a cut of power leaves now."""
        ici = {_identite(chemin): chemin for chemin in (self._racine, *self._racine.rglob("*"))}
        self._ecrire(self._depart, vers, ici, garde)

    def _ecrire(self, qui: Identite, vers: Path, ici: dict[Identite, Path], garde: Garde) -> None:
        inode, chemin = self._surs.get(qui), ici.get(qui)
        if chemin is not None:
            dossier = chemin.is_dir() and not chemin.is_symlink()
            if garde(chemin.relative_to(self._racine), dossier):
                inode = _lire(chemin)
            inode = inode or _nommer(chemin)
        assert inode is not None, "a name on the disk is that of something"
        if inode.cible is not None:
            vers.symlink_to(inode.cible)
            return
        if stat.S_ISDIR(inode.mode):
            vers.mkdir()
            for nom, autre in inode.noms.items():
                self._ecrire(autre, vers / nom, ici, garde)
        else:
            vers.write_bytes(inode.octets)
        vers.chmod(stat.S_IMODE(inode.mode))


def remplacer(dossier: Path, par: Path) -> None:
    """Put a folder in the place of another."""
    shutil.rmtree(dossier)
    par.rename(dossier)


def _identite(chemin: Path) -> Identite:
    etat = chemin.lstat()
    return etat.st_dev, etat.st_ino


def _nommer(chemin: Path) -> Inode:
    """A thing that has a name and nothing in it yet; a link is its name."""
    return Inode(chemin.lstat().st_mode, cible=chemin.readlink() if chemin.is_symlink() else None)


def _lire(chemin: Path) -> Inode:
    inode = _nommer(chemin)
    if stat.S_ISDIR(inode.mode):
        inode.noms = {entree.name: _identite(entree) for entree in chemin.iterdir()}
    elif inode.cible is None:
        inode.octets = chemin.read_bytes()
    return inode
