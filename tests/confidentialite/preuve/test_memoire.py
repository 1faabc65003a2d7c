"""What was ever released: the schema of the register, as it is written, read and described."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import yaml
from petits_marts import Indicateur, Marts
from test_fuites import COMMUNES, RSA, VALEURS, masques, natures

from confidentialite.memoire import registre as registres
from confidentialite.memoire.schema import REGISTRE
from confidentialite.preuve.constats import Constats

RACINE = Path(__file__).parents[3]

Juger = Callable[..., Constats]
Publier = Callable[[Marts, str], Path]


def marts(source: str = "msa_extrait", **autres: Any) -> Marts:
    return Marts(COMMUNES, {("rsa", 2024): VALEURS}, RSA, source=source, **autres)


def test_a_second_night_reads_the_columns_that_are_described(publier: Publier) -> None:
    """The first night reads an empty table, the second the Parquet that the first release wrote."""
    fichier = publier(marts(masques=masques("26001", "26002")), "r1")
    with duckdb.connect() as con:
        lues = con.execute(f"describe select * from read_parquet('{fichier}')").fetchall()
    (nuit,) = (RACINE / "dbt_project").rglob("_nuit.yml")
    (source,) = yaml.safe_load(nuit.read_text("utf-8"))["sources"]
    (registre,) = (t for t in source["tables"] if t["name"] == "registre")
    assert [c["name"] for c in registre["columns"]] == [nom for nom, *_ in lues] == REGISTRE.names


def test_a_source_of_any_name_is_protected_where_it_is_declared_micro(juger: Juger) -> None:
    """Nothing is read off the name of a source."""
    assert natures(juger(marts("msa_extrait"))) == {("primaire", "commune:26001", "nb_rsa")}
    assert natures(juger(marts("msa_extrait", masques=masques("26001")))) == {
        ("exacte", "commune:26001", "nb_rsa")
    }
    publiques = {(t, 2024, "nb_rsa"): 10.0 for t in marts().territoires()}
    # The rows of a source that is not micro-data are none of this.
    assert juger(marts("msa_extrait", publics=publiques)).comptes["cellules"] == 0


def test_a_source_once_micro_stays_followed_in_the_register(
    juger: Juger, publier: Publier, registre: Path
) -> None:
    fichier = publier(marts("msa_extrait", masques=masques("26001", "26002")), "r1")
    assert (pq.read_schema(fichier).metadata or {})[b"micro"] == b'["msa_extrait"]'
    assert registres.micro_d_avant(registre) == {"msa_extrait"}
    # Another source gives these figures now, and shows what the former one hid.
    constats = juger(marts("caf_autre", masques=masques("26001", "26003")))
    assert ("demasquee", "commune:26002", "nb_rsa") in natures(constats)


def test_a_figure_that_is_not_there_for_another_reason_prints_no_zero(juger: Juger) -> None:
    """No foyer at all says zero of the denominator; a rounded zero says nothing exact."""
    deux = {("rsa", 2024): VALEURS, ("foyers", 2024): {c: 40 for c in COMMUNES} | {"26001": 0}}
    part = {"part_rsa": Indicateur("ratio", "rsa", "foyers", "pourcent", part=True)}
    connues = {}
    for code in ("denominateur_nul", "denominateur_arrondi_nul"):
        monde = Marts(COMMUNES, deux, part, code_du_nul=code)
        connues[code] = juger(monde).comptes["cellules_connues"]
    assert connues["denominateur_nul"] == connues["denominateur_arrondi_nul"] + 1
