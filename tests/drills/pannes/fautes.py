"""Every write of an operation, failed in turn: EIO, ENOSPC, once or from there on, and SIGKILL.

An undisturbed run tells the calls; then each fault has its own copy of the folder. After it: what is left is
read and verified, the operation is done again, and its result must be that of the undisturbed run.

Belongs here: the faults. Does not: what is disturbed and what must hold (`exercices.py`).
"""

import errno
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.drills.bilan import A_LA_MAIN, DISQUE, NON_DIT, PROCESSUS, Constat, Essai
from tests.drills.pannes.appels import Appel, Denombrement, Fin, Panne, Point, superviser
from tests.drills.pannes.exercices import EXERCICES

FAUTES: dict[str, tuple[int | str, bool]] = {
    "EIO": (errno.EIO, False),
    "EIO from there on": (errno.EIO, True),
    "ENOSPC": (errno.ENOSPC, False),
    "ENOSPC from there on": (errno.ENOSPC, True),
    "SIGKILL": ("kill", False),
}
# What changes from run to run in the name of a file: times, digests that hold a time, random parts.
_VARIABLE = re.compile(r"\d{8}T\d{6}Z|(?<=Z-)[0-9a-f]{8}|\.[0-9a-f]{8}(?=\.tmp)|(?<=[.-])[a-z0-9_]{8}(?=/|$)")


def seul(faire: Callable[[], str]) -> str:
    """Run it in a child, which may start threads; return what it says."""
    fin = superviser(faire)
    if fin.code not in (0, 1):
        raise RuntimeError(fin.message)
    return fin.message


def nommer(dossier: Path) -> Callable[[Path], str]:
    return lambda chemin: _VARIABLE.sub("*", str(chemin).removeprefix(f"{dossier}/"))


class Terrain:
    """An operation ready to be disturbed: its calls, its result when nothing disturbs it."""

    def __init__(self, nom: str, racine: Path) -> None:
        self.exercice, self.racine, self.origine = EXERCICES[nom], racine, racine / "origine"
        self.origine.mkdir()
        seul(lambda: self.exercice.preparer(self.origine) or "")
        self.points: list[Point] = []
        temoin = self.copie("temoin")
        compte = Denombrement(nommer(temoin))
        fin = superviser(
            lambda: self.exercice.dire(temoin),
            temoin / "home",
            lambda appel: self.points.append(compte.situer(appel)),
        )
        if fin.code:
            raise RuntimeError(f"undisturbed, it fails: {fin.message}")
        self.attendu = seul(lambda: self.exercice.resultat(temoin))
        shutil.rmtree(temoin)

    def copie(self, nom: str) -> Path:
        return Path(shutil.copytree(self.origine, self.racine / nom, symlinks=True))

    def essayer(self, ou: Point, faute: str) -> list[Constat] | None:
        """Disturb it there; return what went wrong, None where that call was not made this time."""
        dossier = self.copie("essai")
        quoi, durable = FAUTES[faute]
        panne = Panne(Denombrement(nommer(dossier)), ou, quoi, durable=durable)
        try:
            fin = superviser(lambda: self.exercice.dire(dossier), dossier / "home", panne)
            if not panne.touches:
                return None
            return [*_obscurites(fin, panne.touches), *self.suite(dossier, fin)]
        finally:
            shutil.rmtree(dossier)

    def suite(self, dossier: Path, fin: Fin) -> list[Constat]:
        """What is left, then what the next time makes of it."""

        def juger() -> str:
            constats = [
                *self.exercice.constater(dossier, not fin.tue and not fin.code),
                *self.exercice.guerir(dossier, self.attendu),
            ]
            return json.dumps(constats)

        try:
            return [(genre, quoi) for genre, quoi in json.loads(seul(juger))]
        except RuntimeError as erreur:
            return [(A_LA_MAIN, str(erreur))]


def _obscurites(fin: Fin, touches: Sequence[Appel]) -> list[Constat]:
    """An error names the file, or its folder, and what to do."""
    if fin.tue or not fin.code:
        return []
    nommes = [str(c) for t in touches for chemin in t.chemins for c in (chemin, chemin.parent)]
    if fin.code != 1 or "Traceback" in fin.message or "next:" not in fin.message.lower():
        return [(NON_DIT, fin.message)]
    return [] if any(nom in fin.message for nom in nommes) else [(NON_DIT, f"{nommes[0]}: {fin.message}")]


class Fautes:
    noms, entieres = tuple(EXERCICES), False

    def __init__(self, *_: Path) -> None: ...

    def essais(self, nom: str, ici: Path, tirage: int | None, graine: int) -> Iterator[Essai]:
        """The faults of an operation, all or so many drawn."""
        terrain = Terrain(nom, ici)
        fautes = [(ou, faute) for ou in terrain.points for faute in FAUTES]
        if tirage is not None and tirage < len(fautes):
            fautes = random.Random(graine).sample(fautes, tirage)
        for ou, faute in fautes:
            constats = terrain.essayer(ou, faute)
            origine = PROCESSUS if faute == "SIGKILL" else DISQUE
            yield Essai(origine, f"{faute} at {ou}", constats or (), constats is not None)
