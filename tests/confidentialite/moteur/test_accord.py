"""What counts of several univers tell of each other: groups decided apart, then together."""

from dataclasses import replace

import pytest

from confidentialite.moteur.masques import DivulgationAnterieure
from confidentialite.regle.parametres import Relations
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, Indicateur, Monde, masquer, regles

FOYERS, ENFANTS = Indicateur("foyers", "foyers"), Indicateur("aines", "aines")
JAMAIS_PLUS = Relations({}, (), ((("foyers",), ("aines",)),))
TROIS = regles(alternatives_min=3)


def monde(foyers: dict[str, int], aines: dict[str, int]) -> Monde:
    """An eldest child by foyer that has children, in communes and in their EPCI `e`."""
    return Monde(
        {(MILLESIME, "foyers"): foyers, (MILLESIME, "aines"): aines},
        {**{("commune", c): [c] for c in foyers}, ("epci", "e"): [*foyers]},
        (FOYERS, ENFANTS),
    )


# Of 9 eldest children, 4 are in a: as foyers are 5 in a and in b, they are 4 or 5 in a, and 4 or 5 in b.
SERRE = monde({"a": 5, "b": 5, "c": 30}, {"a": 4, "b": 5, "c": 12})


def lieux(masques: set[tuple[str, int, str]]) -> set[str]:
    return {f"{territoire} {indicateur}" for territoire, _, indicateur in masques}


def test_a_whole_of_another_univers_holds_its_parts_on_both_sides() -> None:
    assert lieux(masquer(SERRE, relations=SANS_RELATION, parametres=TROIS)) == {
        "commune:a aines",
        "commune:b aines",
    }
    assert lieux(masquer(SERRE, relations=JAMAIS_PLUS, parametres=TROIS)) == {
        "commune:a aines",
        "commune:b aines",
        "commune:c aines",
    }
    # Two values are left, where two are enough.
    assert masquer(SERRE, relations=JAMAIS_PLUS) == masquer(SERRE, relations=SANS_RELATION)


def test_nothing_more_is_hidden_where_wholes_leave_room() -> None:
    large = replace(SERRE, valeurs={**SERRE.valeurs, (MILLESIME, "foyers"): {"a": 9, "b": 9, "c": 30}})
    assert masquer(large, relations=JAMAIS_PLUS, parametres=TROIS) == masquer(
        large, relations=SANS_RELATION, parametres=TROIS
    )


def test_what_wholes_shown_before_give_away_stops_the_release() -> None:
    """An earlier release showed each foyer, and the eldest of c and of all: to hide more now is too late."""
    alors = masquer(SERRE, relations=SANS_RELATION, parametres=TROIS)
    registre = SERRE.inscrire(alors, 1)
    with pytest.raises(DivulgationAnterieure):
        masquer(replace(SERRE, registre=registre), relations=JAMAIS_PLUS, parametres=TROIS)
