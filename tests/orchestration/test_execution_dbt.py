"""dbt in the process of the night: what it says is kept, and nothing of it is left behind."""

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult
from en_ligne import vide

from ingestion.acquisition import FichierRetenu
from orchestration.generes.dbt import ORIGINES
from orchestration.nuit import projet
from orchestration.nuit.code import VERSIONS
from orchestration.nuit.execution_dbt import Ecoute, ProjetModifie, construire
from orchestration.nuit.fichiers_lus import dire_les_fichiers
from orchestration.nuit.projet import PROJET, RACINE, ProjetFerme, actualiser_manifeste, inchange
from socle.memoire import PanneMemoire, en_memoire
from socle.panne import panne_de

GENERE = "models/marts/logement/_generes/mart_logement.yml"


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
    gardes = (projet.MANIFESTE, projet.ANALYSE)
    dates = [f.stat().st_mtime_ns for f in gardes]
    monkeypatch.setattr("subprocess.run", None)
    actualiser_manifeste()
    assert [f.stat().st_mtime_ns for f in gardes] == dates


@pytest.fixture
def copie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of another checkout, parsed: the one of this checkout is read by other tests meanwhile."""
    actualiser_manifeste()
    copie = tmp_path / PROJET.name
    shutil.copytree(PROJET, copie)
    for lu in (*ORIGINES, VERSIONS):
        (tmp_path / lu).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / lu).symlink_to(RACINE / lu)
    for nom in ("PROJET", "CIBLE", "MANIFESTE", "ANALYSE", "_EMPREINTE"):
        monkeypatch.setattr(projet, nom, copie / getattr(projet, nom).relative_to(PROJET))
    monkeypatch.setattr(projet, "RACINE", tmp_path)
    projet._EMPREINTE.write_text(f"{projet._empreinte()}\n{projet._gardee()}")
    monkeypatch.setattr("subprocess.run", Mock(side_effect=InterruptedError))
    return copie


@pytest.mark.parametrize("quoi", ["target/manifest.json", "target/nuit.msgpack", GENERE])
@pytest.mark.parametrize("reste", [lambda o: o[: len(o) // 2], lambda _: b"", lambda o: b"\0" * len(o)])
def test_what_is_kept_of_the_project_is_written_again_where_it_is_damaged(
    quoi: str, reste: Callable[[bytes], bytes], copie: Path
) -> None:
    actualiser_manifeste()
    avant = (copie / quoi).read_bytes()
    (copie / quoi).write_bytes(reste(avant))
    with pytest.raises(InterruptedError):
        actualiser_manifeste()
    if quoi != GENERE:
        (copie / quoi).write_bytes(avant)
    assert (copie / quoi).read_bytes() == avant
    actualiser_manifeste()


@pytest.mark.parametrize("fait", ["_chargee", "_empreinte"], ids=["parsed by another", "a file edited"])
def test_a_project_that_changed_since_the_run_began_is_not_built(
    fait: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its release would name SQL that it was not made of, and the next night would find nothing new."""
    actualiser_manifeste()
    assert inchange()
    monkeypatch.setattr(
        f"orchestration.nuit.projet.{fait}", "before" if fait == "_chargee" else lambda: "now"
    )
    with pytest.raises(ProjetModifie, match="changed while this run went on: start it again"):
        construire(tmp_path / "nuit.duckdb", tmp_path / "dbt")


def test_a_project_that_is_to_be_parsed_by_its_owner_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that runs the checkout of another account, after an upgrade that nobody set up."""
    ouvrir = Path.open

    def refuser(fichier: Path, *a: Any, **k: Any) -> Any:
        if fichier.name == "nuit.verrou":
            raise PermissionError(13, "Permission denied")
        return ouvrir(fichier, *a, **k)

    monkeypatch.setattr("orchestration.nuit.projet._empreinte", lambda: "now")
    monkeypatch.setattr(Path, "open", refuser)
    with pytest.raises(ProjetFerme, match="run `make setup` as the owner of the project"):
        actualiser_manifeste()


def test_a_contract_edited_in_a_checkout_that_is_read_only_says_the_same(
    copie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit writes in `target` alone: « mount it for writing » would be the wrong thing to do."""
    monkeypatch.setattr("orchestration.nuit.projet._empreinte", lambda: "now")
    refus = OSError(errno.EROFS, "Read-only file system", str(copie / GENERE))
    monkeypatch.setattr("orchestration.nuit.projet.dbt.ecrire_tout", Mock(side_effect=refus))
    with pytest.raises(ProjetFerme, match=r"may not write in .*dbt_project\. Next: run `make") as dite:
        actualiser_manifeste()
    assert panne_de(dite.value, copie) is None


