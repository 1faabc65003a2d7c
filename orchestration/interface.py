"""The reader's interface: which tables a release has, with which columns, types and keys; how it may change.

    docs/marts_contract.md    the interface of today, as a page: generated (`make docs`)
    docs/interface.json       that of the version announced last: written when a version is, by
                              `python -m orchestration.interface`

Each difference between the two is named under Unreleased in CHANGELOG.md, or a test fails. Belongs here:
reading the interface from the contracts of marts, comparing two, finding what the changelog says. Does not:
what each table means (the contracts), nor the files that hold it (`publication.exports`).
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from publication.exports.base import COLONNES_DE_DIM_RELEASE, DIM_RELEASE
from publication.exports.csv import COMPRESSION
from publication.releases.comparaison import Bout, changements

from .racine import RACINE

MARTS = RACINE / "dbt_project" / "models" / "marts"
ANNONCEE = RACINE / "docs" / "interface.json"
CHANGELOG = RACINE / "CHANGELOG.md"


@dataclass(frozen=True)
class Champ:
    """A column: its DuckDB type, whether it is never empty, and what readers are told of it."""

    type: str
    sans_vide: bool
    description: str = ""


@dataclass(frozen=True)
class Objet:
    """A table: its columns in order, and the key of its rows, in which an empty cell counts as a value.

    `csv`: it is written for spreadsheets. `index`: a database keeps its key as a primary one. `partout`: it
    is in every format; else in `ctg.duckdb` alone.
    """

    champs: Mapping[str, Champ]
    cle: tuple[str, ...]
    description: str = ""
    csv: bool = True
    index: bool = True
    partout: bool = True


Interface = Mapping[str, Objet]


def interface(generes: Mapping[Path, str] | None = None) -> dict[str, Objet]:
    """Read the interface from the contracts of marts, and from what a release tells of itself.

    `generes`: the text of files that are about to be written, by path: read in place of those on the disk.
    """
    objets = {}
    textes = {f: f.read_text(encoding="utf-8") for f in MARTS.rglob("*.yml")}
    textes |= {f: t for f, t in (generes or {}).items() if f.is_relative_to(MARTS)}
    for texte in textes.values():
        for modele in yaml.safe_load(texte).get("models", ()):
            promesses: dict[str, list[str]] = next(
                (t["promesses"]["arguments"] for t in modele.get("data_tests", ()) if "promesses" in t), {}
            )
            pleines = set(promesses.get("sans_vide", ()))
            meta = modele.get("config", {}).get("meta", {})
            objets[modele["name"]] = Objet(
                {
                    c["name"]: Champ(
                        c["data_type"],
                        c["name"] in pleines
                        or any(k["type"] == "not_null" for k in c.get("constraints", ())),
                        c["description"],
                    )
                    for c in modele["columns"]
                },
                tuple(promesses.get("cle", ())),
                " ".join(modele["description"].split()),
                meta.get("csv") is not False,
                meta.get("index") is not False,
            )
    return dict(sorted((objets | dict(_de_la_release())).items()))


def _de_la_release() -> Iterator[tuple[str, Objet]]:
    yield (
        "dim_release",
        Objet(
            {c.nom: Champ(c.type.lower(), c.sans_vide, c.description or "") for c in COLONNES_DE_DIM_RELEASE},
            ("release_id",),
            DIM_RELEASE,
            csv=False,
            partout=False,
        ),
    )
    for annexe in changements(None, Bout(Path(), (), None)):
        with duckdb.connect() as con:
            con.register("annexe", annexe.table)
            types = {nom: type_.lower() for nom, type_, *_ in con.execute("describe annexe").fetchall()}
        yield (
            annexe.nom,
            Objet(
                {n: Champ(t, n in annexe.cle, annexe.colonnes[n]) for n, t in types.items()},
                annexe.cle,
                annexe.description,
                csv=False,
                partout=False,
            ),
        )


def en_json(objets: Interface) -> str:
    """Write what is compared of an interface, a line per column."""
    dit = {
        nom: {
            "cle": ", ".join(objet.cle),
            "colonnes": {n: f"{c.type}{' not null' if c.sans_vide else ''}" for n, c in objet.champs.items()},
        }
        for nom, objet in objets.items()
    }
    return json.dumps(dit, ensure_ascii=False, indent=1) + "\n"


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


_TETE = f"""# What a release promises

<!-- Generated by `make docs` from the contracts in dbt_project/models/marts: edit those instead. -->

The tables of a release, in schema `marts` of `ctg.duckdb` and, but where it is said, one file each in `parquet/`.
A night that breaks one of these promises publishes nothing.

- **Key**: the columns of which no two rows have the same values; it is the grain of the table. Where one of them may
  be empty, an empty cell counts as a value, and the key is no primary key. `datapackage.json` has the primary keys;
  `ctg.duckdb` too, but for the tables marked *no index*, whose index would weigh more than their rows
  ([ADR 0015](adr/0015-long-tables-have-no-index.md)): the comment of a table names its key.
- **Never empty**: NOT NULL in `ctg.duckdb`, `required` in `datapackage.json`. A figure may be empty, its statut is not.
- **CSV**: all tables but those marked *no CSV*. Beyond {COMPRESSION // 1_000_000} MB a file is a `.csv.gz`; `datapackage.json`
  has the path. Numbers are rounded as they are printed.

## What may change

| what | how it is announced |
| --- | --- |
| rows, values, order of tables, wording of descriptions, labels and motifs | it is not: ids, `statut` and `motif_code` are there to be read |
| a table or a column more; a column never empty from now on | an item under Unreleased in [CHANGELOG.md](../CHANGELOG.md) that names it |
| a table or a column less, or under another name; another type, another key; a column that may be empty from now on | the same, under Changed, with what to read instead |

`docs/interface.json` is the interface of the version announced last. A test compares it with this one, and fails where the
changelog does not name a difference. When a version is announced, `python -m orchestration.interface` writes it again.
"""  # noqa: E501


def page(objets: Interface) -> str:
    """The contract of marts, as a page (Markdown)."""
    lignes = [_TETE]
    for nom, objet in objets.items():
        notes = [
            *([] if objet.partout else ["in `ctg.duckdb` alone"]),
            *(["no CSV"] if objet.partout and not objet.csv else []),
            *([] if objet.index else ["no index"]),
        ]
        cle = ", ".join(f"`{c}`" for c in objet.cle) or "none: every row is its own"
        lignes += [
            f"## {nom}",
            "",
            objet.description,
            "",
            f"Key: {cle}.{' *' + ', '.join(notes) + '*.' if notes else ''}",
            "",
            "| column | type | never empty | |",
            "| --- | --- | --- | --- |",
            *(
                f"| `{n}` | {c.type} | {'yes' if c.sans_vide else ''} | {_cellule(c.description)} |"
                for n, c in objet.champs.items()
            ),
            "",
        ]
    return "\n".join(lignes)


def _cellule(texte: str) -> str:
    return texte.replace("|", "\\|")


if __name__ == "__main__":
    ANNONCEE.write_text(en_json(interface()), encoding="utf-8")
    sys.stdout.write(f"{ANNONCEE} is the interface of the version that is announced now.\n")
