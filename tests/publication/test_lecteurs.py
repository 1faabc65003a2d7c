"""The matrix: `ctg.duckdb` read by the DuckDB of other years, and by SQLAlchemy as BI tools do."""

from typing import Any

import pytest

from publication.exports import exporter, signer
from tests.environnements import lire
from tests.publication.petits_marts import MASQUEES, PROMESSES, RELEASE, construire_base

# Enough rows for several row groups, of each kind of number and text that storage compresses in its own way.
GROSSIR = """
insert into marts.fct_indicateurs
select * exclude (i) replace (
    'commune:n' || i as territoire_id,
    if(i % 3 = 0, i / 7.0, i % 50) as valeur,
    (i / 7)::integer::varchar || '\u202f€' as valeur_affichee,
    ['communes absentes', null, 'motif ' || hash(i)][1 + i % 3] as motif
)
from (from marts.fct_indicateurs where statut = 'arrondi' limit 1), range(130000) as r(i);
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    dossier = tmp_path_factory.mktemp("lecteurs")
    construction = construire_base(dossier / "build" / "nuit.duckdb", GROSSIR)
    export = exporter(construction, dossier, MASQUEES, frozenset({"fct_indicateurs"}), PROMESSES)
    signer(export, RELEASE)
    return str(dossier / "ctg.duckdb")


@pytest.fixture(scope="module")
def aujourdhui(base: str) -> dict[str, Any]:
    """What the project's own DuckDB reads."""
    lu: dict[str, Any] = lire(None, "lire", base)
    return lu


@pytest.mark.parametrize("version", ["1.1", "1.4"])
def test_an_older_duckdb_reads_what_today_s_reads(
    base: str, aujourdhui: dict[str, Any], version: str
) -> None:
    lu = lire(f"duckdb-{version}", "lire", base)
    assert lu["duckdb"].startswith(f"{version}.")
    assert lu["trouve"] == aujourdhui["trouve"]


def test_what_is_read_is_the_release(aujourdhui: dict[str, Any]) -> None:
    trouve = aujourdhui["trouve"]
    assert ["dim_territoire", ["territoire_id"]] in trouve["cles"]
    assert trouve["une_ligne"] == [["Nyons"]]
    assert dict(trouve["tables"])["dim_release"].startswith("La release elle-même")
    assert ["fct_indicateurs", "statut", "VARCHAR", False, None] in trouve["colonnes"]
    assert {statut: nombre for statut, nombre, *_ in trouve["chiffres"]}["arrondi"] == 130_002


def test_sqlalchemy_finds_tables_columns_comments_and_figures(base: str) -> None:
    lu = lire("sqlalchemy-1.4", "reflechir", base)
    assert lu["sqlalchemy"].startswith("1.4.")
    fct = lu["tables"]["fct_indicateurs"]
    assert fct["commentaire"] == (
        "Table de référence, l'essentiel Clé : territoire_id, millesime, indicateur_id."
    )
    colonnes = {nom: reste for nom, *reste in fct["colonnes"]}
    assert colonnes["valeur"] == ["FLOAT", True, "Valeur dans l'unité affichée"]
    assert colonnes["statut"] == ["VARCHAR", False, None]
    # duckdb-engine reflects no primary key, of whatever base: hence the comment.
    assert lu["tables"]["dim_territoire"]["cle"] == []
    assert lu["tables"]["dim_territoire"]["commentaire"] == "Clé : territoire_id."
    assert lu["lus"] == [
        ["Médiane du niveau de vie", "20150.00", "observe"],
        ["Foyers allocataires", "1150.00", "arrondi"],
        ["Part des foyers au RSA", "31.45", "arrondi"],
    ]
