"""The same foyers counted by DuckDB, embedded, and by Spark on two workers: `make spark`.

Belongs here: the compiled models run on DuckDB by themselves, and the comparison of what two engines give, of
use to tests/spark too. Does not belong here: the session of Spark (`orchestration.nuit.spark`).
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.nuit.agregats import SCHEMA_COMPTES
from orchestration.nuit.controle_comptage import TABLES, reprendre
from orchestration.nuit.projet import RACINE
from orchestration.nuit.reglages import MAITRE
from orchestration.nuit.spark import en_marche
from socle.sql import texte_sql
from tests.bench import extrait
from tests.bench.facons import ANNEE
from tests.bench.mesure import afficher

SEUILS = RACINE / "dbt_project" / "seeds" / "seuils_bas_revenus.csv"


def comparer(foyers: int) -> None:
    """Count one invented month both ways; say what each took, once they agree to the cent."""
    with tempfile.TemporaryDirectory() as nom:
        dossier = Path(nom, "entier")
        lignes = extrait.preparer(dossier, foyers)
        micro, lieux = [dossier / "foyers.parquet"], dossier / "rattachement.parquet"
        ecrire_rattachement(dossier / "territoires.parquet", lieux)
        modeles = compiles(dossier / "target")
        debut = time.monotonic()
        with sur_duckdb(modeles, micro, lieux) as ici:
            ici_s = time.monotonic() - debut
            with en_marche(Path(nom, "spark"), MAITRE) as session:
                temps = []
                for _ in range(2):
                    debut = time.monotonic()
                    tables = session.compter(micro, [lieux])
                    temps.append(time.monotonic() - debut)
                with reprendre(tables) as la:
                    communs = comparees(ici, la)
    afficher(
        f"Extract on two engines: {lignes} rows, {communs} rows of aggregates, the same on both",
        ("engine", "seconds", "ratio"),
        [
            (titre, f"{s:.1f}", f"{s / ici_s:.1f}")
            for titre, s in (
                ("DuckDB, embedded", ici_s),
                (f"Spark, {MAITRE}, with its start", temps[0]),
                ("Spark, counted again in the same session", temps[1]),
            )
        ],
    )


def compiles(cible: Path) -> dict[str, str]:
    """The SQL of the models tagged `portable`, as dbt compiled it under `cible` for DuckDB."""
    # The folder of a YAML file holds its tests.
    modeles = (c for c in (cible / "compiled").rglob("*.sql") if not c.parent.suffix)
    return {c.stem: c.read_text(encoding="utf-8") for c in modeles}


def ecrire_rattachement(territoires: Path, chemin: Path) -> None:
    """The territories of the bench, as the model `int_rattachement` gives them."""
    duckdb.sql(
        f"""copy (
        with t as (
            select distinct code as code_origine, epci, departement, region, france
            from read_parquet({texte_sql(territoires)})
        )
        select {ANNEE} as cog_millesime, code_origine, niveau, code, true as unique_a_ce_niveau
        from t unpivot (code for niveau in (epci, departement, region, france))
        ) to {texte_sql(chemin)} (format parquet)"""
    )


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


def comparees(ici: duckdb.DuckDBPyConnection, la: duckdb.DuckDBPyConnection) -> int:
    """Number of rows of both tables, the same on both engines; raises `extrait.Desaccord` otherwise."""
    nombre = 0
    with duckdb.connect() as con:
        for table in TABLES:
            for nom, moteur in (("ici", ici), ("la", la)):
                lue = moteur.execute(f"from intermediate.{table}").to_arrow_table()
                champs = [SCHEMA_COMPTES.field(c) for c in sorted(lue.column_names)]
                con.register(nom, lue.select([c.name for c in champs]).cast(pa.schema(champs)))
            # `except all` counts rows: one that is there twice on one side alone is a difference.
            ecarts = con.execute(
                "(select 'DuckDB alone', * from (from ici except all from la) limit 3)"
                " union all (select 'the other alone', * from (from la except all from ici) limit 3)"
            ).fetchall()
            if ecarts:
                raise extrait.Desaccord(f"{table}: the engines disagree, for instance on {ecarts}")
            nombre += int(con.execute("select count(*) from ici").fetchall()[0][0])
    return nombre
