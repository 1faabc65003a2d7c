"""The named reasons cover all that may hide a row, and say it to both."""

import csv
import json
from pathlib import Path

import pytest

from confidentialite.regle.parametres import charger
from confidentialite.regle.raisons import RAISONS, Raison

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"


@pytest.mark.parametrize("raison", RAISONS.values(), ids=lambda r: r.id)
def test_a_reason_speaks_to_the_operator_and_to_a_reader_and_names_its_parameters(raison: Raison) -> None:
    assert raison.sens and raison.lecteur and raison.sens != raison.lecteur
    assert [nom for nom, _ in raison.regles(json.loads(charger().texte()))] == list(raison.parametres)


def test_every_rule_of_the_dictionary_is_a_reason() -> None:
    with (SEEDS / "indicateurs.csv").open(encoding="utf-8", newline="") as seed:
        regles = {ligne["secret"] for ligne in csv.DictReader(seed)}
    # What its producer hides or rounds is no mask of ours.
    assert regles - {"aucun", "producteur", "arrondi_producteur"} <= RAISONS.keys()
