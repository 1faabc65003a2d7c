"""What is printed at the end of `make drills` is the sum of what each of its workers saw."""

import os
import subprocess
import sys
from pathlib import Path

DEPOT = Path(__file__).resolve().parents[2]
# Each of the two files goes to a worker of its own.
EXERCICE = """
import os
import pytest
from tests.drills.bilan import DISQUE, HORLOGE, NON_DIT

@pytest.mark.drill
def test_counts(bilan):
    assert os.environ["PYTEST_XDIST_WORKER"] in ("gw0", "gw1")
    bilan.ajouter(DISQUE, {fautes}, {{NON_DIT: 1}})

def test_says_what_does_not_hold(bilan):
    bilan.ajouter(HORLOGE, entieres=True)
    with pytest.raises(AssertionError), bilan.exiger(HORLOGE, NON_DIT):
        raise AssertionError
"""


def test_the_totals_of_two_workers_add_up_and_a_stopped_campaign_goes_on(tmp_path: Path) -> None:
    for nom, fautes in (("un", 3), ("autre", 1_000)):
        (tmp_path / f"test_{nom}.py").write_text(EXERCICE.format(fautes=fautes))
    commande = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-p", "tests.drills.totaux"]
    env = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith("PYTEST")}
    env["CTG_DRILLS_SUITE"] = str(tmp_path / "suite.jsonl")
    # The second time, the drills that passed are not run again, and count.
    for executes in ("4 passed", "2 passed"):
        fait = subprocess.run(
            [*commande, f"--rootdir={tmp_path}", "-c", os.devnull, tmp_path],
            cwd=DEPOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert fait.returncode == 0, fait.stdout + fait.stderr
        assert (
            "| disk | 1 003 | 0 | 0 | 0 | 2 | 0 |\n"
            "| clock | 2 | 2 | 0 | 0 | 2 | 0 |\n"
            "| all | 1 005 | 2 | 0 | 0 | 4 | 0 |\n"
        ) in fait.stdout
        assert executes in fait.stdout
