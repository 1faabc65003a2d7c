"""The interval of a difference between two figures (macros/comparaison.sql), on a table of cases."""

from pathlib import Path

import duckdb
import jinja2
import pytest

MACRO = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "comparaison.sql"
INCONNUE = None
"""An end of an interval that nobody knows."""

_ECART = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
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
