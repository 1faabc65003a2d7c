"""The models tagged `portable` run on Spark over the same Parquet: their SQL, as Spark receives it."""

from typing import Any

import pytest
import sqlglot
from banc_dbt import Projet
from sqlglot import exp

MODELES = ("stg_caf__extrait_foyers", "int_extrait_comptes", "int_extrait_medianes")
# All that these models call, as sqlglot names what it reads: both engines have them, with the same meaning.
FONCTIONS = {
    *("AND", "OR", "CASE", "TRY_CAST", "COALESCE", "COUNT", "MAX", "SUM", "ROUND", "SUBSTRING"),
    "PERCENTILE_CONT",
}


@pytest.fixture(scope="module")
def compiles(vide: Projet) -> dict[str, str]:
    """SQL of the models as DuckDB runs it: nothing of it is dispatched."""
    racine = vide.base.parent / "target" / "compiled" / "observatoire_ctg" / "models"
    # The folder of a YAML file holds its tests.
    modeles = {c.stem: c for c in racine.rglob("*.sql") if not c.parent.suffix}
    return {nom: modeles[nom].read_text(encoding="utf-8") for nom in MODELES}


def test_tout_ce_qui_est_etiquete_est_la(manifeste: dict[str, Any]) -> None:
    modeles = [n for n in manifeste["nodes"].values() if n["resource_type"] == "model"]
    assert {n["name"] for n in modeles if "portable" in n["tags"]} == set(MODELES)


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


def _nom(fonction: exp.Func) -> str:
    if isinstance(fonction, exp.Anonymous):
        return str(fonction.name).upper()
    return fonction.sql_name() if not isinstance(fonction, exp.If) else "CASE"


def _etoile_nue(noeud: exp.Expression) -> bool:
    """`select *` and `count(*)`, which every engine reads, against `* exclude (…)`, which one does."""
    return isinstance(noeud, exp.Star) and not any(noeud.args.values())
