"""Assets asked for alone, as the page asks: made again in the file of the last build, nothing published."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import duckdb
import pytest
from commande import Observatoire, environnement

from orchestration.definitions import defs
from orchestration.echecs import premiere_cause, sans_classe
from socle.disque import sha256_fichier

MART = dg.AssetKey(["marts", "mart_petite_enfance"])


@pytest.fixture(scope="module")
def home(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a night, its build file in it."""
    copie = demonstration.copie(tmp_path_factory.mktemp("seule"))
    shutil.copytree(demonstration.home / "build", copie.home / "build")
    return copie.home


@pytest.fixture
def ici(home: Path) -> Iterator[Path]:
    with patch.dict(os.environ, environnement(CTG_HOME=str(home)), clear=True):
        yield home


def _demander(*cles: dg.AssetKey) -> tuple[dg.ExecuteInProcessResult, dict[str, str]]:
    """What the page does: these assets and their checks; return the tags of the run too."""
    job = defs.get_repository_def().get_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        resultat = job.execute_in_process(instance=instance, asset_selection=list(cles), raise_on_error=False)
        run = instance.get_run_by_id(resultat.run_id)
        assert run is not None
        return resultat, dict(run.tags)


def _phrase(*cles: dg.AssetKey) -> str:
    """In which sentence a run that cannot be done says so."""
    resultat, _ = _demander(*cles)
    assert not resultat.success
    (echec,) = [e for e in resultat.all_events if e.event_type_value == "STEP_FAILURE"]
    donnees = echec.step_failure_data
    if donnees.user_failure_data:
        phrase = str(donnees.user_failure_data.description)
    else:
        phrase = sans_classe(premiere_cause(donnees.error).message).strip()
    assert "\n" not in phrase
    return phrase


def _etat(home: Path) -> dict[str, str]:
    """All that readers and later nights have: the releases, the rounded counts, the summary of the night."""
    fichiers = [f for zone in ("releases", "agregats") for f in (home / zone).rglob("*")]
    fichiers += [home / "derniere.json", home / "build" / "nuit.json"]
    return {str(f): sha256_fichier(f) for f in fichiers if f.is_file()} | {
        "current": str((home / "releases" / "current").readlink())
    }


def _base(home: Path) -> Path:
    (base,) = (home / "build").glob("*/nuit.duckdb")
    return base


def test_a_mart_is_rebuilt_with_its_checks_and_nothing_is_published(ici: Path) -> None:
    avant = _etat(ici)
    with duckdb.connect(str(_base(ici))) as con:
        con.execute("delete from marts.mart_petite_enfance")
    resultat, etiquettes = _demander(MART)
    assert resultat.success
    assert [m.asset_key for m in resultat.get_asset_materialization_events()] == [MART]
    verdicts = {v.check_name: v.passed for v in resultat.get_asset_check_evaluations()}
    assert verdicts == {"promesses": True, "attentes": True}
    assert etiquettes["ctg/etat"] == "a_part" and "ctg/release" not in etiquettes
    with duckdb.connect(str(_base(ici)), read_only=True) as con:
        con.execute(f"attach '{ici}/releases/current/ctg.duckdb' as publiee (read_only)")
        ((faits, ecarts),) = con.execute(
            """
            select count(*), (
                select count(*) from (
                    from marts.mart_petite_enfance except all from publiee.marts.mart_petite_enfance
                )
            )
            from marts.mart_petite_enfance
            """
        ).fetchall()
    assert (faits > 1000, ecarts) == (True, 0)
    assert _etat(ici) == avant


def test_a_check_that_fails_is_told_on_the_mart(ici: Path) -> None:
    """A figure of the fact that breaks a promise comes back in the mart, and its check says so."""
    with duckdb.connect(str(_base(ici))) as con:
        con.execute(
            "create table marts.sauf as from marts.fct_indicateurs;"
            "update marts.fct_indicateurs set statut = 'secret'"
            " where indicateur_id = 'nb_eaje' and valeur is not null"
        )
    try:
        resultat, _ = _demander(MART)
        rouges = {v.check_name for v in resultat.get_asset_check_evaluations() if not v.passed}
        assert rouges == {"attentes"}
    finally:
        with duckdb.connect(str(_base(ici))) as con:
            con.execute(
                "delete from marts.fct_indicateurs; insert into marts.fct_indicateurs from marts.sauf;"
                "drop table marts.sauf"
            )


