"""What a guard is told of an amount, on systems small enough to be read.

Belongs here: what published figures say that it holds at least. Does not: what is hidden for it
(`test_montants.py`).
"""

from decimal import Decimal

import pytest

from confidentialite.moteur.formes import Cle, Forme, Systeme, Territoire
from confidentialite.moteur.gardes import deja_dit
from tests.confidentialite.moteur.banc import forme_nue

A, B, C, D = range(4)


def systeme(
    *publiees: tuple[dict[int, int], int], cachees: tuple[tuple[dict[int, int], int], ...] = ()
) -> Systeme:
    """Amounts given by their cells and true value: those that are published, those that are not."""
    s = Systeme("montant_aides_logement", 2022, entiers=False)
    for k, (vecteur, valeur) in enumerate((*publiees, *cachees)):
        forme = forme_nue(vecteur, (k,))
        forme.publiee = k < len(publiees)
        s.cles.append(Cle(((1, "montant_aides_logement"),), Territoire("commune", str(k))))
        s.formes.append(forme)
        s.valeurs.append(Decimal(valeur))
    return s


EPCI: Forme = forme_nue({A: 1, B: 1, C: 1}, (9,))


@pytest.mark.parametrize(
    ("s", "sues", "au_moins"),
    [
        (systeme(), {}, 0),
        (systeme(({A: 1}, 100)), {}, 100),
        (systeme(({A: 1}, 100), ({B: 1}, 30)), {}, 130),
        # A sum of two of its communes, and the third beside it, shown or known to somebody.
        (systeme(({A: 1, B: 1}, 250)), {}, 250),
        (systeme(({A: 1, B: 1}, 250), ({A: 1}, 100), ({C: 1}, 40)), {}, 290),
        (systeme(({A: 1, B: 1}, 250)), {C: 40.0, A: 90.0, D: 1000.0}, 290),
        # What is shown of a commune is all of it, whatever somebody has there.
        (systeme(({A: 1}, 100)), {A: 60.0}, 100),
        # Two sums that share a commune do not add up.
        (systeme(({A: 1, B: 1}, 250), ({B: 1, C: 1}, 270)), {}, 270),
        # Of another EPCI, of a difference, of what is hidden, nothing is said.
        (systeme(({A: 1, D: 1}, 900), ({A: 1, B: -1}, 800)), {}, 0),
        (systeme(cachees=(({A: 1}, 100), ({A: 1, B: 1}, 250))), {}, 0),
    ],
)
def test_published_figures_say_what_an_amount_holds_at_least(
    s: Systeme, sues: dict[int, float], au_moins: float
) -> None:
    assert deja_dit(s, EPCI, sues) == au_moins


def test_what_is_known_outside_is_said_like_what_is_published() -> None:
    s = systeme(cachees=(({A: 1}, 100),))
    s.formes[0].connue = True
    assert deja_dit(s, EPCI) == 100
