"""The engines of Dagster's own databases, which a night keeps."""

from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage

from orchestration.exploitation import moteurs
from orchestration.exploitation.instance import ouvrir_instance, preparer_instance


@dg.asset
def temoin() -> None: ...


@pytest.fixture
def faits(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many engines are made for each database, from now on."""
    nombres: Counter[str] = Counter()

    def compter(adresse: str, **options: Any) -> sa.Engine:
        nombres[adresse] += 1
        return sa.create_engine(adresse, **options)

    for module in (sqlite_event_log, sqlite_run_storage):
        monkeypatch.setattr(module, "create_engine", compter)
    return nombres


def _un_run(dossier: Path) -> dg.ExecuteInProcessResult:
    with ouvrir_instance(preparer_instance(dossier)) as instance:
        fait = dg.materialize([temoin], instance=instance)
        assert instance.get_latest_materialization_event(temoin.key)
        return fait


def test_a_database_has_one_engine_in_a_night(
    faits: Counter[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    assert _un_run(tmp_path / "avant").success
    assert max(faits.values()) > 10
    faits.clear()
    moteurs.garder_les_moteurs()
    moteurs.garder_les_moteurs()
    premier, second = (_un_run(tmp_path / "apres") for _ in range(2))
    assert premier.success and second.success
    assert len(faits) == 4 and set(faits.values()) == {1}, faits


def test_a_dagster_without_the_name_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sqlite_event_log, "create_engine")
    monkeypatch.delattr(sqlite_run_storage, "create_engine")
    moteurs.garder_les_moteurs()
    assert not hasattr(sqlite_event_log, "create_engine")


def test_the_name_was_read_in_the_version_that_is_installed() -> None:
    assert dg.__version__ == moteurs.LUE_EN, "read create_engine in both modules again, then change LUE_EN"
