"""An operation on a real disk that fills up, or that is read-only: a small one in memory, mounted for it.

A full disk takes the beginning of a write and refuses the rest, which no errno at a call says. What is free
when it begins goes from nothing to enough.

Belongs here: the disk. Does not: what is done on it and what must hold (`exercices.py`). Only root may mount.
"""

import errno
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.drills.bilan import OBSCURE
from tests.drills.pannes.appels import Fin, superviser
from tests.drills.pannes.campagne import Campagne, Compte

_PAGE = 4096
_GRAND = 64 << 20
_PAS = 12


class Plein(Campagne):
    """The faults of one exercise on such disks."""

    @contextmanager
    def _disque(self) -> Iterator[Path]:
        dossier = self._copie("essai")
        home = dossier / "home"
        shutil.move(home, dossier / "dedans")
        home.mkdir()
        _commander("mount", "-t", "tmpfs", "-o", f"size={_GRAND}", "tmpfs", home)
        try:
            shutil.copytree(dossier / "dedans", home, symlinks=True, dirs_exist_ok=True)
            yield dossier
        finally:
            _commander("umount", home)
            shutil.rmtree(dossier)

    def remplir(self, libre: int) -> tuple[Fin, list[tuple[str, str]]]:
        """Do it with so many bytes free, then with all of them; `fin` says how it went."""
        with self._disque() as dossier:
            bouchon = dossier / "home" / "bouchon"
            with bouchon.open("wb") as fichier:
                place = shutil.disk_usage(dossier / "home").free - libre
                fichier.write(bytes(max(place, 0) // _PAGE * _PAGE))
            fin = self._faire(dossier)
            bouchon.unlink()
            return fin, [*_clarte(fin, dossier, errno.ENOSPC), *self.suite(dossier, fin)]

    def fermer(self) -> list[tuple[str, str]]:
        """Do it on a read-only disk, then on one that is not."""
        with self._disque() as dossier:
            _commander("mount", "-o", "remount,ro", dossier / "home")
            fin = self._faire(dossier)
            _commander("mount", "-o", f"remount,rw,size={_GRAND}", dossier / "home")
            return [*_clarte(fin, dossier, errno.EROFS), *self.suite(dossier, fin)]

    def _faire(self, dossier: Path) -> Fin:
        return superviser(lambda: self.exercice.dire(dossier), dossier / "nowhere", lambda appel: None)


def mener(nom: str, racine: Path, tirage: int | None, graine: int) -> dict[str, Any]:
    """Run the exercise with more and more room, until it has enough; then without a right to write."""
    plein = Plein(nom, racine)
    compte = Compte(len(plein.points))
    compte.noter("read-only", plein.fermer())
    libre, fini = 0, False
    while not fini:
        fin, constats = plein.remplir(libre)
        fini = not fin.code
        compte.noter(f"{libre} bytes free", constats)
        # Page by page at first, where journals and small files are; then by a tenth.
        libre += max(_PAGE * (1 if libre < _PAGE * _PAS else 4), libre // 10 // _PAGE * _PAGE)
    return compte.dire()


def _clarte(fin: Fin, dossier: Path, numero: int) -> list[tuple[str, str]]:
    if not fin.code:
        return []
    attendus = ("next:", str(dossier / "home"), errno.errorcode[numero])
    return [] if all(a in fin.message for a in attendus) and fin.code == 1 else [(OBSCURE, fin.message)]


def _commander(*commande: object) -> None:
    subprocess.run([*map(str, commande)], check=True)
