"""The event log: Dagster's own files and events, in fewer transactions."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.evenements import JournalParLots
from orchestration.instance import preparer_instance


@dg.multi_asset(
    specs=[dg.AssetSpec(f"actif_{i}", skippable=True) for i in range(20)],
    check_specs=[dg.AssetCheckSpec("juste", asset="actif_0")],
)
def actifs() -> object:
    yield dg.MaterializeResult(
        asset_key="actif_0",
        metadata={"dagster/row_count": 3},
        check_results=[dg.AssetCheckResult(asset_key="actif_0", check_name="juste", passed=False)],
    )


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE", raising=False)
    preparer_instance(tmp_path)
    instance = dg.DagsterInstance.get()
    assert isinstance(instance.event_log_storage, JournalParLots)
    return instance


def test_dagster_reads_what_was_written(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Its own class, on the same files: every event of the run, and the state of assets and checks."""
    with instance:
        run_id = dg.materialize([actifs], instance=instance).run_id
        ecrits = [e.dagster_event_type for e in instance.all_logs(run_id) if e.dagster_event]
    lecteur = SqliteEventLogStorage(str(tmp_path / "history" / "runs"))
    lus = [e.dagster_event_type for e in lecteur.get_logs_for_run(run_id) if e.dagster_event]
    assert lus == ecrits
    assert lus.count(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED) == 20
    assert lus.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 1
    cle = dg.AssetKey("actif_0")
    (actif,) = lecteur.get_asset_records([cle])
    materialisation = actif.asset_entry.last_materialization
    assert materialisation and materialisation.asset_materialization
    assert materialisation.asset_materialization.metadata["dagster/row_count"].value == 3
    check = dg.AssetCheckKey(cle, "juste")
    (verdict,) = lecteur.get_asset_check_execution_history(check, limit=1)
    assert verdict.status.value == "FAILED"


def test_what_a_run_plans_is_one_transaction_per_file(instance: dg.DagsterInstance) -> None:
    """Were Dagster to open its files another way, this class would help nobody, and nothing would break."""
    commits: list[object] = []
    plans: list[int] = []

    @event.listens_for(Engine, "commit")
    def compter(connexion: object) -> None:
        commits.append(connexion)

    journal = instance.event_log_storage
    assert isinstance(journal, JournalParLots)
    normal = journal.store_event_batch

    def compter_le_lot(events: list[dg.EventLogEntry]) -> None:
        avant = len(commits)
        normal(events)
        plans.append(len(commits) - avant)

    journal.store_event_batch = compter_le_lot  # type: ignore[method-assign]
    try:
        with instance:
            dg.materialize([actifs], instance=instance)
    finally:
        event.remove(Engine, "commit", compter)
    # Two more make the file of the run.
    assert plans == [2 + 2]


def test_a_batch_is_whole_or_absent(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = instance.event_log_storage
    assert isinstance(journal, JournalParLots)
    with instance:
        run_id = dg.materialize([actifs], instance=instance).run_id
        lot = journal.get_logs_for_run(run_id)
        avant = len(lot)
        ecrire, faits = journal.store_event, 0

        def tomber(entree: dg.EventLogEntry) -> None:
            nonlocal faits
            faits += 1
            if faits == 5:
                raise OSError("disk full")
            ecrire(entree)

        monkeypatch.setattr(journal, "store_event", tomber)
        with pytest.raises(OSError, match="disk full"):
            journal.store_event_batch(list(lot))
        assert len(journal.get_logs_for_run(run_id)) == avant
