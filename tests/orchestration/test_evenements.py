"""The event log: Dagster's own files and events, in fewer transactions."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster_shared.error import SerializableErrorInfo
from orchestration.evenements import INTERROMPUE, JournalParLots, premiere_cause
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.echecs import PostgresEnEchec, RefusDansLaNuit
from orchestration.exploitation.instance import (
    HISTORIQUE,
    oublier_les_anciennes,
    preparer_instance,
    solder_les_tuees,
)
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.reglages import NuitEnCours
from socle import disque
from socle.horloge import aujourd_hui


@pytest.mark.parametrize(
    ("classes", "dite"),
    [
        (["StepFailure", "ErreurPublication", "KeyError"], "ErreurPublication"),
        (["StepFailure", "ErreurPublication", "PanneDisque", "OSError"], "PanneDisque"),
        (["StepFailure", "KeyError"], "KeyError"),
    ],
)
def test_what_is_told_is_the_innermost_error_that_says_what_to_do(classes: list[str], dite: str) -> None:
    erreur = None
    for classe in reversed(classes):
        erreur = SerializableErrorInfo(classe, [], classe, cause=erreur)
    assert erreur is not None and premiere_cause(erreur).cls_name == dite


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


ETAT = {"refuse": False, "casse": False, "rien": False, "base": False, "arretee": False}


@dg.multi_asset(
    specs=[dg.AssetSpec(f"recu_{i}", skippable=True) for i in range(2)],
    check_specs=[dg.AssetCheckSpec("aucun_refus", asset="recu_0")],
    can_subset=True,
)
def recus(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    if ETAT["rien"]:
        return
    if ETAT["casse"]:
        raise RuntimeError("a bug")
    if ETAT["arretee"]:
        context.instance.report_run_canceling(context.run)
        raise DagsterExecutionInterruptedError
    if ETAT["refuse"]:
        yield dg.MaterializeResult(asset_key="recu_1")
        raise RefusDansLaNuit([], "Received.")
    if ETAT["base"]:
        raise PostgresEnEchec("Published. PostgreSQL did not get it:\nno answer")
    verdict = dg.AssetCheckResult(asset_key="recu_0", check_name="aucun_refus", passed=False)
    yield dg.MaterializeResult(asset_key="recu_0", check_results=[verdict])
    yield dg.MaterializeResult(asset_key="recu_1")


@dg.multi_asset(
    specs=[dg.AssetSpec("bati", deps=["recu_0"])], check_specs=[dg.AssetCheckSpec("juste", asset="bati")]
)
def bati() -> Iterator[dg.MaterializeResult[None]]:
    verdict = dg.AssetCheckResult(
        asset_key="bati", check_name="juste", passed=False, severity=dg.AssetCheckSeverity.WARN
    )
    yield dg.MaterializeResult(asset_key="bati", check_results=[verdict])


@pytest.mark.parametrize(
    ("etat", "rates"),
    [
        ("refuse", set()),
        ("casse", {"recu_0", "recu_1"}),
        ("rien", {"recu_0", "recu_1"}),
        ("base", set()),
        ("arretee", {"recu_0", "recu_1"}),
    ],
    ids=["a refusal", "a bug", "nothing to do", "a database out of reach", "a person stops it"],
)
def test_what_a_run_did_not_do_keeps_the_state_it_had(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, etat: str, rates: set[str]
) -> None:
    """The verdict of the run before; its own is what a step of its failed to make."""
    juste, refus = (
        dg.AssetCheckKey(dg.AssetKey("bati"), "juste"),
        dg.AssetCheckKey(dg.AssetKey("recu_0"), "aucun_refus"),
    )
    with instance:
        dg.materialize([recus, bati], instance=instance)
        monkeypatch.setitem(ETAT, etat, True)
        with suppress(DagsterExecutionInterruptedError):
            dg.materialize([recus, bati], instance=instance, raise_on_error=False)
        (seconde,) = instance.get_runs(limit=1)
        assert seconde.status is {
            "rien": dg.DagsterRunStatus.SUCCESS,
            "arretee": dg.DagsterRunStatus.CANCELED,
        }.get(etat, dg.DagsterRunStatus.FAILURE)
        journal = instance.event_log_storage
        for cle in (juste, refus):
            (dernier,) = journal.get_asset_check_execution_history(cle, limit=1)
            assert dernier.status == AssetCheckExecutionRecordStatus.FAILED
            assert dernier.run_id != seconde.run_id
        prevus = {
            cle: journal.get_latest_planned_materialization_info(dg.AssetKey(cle))
            for cle in ("bati", "recu_0", "recu_1")
        }
        dits = {cle for cle, prevu in prevus.items() if prevu and prevu.run_id == seconde.run_id}
        assert dits == rates
        planifies = [e for e in instance.all_logs(seconde.run_id) if e.dagster_event]
        assert (
            sum(e.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED for e in planifies)
            == 3
        )


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


def _echouer(instance: dg.DagsterInstance, erreur: BaseException) -> list[dg.EventLogEntry]:
    """The events with an error of a run whose step raises this."""

    @dg.asset
    def actif() -> None:
        raise erreur

    with instance:
        try:
            run_id = dg.materialize([actif], instance=instance, raise_on_error=False).run_id
        except BaseException:
            (run,) = instance.get_runs()
            run_id = run.run_id
        return [
            e
            for e in instance.all_logs(run_id)
            if e.dagster_event and getattr(e.dagster_event.event_specific_data, "error", None)
        ]


@pytest.mark.parametrize(
    ("erreur", "phrase"),
    [
        (dg.Failure("Run the night.", allow_retries=False), "Run the night."),
        (NuitEnCours("wait for its end"), "wait for its end"),
        (DagsterExecutionInterruptedError(), INTERROMPUE),
    ],
)
def test_an_error_that_says_what_to_do_is_kept_as_its_sentence(
    instance: dg.DagsterInstance, erreur: BaseException, phrase: str
) -> None:
    evenements = _echouer(instance, erreur)
    assert evenements
    for evenement in evenements:
        assert evenement.dagster_event
        donnees = evenement.dagster_event.event_specific_data
        assert (donnees.error.message.strip(), list(donnees.error.stack), donnees.error.cause) == (
            phrase,
            [],
            None,
        )
        premier = getattr(donnees, "first_step_failure_event", None)
        assert premier is None or list(premier.event_specific_data.error.stack) == []


def test_the_stack_of_a_bug_is_kept(instance: dg.DagsterInstance) -> None:
    erreurs = [
        e.dagster_event.event_specific_data.error
        for e in _echouer(instance, RuntimeError("bug"))
        if e.dagster_event
    ]
    assert erreurs and all(e.cause and e.cause.stack for e in erreurs)


def test_a_run_that_was_killed_is_ended_and_one_that_runs_is_left(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The lock of the folder tells which: it goes away with its process."""
    chemins = Chemins(tmp_path)
    job = dg.Definitions(assets=[actifs], jobs=[dg.define_asset_job("nuit")]).resolve_job_def("nuit")
    with instance:
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        with disque.verrou(chemins.verrou, "", RuntimeError):
            assert solder_les_tuees(instance, chemins) == []
        (dit,) = solder_les_tuees(instance, chemins)
        assert dit.startswith(f"Run {run.run_id} was killed before its end")
        soldee = instance.get_run_by_id(run.run_id)
        assert soldee and soldee.status == dg.DagsterRunStatus.FAILURE
        assert solder_les_tuees(instance, chemins) == []


