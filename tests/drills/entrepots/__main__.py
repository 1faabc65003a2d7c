"""Faults against a whole warehouse: nights, `ctg doctor`, and what readers have.

    python -m tests.drills.entrepots REAL --tirage 20           # twenty faults of each kind, drawn
    python -m tests.drills.entrepots REAL partage --graine 7    # one of a kind alone, with what was said

REAL: the folder of the producers' real files. Prints a line of JSON per kind. A program of its own because
it forks: its parent must never have started a thread.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.drills.bilan import CLASSES
from tests.drills.entrepots.epreuve import Epreuve, temoigner
from tests.drills.entrepots.fautes import GENRES
from tests.drills.entrepots.monde import Monde, boite, preparer

# In memory: what is measured is no disk.
TAMPON = Path("/dev/shm")
EXEMPLES = 20


def main() -> None:
    noms = {g.nom: g for g in GENRES}
    arguments = argparse.ArgumentParser()
    arguments.add_argument("reel", type=Path)
    arguments.add_argument("genres", nargs="*", metavar="KIND", help=", ".join(noms))
    arguments.add_argument("--tirage", type=int, default=1)
    arguments.add_argument("--graine", type=int)
    arguments.add_argument("--sur", type=int, default=len(GENRES), help="so many kinds, drawn")
    demande = arguments.parse_args()
    tires = random.Random(demande.graine).sample([*noms], demande.sur)
    graines = range(demande.tirage) if demande.graine is None else [demande.graine]
    with tempfile.TemporaryDirectory(dir=TAMPON) as racine:
        origine = Monde(Path(racine, "monde"))
        origine.dossier.mkdir()
        preparer(origine.dossier, demande.reel)
        temoins = [temoigner(origine, Path(racine, "temoin"), neuf, demande.reel) for neuf in (False, True)]
        for genre in (noms[n] for n in demande.genres or sorted(tires, key=[*noms].index)):
            debut, compte, exemples = time.monotonic(), Counter[str](), list[str]()
            for graine in graines:
                ou = Path(racine, "essai")
                epreuve = Epreuve(origine, ou, genre, graine, demande.reel, temoins)
                with boite(epreuve.monde):
                    constats = epreuve.mener()
                compte["faults"] += epreuve.pose.faite()
                for classe, quoi in constats:
                    compte[classe] += 1
                    exemples.append(f"{CLASSES[classe]}: {genre.nom} {graine}, {epreuve.pose.quoi}: {quoi}")
                if demande.graine is not None:
                    print(epreuve.pose, *epreuve.sorties, sep="\n")
                shutil.rmtree(ou)
            fait = {"kind": genre.nom, "origin": genre.origine, "faults": compte.pop("faults", 0)}
            fait |= {"seen": compte, "examples": exemples[:EXEMPLES]}
            print(json.dumps(fait | {"seconds": round(time.monotonic() - debut, 1)}), flush=True)


if __name__ == "__main__":
    main()
