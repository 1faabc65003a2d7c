"""The models tagged `micro` run on Spark over the same Parquet: their SQL, as Spark would receive it."""

import shutil
from pathlib import Path

import pytest
import sqlglot
from banc_dbt import Projet
from sqlglot import exp

from orchestration.nuit.projet import RACINE

MODELES = ("stg_caf__extrait_foyers", "int_extrait_comptes", "int_extrait_medianes")
# All that these models call, as sqlglot names what it reads: both engines have them, with the same meaning.
FONCTIONS = {
    *("AND", "OR", "CASE", "TRY_CAST", "COALESCE", "COUNT", "MAX", "SUM", "ROUND", "SUBSTRING"),
    "PERCENTILE_CONT",
    # max_by, of several rows, and get: what the dispatched macros call on Spark alone.
    *("ARG_MAX", "GET"),
}


@pytest.fixture(scope="module")
def compiles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Compiled SQL of the models, with the macros dispatched as they are on Spark."""
    dossier = tmp_path_factory.mktemp("portable")
    ignores = shutil.ignore_patterns("target", "logs")
    shutil.copytree(RACINE / "dbt_project", dossier / "dbt_project", ignore=ignores)
    macros = dossier / "dbt_project" / "macros" / "extrait.sql"
    texte = macros.read_text(encoding="utf-8").replace("macro default__", "macro duckdb_seul__")
    assert texte.count("macro spark__") == texte.count("macro duckdb_seul__") == 2
    macros.write_text(texte.replace("macro spark__", "macro default__"), encoding="utf-8")
    projet = Projet(dossier / "dbt_project", dossier / "nuit.duckdb")
    sortie = projet.dbt("compile", "--select", "tag:portable")
    assert not sortie.echecs, sortie.texte
    racine = dossier / "target" / "compiled" / "observatoire_ctg" / "models"
    # The folder of a YAML file holds its tests.
    modeles = (chemin for chemin in racine.rglob("*.sql") if not chemin.parent.suffix)
    return {chemin.stem: chemin.read_text(encoding="utf-8") for chemin in modeles}


def test_tout_ce_qui_est_etiquete_est_compile(compiles: dict[str, str]) -> None:
    assert set(MODELES) == set(compiles)


@pytest.mark.parametrize("modele", MODELES)
def test_spark_lit_le_sql_et_en_connait_chaque_fonction(compiles: dict[str, str], modele: str) -> None:
    (arbre,) = sqlglot.parse(compiles[modele], read="spark")
    assert arbre is not None
    inconnues = {_nom(f) for f in arbre.find_all(exp.Func)} - FONCTIONS
    assert not inconnues


@pytest.mark.parametrize("modele", MODELES)
def test_rien_n_est_d_un_seul_moteur(compiles: dict[str, str], modele: str) -> None:
    """Of what DuckDB allows and Spark does not, or reads otherwise: nothing."""
    (arbre,) = sqlglot.parse(compiles[modele], read="spark")
    assert arbre is not None
    assert not [g for g in arbre.find_all(exp.Group) if g.args.get("all")], "group by all"
    for interdit in (
        exp.Filter,
        exp.Qualify,
        exp.Bracket,
        exp.Pivot,
        exp.Struct,
        exp.Lambda,
        exp.Star,
        exp.Distinct,
    ):
        trouves = [str(n) for n in arbre.find_all(interdit) if not _etoile_nue(n)]
        assert not trouves, interdit.__name__
    types = {t.this.name for t in arbre.find_all(exp.DataType)}
    assert types <= {"BIGINT", "DECIMAL", "DOUBLE", "TEXT"}


def test_le_controle_voit_ce_qui_n_est_pas_portable() -> None:
    """What the macros call on DuckDB would not pass."""
    for sql in (
        "select list_extract(x, 1) from t",
        "select any_value(x) from t",
        "select strptime(x, y) from t",
    ):
        (arbre,) = sqlglot.parse(sql, read="spark")
        assert arbre is not None
        assert {_nom(f) for f in arbre.find_all(exp.Func)} - FONCTIONS, sql
    (arbre,) = sqlglot.parse("select x[1] from t", read="spark")
    assert arbre is not None and list(arbre.find_all(exp.Bracket))


def test_sur_duckdb_les_deux_plus_grands_ne_sont_pas_ceux_de_spark(entrepot: Projet) -> None:
    """The macros are dispatched: the compiled SQL above is not what the night runs."""
    sortie = entrepot.base.parent / "target" / "compiled" / "observatoire_ctg" / "models"
    (chemin,) = Path(sortie).rglob("int_extrait_comptes.sql")
    texte = chemin.read_text(encoding="utf-8")
    assert ", 2) as max_" in texte and "max_by" not in texte


def _nom(fonction: exp.Func) -> str:
    if isinstance(fonction, exp.Anonymous):
        return str(fonction.name).upper()
    return fonction.sql_name() if not isinstance(fonction, exp.If) else "CASE"


def _etoile_nue(noeud: exp.Expression) -> bool:
    """`select *` and `count(*)`, which every engine reads, against `* exclude (…)`, which one does."""
    return isinstance(noeud, exp.Star) and not any(noeud.args.values())
