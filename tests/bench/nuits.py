"""Nights of the demonstration beside the floor: the same tools with nothing to do, in the same minutes.

Belongs here: which commands are timed and what each is compared with. Does not: the floor (`plancher/`), the
whole country (`france.py`).
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import commande
from tests.bench.mesure import RACINE, Cout, Echec, afficher, executer, milieu
from tests.bench.plancher import preparation

CTG = str(Path(sys.executable).with_name("ctg"))
DEMONSTRATION = ("refresh", "--profile", "demo")
# The ordinary life of a Cafdata file: the same millésime with another figure, dropped, received, accepted.
PIECE = ("cnaf_taux_couverture_epci", "courant", "2023")
FICHIER = "txcouv_pe_epci.csv"
CHIFFRE = (b";71.1", b";71.3")

PLANCHER = "floor"
IMPORTS = "import dagster, dagster_dbt"
PREMIERE = "first night"
INCHANGEE = "unchanged night"
CHANGEE = "night with one Cafdata file revised"
AIDE = "ctg --help"


@dataclass(frozen=True)
class Rapport:
    """What is compared with what, and the ratio to reach; without `reference`, seconds of processor."""

    quoi: str
    reference: str | None
    vise: float


RAPPORTS = (
    Rapport(PREMIERE, PLANCHER, 2.5),
    Rapport(INCHANGEE, IMPORTS, 2),
    Rapport(CHANGEE, PLANCHER, 2),
    Rapport(AIDE, None, 0.25),
)
COLONNES = (
    *("what", "ratio of time", "of processor", "to reach"),
    *("seconds", "processor", "reference: seconds", "processor"),
)


def comparer(fois: int = 3) -> None:
    """Time every command `fois` times, one after the other in turn, and print the ratios of the medians."""
    releves: dict[str, list[Cout]] = {}
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        projet = preparation.preparer(dossier)
        for tour in range(fois):
            for quoi, cout in _un_tour(dossier / str(tour), projet).items():
                releves.setdefault(quoi, []).append(cout)
    couts = {quoi: milieu(pris) for quoi, pris in releves.items()}
    afficher(
        f"Nights of the demonstration, medians of {fois} taken in turn (floor: Dagster, one dbt model, one "
        "test, one expectation)",
        COLONNES,
        lignes(couts),
    )


def lignes(couts: Mapping[str, Cout], rapports: Sequence[Rapport] = RAPPORTS) -> list[tuple[str, ...]]:
    """The table: ratios first, the seconds they come from beside."""
    rendues = []
    for r in rapports:
        c, reference = couts[r.quoi], couts[r.reference] if r.reference else None
        rendues.append(
            (
                f"{r.quoi} / {r.reference}" if r.reference else r.quoi,
                f"{c.secondes / reference.secondes:.2f}" if reference else "",
                f"{c.processeur / reference.processeur:.2f}" if reference else "",
                f"≤ {r.vise:g}" if reference else f"≤ {r.vise:g} s of processor",
                f"{c.secondes:.2f}",
                f"{c.processeur:.2f}",
                f"{reference.secondes:.2f}" if reference else "",
                f"{reference.processeur:.2f}" if reference else "",
            )
        )
    return rendues


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
        raise Echec(
            f"{FICHIER} of the demonstration has no {CHIFFRE[0].decode()} any more: choose another figure"
        )
    depose = home.joinpath("depot", *PIECE, FICHIER)
    depose.parent.mkdir(parents=True)
    depose.write_bytes(change)
    recu = subprocess.run([CTG, "sources", "fetch", PIECE[0]], env=env, capture_output=True, text=True)
    attendue = re.search(rf"ctg sources accept {' '.join(PIECE)} (\w+)", recu.stderr)
    if attendue is None:
        raise Echec(f"the changed file was not taken for a revision:\n{recu.stderr}")
    executer([CTG, "sources", "accept", *PIECE, attendue[1]], env)
