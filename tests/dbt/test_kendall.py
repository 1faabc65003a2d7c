"""The verdict of the SQL beside the exact law of Kendall's S, on every pattern of ties of 5 to 12 years.

With groups of equal years, S has the law of the inversions of a multiset: a product of Gaussian binomials.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from pathlib import Path

import duckdb
import jinja2
import pytest
from scipy.stats import kendalltau

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "tendance.sql"
UNE_FOIS_SUR_VINGT = Fraction(1, 20)
_TEST = jinja2.Environment().from_string(
    MACROS.read_text(encoding="utf-8")
    + "select s, {{ tendance_etablie('s', 'v', 'cast(1.96 as decimal(9, 4))') }},"
    " {{ valeur_p('s', 'v') }} from unnest($1) as t (s), (select $2 as v) order by s"
)


def sql(ex_aequo: tuple[int, ...], ecarts: list[int]) -> dict[int, tuple[bool, float]]:
    """What the SQL says of each S of a series whose groups of equal years have these sizes."""
    n = sum(ex_aequo)
    variances = n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ex_aequo)
    lues = duckdb.execute(_TEST.render(), [ecarts, variances]).fetchall()
    return {s: (etablie, p) for s, etablie, p in lues}


def groupes(n: int, au_plus: int | None = None) -> Iterator[tuple[int, ...]]:
    if n == 0:
        yield ()
    for taille in range(min(n, au_plus or n), 0, -1):
        for reste in groupes(n - taille, taille):
            yield taille, *reste


@lru_cache(None)
def gauss(n: int, k: int) -> tuple[int, ...]:
    """How many words of k letters of one kind and n - k of another have each number of inversions."""
    if k in (0, n):
        return (1,)
    avec, sans = gauss(n - 1, k - 1), gauss(n - 1, k)
    somme = [0] * max(len(avec), len(sans) + k)
    for i, x in enumerate(avec):
        somme[i] += x
    for i, x in enumerate(sans):
        somme[i + k] += x
    return tuple(somme)


def loi(ex_aequo: tuple[int, ...]) -> list[int]:
    """Of the orders of such a series, how many have each number of pairs that fall."""
    comptes, n = [1], 0
    for taille in ex_aequo:
        n += taille
        facteur = gauss(n, taille)
        produit = [0] * (len(comptes) + len(facteur) - 1)
        for i, x in enumerate(comptes):
            for j, y in enumerate(facteur):
                produit[i + j] += x * y
        comptes = produit
    return comptes


def exactes(ex_aequo: tuple[int, ...]) -> dict[int, Fraction]:
    """For each positive S, the share of all orders that go as far, either way."""
    comptes = loi(ex_aequo)
    paires, total = len(comptes) - 1, sum(comptes)
    return {
        paires - 2 * baisses: min(Fraction(1), Fraction(2 * sum(comptes[: baisses + 1]), total))
        for baisses in range(paires // 2 + 1)
        if paires > 2 * baisses
    }


def test_la_loi_exacte_est_celle_des_permutations() -> None:
    for ex_aequo in ((1, 1, 1, 1, 1), (2, 1, 1, 1), (3, 2, 1), (2, 2, 2)):
        serie = [rang for rang, taille in enumerate(ex_aequo) for _ in range(taille)]
        ordres = [
            sum((b > a) - (b < a) for i, a in enumerate(o) for b in o[i + 1 :]) for o in permutations(serie)
        ]
        for s, p in exactes(ex_aequo).items():
            assert p == Fraction(sum(abs(o) >= s for o in ordres), len(ordres)), (ex_aequo, s)


@pytest.mark.parametrize("n", range(5, 13))
def test_le_verdict_est_celui_de_la_loi_exacte(n: int) -> None:
    """With no ties, always; with ties, never bolder, and on nearly all patterns the same."""
    plus_prudents = total = 0
    for ex_aequo in groupes(n):
        if len(ex_aequo) == 1:
            continue
        vraies = exactes(ex_aequo)
        for s, (etablie, p) in sql(ex_aequo, list(vraies)).items():
            exacte = vraies[s] <= UNE_FOIS_SUR_VINGT
            total += 1
            assert not etablie or exacte, (ex_aequo, s)
            assert etablie == exacte or max(ex_aequo) > 1, (ex_aequo, s)
            assert etablie == (p <= float(UNE_FOIS_SUR_VINGT)), (ex_aequo, s)
            plus_prudents += exacte and not etablie
    assert plus_prudents <= max(1, total / 100)


@pytest.mark.parametrize("n", range(5, 13))
def test_la_valeur_p_est_proche_de_celle_de_scipy(n: int) -> None:
    """Scipy's exact law, without ties; the printed one, by the normal law, is over it for what is told."""
    for baisses in range(n):
        serie = list(range(n))
        serie[: baisses + 1] = reversed(serie[: baisses + 1])
        s = sum((b > a) - (b < a) for i, a in enumerate(serie) for b in serie[i + 1 :])
        exact = kendalltau(range(n), serie, method="exact").pvalue
        ((_, p),) = sql((1,) * n, [s]).values()
        assert p == pytest.approx(exact, abs=0.03)


def test_sans_mouvement_rien_n_est_etabli() -> None:
    assert sql((1, 1, 1, 1, 1), [0]) == {0: (False, 1.0)}
