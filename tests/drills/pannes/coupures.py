"""An operation on a disk that loses what was not brought to it, cut at every one of its writes.

At each write, several states may be left: nothing but what was synced, all names and no more bytes, all
bytes and no more names, and mixes drawn. Each different one is read and verified, and the operation done
again. Once it is said to be done, it must be there.

Belongs here: where it is cut, and what is kept. Does not: the disk (`pertes.py`), nor what must hold
(`exercices.py`).
"""

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.drills.bilan import DISQUE, Essai
from tests.drills.pannes.appels import Appel, Fin, superviser
from tests.drills.pannes.fautes import Fautes, Terrain
from tests.drills.pannes.pertes import DisqueAPertes, Garde

MELANGES = 2
# Where something is being made, or what is left of it removed: swept, whatever it holds.
_BALAYES = (".en_cours-", ".retiree-", ".travail-", ".recu-")


def gardes(graine: int) -> dict[str, Garde]:
    """What survives beside what was synced."""
    melanges: dict[str, Garde] = {
        f"mix {n}": (lambda chemin, dossier, n=n: _pile(graine, n, chemin)) for n in range(MELANGES)
    }
    return {
        "nothing": lambda chemin, dossier: False,
        "names": lambda chemin, dossier: dossier,
        "bytes": lambda chemin, dossier: not dossier,
        **melanges,
    }


def _pile(*quoi: object) -> bool:
    return hashlib.sha256(repr(quoi).encode()).digest()[0] % 2 == 0


class Coupures(Fautes):
    def essais(self, nom: str, ici: Path, tirage: int | None, graine: int) -> Iterator[Essai]:
        """What each cut leaves, anywhere or drawn; then what the next time makes of it."""
        terrain = Terrain(nom, ici)
        for ou, coupe, fini in couper(terrain, tirage, graine):
            dossier = terrain.copie("essai")
            shutil.rmtree(dossier / "home")
            coupe.rename(dossier / "home")
            yield Essai(DISQUE, ou, terrain.suite(dossier, Fin(not fini, 0, "")))
            shutil.rmtree(dossier)


def couper(terrain: Terrain, tirage: int | None, graine: int) -> list[tuple[str, Path, bool]]:
    """Do it once on such a disk; return each thing that a cut may leave, and whether it was done."""
    points = range(len(terrain.points))
    quand = random.Random(graine).sample(points, min(tirage, len(points))) if tirage else None
    combien = 0
    dossier, coupes = terrain.copie("disque"), terrain.racine / "coupes"
    coupes.mkdir()
    disque = DisqueAPertes(dossier / "home")
    vues: dict[tuple[str, bool], tuple[str, Path, bool]] = {}

    def noter(ou: str, fini: bool) -> None:
        for quoi, garde in gardes(graine).items():
            coupe = coupes / f"{len(vues)}"
            disque.couper(coupe, garde)
            cle = (_empreinte(coupe), fini)
            if cle in vues:
                shutil.rmtree(coupe)
            else:
                vues[cle] = f"{quoi} more kept at {ou}", coupe, fini

    def decider(appel: Appel) -> None:
        nonlocal combien
        if quand is None or combien in quand:
            noter(f"{appel.nom} {appel.chemins[-1].relative_to(dossier)}", False)
        combien += 1
        disque.entendre(appel)

    fin = superviser(lambda: terrain.exercice.dire(dossier), dossier / "home", decider)
    assert not fin.code, fin.message
    noter("the end", True)
    return [*vues.values()]


def _empreinte(dossier: Path) -> str:
    """What tells one state from another."""
    dite = hashlib.sha256()
    for chemin in sorted(dossier.rglob("*")):
        nom = chemin.relative_to(dossier)
        if not any(partie.startswith(_BALAYES) for partie in nom.parts[:-1]):
            dite.update(f"{nom} {chemin.readlink() if chemin.is_symlink() else ''}\n".encode())
            if chemin.is_file() and not chemin.is_symlink():
                dite.update(chemin.read_bytes())
    return dite.hexdigest()
