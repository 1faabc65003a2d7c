"""The intervals of a difference and of a quotient of two figures (macros/comparaison.sql)."""

import math
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest

MACRO = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "comparaison.sql"
INCONNUE = None
"""An end of an interval that nobody knows."""

_ENVIRONNEMENT = jinja2.Environment(extensions=["jinja2.ext.do"])
_ECART = _ENVIRONNEMENT.from_string(
    MACRO.read_text(encoding="utf-8")
    + "select round({{ bout_de_l_ecart('-', 'a.%s', 'b.%s', '2.576') }}, 3),"
    " round({{ bout_de_l_ecart('+', 'a.%s', 'b.%s', '2.576') }}, 3)"
    " from (select $1 as valeur, $2::double as basse, $3::double as haute, $4 as ecart_type) as a,"
    " (select $5 as valeur, $6::double as basse, $7::double as haute, $8 as ecart_type) as b"
)


@pytest.mark.parametrize(
    ("a", "b", "bouts"),
    [
        # Two figures that nobody rounded, two that were: their noises add up by their squares.
        ((12.0, 11.0, 14.0, 0.0), (10.0, 9.0, 10.5, 0.0), (0.5, 5.0)),
        ((25.0, 21.136, 28.864, 1.5), (20.0, 16.136, 23.864, 1.5), (-0.465, 10.465)),
        # « au moins » less a rounded figure is « au moins » too; the other way round, « au plus ».
        ((30.0, 29.0, INCONNUE, 0.3), (28.0, 27.0, 29.0, 0.3), (0.453, INCONNUE)),
        ((28.0, 27.0, 29.0, 0.3), (30.0, 29.0, INCONNUE, 0.3), (INCONNUE, -0.453)),
        ((30.0, 29.0, INCONNUE, 0.0), (28.0, 27.0, 29.0, 0.0), (0.0, INCONNUE)),
    ],
)
def test_the_interval_of_a_difference(
    a: tuple[float | None, ...], b: tuple[float | None, ...], bouts: tuple[float | None, float | None]
) -> None:
    assert duckdb.execute(_ECART.render(), [*a, *b]).fetchone() == bouts


_RAPPORT = _ENVIRONNEMENT.from_string(
    MACRO.read_text(encoding="utf-8") + "select {{ bout_du_rapport('-', 'b.%s', 'a.%s', '2.576::double') }},"
    " {{ bout_du_rapport('+', 'b.%s', 'a.%s', '2.576::double') }} from t"
).render()


@pytest.mark.parametrize(
    ("communes", "avant", "apres"),
    # Communes of 3 to 2 + 5 × that many foyers each: falls to a quarter, to a twentieth, a rise, very few.
    [(20, 8, 2), (67, 20, 1), (30, 2, 8), (5, 20, 2), (2, 1, 1)],
)
def test_a_quotient_of_rounded_sums_holds_the_truth(communes: int, avant: int, apres: int) -> None:
    hasard = np.random.default_rng(communes)
    vrais = [hasard.integers(3, 3 + 5 * haut, (5_000, communes)) for haut in (avant, apres)]
    a, b = ((5 * ((v + 2) // 5)).sum(axis=1).astype(float) for v in vrais)
    bruit = math.sqrt(2 * communes)
    marge = min(math.ceil(2.576 * bruit), 2 * communes)
    con = duckdb.connect()
    con.register("df", pd.DataFrame({"a": a, "b": b}))
    point = "struct_pack(valeur := {0}, basse := {0} - {1}, haute := {0} + {1}, ecart_type := {2}::double)"
    con.execute(
        f"create table t as select {point.format('a', marge, bruit)} as a,"
        f" {point.format('b', marge, bruit)} as b from df"
    )
    lus = con.execute(_RAPPORT).fetchnumpy()
    basse, haute = lus.values()
    vrai = vrais[1].sum(axis=1) / vrais[0].sum(axis=1)
    assert ((basse - 1e-9 <= vrai) & (vrai <= haute + 1e-9)).mean() > 0.985
    assert (basse >= (b - marge) / (a + marge) - 1e-9).all() and (
        haute <= (b + marge) / (a - marge) + 1e-9
    ).all()


def test_a_quotient_by_what_may_be_zero_has_no_end() -> None:
    con = duckdb.connect()
    con.execute(
        "create table t as select {'valeur': 1.0, 'basse': 0.0, 'haute': 3.0, 'ecart_type': 0.0} as a,"
        " {'valeur': 9.0, 'basse': 9.0, 'haute': null::double, 'ecart_type': 0.0} as b"
    )
    assert con.execute(_RAPPORT).fetchone() == (3.0, None)
