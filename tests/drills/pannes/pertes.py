"""A disk that loses what was not brought to it: what a cut of power may leave of a folder.

The disk is known by its `fsync` alone. A file keeps what it held at its last one, a folder the names it held
at its last one. Beyond, each file and each folder may be as it was then or as it is now: a disk writes when
it likes. Real programs run on it, their calls told by the kernel (`appels.py`): what DuckDB and Arrow write
is on this disk as what we write is.

Belongs here: what survives. Does not: what is done on the disk, nor what must survive.
"""

import stat
from collections.abc import Callable
from contextlib import suppress
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


Vus = dict[Identite, tuple[Path, Inode]]
"""What has a name now: where, and what is there without the bytes of files."""


class DisqueAPertes:
    """What of `racine` is on the disk, as its calls are told."""

    def __init__(self, racine: Path) -> None:
        """All that is there now is on the disk."""
        self._racine = racine
        vus = _regarder(racine)
        self._surs = {qui: _remplir(chemin, inode) or inode for qui, (chemin, inode) in vus.items()}
        self._depart, _ = _nommer(racine)

    def entendre(self, appel: Appel) -> None:
        """Keep what a `fsync` is about to bring to the disk."""
        if appel.nom not in ("fsync", "fdatasync"):
            return
        for chemin in appel.chemins:
            qui, inode = _nommer(chemin)
            if stat.S_ISDIR(inode.mode):
                # It names them; what they hold is another matter.
                for nom, (autre, sien) in _entrees(chemin).items():
                    inode.noms[nom] = autre
                    self._surs.setdefault(autre, sien)
            self._surs[qui] = _remplir(chemin, inode) or inode

    def couper(self, vers: Path, garde: Garde) -> None:
        """Write to `vers` what a cut of power leaves now."""
        self._ecrire(self._depart, vers, _regarder(self._racine), garde)

    def _ecrire(self, qui: Identite, vers: Path, vus: Vus, garde: Garde) -> None:
        inode = self._surs.get(qui)
        if qui in vus:
            chemin, vu = vus[qui]
            if garde(chemin.relative_to(self._racine), stat.S_ISDIR(vu.mode)):
                inode = _remplir(chemin, vu) or inode
            inode = inode or Inode(vu.mode, cible=vu.cible)
        assert inode is not None, "a name on the disk is that of something"
        if inode.cible is not None:
            vers.symlink_to(inode.cible)
            return
        if stat.S_ISDIR(inode.mode):
            vers.mkdir()
            for nom, autre in inode.noms.items():
                self._ecrire(autre, vers / nom, vus, garde)
        else:
            vers.write_bytes(inode.octets)
        vers.chmod(stat.S_IMODE(inode.mode))


def _regarder(racine: Path) -> Vus:
    """All that has a name under a folder, and that folder: each is looked at once.

    One thread waits for its call to be judged, others write on: a folder that was read twice could name
    what was not there the first time.
    """
    qui, inode = _nommer(racine)
    vus, restent = {qui: (racine, inode)}, [(racine, inode)]
    while restent:
        dossier, sien = restent.pop()
        for nom, (autre, inode) in _entrees(dossier).items():
            sien.noms[nom] = autre
            vus[autre] = dossier / nom, inode
            if stat.S_ISDIR(inode.mode):
                restent.append((dossier / nom, inode))
    return vus


def _entrees(dossier: Path) -> dict[str, tuple[Identite, Inode]]:
    """What a folder names, but for what goes as it is looked at."""
    entrees = {}
    with suppress(FileNotFoundError):
        for chemin in dossier.iterdir():
            with suppress(FileNotFoundError):
                entrees[chemin.name] = _nommer(chemin)
    return entrees


def _nommer(chemin: Path) -> tuple[Identite, Inode]:
    """A thing that has a name and nothing in it yet; a link is its name."""
    etat = chemin.lstat()
    cible = chemin.readlink() if stat.S_ISLNK(etat.st_mode) else None
    return (etat.st_dev, etat.st_ino), Inode(etat.st_mode, cible=cible)


def _remplir(chemin: Path, inode: Inode) -> Inode | None:
    """The same with the bytes of the file, if it is one; None where it is gone."""
    if not stat.S_ISREG(inode.mode):
        return inode
    try:
        return Inode(inode.mode, chemin.read_bytes())
    except FileNotFoundError:
        return None
