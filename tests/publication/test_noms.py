"""Names are compared as they are typed: one key, in SQL and in Python, of every name of France."""

import csv
from pathlib import Path

import duckdb
import jinja2

from orchestration.racine import RACINE
from publication.lecture.vocabulaire import expressions, mots_d_un_nom
from tests.commande import Observatoire
from tests.publication.petits_noms import cle_courte

MACROS = jinja2.Environment().from_string((RACINE / "dbt_project/macros/noms.sql").read_text("utf-8")).module
NOMS = [
    "",
    "L'Épine-Œuvre",
    "Y",
    "Les",
    "Saint-Bonnet-lès-Saintes",
    "La Sainte-Saint",
    "CC",
    "CA du Pays de Saint-Malo",
]


def cles(noms: list[str]) -> list[tuple[str, str]]:
    entiere = MACROS.cle_de_nom("nom")  # type: ignore[attr-defined]
    courte = MACROS.cle_sans_niveau(entiere)  # type: ignore[attr-defined]
    with duckdb.connect() as con:
        return con.execute(
            f"select {entiere}, {courte} from (select unnest($noms) as nom)", {"noms": noms}
        ).fetchall()


def egales(noms: list[str]) -> None:
    lus = [mots_d_un_nom(nom) for nom in noms]
    assert cles(noms) == [(" ".join(dits), " ".join(cle_courte(dits))) for dits in lus]


def test_a_name_has_one_key() -> None:
    egales([*NOMS, *(dite for dite, sens in expressions().items() if "n" in sens)])


def test_every_name_of_the_demonstration_has_one_key(demonstration: Observatoire) -> None:
    with duckdb.connect(str(demonstration.courante / "ctg.duckdb"), read_only=True) as con:
        lus = con.execute("select libelle, cle, forme, nature from marts.noms_territoires").fetchall()
    assert len(lus) > 600 and {nature for *_, nature in lus} >= {"commune", "epci", "ctg", "commune_reunie"}
    for libelle, cle, forme, _ in lus:
        dits = mots_d_un_nom(libelle)
        assert cle == " ".join(dits if forme == "entiere" else cle_courte(dits)), libelle


def test_every_name_of_france_has_one_key(reel: Path) -> None:
    with (reel / "insee/cog/v_commune_2026.csv").open(encoding="utf-8", newline="") as flux:
        noms = [ligne["LIBELLE"] for ligne in csv.DictReader(flux)]
    assert len(noms) > 35_000
    egales(noms)
