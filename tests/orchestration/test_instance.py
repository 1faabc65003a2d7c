"""The Dagster instance under CTG_HOME: no telemetry, killed runs, old runs, verdicts told again."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from en_ligne import ctg

from orchestration.echecs import premiere_cause
from orchestration.exploitation.diagnostic.nuits import dagster as diagnostic_dagster
from orchestration.exploitation.instance import (
    HISTORIQUE,
    ecarter_les_abimees,
    oublier_les_anciennes,
    ouvrir_instance,
    preparer_instance,
    reglage,
    solder_les_tuees,
)
from orchestration.exploitation.verdicts import redire
from orchestration.jobs import construction
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.projet import RACINE
from orchestration.nuit.reglages import lire, verrou
from orchestration.receptions import reception
from socle import disque
from socle.horloge import aujourd_hui


def test_l_instance_vit_sous_ctg_home_et_ne_telephone_pas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    dossier = preparer_instance(tmp_path / "dagster")
    assert dossier == tmp_path / "dagster" and os.environ["DAGSTER_HOME"] == str(dossier)
    with dg.DagsterInstance.get() as instance:
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False
        assert Path(instance.root_directory) == dossier
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


def test_un_reglage_change_a_la_main_est_remis_et_un_reglage_juste_n_est_pas_reecrit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    fichier = preparer_instance(tmp_path) / "dagster.yaml"
    os.utime(fichier, (1, 1))
    preparer_instance(tmp_path)
    assert fichier.stat().st_mtime == 1
    for abime in (b"telemetry: {enabled: true}\n", b"", b"\xff\x00"):
        fichier.write_bytes(abime)
        preparer_instance(tmp_path)
        assert fichier.read_text() == reglage()


def test_dbt_ne_telephone_pas() -> None:
    reglages = yaml.safe_load((RACINE / "dbt_project" / "dbt_project.yml").read_text())["flags"]
    assert (reglages["send_anonymous_usage_stats"], reglages["version_check"]) == (False, False)


def test_the_longest_that_a_run_may_last_is_watched() -> None:
    """Dagster reads the tag of a job in a daemon that it does not start by itself."""
    assert yaml.safe_load(reglage({}))["run_monitoring"] == {"enabled": True}
    assert all(int(job.tags["dagster/max_runtime"]) > 0 for job in (reception, construction))


@dataclass
class Erreur:
    cls_name: str | None
    cause: "Erreur | None"
    message: str = ""


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
        erreur = Erreur(classe, erreur)
    assert erreur is not None and premiere_cause(erreur).cls_name == dite


ETAT = {"rien": False, "echoue": False}


@dg.multi_asset(
    specs=[dg.AssetSpec("recu", skippable=True)], check_specs=[dg.AssetCheckSpec("aucun_refus", asset="recu")]
)
def recus() -> Iterator[dg.MaterializeResult[None]]:
    if ETAT["echoue"]:
        raise dg.Failure("the disk is full", allow_retries=False)
    if not ETAT["rien"]:
        verdict = dg.AssetCheckResult(asset_key="recu", check_name="aucun_refus", passed=True)
        yield dg.MaterializeResult(asset_key="recu", check_results=[verdict])


@dg.multi_asset(
    specs=[dg.AssetSpec("bati", deps=["recu"])],
    check_specs=[dg.AssetCheckSpec(nom, asset="bati") for nom in ("juste", "alerte")],
)
def bati() -> Iterator[dg.MaterializeResult[None]]:
    alerte = dg.AssetCheckResult(check_name="alerte", passed=False, severity=dg.AssetCheckSeverity.WARN)
    yield dg.MaterializeResult(
        asset_key="bati", check_results=[dg.AssetCheckResult(check_name="juste", passed=True), alerte]
    )


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    with ouvrir_instance(preparer_instance(tmp_path)) as instance:
        yield instance


@pytest.mark.parametrize(
    ("etat", "gardes"),
    [("rien", {"alerte"}), ("echoue", {"alerte", "juste", "aucun_refus"})],
    ids=["a quiet night keeps what stands", "a failure hides no verdict"],
)
def test_verdicts_that_a_run_left_aside_are_told_again(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, etat: str, gardes: set[str]
) -> None:
    dg.materialize([recus, bati], instance=instance)
    monkeypatch.setitem(ETAT, etat, True)
    for _ in range(2):
        run_id = dg.materialize([recus, bati], instance=instance, raise_on_error=False).run_id
        redire(instance, run_id, tous=etat == "echoue")
    derniers = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [
            dg.AssetCheckKey(dg.AssetKey(ou), nom)
            for ou, nom in (("recu", "aucun_refus"), ("bati", "juste"), ("bati", "alerte"))
        ]
    )
    dits = {cle.name: fait.status.value for cle, fait in derniers.items()}
    assert {nom for nom, dit in dits.items() if dit != "PLANNED"} == gardes
    assert dits["alerte"] == "FAILED" and dits["juste"] in ("PLANNED", "SUCCEEDED")


def test_a_run_that_was_killed_is_ended_and_one_that_runs_is_left(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The lock of the folder tells which: it goes away with its process."""
    chemins = Chemins(tmp_path)
    job = dg.Definitions(assets=[recus], jobs=[dg.define_asset_job("nuit")]).resolve_job_def("nuit")
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert oublier_les_anciennes(instance, tmp_path, aujourd_hui() + timedelta(days=2 * HISTORIQUE)) == 0
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

    loin = aujourd_hui() + timedelta(days=HISTORIQUE)
    faite = dg.materialize([autre], instance=instance).run_id
    refaites = [dg.materialize([recus], instance=instance).run_id for _ in range(3)]
    assert oublier_les_anciennes(instance, tmp_path, loin - timedelta(days=1)) == 0
    assert oublier_les_anciennes(instance, tmp_path, loin) == 2
    assert {r.run_id for r in instance.get_runs()} == {faite, refaites[-1]}
    assert oublier_les_anciennes(instance, tmp_path, loin) == 0
    assert {f.stem for f in (tmp_path / "history" / "runs").glob("*-*.db")} == {faite, refaites[-1]}