def test_whoever_loads_the_graph_parses_the_project() -> None:
    """The page too, where a model was edited: a run that it starts builds what is on the disk."""
    code = (
        "from orchestration.nuit import projet\n"
        "faits = []\n"
        "projet.actualiser_manifeste = lambda: faits.append(1)\n"
        "import orchestration.definitions\n"
        "assert faits == [1], faits\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=RACINE)


def test_what_tells_a_night_to_stop_goes_through_dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt keeps whatever stops it: the night would take the signal of its end for a failure of a model."""

    class Lanceur:
        def __init__(self, **_: object) -> None: ...

        def invoke(self, _: object) -> dbtRunnerResult:
            return dbtRunnerResult(success=False, exception=KeyboardInterrupt())

    actualiser_manifeste()
    monkeypatch.setattr("orchestration.nuit.execution_dbt.dbtRunner", Lanceur)
    with pytest.raises(KeyboardInterrupt):
        construire(tmp_path / "nuit.duckdb", tmp_path / "dbt")


@pytest.mark.parametrize("ou", ["call_runner", "_handle_result"])
def test_memory_that_runs_out_in_a_thread_of_dbt_stops_the_build(
    ou: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt waited for its result for ever, and so did whoever looked at the night."""

    def manquer(*_: object) -> None:
        raise MemoryError

    def attendre(*_: object) -> None:
        raise AssertionError("dbt waits")

    actualiser_manifeste()
    monkeypatch.setattr(f"dbt.task.runnable.GraphRunnableTask.{ou}", manquer)
    avant = signal.signal(signal.SIGALRM, attendre)
    signal.alarm(60)
    try:
        with pytest.raises(MemoryError):
            construire(tmp_path / "nuit.duckdb", tmp_path / "dbt", "--select", "indicateurs mesures")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, avant)


@pytest.mark.parametrize(
    ("erreur", "dit"),
    [(RuntimeError("can't start new thread"), "ulimit -u"), (KeyError("a bug"), None)],
    ids=["no memory for a thread", "a bug"],
)
def test_what_stops_dbt_itself_is_told_without_a_traceback(
    erreur: Exception, dit: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actualiser_manifeste()
    monkeypatch.setattr("dbt.task.runnable.GraphRunnableTask.execute_nodes", Mock(side_effect=erreur))
    choix = (tmp_path / "nuit.duckdb", tmp_path / "dbt", "--select", "mesures")
    if dit:
        with pytest.raises(PanneMemoire, match=dit), en_memoire():
            construire(*choix)
    else:
        assert "Traceback" not in "".join(construire(*choix).erreurs)
    assert "Traceback" in (tmp_path / "dbt" / "dbt.log").read_text()


def test_a_failed_test_says_the_first_rows_that_it_found(
    manquee: tuple[Ecoute, Path], tmp_path: Path
) -> None:
    base = tmp_path / "nuit.duckdb"
    shutil.copy(manquee[1], base)
    with duckdb.connect(str(base)) as con:
        con.execute("update seeds.mesures set univers = 'HAB' where mesure_id = 'population_municipale'")
    # What the last test reads is built again.
    ecoute = construire(base, tmp_path / "dbt", "--select", "int_termes", "univers_compatibles")
    _, dite, erreur = ecoute.erreurs
    assert dite.startswith("Failure in test univers_compatibles ")
    assert "\n    first rows:\n    indicateur_id = " in erreur and erreur.count("indicateur_id = ") == 3
    (rate,) = ecoute.rates
    assert ecoute.erreurs[rate.rang] == erreur and rate.noeud == "test.observatoire_ctg.univers_compatibles"


def _retenu(source: str, millesime: int, recu_le: str) -> FichierRetenu:
    faits = {"source": source, "ressource": "communes", "millesime": millesime, "recu_le": recu_le}
    return vide(FichierRetenu, **faits, sha256=f"{millesime:064d}", fichier=f"{source}.csv")


def test_what_a_test_blames_names_the_files_that_it_read() -> None:
    manifeste = json.loads(projet.MANIFESTE.read_bytes())
    retenus = [
        _retenu("insee_populations_legales", 2021, "2026-11-02"),
        _retenu("insee_cog_communes", 2024, "2026-11-01"),
        _retenu("insee_populations_legales", 2022, "2026-11-03"),
    ]
    populations = "insee_populations_legales/communes"
    dites = {
        sources: dire_les_fichiers(
            manifeste, "test.observatoire_ctg.aucune_ligne_perdue", sources, retenus, ()
        ).split("\n    ")[1:-1]
        for sources in (frozenset(), frozenset({"insee_populations_legales"}))
    }
    tout, siens = dites.values()
    assert siens == [
        "files read:",
        f"{populations} 2022 {0:012d} insee_populations_legales.csv, received 2026-11-03",
        f"{populations} 2021 {0:012d} insee_populations_legales.csv, received 2026-11-02",
    ], "the last received first"
    assert len(tout) == 4 and "insee_cog_communes/communes 2024" in tout[-1]
    # One that reads the COG alone.
    dite = dire_les_fichiers(manifeste, "model.observatoire_ctg.stg_insee__cog_communes", (), retenus, ())
    assert "insee_cog_communes/communes 2024" in dite and "populations" not in dite
    assert dire_les_fichiers(manifeste, "seed.observatoire_ctg.mesures", (), retenus, ()) == ""
    nombreux = [_retenu("insee_cog_communes", annee, str(annee)) for annee in range(1990, 2026)]
    dite = dire_les_fichiers(manifeste, "model.observatoire_ctg.stg_insee__cog_communes", (), nombreux, ())
    assert "and 16 older: `ctg sources list --tout`" in dite
