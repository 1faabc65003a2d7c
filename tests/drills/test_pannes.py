"""Faults of the disk, drawn in `make test`, all of them in `make drills`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commande import Observatoire

from tests.drills.bilan import DISQUE, NON_DIT, Bilan
from tests.drills.pannes.appels import NUMEROS
from tests.drills.pannes.pertes import DisqueAPertes
from tests.profondeur import PROFONDEUR, PROFONDEURS

DEPOT = Path(__file__).resolve().parents[2]
ECHANTILLON = PROFONDEURS["echantillon"]
EXERCICES = ("publication", "epingle", "acquisition", "revision", "extrait")
Mener = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.skipif(not NUMEROS, reason="the calls of this processor are not known (appels.py)")


def _au_plus(combien: int | None) -> tuple[object, ...]:
    return () if combien is None else ("--tirage", combien)


def test_a_write_that_fails_loses_nothing_and_says_what_to_do(mener: Mener) -> None:
    lignes = mener("fautes", *_au_plus(ECHANTILLON.fautes))
    fautes = [Bilan.relire(ligne["counts"]).fautes.total() for ligne in lignes]
    assert fautes == [ECHANTILLON.fautes] * len(EXERCICES)


def test_a_cut_of_power_loses_nothing_that_was_said_to_be_done(mener: Mener) -> None:
    assert len(mener("pertes", *_au_plus(ECHANTILLON.coupures))) == len(EXERCICES)


def test_what_other_threads_do_as_the_power_goes_is_there_or_is_not(tmp_path: Path) -> None:
    """A file comes and another goes while what is left is written."""
    ici = tmp_path / "ici"
    ici.mkdir()
    (ici / "sûr").write_text("synced")
    disque = DisqueAPertes(ici)
    (ici / "parti").write_text("not synced")

    def garde(chemin: Path, dossier: bool) -> bool:
        (ici / "venu").touch()
        (ici / "parti").unlink(missing_ok=True)
        return True

    disque.couper(tmp_path / "reste", garde)
    assert {f.name: f.read_text() for f in (tmp_path / "reste").iterdir()} == {"sûr": "synced", "parti": ""}


def test_a_judge_that_fails_leaves_nobody_waiting(tmp_path: Path) -> None:
    programme = """
import sys
from pathlib import Path
from typing import Any
from tests.drills.pannes.appels import superviser
def juger(appel): raise ValueError("no verdict")
superviser(lambda: Path(sys.argv[1], "fait").write_text("fait") and "", Path(sys.argv[1]), juger)
"""
    commande = [sys.executable, "-c", programme, str(tmp_path)]
    fait = subprocess.run(commande, cwd=DEPOT, capture_output=True, text=True, check=False, timeout=60)
    assert fait.returncode == 1 and "no verdict" in fait.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.drill
@pytest.mark.parametrize("exercice", EXERCICES)
def test_writes_failed_in_every_way(mener: Mener, exercice: str) -> None:
    tirage = PROFONDEUR.fautes_publication if exercice == "publication" else PROFONDEUR.fautes
    (dite,) = mener("fautes", exercice, *_au_plus(tirage))
    assert not dite["not reached"], dite


@pytest.mark.drill
@pytest.mark.parametrize("exercice", EXERCICES)
def test_the_power_cut_at_writes(mener: Mener, exercice: str) -> None:
    tirage = PROFONDEUR.coupures_publication if exercice == "publication" else PROFONDEUR.coupures
    mener("pertes", exercice, *_au_plus(tirage))


@pytest.mark.drill
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.parametrize(("options", "observe"), [("rw", "ENOSPC"), ("ro", "EROFS")])
def test_a_night_without_a_disk_to_write_on_says_so(
    bilan: Bilan, tmp_path: Path, options: str, observe: str
) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", tmp_path], check=True)
    try:
        ici = Observatoire.demonstration(tmp_path)
        (ici.home / "dagster").mkdir(parents=True)
        subprocess.run(["mount", "-o", f"remount,{options}", tmp_path], check=True)
        nuit = ici.nuit()
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    bilan.ajouter(DISQUE, entieres=True)
    with bilan.exiger(DISQUE, NON_DIT):
        assert nuit.code == 1 and "Traceback" not in nuit.erreurs, nuit.erreurs
        assert "[disque] " in nuit.erreurs and f"({observe}); " in nuit.erreurs, nuit.erreurs
        assert f"  where:    {ici.home}" in nuit.erreurs and "  next:     " in nuit.erreurs
