"""What docs/projections.md and the bounds of scenarios say is what the population of départements gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import projections

RACINE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def populations(shared: Path) -> dict[int, projections.Population]:
    return projections.lire(shared / "real" / "decembre_2026" / "estim-pop-dep-sexe-aq-1975-2021.xlsx")


def test_the_page_prints_the_table_of_errors(populations: dict[int, projections.Population]) -> None:
    page = (RACINE / "docs" / "projections.md").read_text(encoding="utf-8")
    assert "\n".join(projections.tableau(populations)) in page


def test_the_bounds_of_scenarios_are_the_movements_of_the_past(
    populations: dict[int, projections.Population],
) -> None:
    graine = (RACINE / "dbt_project" / "seeds" / "mouvements_passes.csv").read_text(encoding="utf-8")
    assert graine.splitlines() == [*projections.graine(populations)]


def test_no_method_beats_as_many_as_today_by_half_a_point(
    populations: dict[int, projections.Population],
) -> None:
    """The page says so, and the scenario holds children constant for that reason."""
    medianes = {
        m: float(np.median(abs(projections.erreurs(populations, m)[0]))) for m in projections.METHODES
    }
    constant = medianes.pop("Autant qu'au départ")
    assert constant < min(medianes.values()) + 0.5


def test_a_cohort_is_carried_five_years_on() -> None:
    """1 000 women of each age become 1 100 of the next, with one child for ten of them."""

    def population(par_age: list[float], enfants: float) -> projections.Population:
        return projections.Population(np.array([[enfants, *par_age[1:]]]), np.array([par_age]))

    avant = population([1000.0] * 20, 500)
    ici = population([1100.0] * 20, 770)
    (dits,) = projections.hamilton_perry({1985: avant, 1990: ici}, 1990)
    # 7 ages of 1 100 women, 1.1 times as many five years on; 770 children are 0.1 for each.
    assert dits == pytest.approx(7 * 1100 * 1.1 * 0.1)
