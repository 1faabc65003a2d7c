"""What the relations say of subsidies is what the register adds up: types of structures, each its own."""

from itertools import combinations
from pathlib import Path
from typing import Any

import jinja2
import pytest

from confidentialite.regle.parametres import relations

MACRO = Path(__file__).parents[3] / "dbt_project" / "macros" / "subventions.sql"


class _Rendue(Exception):
    """What the macro returns."""


def subventions() -> dict[str, tuple[str, frozenset[str]]]:
    """Of each mesure, the column it adds up and the types of structures."""

    def rendre(valeur: Any) -> None:
        raise _Rendue(valeur)

    environnement = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    environnement.globals["return"] = rendre
    with pytest.raises(_Rendue) as rendue:
        environnement.from_string(MACRO.read_text("utf-8") + "{{ subventions_caf() }}").render()
    return {mesure: (apport, frozenset(types)) for mesure, types, apport in rendue.value.args[0]}


def test_the_parts_of_a_partition_are_types_of_the_whole_and_share_none() -> None:
    lues, partitions = subventions(), relations().partitions
    assert partitions
    for tout, parties in partitions.items():
        apport, types = lues[tout]
        assert all(lues[part][0] == apport and lues[part][1] < types for part in parties), tout
        assert all(lues[a][1].isdisjoint(lues[b][1]) for a, b in combinations(parties, 2)), tout


def test_each_mesure_is_a_part_of_the_narrowest_that_counts_its_types() -> None:
    """A mesure of subsidies that is added is put in its place, or this fails."""
    lues, partitions = subventions(), relations().partitions
    for part, (apport, types) in lues.items():
        autour = [m for m, (autre, siens) in lues.items() if autre == apport and types < siens]
        if autour:
            assert part in partitions[min(autour, key=lambda m: len(lues[m][1]))], part
