"""Every write of an operation, failed in turn: EIO, ENOSPC, once or from there on, and SIGKILL.

    python -m tests.drills.pannes.campagne publication              # every fault
    python -m tests.drills.pannes.campagne publication --tirage 20  # twenty of them, drawn (--graine)

An undisturbed run tells the calls; then each fault has its own copy of the folder. After it: what is left is
read and verified, the operation is done again, and its result must be that of the undisturbed run. Prints, as
JSON, how many faults there were and what went wrong. A program of its own because it forks: its parent must
never have started a thread.
"""

import argparse
import errno
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from confidentialite.cle import CLE_PUBLIQUE, confier
from tests.drills.pannes.appels import Appel, Denombrement, Fin, Panne, Point, superviser
from tests.drills.pannes.exercices import EXERCICES, NON_GUERIE, OBSCURE, Constat, Exercice

Faute = tuple[int | str, bool]
FAUTES: dict[str, Faute] = {
    "EIO": (errno.EIO, False),
    "EIO from there on": (errno.EIO, True),
    "ENOSPC": (errno.ENOSPC, False),
    "ENOSPC from there on": (errno.ENOSPC, True),
    "SIGKILL": ("kill", False),
}
# What changes from run to run in the name of a file: times, digests that hold a time, random parts.
_VARIABLE = re.compile(r"\d{8}T\d{6}Z|(?<=Z-)[0-9a-f]{8}|\.[0-9a-f]{8}(?=\.tmp)|(?<=[.-])[a-z0-9_]{8}(?=/|$)")
# In memory: the faults are ours, and a real disk would only be slower.
TAMPON = Path("/dev/shm")  # noqa: S108


def seul(faire: Callable[[], str]) -> str:
    """Run it in a child, which may start threads; return what it says."""
    fin = superviser(faire, Path("/nowhere"), lambda appel: None)
    if fin.code not in (0, 1):
        raise RuntimeError(fin.message)
    return fin.message


def nommer(dossier: Path) -> Callable[[Path], str]:
    return lambda chemin: _VARIABLE.sub("*", str(chemin).removeprefix(f"{dossier}/"))


class Campagne:
    """The faults of one exercise, under `racine`."""

    def __init__(self, nom: str, racine: Path) -> None:
        self.exercice: Exercice = EXERCICES[nom]
        self.racine, self.origine = racine, racine / "origine"
        self.origine.mkdir()
        seul(lambda: self.exercice.preparer(self.origine) or "")
        self.points: list[Point] = []
        temoin = self._copie("temoin")
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

    def _copie(self, nom: str) -> Path:
        return Path(shutil.copytree(self.origine, self.racine / nom, symlinks=True))

    def essayer(self, ou: Point, faute: str) -> list[Constat] | None:
        """Disturb it there; return what went wrong, None where that call was not made this time."""
        dossier = self._copie("essai")
        quoi, durable = FAUTES[faute]
        panne = Panne(Denombrement(nommer(dossier)), ou, quoi, durable=durable)
        try:
            fin = superviser(lambda: self.exercice.dire(dossier), dossier / "home", panne)
            if not panne.touches:
                return None
            return [*self._obscurites(fin, panne.touches), *self.suite(dossier, fin)]
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
            return [(NON_GUERIE, str(erreur))]

    def _obscurites(self, fin: Fin, touches: Sequence[Appel]) -> list[Constat]:
        """An error names the file, or its folder, and what to do."""
        if fin.tue or not fin.code:
            return []
        nommes = [str(c) for t in touches for chemin in t.chemins for c in (chemin, chemin.parent)]
        if fin.code != 1 or "Traceback" in fin.message or "next:" not in fin.message.lower():
            return [(OBSCURE, fin.message)]
        return [] if any(nom in fin.message for nom in nommes) else [(OBSCURE, f"{nommes[0]}: {fin.message}")]


def mener(nom: str, racine: Path, tirage: int | None, graine: int) -> dict[str, Any]:
    """Run the faults of an exercise, all or so many drawn; return what they showed."""
    debut = time.monotonic()
    campagne = Campagne(nom, racine)
    fautes = [(ou, faute) for ou in campagne.points for faute in FAUTES]
    if tirage is not None and tirage < len(fautes):
        fautes = random.Random(graine).sample(fautes, tirage)
    bilan: dict[str, Any] = {"exercise": nom, "calls": len(campagne.points), "faults": 0, "not reached": 0}
    genres: Counter[str] = Counter()
    exemples: dict[str, list[str]] = {}
    for ou, faute in fautes:
        constats = campagne.essayer(ou, faute)
        if constats is None:
            bilan["not reached"] += 1
            continue
        bilan["faults"] += 1
        for genre, quoi in constats:
            genres[genre] += 1
            exemples.setdefault(genre, []).append(f"{faute} at {ou}: {quoi[-400:]}")
    return bilan | {
        "wrong": dict(genres),
        "examples": exemples,
        "seconds": round(time.monotonic() - debut, 1),
    }


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("exercice", choices=EXERCICES)
    arguments.add_argument("--tirage", type=int)
    arguments.add_argument("--graine", type=int, default=0)
    demande = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=TAMPON if TAMPON.is_dir() else None) as racine,
        confier(CLE_PUBLIQUE),
    ):
        json.dump(
            mener(demande.exercice, Path(racine), demande.tirage, demande.graine),
            sys.stdout,
            ensure_ascii=False,
            indent=2,
        )
    print()


if __name__ == "__main__":
    main()
