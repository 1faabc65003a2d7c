"""Faults, drawn from a table or all of them, each on a copy; what they did that must not be, counted.

    python -m tests.drills fautes publication                       # each of its writes failed, in every way
    python -m tests.drills fautes --tirage 20                       # twenty faults of each operation, drawn
    python -m tests.drills pertes acquisition                       # the power cut at each of its writes
    python -m tests.drills entrepots partage --reel REAL --graine 7 # one fault of a kind, under whole nights

REAL: the folder of the producers' real files. Prints a line of JSON per operation or kind. A program of its
own because it forks: its parent must never have started a thread.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.drills.bilan import CLASSES, Bilan
from tests.drills.entrepots.epreuve import Entrepots
from tests.drills.pannes.coupures import Coupures
from tests.drills.pannes.fautes import Fautes

CAMPAGNES = {"fautes": Fautes, "pertes": Coupures, "entrepots": Entrepots}
# In memory: faults are ours, a real disk would only be slower; and there an inode is never given again.
TAMPON = Path("/dev/shm")
# Of what was seen, what is told in full.
EXEMPLES = 20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("campagne", choices=CAMPAGNES)
    arguments.add_argument("noms", nargs="*", metavar="NAME", help="operations or kinds; all unless said")
    arguments.add_argument("--sur", type=int, help="so many of them, drawn")
    arguments.add_argument("--tirage", type=int, help="faults of each, drawn")
    arguments.add_argument("--graine", type=int, default=0)
    arguments.add_argument("--reel", type=Path, default=Path("../shared/real"))
    demande = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=TAMPON) as racine:
        campagne = CAMPAGNES[demande.campagne](Path(racine), demande.reel)
        tires = random.sample(campagne.noms, demande.sur) if demande.sur else campagne.noms
        for nom in demande.noms or tires:
            debut, ou = time.monotonic(), Path(racine, "ici")
            ou.mkdir()
            bilan, manques, exemples = Bilan(), 0, list[str]()
            for essai in campagne.essais(nom, ou, demande.tirage, demande.graine):
                bilan.ajouter(essai.origine, essai.atteint, entieres=campagne.entieres)
                manques += not essai.atteint
                for classe, vu in essai.constats:
                    bilan.ajouter(essai.origine, 0, {classe: 1})
                    exemples.append(f"{CLASSES[classe]}: {nom}, {essai.quoi}: {vu[-600:]}")
            shutil.rmtree(ou)
            dite = {"of": nom, "counts": bilan.dit(), "not reached": manques, "examples": exemples[:EXEMPLES]}
            dite["seconds"] = round(time.monotonic() - debut, 1)
            print(json.dumps(dite, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
