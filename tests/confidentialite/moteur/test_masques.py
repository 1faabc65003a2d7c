"""The table of masks of a night: each hidden row with its reason, and what it is hidden for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from confidentialite import masquer as etape
from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde

EFFORT = Indicateur("effort", "taux_effort", methode="publie")
# 3 foyers in a, 40 in b and 60 in c, of an EPCI; a median of a, of 3 too.
TROIS = Monde(
    {(MILLESIME, "foyers_allocataires"): {"a": 3, "b": 40, "c": 60}},
    {**{("commune", c): [c] for c in "abc"}, ("epci", "e"): [*"abc"]},
    (Indicateur("nb", "foyers_allocataires"), EFFORT),
    medianes={(MILLESIME, "taux_effort", "commune", "a"): (21.4, 3)},
)


def lignes(m: Monde) -> list[tuple[Any, ...]]:
    table = etape(m.entrees())
    assert set(table["millesime"].to_pylist()) <= {MILLESIME}
    return list(zip(*(c.to_pylist() for c in table.drop(["millesime"]).columns), strict=True))


def test_each_hidden_row_says_why_and_for_whom() -> None:
    assert lignes(TROIS) == [
        ("commune:a", "effort", "A", None, None, None),
        ("commune:a", "nb", "A", "foyers_allocataires", 1, None),
        ("commune:c", "nb", "D", "foyers_allocataires", 1, "foyers_allocataires commune:a"),
    ]


def test_what_an_earlier_release_gives_away_stays_hidden_and_hides_nothing_else() -> None:
    """All was shown once; or all but a, which is what b and c leave of the EPCI."""
    montrees = TROIS.inscrire(set(), 1)
    for registre in (montrees, [r for r in montrees if r["code"] != "a"]):
        assert lignes(replace(TROIS, registre=registre)) == [
            ("commune:a", "effort", "A", None, None, None),
            ("commune:a", "nb", "divulguee", "foyers_allocataires", 1, None),
        ]


def test_a_decision_that_is_kept_is_the_same_table(tmp_path: Path) -> None:
    """Of two groups, one is decided again: its figures have changed."""
    autre = Indicateur("places", "places_eaje")
    deux = replace(TROIS, indicateurs=[*TROIS.indicateurs, autre])
    for places in ({"a": 2, "b": 30, "c": 50}, {"a": 2, "b": 1, "c": 50}):
        m = replace(deux, valeurs={**TROIS.valeurs, (MILLESIME, "places_eaje"): places})
        assert etape(m.entrees(), tmp_path).equals(etape(m.entrees()))
        assert etape(m.entrees(), tmp_path).equals(etape(m.entrees()))
