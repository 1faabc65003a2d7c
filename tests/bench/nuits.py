"""Nights of the demonstration beside the floor: the same tools with nothing to do, in the same minutes.

Belongs here: which commands are timed and what each is compared with. Does not: the floor (`plancher/`), the
whole country (`france.py`).
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import commande
from tests.bench.mesure import CTG, RACINE, Cout, Echec, Ligne, afficher_couts, executer, milieu
from tests.bench.plancher import preparation

DEMONSTRATION = ("refresh", "--profile", "demo")
# The ordinary life of a Cafdata file: the same millésime with another figure, dropped, received, accepted.
PIECE = ("cnaf_taux_couverture_epci", "courant", "2023")
FICHIER = "txcouv_pe_epci.csv"
CHIFFRE = (b";71.1", b";71.3")

PLANCHER, IMPORTS = "floor: Dagster, one dbt model, one test, one expectation", "import dagster, dagster_dbt"
PREMIERE, INCHANGEE = "first night", "unchanged night / imports"
CHANGEE, AIDE = "night with one Cafdata file revised", "ctg --help"
# What is compared with what, and what is to be reached, of time; without a reference, of processor.
RAPPORTS = (
    (PLANCHER, None, ""),
    (PREMIERE, PLANCHER, "≤ 2.5"),
    (CHANGEE, PLANCHER, "≤ 2"),
    (IMPORTS, None, ""),
    (INCHANGEE, IMPORTS, "≤ 2"),
    (AIDE, None, "≤ 0.25 s of processor"),
)


def comparer(fois: int = 3) -> None:
    """Time every command `fois` times, one after the other in turn, and print the ratios of the medians."""
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        projet = preparation.preparer(dossier)
        tours = [_un_tour(dossier / str(tour), projet) for tour in range(fois)]
    couts = {quoi: milieu([tour[quoi] for tour in tours]) for quoi in tours[0]}
    afficher_couts(
        f"Nights of the demonstration, medians of {fois} taken in turn",
        [Ligne(quoi, couts[quoi], couts.get(reference), vise) for quoi, reference, vise in RAPPORTS],
    )


def _un_tour(dossier: Path, projet: Path) -> dict[str, Cout]:
    """Each command once, on folders of its own."""
    home = dossier / "home"
    env = environnement(home)
    couts = {
        PLANCHER: executer(preparation.commande(projet, dossier / "plancher")),
        IMPORTS: executer([sys.executable, "-c", IMPORTS], env),
        AIDE: executer([CTG, "--help"], env),
        PREMIERE: executer([CTG, *DEMONSTRATION], env),
        INCHANGEE: executer([CTG, *DEMONSTRATION], env),
    }
    avant = en_service(home)
    reviser(home, env)
    couts[CHANGEE] = executer([CTG, *DEMONSTRATION], env)
    if en_service(home) == avant:
        raise Echec("the night with a revised file published nothing: another night was timed than was meant")
    return couts


def environnement(home: Path) -> dict[str, str]:
    """That of a person who works on `home`, whatever this shell says of another."""
    return commande.environnement(CTG_HOME=str(home))


def en_service(home: Path) -> str:
    """Content hash of the release in service."""
    return str(json.loads((home / "releases" / "current" / "MANIFEST.json").read_text())["content_hash"])


def reviser(home: Path, env: Mapping[str, str]) -> None:
    """Drop the file with one figure changed, receive it, accept the revision: the next night uses it."""
    octets = (RACINE / "demonstration" / "miroir" / "cnaf" / "cafdata" / FICHIER).read_bytes()
    change = octets.replace(*CHIFFRE)
    if change == octets:
        raise Echec(f"{FICHIER} of the demonstration has no {CHIFFRE[0]!r} any more: choose another figure")
    depose = home.joinpath("depot", *PIECE, FICHIER)
    depose.parent.mkdir(parents=True)
    depose.write_bytes(change)
    recu = subprocess.run([CTG, "sources", "fetch", PIECE[0]], env=env, capture_output=True, text=True)
    attendue = re.search(rf"ctg sources accept {' '.join(PIECE)} (\w+)", recu.stderr)
    if attendue is None:
        raise Echec(f"the changed file was not taken for a revision:\n{recu.stderr}")
    executer([CTG, "sources", "accept", *PIECE, attendue[1]], env)
