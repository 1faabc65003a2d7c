"""Mutants of what decides secrecy: those of the law all, of the engine a seeded sample.

    python -m tests.drills.mutation                                     the law, and a sample of the engine
    python -m tests.drills.mutation moteur.espace moteur.gardes --tirage all    every mutant of two modules
    CTG_DRILLS=tout python -m tests.drills.mutation                     every mutant: a night and more

How many by default is said by the depth of the drills (`tests/profondeur.py`). Prints, for each module, its
mutants that were run, those killed, timed out, declared (`justifies.yml`) and those that live: for each, the
file, the line, what was changed. Exits 1 when one lives that is not declared. mutmut works in `mutants/`,
where a second run finds what the first one made.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from tests.drills.mutation.mutants import ECHU, RACINE, SURVIT, TUE, Mutant, declares, engendres, sort
from tests.profondeur import PROFONDEUR

JOURNAL = Path("mutants", "mutmut.log")
TOUS, DECLARE = "all", "declared"


def courir(noms: Sequence[str], processus: int) -> None:
    """Have mutmut make what changed since its last run, and run these mutants."""
    JOURNAL.parent.mkdir(exist_ok=True)
    with JOURNAL.open("w") as journal:
        code = subprocess.run(
            [Path(sys.executable).with_name("mutmut"), "run", "--max-children", str(processus), *noms],
            cwd=RACINE,
            stdout=journal,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        fin = JOURNAL.read_text("utf-8").replace("\r", "\n").strip().splitlines()[-40:]
        raise SystemExit("\n".join([*fin, f"mutmut ended with {code}: {JOURNAL} says why"]))


def tirer(connus: Iterable[Mutant], modules: Sequence[str], tirage: str, graine: int) -> list[str]:
    """Names of the mutants to run, of these modules (`moteur.espace`), as many as asked for."""
    prefixes = tuple(f"confidentialite.{m}." for m in modules)
    noms = sorted(m.nom for m in connus if m.nom.startswith(prefixes))
    if not noms:
        raise SystemExit(f"no module of confidentialite has mutants under these names: {', '.join(modules)}")
    # In an order that each name draws for itself: an edit of one function does not draw others elsewhere.
    lots = sorted(noms, key=lambda nom: hashlib.sha256(f"{graine}/{nom}".encode()).digest())
    return lots if tirage == TOUS else lots[: int(tirage)]


def dire(courus: Collection[str], secondes: float) -> int:
    """Print what became of them; how many live that nothing declares."""
    connus = declares()
    juges = {m: sort(code) for m, code in engendres().items() if m.nom in courus}
    comptes: dict[str, Counter[str]] = {}
    vivants = []
    for mutant, dit in juges.items():
        compte = comptes.setdefault(".".join(mutant.fichier.with_suffix("").parts[1:]), Counter())
        if dit not in (TUE, ECHU):
            if connus.raison(mutant.changement()) is None:
                vivants.append(f"{mutant.fichier}:{mutant.ligne()} {dit}\n    {mutant.changement()}")
                dit = SURVIT
            else:
                dit = DECLARE
        compte[dit] += 1
    colonnes = (TUE, ECHU, DECLARE, SURVIT)
    print("| module | mutants | " + " | ".join(colonnes) + " |")
    print("| --- |" + " --- |" * (len(colonnes) + 1))
    comptes["all"] = sum(comptes.values(), Counter())
    for module, compte in comptes.items():
        print(f"| {module} | {compte.total()} | " + " | ".join(str(compte[c]) for c in colonnes) + " |")
    print(f"{secondes:.0f} s\n")
    for vivant in vivants:
        print(vivant)
    for perime in connus.perimes(juges, engendres()):
        print(f"justifies.yml is stale for {perime}")
    return len(vivants)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.drills.mutation", description=__doc__)
    arguments.add_argument("modules", nargs="*", help="moteur.espace…; all of the engine by default")
    arguments.add_argument("--tirage", default=str(PROFONDEUR.mutants or TOUS), metavar="N|all")
    arguments.add_argument("--graine", type=int, default=0)
    arguments.add_argument("--processus", type=int, default=2)
    demande = arguments.parse_args()
    os.chdir(RACINE)
    debut = time.monotonic()
    # mutmut copies tests and removes none: one that is gone would go on judging.
    shutil.rmtree(RACINE / "mutants" / "tests", ignore_errors=True)
    # It makes mutants only where it runs some: these few take no time.
    courir(["confidentialite.regle.raisons.*"], demande.processus)
    connus = engendres()
    courus = {
        *tirer(connus, ["regle"], TOUS, demande.graine),
        *tirer(connus, demande.modules or ["moteur"], demande.tirage, demande.graine),
    }
    courir(sorted(courus), demande.processus)
    sys.exit(bool(dire(courus, time.monotonic() - debut)))


if __name__ == "__main__":
    main()
