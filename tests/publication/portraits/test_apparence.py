"""Every colour by the rules it must meet: read by everyone, in grey, on paper."""

import colorsys
from itertools import combinations, pairwise, product

import pytest

from publication.commun import apparence
from publication.commun.apparence import ENCRE, PAPIER, contraste
from socle.statuts import SANS_CHIFFRE

TEXTE, TRAIT = 4.5, 3.0
"""WCAG 2.2, contrast: of a text, of what is drawn."""

Lineaire = tuple[float, float, float]

# Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB.
VISIONS = {
    "trichromate": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranope": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanope": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def lineaire(couleur: str) -> Lineaire:
    r, v, b = (c / 255 for c in bytes.fromhex(couleur[1:]))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, v, b))


def lab(rvb: Lineaire) -> Lineaire:
    r, v, b = (min(1.0, max(0.0, c)) for c in rvb)
    xyz = (
        (0.4124 * r + 0.3576 * v + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * v + 0.0722 * b,
        (0.0193 * r + 0.1192 * v + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def fondue(couleur: str, opacite: float, fond: str) -> str:
    """What is seen of a colour over another."""
    paires = zip(bytes.fromhex(couleur[1:]), bytes.fromhex(fond[1:]), strict=True)
    return "#" + "".join(f"{round(c * opacite + f * (1 - opacite)):02x}" for c, f in paires)


def clarte(couleur: str) -> float:
    return lab(lineaire(couleur))[0]


def ecart(une: str, autre: str, vision: str) -> float:
    def vue(couleur: str) -> Lineaire:
        source = lineaire(couleur)
        return lab(tuple(sum(k * c for k, c in zip(rang, source, strict=True)) for rang in VISIONS[vision]))

    return sum((a - b) ** 2 for a, b in zip(vue(une), vue(autre), strict=True)) ** 0.5


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


@pytest.mark.parametrize("vision", VISIONS)
def test_lines_and_parts_are_told_apart_by_everyone(vision: str) -> None:
    traits = [t.couleur for t in apparence.TRAITS.values()]
    for palette in (
        traits,
        list(apparence.PARTS),
        [apparence.TONS["favorable"], apparence.TONS["defavorable"]],
    ):
        for une, autre in combinations(palette, 2):
            assert ecart(une, autre, vision) >= 10, (vision, une, autre)


def test_parts_that_touch_and_classes_of_a_map_are_told_apart_in_grey() -> None:
    for une, autre in pairwise((*apparence.PARTS, apparence.PARTS[0])):
        assert abs(clarte(une) - clarte(autre)) >= 15, (une, autre)
    for nombre in range(2, len(apparence.RAMPE) + 1):
        for claire, sombre in pairwise(apparence.classes(nombre)):
            assert clarte(claire) - clarte(sombre) >= 8, (nombre, claire, sombre)


def test_the_bar_of_the_territory_stands_out_in_grey() -> None:
    assert clarte(apparence.BARRE_AUTRE) - clarte(apparence.BARRE_TERRITOIRE) >= 40


def test_no_colour_stands_alone() -> None:
    tirets = [t.tirets for t in (*apparence.TRAITS.values(), *apparence.TRAITS_SUIVANTS)]
    assert len(set(tirets)) == len(tirets)
    assert apparence.SCENARIO_TIRETS not in tirets
    signes = list(apparence.SIGNES_TON.values())
    assert len(set(signes)) == len(signes)
    traces = [h.trace for h in apparence.HACHURES.values()]
    assert len(set(traces)) == len(traces)
    assert set(apparence.MARQUES) == set(SANS_CHIFFRE)
    assert set(apparence.HACHURES) == {*SANS_CHIFFRE, "hors_classe"}


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


def test_a_circle_is_seen_on_its_commune() -> None:
    vu = fondue(apparence.ACCENT, apparence.OPACITE, apparence.PAPIER_DOUX)
    assert contraste(vu, apparence.PAPIER_DOUX) >= TRAIT
    # Where two cover each other, both are.
    assert contraste(fondue(apparence.ACCENT, apparence.OPACITE, vu), vu) >= 1.3
