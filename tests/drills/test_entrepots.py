"""Faults against a whole warehouse, three drawn in `make test`, a thousand in `make drills`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.drills.bilan import A_LA_MAIN
from tests.drills.entrepots.fautes import GENRES
from tests.drills.pannes.appels import NUMEROS
from tests.profondeur import PROFONDEUR, PROFONDEURS

pytestmark = pytest.mark.skipif(not NUMEROS, reason="the calls of this processor are not known (appels.py)")


def test_a_fault_of_some_kinds_loses_nothing_and_is_told(mener: Callable[..., list[Any]], reel: Path) -> None:
    tires = PROFONDEURS["echantillon"].entrepots
    # What a hand must put back is told, and counted.
    lignes = mener("entrepots", "--reel", reel, "--sur", tires, "--tirage", 1, toleres={A_LA_MAIN})
    assert len(lignes) == tires


@pytest.mark.drill
@pytest.mark.parametrize("genre", [g.nom for g in GENRES])
def test_faults_against_a_whole_warehouse(mener: Callable[..., list[Any]], reel: Path, genre: str) -> None:
    mener("entrepots", genre, "--reel", reel, "--tirage", PROFONDEUR.entrepots, toleres={A_LA_MAIN})
