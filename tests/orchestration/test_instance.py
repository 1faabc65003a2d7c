"""The Dagster instance: under CTG_HOME, telemetry off; the same silence is asked of dbt."""

import os
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.exploitation.instance import preparer_instance, reglage
from orchestration.jobs import rafraichissement_nocturne
from orchestration.nuit.projet import RACINE


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
    fichier.write_text("telemetry: {enabled: true}\n")
    preparer_instance(tmp_path)
    assert fichier.read_text() == reglage(tmp_path)


def test_dbt_ne_telephone_pas() -> None:
    reglages = yaml.safe_load((RACINE / "dbt_project" / "dbt_project.yml").read_text())["flags"]
    assert (reglages["send_anonymous_usage_stats"], reglages["version_check"]) == (False, False)


def test_rien_ne_cache_le_fichier_de_travail_de_dagster() -> None:
    """A [tool.dagster] block in pyproject.toml would hide workspace.yaml."""
    assert "[tool.dagster" not in (RACINE / "pyproject.toml").read_text()
    espace = yaml.safe_load((RACINE / "workspace.yaml").read_text())
    assert espace["load_from"][0]["python_module"]["module_name"] == "orchestration.definitions"


def test_the_longest_that_a_run_may_last_is_watched(tmp_path: Path) -> None:
    """Dagster reads the tag of a job in a daemon that it does not start by itself."""
    assert yaml.safe_load(reglage(tmp_path, {}))["run_monitoring"] == {"enabled": True}
    assert int(rafraichissement_nocturne.tags["dagster/max_runtime"]) > 0
