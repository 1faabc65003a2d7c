"""The intervals of a difference and of a quotient of two figures (macros/comparaison.sql)."""

import math
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest

from publication.lecture.ecarts import place_dite

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


_PLACE = _ENVIRONNEMENT.from_string(
    (MACRO.parent / "affichage.sql").read_text(encoding="utf-8")
    + MACRO.read_text(encoding="utf-8")
    + "{% set bas = bout_de_l_ecart('-', 'a.%s', 'b.%s', '2.576') %}"
    "{% set haut = bout_de_l_ecart('+', 'a.%s', 'b.%s', '2.576') %}"
    "{% set minimaux = ('i.ecart_minimal', 'i.ecart_minimal_relatif') %}"
    "{% set large = largeur_de_proche('a.valeur', 'b.valeur', *minimaux) %}"
    "{% set muet = '(' ~ repose_sur_peu('a', 'i') ~ ' or ' ~ repose_sur_peu('b', 'i') ~ ')' %}"
    "select {{ place_dite('a.valeur - b.valeur', bas, haut, 'i.decimales', large, muet) }} as place"
    " from cas order by rang"
).render()


def _tirer(hasard: np.random.Generator) -> dict[str, object]:
    """A share of a whole: near another or far from it, rounded or not, of few or of many."""
    numerateur = float(hasard.integers(0, 60))
    denominateur = numerateur + float(hasard.integers(1, 60))
    valeur = 100 * numerateur / denominateur
    ecart_type = float(hasard.choice([0, 0.1, 0.8]))
    marges = hasard.choice([0, 0.2, 2.0, 6.0], 2) + 2 * ecart_type
    return {
        "valeur": valeur,
        "numerateur": numerateur,
        "denominateur": denominateur,
        "basse": valeur - marges[0],
        "haute": None if hasard.random() < 0.1 else valeur + marges[1],
        "ecart_type": ecart_type,
    }


def test_who_is_asked_for_is_read_by_the_rule_of_the_mart() -> None:
    """What Python says of a territory that no mart sets beside another, on draws that give every word."""
    hasard = np.random.default_rng(1)
    i = {
        **{"decimales": 1, "ecart_minimal": 0.5, "ecart_minimal_relatif": 2.0},
        **{"part_d_un_tout": True, "assise_numerateur": True, "assise_minimale": 20.0},
    }
    paires = [(_tirer(hasard), _tirer(hasard)) for _ in range(3_000)]
    for a, b in paires[::3]:
        b |= {**a, "valeur": a["valeur"] + float(hasard.choice([-0.5, -0.4, 0.04, 0.4999999999, 0.5]))}
    con = duckdb.connect()
    cas = pd.DataFrame({"rang": range(len(paires)), "a": [a for a, _ in paires], "b": [b for _, b in paires]})
    cas["i"] = [i] * len(paires)
    con.register("cas", cas)
    lues = [place for (place,) in con.execute(_PLACE).fetchall()]
    dites = [place_dite(*map(_chiffre, paire), i) for paire in paires]
    assert dites == lues
    assert {*dites} == {"au_dessus", "au_dessous", "proche", None}


def _chiffre(x: dict[str, object]) -> dict[str, object]:
    """The same under the names of `fct_indicateurs`."""
    noms = {"basse": "borne_basse", "haute": "borne_haute", "ecart_type": "ecart_type_arrondi"}
    return {"lisibilite": "point", **{noms.get(nom, nom): valeur for nom, valeur in x.items()}}
