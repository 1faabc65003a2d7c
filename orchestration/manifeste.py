"""What the night reads in dbt's manifest about marts and columns; the asset graph is `translator`'s.

    - {name: valeur, data_type: double, meta: {masquee: true}}       a figure: masks blank it
    - {name: millesime, data_type: integer, meta: {masquee: false}}  a number that says nothing of anybody

gives {"fct_indicateurs": {"valeur", …}, …}. A masked column is blank wherever its statut is one that masks:
the column `<name>_statut` where the table has it (`rang`, `rang_statut`), else `statut`.

    config: {meta: {csv: false}}            a mart that is not written for spreadsheets
"""

from collections.abc import Iterator, Mapping
from typing import Any


def hors_csv(manifeste: Mapping[str, Any]) -> frozenset[str]:
    """The marts that are not written for spreadsheets."""
    return frozenset(
        noeud["name"] for noeud in _marts(manifeste) if noeud["config"]["meta"].get("csv") is False
    )


def colonnes_masquees(manifeste: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The columns that masks blank, of each table of schema `marts`: none, for many."""
    return {
        noeud["name"]: frozenset(
            nom for nom, colonne in noeud["columns"].items() if colonne["meta"].get("masquee")
        )
        for noeud in _marts(manifeste)
    }


def _marts(manifeste: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for noeud in manifeste["nodes"].values():
        if noeud["resource_type"] == "model" and noeud["fqn"][1] == "marts":
            yield noeud
