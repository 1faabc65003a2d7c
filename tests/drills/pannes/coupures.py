"""An operation on a disk that loses what was not brought to it, cut at every one of its writes.

    python -m tests.drills.pannes.coupures publication              # every cut
    python -m tests.drills.pannes.coupures publication --tirage 20  # twenty of them, drawn (--graine)

At each write, several states may be left: nothing but what was synced, the names of all files and no more of
their bytes, all bytes and no more names, and mixes drawn. Each different one is read and verified, and the
operation done again. Once it is said to be done, it must be there. Prints the same JSON as `campagne.py`.
"""

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from confidentialite.cle import CLE_PUBLIQUE, confier
from tests.drills.pannes.appels import Appel, Fin, superviser
from tests.drills.pannes.campagne import TAMPON, Campagne
from tests.drills.pannes.exercices import EXERCICES
from tests.drills.pannes.pertes import DisqueAPertes, Garde

MELANGES = 2


def gardes(graine: int) -> dict[str, Garde]:
    """What survives beside what was synced."""
    choix = {
        f"mix {n}": (lambda chemin, dossier, n=n: _pile(graine, n, chemin)) for n in range(MELANGES)
    }
    return {
        "nothing else": lambda chemin, dossier: False,
        "names": lambda chemin, dossier: dossier,
        "bytes": lambda chemin, dossier: not dossier,
        **choix,
    }


def _pile(*quoi: object) -> bool:
    return hashlib.sha256(repr(quoi).encode()).digest()[0] % 2 == 0


class Coupures(Campagne):
    """The cuts of one exercise."""

    def couper_partout(self, tirage: int | None, graine: int) -> dict[str, Any]:
        """Do it once on such a disk, and judge what each cut leaves."""
        dossier = self._copie("disque")
        (self.racine / "coupes").mkdir()
        disque = DisqueAPertes(dossier / "home")
        vues: dict[str, tuple[Path, str, bool]] = {}

        def noter(ou: str, fini: bool) -> None:
            for quoi, garde in gardes(graine).items():
                coupe = self.racine / "coupes" / f"{len(vues)}"
                disque.couper(coupe, garde)
                # What is done is judged otherwise.
                empreinte = f"{_empreinte(coupe)}-{fini}"
                if empreinte in vues:
                    _oter(coupe)
                else:
                    vues[empreinte] = coupe, f"{quoi} kept at {ou}", fini

        def decider(appel: Appel) -> None:
            noter(f"{appel.nom} {appel.chemins[-1].relative_to(dossier)}", False)
            disque.entendre(appel)

        fin = superviser(lambda: self.exercice.dire(dossier), dossier / "home", decider)
        assert not fin.code, fin.message
        noter("the end", True)
        choisies = [*vues.values()]
        if tirage is not None and tirage < len(choisies):
            # That of the end is the promise itself.
            finales = [c for c in choisies if c[2]]
            choisies = finales + random.Random(graine).sample([c for c in choisies if not c[2]], tirage)
        return self._juger(choisies)

    def _juger(self, coupes: list[tuple[Path, str, bool]]) -> dict[str, Any]:
        genres: Counter[str] = Counter()
        exemples: dict[str, list[str]] = {}
        for coupe, ou, fini in coupes:
            dossier = self._copie("essai")
            _oter(dossier / "home")
            coupe.rename(dossier / "home")
            for genre, quoi in self.suite(dossier, Fin(not fini, 0, "")):
                genres[genre] += 1
                exemples.setdefault(genre, []).append(f"{ou}: {quoi[-400:]}")
            _oter(dossier)
        return {"faults": len(coupes), "wrong": dict(genres), "examples": exemples}


def _oter(dossier: Path) -> None:
    import shutil

    shutil.rmtree(dossier)


def _empreinte(dossier: Path) -> str:
    """What makes two states different: what is being made is swept, whatever it holds."""
    dite = hashlib.sha256()
    for chemin in sorted(dossier.rglob("*")):
        nom = chemin.relative_to(dossier)
        if any(part.startswith((".en_cours-", ".retiree-", ".travail-", ".recu-")) for part in nom.parts[:-1]):
            continue
        dite.update(str(nom).encode())
        if chemin.is_symlink():
            dite.update(str(chemin.readlink()).encode())
        elif chemin.is_file():
            dite.update(chemin.read_bytes())
    return dite.hexdigest()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("exercice", choices=EXERCICES)
    arguments.add_argument("--tirage", type=int)
    arguments.add_argument("--graine", type=int, default=0)
    demande = arguments.parse_args()
    debut = time.monotonic()
    with tempfile.TemporaryDirectory(dir=TAMPON) as racine, confier(CLE_PUBLIQUE):
        coupures = Coupures(demande.exercice, Path(racine))
        bilan = coupures.couper_partout(demande.tirage, demande.graine)
    bilan = {"exercise": demande.exercice, "calls": len(coupures.points), **bilan}
    json.dump(bilan | {"seconds": round(time.monotonic() - debut, 1)}, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
