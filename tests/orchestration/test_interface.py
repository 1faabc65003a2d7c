"""A change of the reader's interface is announced: the changelog names it, or this fails."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pytest
from commande import Observatoire

from orchestration.generes import interface
from orchestration.racine import RACINE


def en_lignes(dite: Mapping[str, Any]) -> dict[str, str]:
    """The key of each table by its name, the type of each column by both names."""
    cles = {table: f"key ({t['cle']})" for table, t in dite.items()}
    return cles | {f"{table}.{c}": type_ for table, t in dite.items() for c, type_ in t["colonnes"].items()}


def comparer(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> dict[str, str]:
    """What differs between two interfaces, as `en_json` writes them, by name.

    A table that comes or goes does so with its columns, the statut of an indicateur with it.
    """
    a, b = en_lignes(avant), en_lignes(apres)
    seules = avant.keys() ^ apres.keys()
    suivent = {f"{nom}_statut" for nom in a.keys() ^ b.keys()}
    return {
        nom: f"{a.get(nom)} becomes {b.get(nom)}"
        for nom in sorted(a.keys() | b.keys())
        if a.get(nom) != b.get(nom)
        and nom not in suivent
        and (nom in seules or nom.split(".")[0] not in seules)
    }


def tus(noms: Iterable[str], changelog: str) -> list[str]:
    """The names, `table` or `table.colonne`, that no item under Unreleased has between backticks.

    An item that has both names of a column apart names it too.
    """
    section = re.split(r"^## ", changelog, flags=re.MULTILINE)[1]
    assert section.startswith("Unreleased"), "CHANGELOG.md does not open with its section Unreleased"
    items = []
    for item in re.split(r"^- ", section, flags=re.MULTILINE)[1:]:
        items.append({mot for cite in re.findall(r"`([^`]+)`", item) for mot in (cite, *cite.split("."))})
    return [nom for nom in noms if not any({*nom.split(".")} <= cites for cites in items)]


def test_every_change_since_the_version_announced_last_is_in_the_changelog() -> None:
    avant = json.loads(interface.ANNONCEE.read_bytes())
    changes = comparer(avant, json.loads(interface.en_json(interface.interface())))
    oublies = tus(changes, (RACINE / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert {nom: changes[nom] for nom in oublies} == {}, "CHANGELOG.md, Unreleased, names none of these"


AVANT = {
    "faits": {"cle": "id", "colonnes": {"id": "varchar not null", "valeur": "double", "vieux": "varchar"}},
    "perdue": {"cle": "id", "colonnes": {"id": "varchar not null"}},
}
ID = {"id": "varchar not null"}


def _table(**colonnes: str) -> dict[str, Any]:
    return {"cle": "id", "colonnes": ID | colonnes}


@pytest.mark.parametrize(
    ("apres", "attendus"),
    [
        (AVANT, []),
        ({"faits": AVANT["faits"]}, ["perdue"]),
        (AVANT | {"neuve": AVANT["perdue"]}, ["neuve"]),
        (AVANT | {"perdue": AVANT["perdue"] | {"cle": ""}}, ["perdue"]),
        (
            AVANT | {"faits": _table(id="varchar", valeur="integer", neuf="varchar")},
            ["faits.id", "faits.neuf", "faits.valeur", "faits.vieux"],
        ),
        # In a wide mart a statut comes with its indicateur; alone, it is told.
        (AVANT | {"perdue": _table(part="double", part_statut="varchar not null")}, ["perdue.part"]),
        (AVANT | {"perdue": _table(id_statut="varchar")}, ["perdue.id_statut"]),
    ],
)
def test_each_kind_of_change_is_seen(apres: dict[str, Any], attendus: list[str]) -> None:
    assert [*comparer(AVANT, apres)] == attendus


CHANGELOG = """# Changelog

## Unreleased

### Added

- `faits.neuf`, and `vieux`
  in `faits`, which is no more.
- `perdue` is gone.

## 0.1.0

- `faits.id`, long ago.
"""


def test_a_change_is_announced_by_its_names_in_one_item_of_unreleased() -> None:
    noms = ("faits.neuf", "faits.vieux", "perdue", "faits.id", "autre", "perdue.neuf")
    assert tus(noms, CHANGELOG) == ["faits.id", "autre", "perdue.neuf"]


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
