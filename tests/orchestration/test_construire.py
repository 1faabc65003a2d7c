"""dbt in the process of the night: what it says is kept, and nothing of it is left behind."""

import os
import socket
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

from orchestration.construire import Ecoute, construire
from orchestration.project import ANALYSE, actualiser_manifeste, projet_dbt


@pytest.fixture(scope="module")
def manquee(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ecoute, Path]:
    """A build without any input nor any network: seeds are written, everything else fails or waits."""

    def refuser(*_: object) -> None:
        raise AssertionError("a connection was attempted")

    actualiser_manifeste()
    dossier = tmp_path_factory.mktemp("nuit")
    base = dossier / "nuit.duckdb"
    duckdb.connect(str(base)).close()
    with pytest.MonkeyPatch.context() as mp:
        mp.setattr(socket.socket, "connect", refuser)
        mp.setattr(socket, "getaddrinfo", refuser)
        return construire(base, dossier / "dbt"), base


def test_results_and_errors_are_told(manquee: tuple[Ecoute, Path]) -> None:
    ecoute, _ = manquee
    statuts = {r["data"]["node_info"]["unique_id"]: r["data"]["status"] for r in ecoute.resultats}
    assert statuts["seed.observatoire_ctg.indicateurs"] == "success"
    assert any(nom.startswith("test.") for nom in statuts), "tests of seeds ran"
    assert any("normalised" in erreur for erreur in ecoute.erreurs)


def test_the_file_is_let_go(manquee: tuple[Ecoute, Path]) -> None:
    """The gate and the publication open it in this very process, read only."""
    _, base = manquee
    with duckdb.connect(str(base), read_only=True) as con:
        assert con.sql("select count(*) > 100 from seeds.indicateurs").fetchall() == [(True,)]
    assert "CTG_BUILD_DB" not in os.environ


def test_what_dbt_says_stays_beside_the_build(manquee: tuple[Ecoute, Path]) -> None:
    """Kills are timed on it (tests/drills)."""
    _, base = manquee
    journal = (base.parent / "dbt" / "dbt.log").read_text()
    assert " START seed file seeds.indicateurs ." in journal


def test_the_project_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    actualiser_manifeste()
    dates = [f.stat().st_mtime_ns for f in (projet_dbt.manifest_path, ANALYSE)]
    monkeypatch.setattr("subprocess.run", None)
    actualiser_manifeste()
    assert [f.stat().st_mtime_ns for f in (projet_dbt.manifest_path, ANALYSE)] == dates


def test_what_tells_a_night_to_stop_goes_through_dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt keeps whatever stops it: the night would take the signal of its end for a failure of a model."""

    class Lanceur:
        def __init__(self, **_: object) -> None: ...

        def invoke(self, _: object) -> dbtRunnerResult:
            return dbtRunnerResult(success=False, exception=KeyboardInterrupt())

    monkeypatch.setattr("orchestration.construire.dbtRunner", Lanceur)
    with pytest.raises(KeyboardInterrupt):
        construire(tmp_path / "nuit.duckdb", tmp_path / "dbt")
