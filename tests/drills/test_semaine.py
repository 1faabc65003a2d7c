"""A week of nights is lived again as `docs/week.md` tells it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drills.bilan import FICHIER, HORLOGE, NON_DIT, PARTAGE, Bilan

DEPOT = Path(__file__).resolve().parents[2]


@pytest.mark.drill
def test_the_week_of_the_page_is_the_one_that_is_lived(bilan: Bilan, reel: Path) -> None:
    commande = [sys.executable, "-m", "tests.drills.entrepots.semaine", str(reel)]
    env = {"PYTHONPATH": f"{DEPOT}/tests", "PATH": os.environ["PATH"]}
    fait = subprocess.run(commande, cwd=DEPOT, capture_output=True, text=True, check=False, env=env)
    assert fait.returncode == 0, fait.stderr
    for origine, fautes in ((FICHIER, 4), (PARTAGE, 2), (HORLOGE, 1)):
        bilan.ajouter(origine, fautes, entieres=True)
    with bilan.exiger(FICHIER, NON_DIT):
        assert fait.stdout.rstrip() == (DEPOT / "docs" / "week.md").read_text().rstrip()