def test_what_only_a_night_does_says_so_in_one_sentence(ici: Path) -> None:
    avant = _etat(ici)
    assert _phrase(dg.AssetKey(["publication", "release"])).startswith(
        "A release is what a whole construction built"
    )
    assert "run the job `construction`" in _phrase(dg.AssetKey(["construction"]))
    assert _etat(ici) == avant


def test_whether_a_file_was_refused_is_not_said_without_receiving_it(ici: Path) -> None:
    refus = dg.AssetCheckKey(dg.AssetKey(["normalised", "insee_bpe"]), "aucun_refus")
    job = defs.get_repository_def().get_implicit_global_asset_job_def()
    seul = job.get_subset(asset_selection=set(), asset_check_selection={refus})
    with dg.DagsterInstance.ephemeral() as instance:
        resultat = seul.execute_in_process(instance=instance, raise_on_error=False)
    (echec,) = [e for e in resultat.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "materialize the landing and the typed files" in str(
        echec.step_failure_data.user_failure_data.description
    )


def test_a_table_whose_parents_are_not_there_says_which(ici: Path) -> None:
    with duckdb.connect(str(_base(ici))) as con:
        con.execute("alter table intermediate.int_cellules_indicateurs rename to ailleurs")
    try:
        dit = _phrase(dg.AssetKey(["marts", "fct_indicateurs"]))
    finally:
        with duckdb.connect(str(_base(ici))) as con:
            con.execute("alter table intermediate.ailleurs rename to int_cellules_indicateurs")
    assert "stopped before int_cellules_indicateurs, which these tables read" in dit


def test_without_a_build_file_the_night_is_named(ici: Path) -> None:
    ailleurs = ici / "ailleurs.duckdb"
    base = _base(ici).rename(ailleurs)
    assert base == ailleurs
    (dossier,) = (d for d in (ici / "build").iterdir() if d.is_dir() and (d / "dbt").exists())
    try:
        dit = _phrase(MART)
    finally:
        dossier.mkdir(exist_ok=True)
        ailleurs.rename(dossier / "nuit.duckdb")
    assert dit.startswith("There is no build file under") and "run a night first" in dit


def test_a_night_without_news_publishes_nothing_and_leaves_the_last_build_for_them(
    demonstration: Observatoire, ici: Path
) -> None:
    base, releases = _base(ici), ici / "releases"
    avant = sorted(f.name for f in releases.iterdir())
    nuit = Observatoire.demonstration(ici.parent).nuit()
    assert nuit.code == 0, nuit.erreurs
    rien = f"Nothing changed since release {demonstration.courante.name}: nothing is built"
    assert nuit.sortie.startswith(rien)
    assert sorted(f.name for f in releases.iterdir()) == avant
    assert json.loads((ici / "build" / "nuit.json").read_text())["etat"] == "inchangee"
    assert _base(ici) == base


def test_dbt_by_hand_works_on_a_copy_of_the_last_build(demonstration: Observatoire, tmp_path: Path) -> None:
    """What runs of some assets work in stays as it is; the copy is kept from one command to the next."""
    copie = demonstration.copie(tmp_path)
    shutil.copytree(demonstration.home / "build", copie.home / "build")
    (construite,) = (copie.home / "build").glob("*/nuit.duckdb")
    avant = sha256_fichier(construite)
    fait = copie.ctg("dbt", "--quiet", "build", "-s", "mart_logement_actuel")
    assert fait.code == 0, fait.sortie + fait.erreurs
    base = Path(fait.erreurs.strip().splitlines()[-1])
    assert base.is_relative_to(copie.home / "build") and base != construite
    with duckdb.connect(str(base)) as con:
        con.execute("drop table marts.mart_logement_actuel")
    assert copie.ctg("dbt", "--quiet", "run", "-s", "mart_logement_actuel").code == 0
    assert copie.ctg("dbt", "--quiet", "run", "-s", "no_such_model", "--warn-error").code != 0
    assert sha256_fichier(construite) == avant
