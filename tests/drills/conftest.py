"""Nights the drills start from, each on a copy."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commande import DEMONSTRATION, Observatoire, Sortie

from orchestration.nuit.chemins import Chemins
from tests.drills.bilan import Bilan

DEPOSE = Path("depot", "cnaf_taux_couverture_epci", "courant", "2023", "txcouv_pe_epci.csv")
SERVI = DEMONSTRATION / "miroir" / "cnaf" / "cafdata" / "txcouv_pe_epci.csv"

DEPOT = Path(__file__).resolve().parents[2]

UneFois = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def calme(demonstration: Observatoire) -> Observatoire:
    """A demonstration night that nobody disturbed, from an empty folder."""
    return demonstration


@pytest.fixture(scope="session")
def annoncees(calme: Observatoire) -> list[str]:
    """What a night announces as it goes."""
    erreurs = Sortie.relire(calme.home.parent / "nuit.json").erreurs
    return re.findall(r"^\[ *\d+\.\d s\] (\S+)$", erreurs, re.MULTILINE)


@pytest.fixture(scope="session")
def veille(une_fois: UneFois) -> Observatoire:
    """A release in service that is not tonight's, and everything to receive: the landing store was lost.

    The eve, a file dropped by hand took the place of the rates of 2023.
    """

    def preparer(dossier: Path) -> None:
        observatoire = Observatoire.demonstration(dossier)
        depose = observatoire.home / DEPOSE
        depose.parent.mkdir(parents=True)
        depose.write_bytes(SERVI.read_bytes().replace(b";71.1", b";71.3"))
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
        for perdu in ("landing", "normalised", "build"):
            shutil.rmtree(observatoire.home / perdu)
        # An empty journal under a release would stop the night: this one has had another source alone.
        journal = Chemins(observatoire.home).journal
        journal.parent.mkdir(mode=0o700)
        recu = {"event": "accepte", "at": "", "source": "s", "ressource": "r", "millesime": 1}
        recu |= {"sha256": "a", "by": "premier"}
        journal.write_text(json.dumps(recu) + "\n")
        assert observatoire.ctg("journal", "accept", "landing").code == 0

    return Observatoire.demonstration(une_fois("veille", preparer))


@pytest.fixture
def observatoire(veille: Observatoire, tmp_path: Path) -> Observatoire:
    return veille.copie(tmp_path)


@pytest.fixture
def mener(bilan: Bilan) -> Callable[..., list[dict[str, Any]]]:
    """Run faults (`python -m tests.drills`), add up what they did, which is nothing but what is `toleres`."""

    def lancer(*demande: object, toleres: set[str] = frozenset()) -> list[dict[str, Any]]:
        fait = subprocess.run(
            [sys.executable, "-m", "tests.drills", *map(str, demande)],
            cwd=DEPOT,
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": f"{DEPOT}/tests", "PATH": "/usr/bin:/bin"},
        )
        lignes = [json.loads(ligne) for ligne in fait.stdout.splitlines()]
        graves = []
        for dite in lignes:
            vu = Bilan.relire(dite["counts"])
            bilan.verser(vu)
            print({quoi: dit for quoi, dit in dite.items() if quoi != "examples"})
            if {classe for _, classe in vu.vus} - toleres:
                graves += dite["examples"]
        assert fait.returncode == 0, fait.stderr
        assert graves == []
        return lignes

    return lancer
