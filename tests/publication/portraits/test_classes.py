"""Classes of maps, as a table: which figures make which words."""

import pytest

from publication.lecture.chiffres import Cellule
from publication.portraits.contenu.classes import Classes, classer
from socle.affichage import ESPACE_FINE, Unite

PART = Unite("pourcent", "nombre", "%", "point", "points", "%", "%")
PART_ = f"{ESPACE_FINE}%"

CAS = [
    # Four steps of five points: an end is round, a class begins where the one before it ends.
    (
        [8.6, 9, 10, 12, 14.9, 15, 16, 20, 22.3],
        PART,
        (f"moins de 10{PART_}", f"10 à 15{PART_}", f"15 à 20{PART_}", f"20{PART_} et plus"),
    ),
    # Nobody between 25 and 60: no class is without a commune, and what holds none is in the one over it.
    ([21, 22, 24, 61, 62, 69], PART, (f"moins de 30{PART_}", f"30{PART_} et plus")),
    # One far from all others: steps are those of the others.
    ([*range(1, 31), 900], PART, (f"moins de 10{PART_}", f"10 à 20{PART_}", f"20{PART_} et plus")),
    # Printed with one decimal, figures are parted by breaks of one decimal.
    ([0.1, 0.2, 0.3], PART, (f"moins de 0,2{PART_}", f"0,2{PART_} et plus")),
    # All alike: no class.
    ([5, 5, 5], PART, None),
]


@pytest.mark.parametrize(("nombres", "unite", "attendus"), CAS)
def test_classes_are_round_contiguous_and_none_is_empty(
    nombres: list[float], unite: Unite, attendus: tuple[str, ...] | None
) -> None:
    classes = classer(nombres, 1)
    if attendus is None:
        assert classes is None
        return
    assert classes is not None
    rangs = [classes.rang(n) for n in nombres]
    mots = classes.mots(unite)
    assert set(rangs) == set(range(len(mots)))
    assert mots == attendus


def test_no_break_has_more_decimals_than_its_figures_are_printed_with() -> None:
    for decimales, attendues in ((2, (1.25, 1.5, 1.75, 2.0)), (1, (1.5, 2.0)), (0, (2.0,))):
        classes = classer([1, 1.1, 1.3, 1.5, 1.6, 1.7, 1.9, 2, 2.2], decimales)
        assert classes is not None and classes.bornes == attendues


def test_a_break_is_the_lowest_of_the_class_over_it() -> None:
    classes = Classes((10.0, 15.0))
    assert [classes.rang(n) for n in (9.9, 10, 14.9, 15, 80)] == [0, 1, 1, 2, 2]


def test_an_uncertain_figure_is_in_the_class_of_both_its_bounds_or_in_none() -> None:
    classes = Classes((10.0, 30.0))
    assert classes.rang_de(Cellule("entre 12 et 28", basse=12.0, haute=28.0)) == 1
    assert classes.rang_de(Cellule("entre 8 et 28", basse=8.0, haute=28.0)) is None
    assert classes.rang_de(Cellule("trop peu")) is None
    assert classes.rang_de(Cellule("29", 29.0, basse=27.0, haute=31.0)) == 1
