"""Publications under readers, few of them in `make test`, many in `make drills`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.drills.bilan import FAUX, PROCESSUS, Bilan
from tests.profondeur import PROFONDEUR
from tests.serveur_postgres import Serveur

DEPOT = Path(__file__).resolve().parents[2]


def _exercer(postgres: Serveur, dossier: Path, combien: int) -> dict[str, Any]:
    commande = [sys.executable, "-m", "tests.drills.publications", dossier, postgres.dsn(postgres.base())]
    fait = subprocess.run([*commande, str(combien)], cwd=DEPOT, capture_output=True, text=True, check=False)
    assert fait.returncode == 0, fait.stderr
    print(fait.stdout)
    return dict(json.loads(fait.stdout))


def _sans_faute(bilan: dict[str, Any], combien: int, drills: Bilan) -> None:
    drills.ajouter(PROCESSUS, 0, {FAUX: bilan["mixed"]})
    assert (bilan["publications"], bilan["errors"], bilan["mixed"]) == (combien, 0, 0), bilan
    # Each reader went from release to release.
    assert min(bilan["releases_seen"].values()) > combien // 2, bilan


def test_no_reader_sees_an_error_nor_two_releases(postgres: Serveur, tmp_path: Path, bilan: Bilan) -> None:
    _sans_faute(_exercer(postgres, tmp_path, 3), 3, bilan)


@pytest.mark.drill
def test_no_reader_of_many_publications_sees_an_error_nor_two_releases(
    postgres: Serveur, tmp_path: Path, bilan: Bilan, capsys: pytest.CaptureFixture[str]
) -> None:
    vu = _exercer(postgres, tmp_path, PROFONDEUR.publications)
    with capsys.disabled():
        print(f"\n{vu['publications']} publications, {vu['errors']} errors, {vu['mixed']} mixed")
    _sans_faute(vu, PROFONDEUR.publications, bilan)
