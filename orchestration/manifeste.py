"""What the night reads in dbt's manifest about marts and columns; the asset graph is `translator`'s.

    - {name: valeur, data_type: double, meta: {masquee: true}}       a figure: a statut blanks it
    - {name: millesime, data_type: integer, meta: {masquee: false}}  a number that says nothing of anybody

gives {"fct_indicateurs": {"valeur", …}, …}. Such a column is blank wherever its statut is one of these:
the column `<name>_statut` where the table has it (`rang`, `rang_statut`), else `statut`.

    config: {meta: {csv: false}}            a mart that is not written for spreadsheets
    config: {meta: {index: false}}          a long mart: a release keeps no index of its key
    config: {meta: {par_departement: true}} its rows stand by département, then by indicateur, in `ctg.duckdb`
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from publication.commun.promesses import Lien, Promesses


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
    """What each mart promises: by its test `promesses`, and by the constraints of its columns."""
    dites = {
        noeud["attached_node"]: noeud["test_metadata"]["kwargs"]
        for noeud in manifeste["nodes"].values()
        if noeud["resource_type"] == "test" and (noeud.get("test_metadata") or {}).get("name") == "promesses"
    }
    return {
        noeud["name"]: Promesses(
            tuple(dites.get(noeud["unique_id"], {}).get("cle", ())),
            frozenset(dites.get(noeud["unique_id"], {}).get("sans_vide", ()))
            | {
                nom
                for nom, colonne in noeud["columns"].items()
                if any(contrainte["type"] == "not_null" for contrainte in colonne["constraints"])
            },
            {
                colonne: Lien(_nom_cite(lien["to"]), lien["field"])
                for colonne, lien in dites.get(noeud["unique_id"], {}).get("liens", {}).items()
            },
            noeud["config"]["meta"].get("index") is not False,
            noeud["config"]["meta"].get("par_departement") is True,
        )
        for noeud in _marts(manifeste)
    }


def _nom_cite(reference: str) -> str:
    """The model in an argument of a test, which dbt keeps as text: `ref('dim_source')`."""
    trouve = re.fullmatch(r"ref\('(\w+)'\)", reference)
    assert trouve, f"{reference} in `liens`: expected ref('<model>')"
    return trouve[1]


def _marts(manifeste: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for noeud in manifeste["nodes"].values():
        if noeud["resource_type"] == "model" and noeud["fqn"][1] == "marts":
            yield noeud
