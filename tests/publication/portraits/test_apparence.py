"""Every colour by the rules it must meet: read by everyone, in grey, on paper."""

import colorsys
from itertools import product

import pytest

from publication.commun import apparence
from publication.commun.apparence import ENCRE, PAPIER, contraste
from socle.statuts import SANS_CHIFFRE

TEXTE, TRAIT = 4.5, 3.0
"""WCAG 2.2, contrast: of a text, of what is drawn."""


@pytest.mark.parametrize(
    ("texte", "fond"),
    [
        *product((ENCRE, apparence.ENCRE_DOUCE, apparence.ACCENT), (PAPIER, apparence.PAPIER_DOUX)),
        *product(apparence.TONS.values(), (PAPIER, apparence.PAPIER_DOUX)),
        (apparence.BANDEAU_ENCRE, apparence.BANDEAU_FOND),
        (PAPIER, apparence.ACCENT),
        *[(apparence.lisible_sur(fond), fond) for fond in apparence.PARTS],
    ],
)
def test_texts_are_read(texte: str, fond: str) -> None:
    assert contraste(texte, fond) >= TEXTE


@pytest.mark.parametrize(
    ("trait", "fond"),
    [
        *[(c, PAPIER) for c in apparence.PARTS],
        *[(t.couleur, PAPIER) for t in (*apparence.TRAITS.values(), *apparence.TRAITS_SUIVANTS)],
        *[(t.couleur, apparence.PAPIER_DOUX) for t in apparence.TRAITS.values()],
        (apparence.BARRE_TERRITOIRE, PAPIER),
        # What is light has an outline that is not.
        (apparence.CONTOUR, PAPIER),
        (apparence.CONTOUR, apparence.BARRE_AUTRE),
        (apparence.CONTOUR, apparence.RAMPE[0]),
    ],
)
def test_strokes_are_seen(trait: str, fond: str) -> None:
    assert contraste(trait, fond) >= TRAIT


def test_the_contrast_is_that_of_wcag() -> None:
    assert contraste("#000000", "#ffffff") == pytest.approx(21)
    assert contraste("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_no_colour_stands_alone() -> None:
    tirets = [t.tirets for t in (*apparence.TRAITS.values(), *apparence.TRAITS_SUIVANTS)]
    assert len(set(tirets)) == len(tirets)
    assert apparence.SCENARIO_TIRETS not in tirets
    signes = list(apparence.SIGNES_TON.values())
    assert len(set(signes)) == len(signes)
    traces = [h.trace for h in apparence.HACHURES.values()]
    assert len(set(traces)) == len(traces)
    assert set(apparence.MARQUES) == set(SANS_CHIFFRE)
    assert set(apparence.HACHURES) == {*SANS_CHIFFRE, "incertain"}


def test_no_tone_is_red_or_green_and_neutral_has_no_colour() -> None:
    for ton in ("favorable", "defavorable"):
        r, v, b = bytes.fromhex(apparence.TONS[ton][1:])
        teinte = colorsys.rgb_to_hsv(r / 255, v / 255, b / 255)[0] * 360
        assert 15 <= teinte <= 60 or 180 <= teinte <= 260, (ton, teinte)
    assert apparence.TONS["neutre"] == ENCRE


def test_a_map_with_too_many_classes_says_so() -> None:
    assert len(apparence.classes(1)) == 1
    with pytest.raises(ValueError, match="7 classes at most, 9 were asked for"):
        apparence.classes(9)
