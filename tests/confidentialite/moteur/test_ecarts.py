"""Other tables than the true one, of a block small enough to be read."""

import math

import pytest

from confidentialite.moteur.ecarts import Ecart, Ecarts
from confidentialite.moteur.formes import Vecteur
from confidentialite.moteur.programmes import Bloc, Contrainte

A, B, C = range(3)
EPCI = Contrainte({A: 1, B: 1}, 10, 10, 0, {A, B})


def ecarts(*contraintes: Contrainte, entiers: bool = True) -> Ecarts:
    """A 3 and B 7, of one at least, of an EPCI of 10 that is shown; C 4 is elsewhere."""
    bloc = Bloc()
    bloc.cellules, bloc.planchers = [A, B, C], (1.0, 1.0, 1.0)
    bloc.contraintes = list(contraintes)
    return Ecarts(bloc, {A: 3.0, B: 7.0, C: 4.0}, entiers=entiers)


@pytest.mark.parametrize(
    ("ecart", "admis"),
    [
        ({A: 1, B: -1}, True),
        ({A: 6, B: -6}, True),
        ({A: 7, B: -7}, False),
        ({A: -2, B: 2}, True),
        ({A: -3, B: 3}, False),
        ({A: 1}, False),
        ({C: 9}, True),
        ({A: 1, B: -1, 9: 1}, False),
    ],
)
def test_a_table_adds_up_and_no_cell_of_it_is_under_its_floor(ecart: Ecart, admis: bool) -> None:
    assert ecarts(EPCI).admis(ecart) is admis


@pytest.mark.parametrize(
    ("bas", "haut", "admis"), [(3, 12, {-1, 0, 1, 2}), (10, 10, {0}), (9, 10, {-1, 0}), (11, 12, {0, 1, 2})]
)
def test_what_a_producer_rounds_leaves_room_around_the_true_value(
    bas: float, haut: float, admis: set[int]
) -> None:
    """The true 10 may lie outside what the producer says: it is a table all the same."""
    e = ecarts(Contrainte({A: 1, B: 1}, bas, haut, None, {A, B}))
    assert {d for d in (-1, 0, 1, 2) if e.admis({A: d})} == admis


def test_what_one_cell_gives_another_of_the_same_equations_is_a_table() -> None:
    un = list(ecarts(EPCI).transferts(1, ()))
    assert {frozenset(e.items()) for e in un} == {frozenset({(A, 1), (B, -1)}), frozenset({(A, -1), (B, 1)})}
    # Three can only be given by B.
    assert [dict(e) for e in ecarts(EPCI).transferts(3, ())] == [{B: -3, A: 3}, {A: 3, B: -3}]
    assert {A: 6.0, B: -6.0} in [dict(e) for e in ecarts(EPCI, entiers=False).transferts(1, ())]


def test_those_that_have_most_to_give_are_first_and_those_that_somebody_knows_last() -> None:
    assert next(dict(e) for e in ecarts(EPCI).transferts(1, ())) == {B: 1, A: -1}
    assert next(dict(e) for e in ecarts(EPCI).transferts(1, [B])) == {A: 1, B: -1}


@pytest.mark.parametrize(
    ("visee", "sues", "ecart", "don"),
    [
        ({A: 1}, [], 2, {A: 2, B: -2}),
        ({A: 1}, [], 6, {A: 6, B: -6}),
        ({A: 1}, [], 7, None),
        ({B: 1}, [], 3, None),
        ({A: 1}, [{B: 1}], 1, None),
        ({A: 1}, [{A: 1}], 1, None),
        ({A: 1}, [{C: 1}], 1, {A: 1, B: -1}),
        ({A: -1}, [], 1, None),
        ({A: 1, B: 1}, [], 1, None),
    ],
)
def test_another_cell_of_the_same_equations_gives_what_it_has(
    visee: Vecteur, sues: list[Vecteur], ecart: float, don: Ecart | None
) -> None:
    assert ecarts(EPCI).donner(visee, sues, ecart) == don


@pytest.mark.parametrize(
    ("visee", "sues", "ecart", "vers_le_haut", "trouve"),
    [
        ({A: 1}, [], 1, False, {A: 1, B: -1}),
        ({B: 1}, [], 3, False, {A: 3, B: -3}),
        ({B: 1}, [], 3, True, None),
        ({B: 1}, [], 2, True, {A: -2, B: 2}),
        ({A: 1}, [], 7, False, None),
        ({A: 1}, [{B: 1}], 1, False, None),
        ({A: 1, B: 1}, [], 1, False, None),
    ],
)
def test_the_smallest_change_that_moves_a_forme_far_enough(
    visee: Vecteur, sues: list[Vecteur], ecart: float, vers_le_haut: bool, trouve: Ecart | None
) -> None:
    assert ecarts(EPCI).chercher(visee, sues, ecart, vers_le_haut=vers_le_haut) == trouve


@pytest.mark.parametrize("entiers", [True, False])
@pytest.mark.parametrize(
    ("visee", "sues", "des_deux_cotes", "vers_le_haut"),
    [
        # A may be 1 to 9, B as well; whoever knows one knows the other.
        ({A: 1}, [], 8, 6),
        ({B: 1}, [], 8, 2),
        ({A: 1, B: -1}, [], 16, 12),
        ({A: 1}, [{B: 1}], 0, 0),
        ({A: 1, B: 1}, [], 0, 0),
    ],
)
def test_how_far_apart_the_values_of_a_forme_are(
    visee: Vecteur, sues: list[Vecteur], des_deux_cotes: float, vers_le_haut: float, entiers: bool
) -> None:
    e = ecarts(EPCI, entiers=entiers)
    etendue, tenantes = e.etendue(visee, sues)
    assert etendue == des_deux_cotes
    # Its own floor may hold an end; of what is published, the EPCI alone holds one.
    assert tenantes and all(t is EPCI for t in tenantes)
    assert e.etendue(visee, sues, vers_le_haut=True)[0] == vers_le_haut


def test_what_nothing_holds_has_no_end() -> None:
    assert ecarts(EPCI).etendue({C: 1}, []) == (math.inf, [])
    assert ecarts(EPCI).etendue({C: 1}, [{C: 1}])[0] == 0