ABIMER = {
    "empty": lambda b: b"",
    "cut": lambda b: b[: len(b) // 2],
    "its header alone": lambda b: b[:100],
    "other bytes": lambda b: bytes(255 - o for o in b),
}
"""What a disk or a kill makes of a file."""


def _bases(dossier: Path) -> list[Path]:
    return sorted(f.relative_to(dossier) for f in dossier.rglob("*.db"))


@pytest.mark.parametrize("degat", ABIMER)
def test_what_is_damaged_of_the_instance_is_put_aside_and_made_again(
    degat: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was a traceback at each night, until somebody removed the folder."""
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    modele = tmp_path / "modele"
    with ouvrir_instance(preparer_instance(modele)) as instance:
        dg.materialize([recus], instance=instance)
        list(instance.all_instigator_state())
    bases = _bases(modele)
    assert len(bases) == 4, "runs, their events, those of the run, schedules"
    for perdu in (*bases, Path("dagster.yaml"), Path("ctg.yaml")):
        chemins = Chemins(tmp_path / "home")
        shutil.copytree(modele, chemins.dagster)
        fichier = chemins.dagster / perdu
        fichier.write_bytes(ABIMER[degat](fichier.read_bytes()))
        if degat == "empty" and perdu in bases:
            assert ecarter_les_abimees(chemins) == [], "Dagster may be making it now"
        os.utime(fichier, (1, 1))
        preparer_instance(chemins.dagster)
        with disque.verrou(chemins.verrou, "", RuntimeError):
            assert ecarter_les_abimees(chemins) == []
        dits = ecarter_les_abimees(chemins)
        assert [str(fichier) in dit for dit in dits] == [True] * (perdu in bases), perdu
        assert len([*chemins.home.glob(f"dagster.casse-*/{perdu}")]) == (perdu in bases)
        with ouvrir_instance(chemins.dagster) as instance:
            assert dg.materialize([recus], instance=instance).success, perdu
            # Elsewhere than in the list of runs or its index, former runs are told as before.
            assert len(instance.get_runs()) == (1 if perdu.stem in ("runs", "index") else 2), perdu
        assert ecarter_les_abimees(chemins) == []
        shutil.rmtree(chemins.home)


def test_what_is_put_aside_takes_the_place_of_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "avant")
    chemins = Chemins(tmp_path)
    with verrou(tmp_path):
        (tmp_path / "dagster.casse-20260101T000000Z" / "history").mkdir(parents=True)
    with ouvrir_instance(preparer_instance(chemins.dagster)):
        pass
    (chemins.dagster / "history" / "runs.db").write_bytes(b"")
    os.utime(chemins.dagster / "history" / "runs.db", (1, 1))
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    (constat,) = diagnostic_dagster(lire())
    assert constat.etat == "voir" and "history/runs.db (no table in it)" in constat.fait
    dit = ctg("prepare")
    assert dit.exit_code == 0 and "Dagster's own history was damaged" in dit.stderr
    (garde,) = tmp_path.glob("dagster.casse-*")
    assert (garde / "history" / "runs.db").exists() and "20260101" not in garde.name
    assert [c.etat for c in diagnostic_dagster(lire())] == ["bien", "bien"]
