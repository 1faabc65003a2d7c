"""Dagster's own storage in PostgreSQL: an instance of ours, one run recorded, read back."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.exploitation import instance
from orchestration.nuit.reglages import ReglageRefuse
from tests.serveur_postgres import Serveur

DEPOT = Path(__file__).resolve().parents[2]


@dg.asset
def temoin() -> None: ...


def test_a_run_is_recorded_there_and_read_back(
    postgres: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = postgres.base()
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv(instance.POSTGRES, f"{instance.PILOTE}postgres@/{base}?host={postgres.dossier}")
    dossier = instance.preparer_instance(tmp_path / "dagster")
    instance.sans_attendre_le_disque()
    with dg.DagsterInstance.from_config(str(dossier)) as ecrit:
        fait = dg.materialize([temoin], instance=ecrit)
    assert fait.success
    with dg.DagsterInstance.from_config(str(dossier)) as lu:
        (run,) = lu.get_runs()
        assert (run.run_id, run.status) == (fait.run_id, dg.DagsterRunStatus.SUCCESS)
        materialisation = lu.get_latest_materialization_event(temoin.key)
        assert materialisation and materialisation.run_id == fait.run_id
    assert postgres.executer(base, "select run_id, status from runs") == [(fait.run_id, "SUCCESS")]
    # Nothing of it beside, and no address in the settings.
    reglages = [p for p in dossier.iterdir() if p.name != "storage"]
    assert {p.name for p in reglages} == {"dagster.yaml", "ctg.yaml"}
    assert not any(base in p.read_text() for p in reglages)


def test_the_settings_are_those_of_the_guide() -> None:
    assert instance.STOCKAGE_POSTGRES in (DEPOT / "docs" / "how-to.md").read_text()
    assert instance.STOCKAGE_POSTGRES not in instance.reglage({})


def test_without_its_package_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "find_spec", lambda nom: None)
    with pytest.raises(ReglageRefuse, match="dagster-postgres is not installed"):
        instance.reglage({instance.POSTGRES: f"{instance.PILOTE}ici/base"})


def test_another_driver_is_refused_and_the_address_not_quoted() -> None:
    with pytest.raises(ReglageRefuse, match=r"does not begin with postgresql\+psycopg2://") as refus:
        instance.reglage({instance.POSTGRES: "postgresql://u:motdepasse@ici/base"})
    assert "motdepasse" not in str(refus.value)
