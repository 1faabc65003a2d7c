"""What the night reads in dbt's manifest about marts and columns; the asset graph is `translator`'s.

    - {name: valeur, data_type: double, meta: {masquee: true}}       a figure: a statut blanks it
    - {name: millesime, data_type: integer, meta: {masquee: false}}  a number that says nothing of anybody

gives {"fct_indicateurs": {"valeur", …}, …}. Such a column is blank wherever its statut is one of these:
the column `<name>_statut` where the table has it (`rang`, `rang_statut`), else `statut`.

    config: {meta: {csv: false}}            a mart that is not written for spreadsheets
    config: {meta: {index: false}}          a long mart: a release keeps no index of its key
    config: {meta: {par_departement: true}} its rows stand by département, then by indicateur, in `ctg.duckdb`
"""

from collections.abc import Iterator, Mapping
from typing import Any

from publication.commun.promesses import Promesses, cle_de, liens, sans_vide


def hors_csv(manifeste: Mapping[str, Any]) -> frozenset[str]:
    """The marts that are not written for spreadsheets."""
    return frozenset(
        noeud["name"] for noeud in _marts(manifeste) if noeud["config"]["meta"].get("csv") is False
    )


def colonnes_masquees(manifeste: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The columns that a statut blanks, of each table of schema `marts`: none, for many."""
    return {
        noeud["name"]: frozenset(
            nom for nom, colonne in noeud["columns"].items() if colonne["meta"].get("masquee")
        )
        for noeud in _marts(manifeste)
    }


def promesses(manifeste: Mapping[str, Any]) -> dict[str, Promesses]:
    """What each mart promises: its `constraints`, and those of its columns."""
    return {
        noeud["name"]: Promesses(
            cle_de(noeud),
            sans_vide(noeud, noeud["columns"].values()),
            liens(noeud),
            noeud["config"]["meta"].get("index") is not False,
            noeud["config"]["meta"].get("par_departement") is True,
        )
        for noeud in _marts(manifeste)
    }


def _marts(manifeste: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for noeud in manifeste["nodes"].values():
        if noeud["resource_type"] == "model" and noeud["fqn"][1] == "marts":
            yield noeud
