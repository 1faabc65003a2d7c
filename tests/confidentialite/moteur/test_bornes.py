"""Intervals of hidden formes, on systems small enough to be read.

Belongs here: what the linear programs say of a system as it stands. Does not: what is hidden because of it
(`test_mutations.py`, `test_domaine.py`).
"""

import math
from decimal import Decimal

import pytest

from confidentialite.moteur.formes import Cle, Forme, Systeme, Territoire
from confidentialite.moteur.programmes import entiers
from socle.erreurs import ErreurPublication
from tests.confidentialite.moteur.banc import regles
from tests.confidentialite.moteur.suivi import intervalles

P1 = regles().premiers.valeur[0]


def systeme(*formes: tuple[tuple[int, ...], int, bool], parts: tuple[tuple[int, int], ...] = ()) -> Systeme:
    """Formes given by their cells, true value, and whether they are published."""
    s = Systeme("foyers_rsa", 2022, majorations=[{tout: 1, part: -1} for part, tout in parts])
    for k, (cellules, valeur, publiee) in enumerate(formes):
        forme = Forme(dict.fromkeys(cellules, 1), (k,), montree=True)
        forme.publiee = publiee
        s.cles.append(Cle(((1, "foyers_rsa"),), Territoire("commune", str(k))))
        s.formes.append(forme)
        s.valeurs.append(Decimal(valeur))
    return s


def test_what_holds_an_interval_is_named_and_nothing_else_is() -> None:
    # 0 is hidden in a whole of 9 of which 7 are shown; 3 and 4 are elsewhere.
    s = systeme(((0, 1, 2), 9, True), ((2,), 7, True), ((3, 4), 30, True), ((0,), 1, False), ((3,), 8, False))
    trouves = {min(i.forme.vecteur): i for i in intervalles(s, P1, zero_connu=True)}
    assert (trouves[0].bas, trouves[0].haut) == (1, 2)
    assert trouves[0].liantes == {0} and trouves[0].cellules == {0, 1, 2}
    assert (trouves[3].bas, trouves[3].haut) == (1, 30)
    assert trouves[3].liantes == {2}


def test_a_part_is_held_by_its_whole() -> None:
    s = systeme(((0,), 1, True), ((1,), 1, False), parts=((1, 0),))
    (trouve,) = intervalles(s, P1, zero_connu=True)
    assert (trouve.bas, trouve.haut) == (1, 1)
    assert trouve.cellules == {0, 1}


def test_figures_that_no_table_has_say_where_to_look() -> None:
    s = systeme(((0,), 3, True), ((1, 2), 9, True), ((1,), 8, False), parts=((1, 0), (2, 0)))
    with pytest.raises(ErreurPublication, match=r"foyers_rsa 2022.*Infeasible.*a part larger than its whole"):
        intervalles(s, P1, zero_connu=True)


@pytest.mark.parametrize(
    ("bas", "haut", "combien"),
    [
        (1, 1, 1),
        (1, 2, 2),
        (1.1, 1.9, 0),
        (0.5, 3.5, 3),
        (3, 2, 0),
        # A solver is a hair away from a whole number.
        (1 + 1e-9, 2 - 1e-9, 2),
        (1 - 1e-9, 2 + 1e-9, 2),
        (4, math.inf, math.inf),
        (-math.inf, 4, math.inf),
        (math.inf, -math.inf, 0),
    ],
)
def test_whole_numbers_that_an_interval_holds(bas: float, haut: float, combien: float) -> None:
    assert entiers(bas, haut) == combien
