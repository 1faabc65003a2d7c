"""What a sentence asks: `docs/exemples/questions.yml`, read on some places and the whole dictionary."""

import csv
from typing import Any

import pytest
import yaml

from orchestration.racine import RACINE
from publication.lecture.vocabulaire import Lexique, cle_dite, expressions, vocabulaire
from tests.publication.petits_noms import Place, publies

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
HABITANTS = {"epci:200068229": 20_000, "ctg:baronnies-2025": 20_000, "ctg:baronnies-2019": 20_000}
HABITANTS |= {"commune:26324": 8_000}
DEHORS = {
    "commune:42218": ("Saint-Étienne", 173_000),
    "commune:75056": ("Paris", 2_100_000),
    "commune:82121": ("Montauban", 62_000),
    # A small namesake: whoever asks in the Drôme means that of the Drôme.
    "commune:99113": ("Die", 12),
    # An ordinary word is no place.
    "commune:99001": ("Allocataires", 50),
    "epci:200000001": ("CC du Massif du Vercors", 11_000),
}


def dictionnaire() -> list[dict[str, str]]:
    with (RACINE / "dbt_project" / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@pytest.fixture(scope="module")
def lexique() -> Lexique:
    places = [Place(i, nom, HABITANTS.get(i, 1_000)) for i, nom in LIEUX.items()]
    places += [Place(i, nom, habitants, ici=False) for i, (nom, habitants) in DEHORS.items()]
    conventions = {"ctg:baronnies-2025": 2025, "ctg:baronnies-2019": 2019}
    lus = [(i["indicateur_id"], i["libelle"]) for i in dictionnaire()]
    return Lexique(publies(places, conventions, lus))


@pytest.mark.parametrize("cas", CAS, ids=[cas["phrase"] for cas in CAS])
def test_a_sentence_is_understood_as_the_table_has_it(lexique: Lexique, cas: dict[str, Any]) -> None:
    lu = lexique.lire(cas["phrase"])
    attendus = cas.get("indicateurs", [])
    assert list(lu.indicateurs[: len(attendus) or None]) == attendus
    assert [list(lieu.candidats) for lieu in lu.lieux] == cas.get("lieux", [])
    assert [list(lieu.autres) for lieu in lu.lieux] == cas.get("proposes", [[] for _ in lu.lieux])
    assert [dit for lieu in lu.lieux for dit in lieu.dehors] == cas.get("dehors", [])
    assert (lu.annee, lu.evolution, lu.comparaison, list(lu.absents), list(lu.reste)) == (
        cas.get("annee"),
        cas.get("evolution", False),
        cas.get("comparaison", False),
        cas.get("absents", []),
        cas.get("reste", []),
    )


def test_the_table_has_forty_sentences() -> None:
    assert len({cas["phrase"] for cas in CAS}) >= 40


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
    dites = [dite for siens in par_sens for dite in {cle_dite(mot) for mot in siens}]
    assert len(dites) == len(set(dites)) == len(expressions())
