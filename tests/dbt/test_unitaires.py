"""The dbt unit tests (`unit_tests:` beside the models): they test SQL, not the night's data."""

from typing import Any

from banc_dbt import Projet


def test_les_tests_unitaires_passent(manifeste: dict[str, Any], vide: Projet) -> None:
    sortie = vide.dbt("test", "--select", "test_type:unit")
    assert not sortie.echecs, sortie.texte
    assert len(sortie.resultats) == len(manifeste["unit_tests"])