def test_old_runs_are_forgotten_but_those_that_made_what_is_there(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """A mart that no night had to make again for a year still says when it was made."""

    @dg.asset
    def autre() -> None:
        """An asset that is made once."""

    passe, loin = tmp_path / "history" / "runs", aujourd_hui() + timedelta(days=HISTORIQUE)
    with instance:
        faite = dg.materialize([autre], instance=instance).run_id
        refaites = [dg.materialize([actifs], instance=instance).run_id for _ in range(3)]
        assert oublier_les_anciennes(instance, loin - timedelta(days=1)) == 0
        assert oublier_les_anciennes(instance, loin) == 2
        assert {r.run_id for r in instance.get_runs()} == {faite, refaites[-1]}
        assert oublier_les_anciennes(instance, loin) == 0
    assert {f.stem for f in passe.glob("*-*.db")} == {faite, refaites[-1]}
    lecteur = SqliteEventLogStorage(str(passe))
    cle = dg.AssetKey("actif_0")
    verdicts = lecteur.get_asset_check_execution_history(dg.AssetCheckKey(cle, "juste"), limit=9)
    assert [v.run_id for v in verdicts] == [refaites[-1]]
    (actif,) = lecteur.get_asset_records([cle])
    assert actif.asset_entry.last_run_id == refaites[-1]
    with lecteur.index_connection() as connexion:
        restent = connexion.exec_driver_sql("select distinct run_id from event_logs").scalars().all()
    assert set(restent) == {faite, refaites[-1]}


def test_a_run_that_is_not_ended_is_kept_however_old(instance: dg.DagsterInstance) -> None:
    job = dg.Definitions(assets=[actifs], jobs=[dg.define_asset_job("nuit")]).resolve_job_def("nuit")
    with instance:
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert oublier_les_anciennes(instance, aujourd_hui() + timedelta(days=2 * HISTORIQUE)) == 0
        assert [r.run_id for r in instance.get_runs()] == [run.run_id]
