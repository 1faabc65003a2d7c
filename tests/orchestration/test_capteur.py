"""The sensor of the depot: a night starts once what was dropped has stopped moving."""

import os
from pathlib import Path

import dagster as dg
import pytest

from orchestration.sensors import depot
from socle.disque import verrou


@pytest.fixture
def dossier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    return tmp_path / "depot"


def _deposer(dossier: Path, contenu: str, nom: str = "fichier.csv") -> None:
    fichier = dossier / "insee_filosofi" / "communes" / "2021" / nom
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.write_text(contenu)


def _motif(contexte: dg.SensorEvaluationContext) -> str | None:
    reponse = depot(contexte)
    assert isinstance(reponse, dg.SkipReason)
    return reponse.skip_message


def test_un_depot_vide_ou_absent_ne_lance_rien(dossier: Path) -> None:
    assert _motif(dg.build_sensor_context()) == "the depot is empty"
    _deposer(dossier, "en cours", nom=".fichier.csv.part")
    assert _motif(dg.build_sensor_context()) == "the depot is empty"


def test_un_dossier_ou_d_autres_deposent_est_vu_par_son_lien(dossier: Path, tmp_path: Path) -> None:
    echange = tmp_path / "echange"
    (echange / "communes" / "2021").mkdir(parents=True)
    dossier.mkdir()
    (dossier / "insee_filosofi").symlink_to(echange)
    assert _motif(dg.build_sensor_context()) == "the depot is empty"
    (echange / "communes" / "2021" / "fichier.csv").write_text("x")
    assert "has just changed" in (_motif(dg.build_sensor_context()) or "")


def test_attend_la_fin_de_la_copie_puis_lance_une_nuit(dossier: Path) -> None:
    contexte = dg.build_sensor_context()
    _deposer(dossier, "moitié")
    assert "has just changed" in (_motif(contexte) or "")
    _deposer(dossier, "moitié, puis la suite")
    assert "has just changed" in (_motif(contexte) or "")
    demande = depot(contexte)
    assert isinstance(demande, dg.RunRequest)


def test_un_depot_fait_pendant_une_nuit_lance_la_suivante(dossier: Path, tmp_path: Path) -> None:
    """A run asked for meanwhile would fail, for the home is taken, and its key would be used up."""
    contexte = dg.build_sensor_context()
    _deposer(dossier, "pendant la nuit")
    with verrou(tmp_path / ".verrou", "taken", RuntimeError):
        for _ in range(3):
            assert "a night is running" in (_motif(contexte) or "")
    assert "has just changed" in (_motif(contexte) or "")
    assert isinstance(depot(contexte), dg.RunRequest)


def test_un_meme_depot_ne_lance_qu_une_nuit_et_un_autre_en_lance_une_autre(dossier: Path) -> None:
    contexte = dg.build_sensor_context()
    _deposer(dossier, "un")
    depot(contexte)
    premiere, encore = depot(contexte), depot(contexte)
    assert isinstance(premiere, dg.RunRequest) and isinstance(encore, dg.RunRequest)
    assert premiere.run_key == encore.run_key  # Dagster starts one run per key.
    # Same size, other date: bytes put back at another time are another drop.
    os.utime(next(dossier.rglob("*.csv")), (1, 1))
    assert isinstance(depot(contexte), dg.SkipReason)
    seconde = depot(contexte)
    assert isinstance(seconde, dg.RunRequest) and seconde.run_key != premiere.run_key


def test_two_files_dropped_together_start_one_night_whatever_it_leaves(dossier: Path) -> None:
    contexte = dg.build_sensor_context(cursor="0" * 64)  # of the version before
    _deposer(dossier, "accepted")
    _deposer(dossier, "refused", nom="autre.csv")
    assert isinstance(depot(contexte), dg.SkipReason) and isinstance(depot(contexte), dg.RunRequest)
    next(dossier.rglob("fichier.csv")).unlink()
    assert _motif(contexte) == _motif(contexte) == "a night has had all that the depot holds"
    _deposer(dossier, "corrected", nom="autre.csv")
    assert isinstance(depot(contexte), dg.SkipReason) and isinstance(depot(contexte), dg.RunRequest)
