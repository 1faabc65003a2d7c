"""What the intervals of docs/intervalles.md hold, on counts drawn and rounded as Cafdata rounds.

`int_cellules_indicateurs.yml` holds the SQL to the same formulas, number by number.
"""

import csv
from math import ceil, inf, sqrt
from pathlib import Path

import numpy as np
import pytest

PARAMETRES = Path(__file__).resolve().parents[2] / "dbt_project/seeds/parametres.csv"
with PARAMETRES.open(encoding="utf-8", newline="") as lus:
    VALEURS = {ligne["parametre"]: float(ligne["valeur"]) for ligne in csv.DictReader(lus)}
PAS, Z = int(VALEURS["pas_cafdata"]), VALEURS["quantile_intervalle"]
DEMI = (PAS - 1) // 2
VARIANCE, VARIANCE_D_UN_ZERO = (PAS**2 - 1) / 12, ((DEMI + 1) ** 2 - 1) / 12


def arrondir(comptes: np.ndarray) -> np.ndarray:
    """Round to the nearest multiple, as Cafdata does."""
    return PAS * ((comptes + DEMI) // PAS)


def connu(imprimes: np.ndarray) -> tuple[float, float, float, float, float]:
    """Give the envelope of the sum, its middle at the high end, its variance and the sum: its low middle."""
    zeros = int((imprimes == 0).sum())
    variance = VARIANCE * (len(imprimes) - zeros) + VARIANCE_D_UN_ZERO * zeros
    bas, haut = np.maximum(imprimes - DEMI, 0).sum(), (imprimes + DEMI).sum()
    return float(bas), float(haut), imprimes.sum() + zeros * DEMI / 2, variance, float(imprimes.sum())


def intervalle(imprimes: np.ndarray) -> tuple[float, float]:
    """The printed interval of a sum."""
    bas, haut, milieu, variance, somme = connu(imprimes)
    ecart = ceil(Z * sqrt(variance))
    return max(bas, somme - ecart), min(haut, milieu + ecart)


def quotient(cote: int, num: float, den: float, v_num: float, v_den: float) -> float:
    """One root of Fieller's equation; infinite where the divisor may be anything."""
    reste = den * den - Z * Z * v_den
    if reste <= 0:
        return cote * inf
    return (num * den + cote * Z * sqrt(v_num * reste + v_den * num * num)) / reste


def intervalle_du_quotient(nums: np.ndarray, dens: np.ndarray) -> tuple[float, float]:
    """The printed interval of a ratio of two sums."""
    n_bas, n_haut, n_milieu, v_num, num = connu(nums)
    d_bas, d_haut, d_milieu, v_den, den = connu(dens)
    return (
        max(n_bas / d_haut, quotient(-1, num, d_milieu, v_num, v_den)),
        min(n_haut / d_bas if d_bas else inf, quotient(1, n_milieu, den, v_num, v_den)),
    )


def test_it_is_the_interval_that_exact_convolution_gives_to_within_one() -> None:
    """Of n counts printed above zero; a sum of whole distances is whole, so that intervals go one by one."""
    une = np.full(PAS, 1 / PAS)
    loi = np.ones(1)
    for n in range(1, 201):
        loi = np.convolve(loi, une)
        centre, dit = DEMI * n, min(DEMI * n, ceil(Z * sqrt(VARIANCE * n)))

        def tient(k: int, loi: np.ndarray = loi, centre: int = centre) -> float:
            return float(loi[centre - k : centre + k + 1].sum())

        assert tient(dit) >= 0.99 - 1e-12, (n, dit)
        assert dit < 2 or tient(dit - 2) < 0.99, (n, dit)


@pytest.mark.parametrize(
    ("communes", "taille", "part"),
    [(67, 48, 0.12), (67, 48, 0.02), (20, 30, 0.1), (5, 40, 0.12), (360, 300, 0.1)],
)
def test_the_true_count_and_the_true_share_are_in_them(communes: int, taille: int, part: float) -> None:
    """Communes of every size, most of them small: printed zeros hide ones and twos."""
    hasard = np.random.default_rng(2026)
    tirages, tenus, parts_tenues, largeurs = 1000, 0, 0, []
    for _ in range(tirages):
        foyers = hasard.poisson(taille * hasard.lognormal(-0.8, 1.2, communes)) + 1
        aides = hasard.binomial(foyers, np.clip(hasard.normal(part, part / 3, communes), 0, 1))
        bas, haut = intervalle(arrondir(aides))
        tenus += bas <= aides.sum() <= haut
        largeurs.append((haut - bas) / (2 * DEMI * communes))
        if (imprimes := arrondir(foyers)).sum():
            bas, haut = intervalle_du_quotient(arrondir(aides), imprimes)
            parts_tenues += bas <= aides.sum() / foyers.sum() <= haut
        else:
            parts_tenues += 1
    assert min(tenus, parts_tenues) >= 0.99 * tirages
    assert communes < 20 or np.median(largeurs) < 0.6, "hardly narrower than the envelope"


def test_a_floor_would_not_be_held() -> None:
    """The same intervals on counts that were cut to a multiple: the test above can fail."""
    comptes = np.random.default_rng(1).poisson(40, 67)
    bas, haut = intervalle(PAS * (comptes // PAS))
    assert not bas <= comptes.sum() <= haut
