"""A change of the reader's interface is announced: the changelog names it, or this fails."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from commande import Observatoire

from orchestration.generes import interface
from orchestration.racine import RACINE


@dataclass(frozen=True, order=True)
class Changement:
    """What differs between two interfaces, of a table (`colonne` empty) or of one of its columns."""

    table: str
    colonne: str
    quoi: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.table}{'.' if self.colonne else ''}{self.colonne}: {self.quoi}"


def comparer(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> list[Changement]:
    """List what differs between two interfaces, as `en_json` writes them, in the order of names.

    The statut of an indicateur comes and goes with it, in a wide mart: it is not told apart.
    """
    trouves = [
        Changement(table, "", "added" if table in apres else "removed")
        for table in avant.keys() ^ apres.keys()
    ]
    for table in avant.keys() & apres.keys():
        if avant[table]["cle"] != apres[table]["cle"]:
            trouves.append(
                Changement(table, "", f"key ({avant[table]['cle']}) becomes ({apres[table]['cle']})")
            )
        a, b = avant[table]["colonnes"], apres[table]["colonnes"]
        for colonne in a.keys() | b.keys():
            if a.get(colonne) == b.get(colonne):
                continue
            compagne = colonne.removesuffix("_statut")
            if compagne != colonne and (compagne in a) != (compagne in b):
                continue
            quoi = "added" if colonne not in a else "removed" if colonne not in b else None
            trouves.append(Changement(table, colonne, quoi or f"{a[colonne]} becomes {b[colonne]}"))
    return sorted(trouves)


def tus(changements_: list[Changement], changelog: str) -> list[Changement]:
    """Return the changes that no item under Unreleased names.

    An item names a column where it has both names between backticks, `table` and `colonne`, or
    `table.colonne`.
    """
    section = re.split(r"^## ", changelog, flags=re.MULTILINE)[1]
    assert section.startswith("Unreleased"), "CHANGELOG.md does not open with its section Unreleased"
    items = []
    for item in re.split(r"^- ", section, flags=re.MULTILINE)[1:]:
        cites = {mot for cite in re.findall(r"`([^`]+)`", item) for mot in (cite, *cite.split("."))}
        items.append(cites)
    return [c for c in changements_ if not any({c.table, c.colonne or c.table} <= cites for cites in items)]


def test_every_change_since_the_version_announced_last_is_in_the_changelog() -> None:
    avant = json.loads(interface.ANNONCEE.read_bytes())
    apres = json.loads(interface.en_json(interface.interface()))
    oublies = tus(comparer(avant, apres), (RACINE / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert not oublies, "CHANGELOG.md, Unreleased, names none of these:\n" + "\n".join(map(str, oublies))


AVANT = {
    "faits": {"cle": "id", "colonnes": {"id": "varchar not null", "valeur": "double", "vieux": "varchar"}},
    "perdue": {"cle": "id", "colonnes": {"id": "varchar not null"}},
}


ID = {"id": "varchar not null"}
STATUT = {"part_statut": "varchar not null"}


def _table(**colonnes: str) -> dict[str, Any]:
    return {"cle": "id", "colonnes": colonnes}


@pytest.mark.parametrize(
    ("apres", "attendus"),
    [
        (AVANT, []),
        ({"faits": AVANT["faits"]}, ["perdue: removed"]),
        (AVANT | {"neuve": AVANT["perdue"]}, ["neuve: added"]),
        (AVANT | {"perdue": AVANT["perdue"] | {"cle": ""}}, ["perdue: key (id) becomes ()"]),
        (
            AVANT | {"faits": _table(id="varchar", valeur="integer", neuf="varchar")},
            [
                *("faits.id: varchar not null becomes varchar", "faits.neuf: added"),
                *("faits.valeur: double becomes integer", "faits.vieux: removed"),
            ],
        ),
        # In a wide mart a statut comes with its indicateur; alone, it is told.
        (AVANT | {"perdue": _table(**ID, part="double", **STATUT)}, ["perdue.part: added"]),
        (AVANT | {"perdue": _table(**ID, id_statut="varchar")}, ["perdue.id_statut: added"]),
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
