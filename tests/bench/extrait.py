"""The national extract counted: seconds and memory of the models of the project, as a night counts a month.

    python -m tests.bench.extrait FOLDER        counts what `preparer` wrote there, and prints what it took

Belongs here: a month of invented foyers, the compiled models run on DuckDB by themselves. Does not: who the
foyers are (`foyers.py`), whether counts are right (`tests/dbt`), another engine (`moteurs.py`).
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.nuit.controle_comptage import TABLES
from orchestration.nuit.execution_dbt import executer as executer_dbt
from orchestration.nuit.projet import RACINE, actualiser_manifeste
from socle.sql import texte_sql
from tests.bench.foyers import communes_inventees, generer_micro
from tests.bench.mesure import Ligne, afficher_couts, mesure_ailleurs, mesurer

ANNEE = 2022
GRAINE = "bench"
COMMUNES_PAR_EPCI = 28
DEPARTEMENTS_PAR_REGION = 8
SEUILS = RACINE / "dbt_project" / "seeds" / "seuils_bas_revenus.csv"


def comparer(foyers: int) -> None:
    """Count one month in a process of its own; say what it took."""
    with tempfile.TemporaryDirectory() as nom:
        lignes = preparer(Path(nom, "mois"), foyers)
        cout = mesure_ailleurs("tests.bench.extrait", Path(nom, "mois"))
    afficher_couts(
        f"Extract, one month: {foyers} foyers, {lignes} rows",
        [Ligne("models of the project, in DuckDB", cout)],
    )


def compter(dossier: Path) -> int:
    """Count what `preparer` wrote in a folder; return the rows made."""
    with sur_duckdb(
        compiles(dossier / "target"), [dossier / "foyers.parquet"], dossier / "rattachement.parquet"
    ) as con:
        return sum(con.table(f"intermediate.{table}").count("*").fetchall()[0][0] for table in TABLES)


def preparer(dossier: Path, foyers: int, departements: tuple[str, ...] = ()) -> int:
    """Write what counting reads: foyers, territories, the compiled SQL of the models. Number of rows.

    The foyers live in all of the country, or in some `departements`.
    """
    communes = [c for c in communes_inventees(GRAINE) if not departements or c[0].startswith(departements)]
    dossier.mkdir()
    lignes = generer_micro(dossier / "foyers.parquet", foyers, f"{ANNEE}-12", GRAINE, communes)
    pq.write_table(_rattachement(), dossier / "rattachement.parquet")
    actualiser_manifeste()
    compilation = executer_dbt(
        dossier / "nuit.duckdb",
        dossier / "target",
        *("compile", "--select", "tag:portable", "--no-populate-cache"),
    )
    if compilation.erreurs:
        raise RuntimeError("\n\n".join(compilation.erreurs))
    (dossier / "nuit.duckdb").unlink(missing_ok=True)
    return lignes


def _rattachement() -> pa.Table:
    """Invented EPCI and régions of the generator's communes, as the model `int_rattachement` gives them."""
    lignes = set()
    for origine, _ in communes_inventees(GRAINE):
        departement, code = origine[:2], origine
        # Paris, Lyon and Marseille are one commune each.
        for premier, dernier, ville in (
            ("75101", "75120", "75056"),
            ("69381", "69389", "69123"),
            ("13201", "13216", "13055"),
        ):
            if premier <= origine <= dernier:
                code = ville
        epci = f"{departement}e{int(code[2:]) // COMMUNES_PAR_EPCI:02d}"
        region = f"r{int(departement) // DEPARTEMENTS_PAR_REGION:02d}"
        lignes |= {
            (ANNEE, code, niveau, territoire, True)
            for niveau, territoire in (("epci", epci), ("departement", departement), ("region", region))
        }
    noms = ("cog_millesime", "code_origine", "niveau", "code", "unique_a_ce_niveau")
    return pa.Table.from_pylist([dict(zip(noms, ligne, strict=True)) for ligne in sorted(lignes)])


def compiles(cible: Path) -> dict[str, str]:
    """The SQL of the models tagged `portable`, as dbt compiled it under `cible` for DuckDB."""
    # The folder of a YAML file holds its tests.
    modeles = (c for c in (cible / "compiled").rglob("*.sql") if not c.parent.suffix)
    return {c.stem: c.read_text(encoding="utf-8") for c in modeles}


@contextmanager
def sur_duckdb(
    modeles: dict[str, str], foyers: Sequence[Path], rattachement: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the compiled models on these files, under their own names."""
    with duckdb.connect() as con:
        # Compiled relations name the database of a night's file.
        con.execute("attach ':memory:' as nuit; use nuit")
        for schema in ("micro", "staging", "intermediate", "seeds"):
            con.execute(f"create schema {schema}")
        lus = ", ".join(map(texte_sql, foyers))
        con.execute(f"create view micro.foyers as select * from read_parquet([{lus}])")
        con.execute(
            f"create view intermediate.int_rattachement as from read_parquet({texte_sql(rattachement)})"
        )
        con.execute(
            "create table seeds.seuils_bas_revenus as select millesime::integer as millesime,"
            f" seuil_mensuel::decimal(12, 2) as seuil_mensuel from read_csv({texte_sql(SEUILS)})"
        )
        con.execute(f"create view staging.stg_caf__extrait_foyers as {modeles['stg_caf__extrait_foyers']}")
        for table in TABLES:
            con.execute(f"create table intermediate.{table} as {modeles[table]}")
        yield con


if __name__ == "__main__":
    print(json.dumps(asdict(mesurer(lambda: compter(Path(sys.argv[1]))))))
