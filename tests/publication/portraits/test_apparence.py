"""Every colour by the rules it must meet: read by everyone, in grey, on paper."""

import colorsys
import re
from itertools import combinations, pairwise, product
from math import dist
from pathlib import Path

import lxml.html
import pytest

from publication.commun import apparence
from publication.commun.apparence import ENCRE, PAPIER, contraste
from publication.portraits.html import GABARITS
from socle.statuts import SANS_CHIFFRE

SITE = GABARITS.parents[1] / "site"

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


DALTONIENS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    "aucun": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
"""What each kind of eye makes of linear RGB (severity 1.0): Machado, Oliveira and Fernandes,
"A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009,
doi:10.1109/TVCG.2009.113."""


def vue(couleur: str, oeil: str) -> tuple[float, float, float]:
    """A colour as an eye sees it, in CIELAB: two that are told apart at a glance are ten or more apart."""
    octets = (octet / 255 for octet in bytes.fromhex(couleur[1:]))
    rvb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in octets]
    r, v, b = (
        min(1.0, max(0.0, sum(m * c for m, c in zip(ligne, rvb, strict=True)))) for ligne in DALTONIENS[oeil]
    )

    def f(t: float) -> float:
        return t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116

    x = f((0.4124 * r + 0.3576 * v + 0.1805 * b) / 0.9505)
    y = f(0.2126 * r + 0.7152 * v + 0.0722 * b)
    z = f((0.0193 * r + 0.1192 * v + 0.9505 * b) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("oeil", DALTONIENS)
def test_the_lines_of_territories_and_parts_are_told_apart_by_everyone(oeil: str) -> None:
    traits = [t.couleur for t in apparence.TRAITS.values()]
    assert min(dist(vue(a, oeil), vue(b, oeil)) for a, b in combinations(traits, 2)) >= 20
    assert min(dist(vue(a, oeil), vue(b, oeil)) for a, b in combinations(apparence.PARTS, 2)) >= 12


@pytest.mark.parametrize("oeil", DALTONIENS)
def test_what_stands_side_by_side_is_told_apart_by_everyone(oeil: str) -> None:
    """Lines of one role, parts that touch, classes that follow, tones, a bar and the others."""

    def ecart(une: str, autre: str) -> float:
        return dist(vue(une, oeil), vue(autre, oeil))

    lignes = [apparence.TRAITS["autre"].couleur, *(t.couleur for t in apparence.TRAITS_SUIVANTS)]
    assert min(ecart(a, b) for a, b in combinations(lignes, 2)) >= 18
    assert min(ecart(a, b) for a, b in pairwise(apparence.PARTS)) >= 15
    for nombre in range(2, 6):
        assert min(ecart(a, b) for a, b in pairwise(apparence.classes(nombre))) >= 10, nombre
    assert min(ecart(a, b) for a, b in combinations(apparence.TONS.values(), 2)) >= 30
    assert ecart(apparence.BARRE_TERRITOIRE, apparence.BARRE_AUTRE) >= 40


def test_parts_that_touch_and_classes_that_follow_are_told_apart_in_grey() -> None:
    assert all(contraste(a, b) >= 1.75 for a, b in pairwise(apparence.PARTS))
    for nombre in range(2, 6):
        assert all(contraste(a, b) >= 1.3 for a, b in pairwise(apparence.classes(nombre)))


def test_letters_in_the_colour_of_a_line_are_read() -> None:
    assert all(contraste(apparence.encre(t.couleur), PAPIER) >= TEXTE for t in apparence.TRAITS.values())
    assert apparence.encre(apparence.ACCENT) == apparence.ACCENT


def test_no_tone_is_red_or_green_and_neutral_has_no_colour() -> None:
    for ton in ("favorable", "defavorable"):
        r, v, b = bytes.fromhex(apparence.TONS[ton][1:])
        teinte = colorsys.rgb_to_hsv(r / 255, v / 255, b / 255)[0] * 360
        assert 15 <= teinte <= 60 or 180 <= teinte <= 260, (ton, teinte)
    assert apparence.TONS["neutre"] == ENCRE


@pytest.mark.parametrize(
    "feuille", [GABARITS / "portrait.css", SITE / "ressources" / "site.css", GABARITS / "portrait.typ"]
)
def test_type_has_the_sizes_of_one_scale(feuille: Path) -> None:
    """Or follows what is around it; on paper, a page has one size of its own, on which the others rest."""
    lu = feuille.read_text(encoding="utf-8")
    sans_papier = lu.partition("@media print")[0]
    tailles = re.findall(r"(?:font-size|[( ]size|taille): ?([^;,})]+)", sans_papier)
    assert len(tailles) > 10
    for taille in tailles:
        noms = re.findall(r'(?:--corps-|corps\(")(\w+)', taille)
        assert set(noms) <= set(apparence.ECHELLE)
        assert noms or taille in ("inherit", ".875em") or not re.search(r"\d(?:pt|px|rem)", taille), taille


def test_headings_name_the_cells_of_cards_whatever_they_hold() -> None:
    dits = apparence.etiquettes(["Commune", 'L\'an \\ <2020> "x"', "", "Drôme"])
    lu = lxml.html.fragment_fromstring(f'<p style="{dits}"></p>').get("style")
    assert lu == r"""--c2:'L\27 an \\ <2020> "x"';--c4:'Drôme'"""


def test_a_map_with_too_many_classes_says_so() -> None:
    assert len(apparence.classes(1)) == 1
    with pytest.raises(ValueError, match="7 classes at most, 9 were asked for"):
        apparence.classes(9)
