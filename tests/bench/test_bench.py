"""The benches, on very small sizes: what they say is there, the floor runs what it says. Never a time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.bench import __main__ as bench
from tests.bench import extrait, mesure, nuits, poids, reception, requetes
from tests.bench.plancher import __main__ as plancher
from tests.bench.plancher import preparation


def test_an_extract_is_checked_and_taken_in_by_the_bench(tmp_path: Path) -> None:
    lignes = reception.preparer(tmp_path, 2_000)
    for facon in ("csv", "recevoir", "hmac"):
        assert reception.mesurer(tmp_path, facon).secondes > 0
    (pris,) = (tmp_path / "pris" / "micro").rglob("*.parquet")
    assert pq.read_metadata(pris).num_rows == lignes > 1_900


def test_an_extract_is_counted_by_the_bench(tmp_path: Path) -> None:
    dossier = tmp_path / "extrait"
    lignes = extrait.preparer(dossier, 3_000, ("13", "75"))
    assert lignes >= 3_000 and extrait.compter(dossier) > 1_000
    cout = mesure.mesure_ailleurs("tests.bench.extrait", dossier)
    assert cout.secondes > 0 and cout.processeur > 0 and cout.pic_mo > 0


@pytest.fixture(scope="module")
def sol(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One run of the floor: its folder, and what it says that it ran."""
    dossier = tmp_path_factory.mktemp("plancher")
    commande = preparation.commande(preparation.preparer(dossier), dossier / "home")
    fait = subprocess.run(commande, cwd=mesure.RACINE, capture_output=True, text=True)
    assert fait.returncode == 0, fait.stderr
    return dossier / "home", json.loads(fait.stdout)


def test_the_floor_runs_one_model_one_test_and_one_expectation(sol: tuple[Path, dict[str, Any]]) -> None:
    home, dit = sol
    assert dit == {
        "modeles": ["compte"],
        "verdicts": {"not_null_compte_territoire_id": True, "attente": True},
        "succes": True,
    }
    resultats = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    assert sorted((r["unique_id"].split(".")[0], r["status"]) for r in resultats) == [
        ("model", "success"),
        ("test", "pass"),
    ]
    assert "enabled: false" in (home / "dagster" / "dagster.yaml").read_text()
    assert list((home / "dagster").rglob("*.db")), "its events are kept on disk, as those of a night"


@pytest.mark.parametrize(("foyers", "tient"), [(3_230, True), (-1, False)])
def test_the_expectation_of_the_floor_judges_the_rows(tmp_path: Path, foyers: int, tient: bool) -> None:
    with duckdb.connect(str(tmp_path / "plancher.duckdb")) as con:
        con.execute(f"create table compte as select {foyers} as nb_foyers_allocataires")
    assert plancher.juger(tmp_path / "plancher.duckdb") == {"success": tient, "element_count": 1}


def test_compiled_models_are_run_again_on_what_a_night_had(
    sol: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    faite = tmp_path / "faite.duckdb"
    with duckdb.connect(str(sol[0] / "plancher.duckdb")) as con:
        lues = con.sql("from main.compte").fetchall()
    with duckdb.connect(str(faite)) as con:
        con.execute("create schema normalised; create table normalised.sources as select 'x' as source_id")
        con.execute("create view normalised.vue as from normalised.sources")
    assert requetes.rejouer(faite, sol[0] / "dbt", tmp_path / "neuve.duckdb").pic_mo > 0
    with duckdb.connect(str(tmp_path / "neuve.duckdb"), read_only=True) as con:
        assert con.sql("from main.compte").fetchall() == lues == [("epci:200068229", 3230)]
        assert con.sql("from normalised.vue").fetchall() == [("x",)]


def test_a_ratio_is_of_processor_and_of_time_and_what_was_not_measured_is_blank(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sol = mesure.Cout(4, 2)
    lignes = [mesure.Ligne("floor", sol), mesure.Ligne("night", mesure.Cout(10, 7, 300), sol, "≤ 2")]
    mesure.afficher_couts("Nights", lignes)
    _, _, du_sol, de_nuit = (ligne.split() for ligne in capsys.readouterr().out.splitlines())
    assert du_sol == ["floor", "2.00", "4.00"]
    assert de_nuit == ["night", "3.50", "2.50", "≤", "2", "7.00", "10.00", "300"]


def test_what_a_command_costs_counts_its_own_code() -> None:
    # What a system call costs is not counted.
    commande = [sys.executable, "-c", "for _ in range(20_000_000): pass"]
    for cout in (mesure.executer(commande), mesure.mesurer(lambda: [None for _ in range(20_000_000)])):
        assert cout.processeur >= 0.1 and cout.secondes >= 0.1


def test_what_is_timed_must_succeed() -> None:
    mesuree = mesure.executer([sys.executable, "-c", "bytearray(30_000_000)"], memoire=True)
    assert mesuree.secondes > 0 and mesuree.processeur >= 0
    with pytest.raises(mesure.Echec, match="ended with code 3"):
        mesure.executer([sys.executable, "-c", "raise SystemExit(3)"])


def test_each_section_is_run_by_its_name_and_the_long_ones_only_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not {"annee", "france"} & {*bench.COURANTES}
    monkeypatch.setenv("CTG_SHARED", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["bench", "annee", "france"])
    bench.main()
    assert capsys.readouterr().out.splitlines() == [
        f"{quoi}: skipped, the producers' real files are not here (CTG_SHARED or ../shared)."
        for quoi in ("A year", "France")
    ]
    monkeypatch.setattr(sys, "argv", ["bench", "nights"])
    with pytest.raises(SystemExit):
        bench.main()
    dit = capsys.readouterr().err
    assert "no section nights: there are nuits, arrondi, " in dit and dit.endswith("france\n")


def test_a_release_is_weighed_folder_by_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site" / "sources").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_bytes(b"x" * (1 << 20))
    (tmp_path / "site" / "sources" / "a.html").write_bytes(b"x" * (1 << 19))
    (tmp_path / "ctg.duckdb").write_bytes(b"x" * (1 << 22))
    (tmp_path / "SUCCESS").write_bytes(b"x" * (1 << 18))
    assert poids.peser(tmp_path) == [
        ("ctg.duckdb", "1", "4.0", ""),
        ("site/", "2", "1.5", ""),
        ("the rest", "1", "0.2", ""),
        ("all", "4", "5.8", "≤ 400 (France)"),
    ]
    (tmp_path / "current").symlink_to(tmp_path / "site")
    monkeypatch.setattr(sys, "argv", ["bench", "poids", "--release", str(tmp_path / "current")])
    bench.main()
    assert "all" in capsys.readouterr().out


def test_a_command_is_run_on_the_day_that_is_given(tmp_path: Path) -> None:
    for jour, dit in (("2020-01-01", "2020-01-02 has not come yet"), ("2020-01-02", "--mirror DIR_OR_URL")):
        commande = ("refresh", "--as-of", "2020-01-02", "--profile", "mirror")
        refusee = subprocess.run(
            [sys.executable, "-m", "tests.bench.jour", jour, *commande],
            cwd=mesure.RACINE,
            env=nuits.environnement(tmp_path / "home"),
            capture_output=True,
            text=True,
        )
        assert refusee.returncode and dit in refusee.stderr
