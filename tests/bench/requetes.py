"""The SQL of the models and nothing else: run in order by one DuckDB process, on what a night had.

`python -m tests.bench.requetes BUILD TARGET NEW` prints what it took. BUILD is the file that a night built,
TARGET the folder where dbt compiled the models, NEW the file to build again.

Belongs here: replaying compiled SQL. Does not: compiling it, and what it is compared with (`france.py`). What
is no SQL (seeds, registered files, what Python makes) is copied from the night before the clock starts.
"""

import json
import sys
from dataclasses import asdict
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from tests.bench.mesure import Cout, mesurer


def modeles(cible: Path) -> list[dict[str, Any]]:
    """The SQL models of a compiled project, each after those it reads."""
    noeuds = json.loads((cible / "manifest.json").read_text())["nodes"]
    compiles = {
        r["unique_id"]: r["compiled_code"]
        for r in json.loads((cible / "run_results.json").read_text())["results"]
    }
    voulus = {
        cle: noeud | {"compiled_code": compiles[cle]}
        for cle, noeud in noeuds.items()
        if noeud["resource_type"] == "model" and noeud["language"] == "sql" and cle in compiles
    }
    ordre = TopologicalSorter({cle: voulus[cle]["depends_on"]["nodes"] for cle in voulus})
    return [voulus[cle] for cle in ordre.static_order() if cle in voulus]


def rejouer(faite: Path, cible: Path, neuve: Path) -> Cout:
    """Build `neuve` again from what the night's `faite` was given; say what it cost."""
    a_rejouer = modeles(cible)
    rejoues = {(m["schema"], m["alias"]) for m in a_rejouer}
    with duckdb.connect(str(neuve)) as con:
        con.execute(f"attach '{faite}' as faite (read_only)")
        relations = con.execute(
            "select schema_name, table_name, null from duckdb_tables() where database_name = 'faite' "
            "union all select schema_name, view_name, sql from duckdb_views() "
            "where database_name = 'faite' and not internal"
        ).fetchall()
        for schema in {s for s, *_ in relations} | {s for s, _ in rejoues}:
            con.execute(f"create schema if not exists {schema}")
        for schema, nom, vue in relations:
            if (schema, nom) not in rejoues:
                con.execute(vue or f'create table {schema}."{nom}" as from faite.{schema}."{nom}"')
        con.execute("detach faite")

        def construire() -> None:
            for m in a_rejouer:
                genre = "view" if m["config"]["materialized"] == "view" else "table"
                con.execute(f'create {genre} {m["schema"]}."{m["alias"]}" as {m["compiled_code"]}')
            con.execute("checkpoint")

        return mesurer(construire)


if __name__ == "__main__":
    print(json.dumps(asdict(rejouer(*map(Path, sys.argv[1:])))))
