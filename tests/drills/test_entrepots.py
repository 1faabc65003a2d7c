"""Faults against a whole warehouse, three drawn in `make test`, a thousand in `make drills`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.drills.bilan import A_LA_MAIN, Bilan
from tests.drills.entrepots.fautes import GENRES
from tests.drills.pannes.appels import NUMEROS
from tests.profondeur import PROFONDEUR, PROFONDEURS

DEPOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not NUMEROS, reason="the calls of this processor are not known (appels.py)")


def _mener(bilan: Bilan, reel: Path, *demande: str) -> list[dict[str, Any]]:
    commande = [sys.executable, "-m", "tests.drills.entrepots", str(reel), *demande]
    env = {"PYTHONPATH": f"{DEPOT}/tests", "PATH": "/usr/bin:/bin"}
    fait = subprocess.run(commande, cwd=DEPOT, capture_output=True, text=True, check=False, env=env)
    assert fait.returncode == 0, fait.stderr
    lignes = [json.loads(ligne) for ligne in fait.stdout.splitlines()]
    for dite in lignes:
        bilan.ajouter(dite["origin"], dite["faults"], dite["seen"], entieres=True)
        print({quoi: dit for quoi, dit in dite.items() if quoi != "examples"})
    # What a hand must put back is told, and counted.
    graves = [x for dite in lignes if {*dite["seen"]} - {A_LA_MAIN} for x in dite["examples"]]
    assert graves == []
    return lignes


def test_a_fault_of_some_kinds_loses_nothing_and_is_told(bilan: Bilan, reel: Path) -> None:
    tires = PROFONDEURS["echantillon"].entrepots
    lignes = _mener(bilan, reel, "--sur", str(tires))
    assert len(lignes) == tires


@pytest.mark.drill
@pytest.mark.parametrize("genre", [g.nom for g in GENRES])
def test_faults_against_a_whole_warehouse(bilan: Bilan, reel: Path, genre: str) -> None:
    _mener(bilan, reel, genre, "--tirage", str(PROFONDEUR.entrepots))
