"""A change of the reader's interface is announced: the changelog names it, or this fails."""

import json
from typing import Any

import duckdb
import pytest
from commande import Observatoire

from orchestration import interface
from orchestration.interface import Changement, comparer, tus


def test_every_change_since_the_version_announced_last_is_in_the_changelog() -> None:
    avant = json.loads(interface.ANNONCEE.read_bytes())
    apres = json.loads(interface.en_json(interface.interface()))
    oublies = tus(comparer(avant, apres), interface.CHANGELOG.read_text(encoding="utf-8"))
    assert not oublies, "CHANGELOG.md, Unreleased, names none of these:\n" + "\n".join(map(str, oublies))


AVANT = {
    "faits": {"cle": "id", "colonnes": {"id": "varchar not null", "valeur": "double", "vieux": "varchar"}},
    "perdue": {"cle": "id", "colonnes": {"id": "varchar not null"}},
}


@pytest.mark.parametrize(
    ("apres", "attendus"),
    [
        (AVANT, []),
        ({"faits": AVANT["faits"]}, ["perdue: removed"]),
        (AVANT | {"neuve": AVANT["perdue"]}, ["neuve: added"]),
        (AVANT | {"perdue": AVANT["perdue"] | {"cle": ""}}, ["perdue: key (id) becomes ()"]),
        (
            AVANT
            | {
                "faits": {
                    "cle": "id",
                    "colonnes": {"id": "varchar", "valeur": "integer", "neuf": "varchar"},
                }
            },
            [
                "faits.id: varchar not null becomes varchar",
                "faits.neuf: added",
                "faits.valeur: double becomes integer",
                "faits.vieux: removed",
            ],
        ),
        # In a wide mart a statut comes with its indicateur; alone, it is told.
        (
            AVANT
            | {
                "perdue": {
                    "cle": "id",
                    "colonnes": {
                        "id": "varchar not null",
                        "part": "double",
                        "part_statut": "varchar not null",
                    },
                }
            },
            ["perdue.part: added"],
        ),
        (
            AVANT | {"perdue": {"cle": "id", "colonnes": {"id": "varchar not null", "id_statut": "varchar"}}},
            ["perdue.id_statut: added"],
        ),
    ],
)
def test_each_kind_of_change_is_seen(apres: dict[str, Any], attendus: list[str]) -> None:
    assert [str(c) for c in comparer(AVANT, apres)] == attendus


CHANGELOG = """# Changelog

## Unreleased

### Added

- `faits.neuf`, and `vieux`
  in `faits`, which is no more.
- `perdue` is gone.

## 0.1.0

- `faits.id`, long ago.
"""


@pytest.mark.parametrize(
    ("table", "colonne", "dit"),
    [
        ("faits", "neuf", True),
        ("faits", "vieux", True),
        ("perdue", "", True),
        ("faits", "id", False),
        ("autre", "", False),
        # Both names, of one item.
        ("perdue", "neuf", False),
    ],
)
def test_a_change_is_announced_by_its_names_in_one_item_of_unreleased(
    table: str, colonne: str, dit: bool
) -> None:
    change = Changement(table, colonne, "added")
    assert tus([change], CHANGELOG) == ([] if dit else [change])


def test_what_is_compared_is_what_a_release_holds(demonstration: Observatoire) -> None:
    """The interface is read from contracts: here, from the `ctg.duckdb` of a night."""
    base = demonstration.home / "releases" / "current" / "ctg.duckdb"
    with duckdb.connect(str(base), read_only=True) as con:
        lues: dict[str, dict[str, str]] = {}
        for table, colonne, type_, vide in con.execute(
            "select table_name, column_name, lower(data_type), is_nullable from duckdb_columns()"
            " where schema_name = 'marts' order by table_name, column_index"
        ).fetchall():
            lues.setdefault(table, {})[colonne] = type_ + ("" if vide else " not null")
        cles = dict(
            con.execute(
                "select table_name, array_to_string(constraint_column_names, ', ') from duckdb_constraints()"
                " where constraint_type = 'PRIMARY KEY'"
            ).fetchall()
        )
    dites = interface.interface()
    dit = json.loads(interface.en_json(dites))
    assert {nom: t["colonnes"] for nom, t in dit.items()} == lues
    indexees = {
        nom: ", ".join(objet.cle)
        for nom, objet in dites.items()
        if objet.index and objet.cle and all(objet.champs[c].sans_vide for c in objet.cle)
    }
    assert indexees == cles
