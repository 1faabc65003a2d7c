"""The words of a plan, counted: operations, rhythms, targets."""

from datetime import date
from typing import Any

import pytest

from publication.portraits.contenu.convention import rythme
from publication.portraits.contenu.evaluation import SITUATIONS
from publication.portraits.contenu.langue import accorder
from publication.portraits.contenu.schema import dire_operation


def operation(places: int | None, nature: str = "ouverture") -> dict[str, Any]:
    return {
        "annee_debut": 2026,
        "annee_fin": 2026,
        "date_debut": date(2026, 1, 1),
        "commune": "Séderon",
        "nature": nature,
        "structure": "",
        "places": places,
        "financement": "psu",
        "initiative": None,
        "operation_statut": "planifié",
    }


@pytest.mark.parametrize(
    ("places", "dites"), [(1, ", +1 place ("), (2, ", +2 places ("), (None, "ouverture (")]
)
def test_places_agree_with_their_number(places: int | None, dites: str) -> None:
    assert dites in dire_operation(operation(places))


def test_a_rhythm_below_once_a_year_is_not_rounded_to_once() -> None:
    assert [rythme(2.0), rythme(0.5), rythme(None)] == ["2 fois par an", "0,5 fois par an", "nd"]


def test_targets_agree_with_their_number() -> None:
    assert accorder(SITUATIONS["atteinte"], True) == "cibles atteintes"
    assert accorder(SITUATIONS["nd"], False) == "ne se juge pas"
