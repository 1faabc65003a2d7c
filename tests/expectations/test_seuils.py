"""Every threshold has a reason, every unit of the dictionary a range."""

import csv
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from expectations.seuils import FICHIER, charger

DICTIONNAIRE = Path(__file__).parents[2] / "dbt_project" / "seeds" / "indicateurs.csv"


@pytest.mark.parametrize(
    ("section", "cle"), [("socle", "raison"), ("plafond_lignes", "raison"), ("completude_suivie", "raison")]
)
def test_threshold_without_a_reason_is_refused(tmp_path, section, cle):
    contenu = yaml.safe_load(FICHIER.read_text(encoding="utf-8"))
    del contenu[section][cle]
    copie = tmp_path / "seuils.yml"
    copie.write_text(yaml.safe_dump(contenu), encoding="utf-8")
    with pytest.raises(ValidationError, match=rf"{section}\.{cle}"):
        charger(copie)


def test_unknown_key_is_refused(tmp_path):
    copie = tmp_path / "seuils.yml"
    copie.write_text(FICHIER.read_text(encoding="utf-8") + "seuil_oublie: 3\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="seuil_oublie"):
        charger(copie)


def test_first_matching_range_wins():
    seuils = charger()
    assert (seuils.plage("mediane_niveau_vie", "publie", "EUR") or pytest.fail()).max == 80_000
    assert (
        seuils.plage("evolution_population_6_ans", "evolution", "evolution en pourcent") or pytest.fail()
    ).min == -100
    assert (seuils.plage("part_allocataires_rsa", "ratio", "pourcent") or pytest.fail()).min == 0
    # Of a range that gives two lists, both.
    assert (seuils.plage("nb_de_plus", "evolution", "personnes") or pytest.fail()).max == 1_000_000
    assert seuils.plage("nb_lits", "somme", "lits") is None


def test_no_list_of_communes_moves_a_total_of_real_files():
    """The newest composition applies to every millésime: one commune more would stop every house's nights."""
    with DICTIONNAIRE.open(encoding="utf-8", newline="") as flux:
        methodes = {ligne["indicateur_id"]: ligne["methode"] for ligne in csv.DictReader(flux)}
    reels = [t for t in charger().totaux if {"mirror", "live"} & {*t.profils}]
    assert {t.territoire for t in reels} >= {"france:FR", "departement:26"}
    assert {methodes[t.indicateur] for t in reels if t.territoire.startswith("epci:")} == {"publie"}


def test_every_indicateur_of_the_dictionary_has_a_range():
    seuils = charger()
    with DICTIONNAIRE.open(encoding="utf-8", newline="") as flux:
        lignes = list(csv.DictReader(flux))
    assert lignes
    assert [
        ligne["indicateur_id"]
        for ligne in lignes
        if seuils.plage(ligne["indicateur_id"], ligne["methode"], ligne["unite"]) is None
    ] == []
