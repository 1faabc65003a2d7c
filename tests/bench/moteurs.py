"""The same foyers counted by DuckDB, embedded, and by Spark on two workers: `make spark`.

Belongs here: the comparison of what two engines give, of use to tests/spark too. Does not: the models run on
DuckDB (`extrait.py`), the session of Spark (`orchestration.nuit.spark`).
"""

import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.nuit.agregats import SCHEMA_COMPTES
from orchestration.nuit.controle_comptage import TABLES, reprendre
from orchestration.nuit.reglages import MAITRE
from orchestration.nuit.spark import en_marche
from tests.bench.extrait import compiles, preparer, sur_duckdb
from tests.bench.mesure import Cout, Ligne, afficher_couts


class Desaccord(Exception):
    """Two engines give different figures: nothing that was timed means anything."""


def comparer(foyers: int) -> None:
    """Count one invented month both ways; say what each took, once they agree to the cent."""
    with tempfile.TemporaryDirectory() as nom:
        dossier = Path(nom, "entier")
        lignes = preparer(dossier, foyers)
        micro, lieux = [dossier / "foyers.parquet"], dossier / "rattachement.parquet"
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
    ici_cout = Cout(ici_s)
    afficher_couts(
        f"Extract on two engines: {lignes} rows, {communs} rows of aggregates, the same on both",
        [
            Ligne("DuckDB, embedded", ici_cout),
            Ligne(f"Spark, {MAITRE}, with its start", Cout(temps[0]), ici_cout),
            Ligne("Spark, counted again in the same session", Cout(temps[1]), ici_cout),
        ],
    )


def comparees(ici: duckdb.DuckDBPyConnection, la: duckdb.DuckDBPyConnection) -> int:
    """Number of rows of both tables, the same on both engines; raises `Desaccord` otherwise."""
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
                raise Desaccord(f"{table}: the engines disagree, for instance on {ecarts}")
            nombre += int(con.execute("select count(*) from ici").fetchall()[0][0])
    return nombre
