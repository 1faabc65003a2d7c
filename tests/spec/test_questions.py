"""What a sentence asks: `docs/exemples/questions.yml`, read on some places and the whole dictionary."""

import csv
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from orchestration.racine import RACINE
from publication.lecture.vocabulaire import Lexique, expressions, mots, vocabulaire

CAS = yaml.safe_load((RACINE / "docs/exemples/questions.yml").read_text("utf-8"))
LIEUX = {
    # The newest convention first, as a release lists them.
    "ctg:baronnies-2025": "CTG des Baronnies en Drôme provençale, V2 (2025-2029)",
    "ctg:baronnies-2019": "CTG des Baronnies en Drôme provençale, V1 (2019-2024)",
    "epci:200068229": "CC des Baronnies en Drôme Provençale",
    "epci:200040459": "CA Montélimar Agglomération",
    "epci:200067767": "CC du Royans-Vercors",
    "epci:242600534": "CC du Diois",
    "commune:26063": "Buis-les-Baronnies",
    "commune:26074": "La Chapelle-en-Vercors",
    "commune:26113": "Die",
    "commune:26198": "Montélimar",
    "commune:26215": "La Motte-Chalancon",
    "commune:26220": "Nyons",
    "commune:26323": "Saint-Paul-lès-Romans",
    "commune:26324": "Saint-Paul-Trois-Châteaux",
    "departement:26": "Drôme",
    "region:84": "Auvergne-Rhône-Alpes",
    "france:FR": "France",
}


def dictionnaire() -> list[dict[str, str]]:
    with (RACINE / "dbt_project" / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def territoires() -> list[Mapping[str, str]]:
    return [
        {"territoire_id": i, "niveau": i.partition(":")[0], "code": i.partition(":")[2], "libelle": nom}
        for i, nom in LIEUX.items()
    ]


@pytest.fixture(scope="module")
def lexique() -> Lexique:
    return Lexique(territoires(), dictionnaire())


@pytest.mark.parametrize("cas", CAS, ids=[cas["phrase"] for cas in CAS])
def test_a_sentence_is_understood_as_the_table_has_it(lexique: Lexique, cas: dict[str, Any]) -> None:
    lu = lexique.lire(cas["phrase"])
    attendus = cas.get("indicateurs", [])
    assert list(lu.indicateurs[: len(attendus) or None]) == attendus
    assert [list(lieu.candidats) for lieu in lu.lieux] == cas.get("lieux", [])
    assert (lu.annee, lu.evolution, lu.comparaison, list(lu.absents), list(lu.reste)) == (
        cas.get("annee"),
        cas.get("evolution", False),
        cas.get("comparaison", False),
        cas.get("absents", []),
        cas.get("reste", []),
    )


def test_the_table_has_forty_sentences() -> None:
    assert len({cas["phrase"] for cas in CAS}) >= 40


def test_a_name_in_part_says_what_else_it_may_be(lexique: Lexique) -> None:
    (lieu,) = lexique.lire("Baronnies").lieux
    assert lieu.autres == ("commune:26063",)
    assert lexique.lire("Montélimar").lieux[0].autres == ()


def test_a_whole_label_is_one_indicateur(lexique: Lexique) -> None:
    assert lexique.lire("Taux de pauvreté").indicateurs == ("taux_pauvrete_60",)


def test_the_vocabulary_leads_to_what_the_dictionary_has_and_says_nothing_twice() -> None:
    connus = {i["indicateur_id"] for i in dictionnaire()}
    lu = vocabulaire()
    entrees = [*lu["indicateurs"], *lu["absents"]]
    assert {i for entree in entrees for i in entree["indicateurs"]} <= connus
    par_sens = [
        *(entree["mots"] for entree in entrees),
        *lu["niveaux"].values(),
        lu["evolution"],
        lu["comparaison"],
    ]
    dites = [dite for siens in par_sens for dite in {" ".join(mots(mot)) for mot in siens}]
    assert len(dites) == len(set(dites)) == len(expressions())
