"""The night's own warehouse: one dbt build. Skipped when nothing changed.

Only wires dbt to Dagster: all SQL is in `dbt_project`.
"""

import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, dbt_assets

from ..nuit.agregats import geler
from ..project import projet_dbt
from ..resources import Nuit
from ..translator import TraducteurCtg


@dbt_assets(manifest=projet_dbt.manifest_path, project=projet_dbt, dagster_dbt_translator=TraducteurCtg())
def entrepot(context: dg.AssetExecutionContext, dbt: DbtCliResource, nuit: Nuit) -> Iterator[Any]:
    """Run `dbt build`, freeze the aggregates of the extract, then attach the number of rows of each table."""
    os.environ["CTG_BUILD_DB"] = str(nuit.base)
    os.environ["CTG_CACHE_MASQUES"] = str(nuit.agregats / "masques" / "decisions")
    # Unit tests test SQL, which a night does not change: `make test` runs them.
    commande = ["build", "--exclude-resource-type", "unit_test"]
    invocation = dbt.cli(commande, context=context, target_path=nuit.dossier_dbt)
    # DuckDB has one writer: rows can only be counted once dbt has let go of the file.
    evenements = list(invocation.stream())
    for fichier in geler(nuit.base, nuit.agregats, nuit.extrait):
        context.log.info(f"frozen: {fichier.name} of {fichier.parent.name}")
    with duckdb.connect(str(nuit.base), read_only=True) as con:
        comptes = {
            (schema, table): nombre
            for schema, table, nombre in con.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        }
    for evenement in evenements:
        if isinstance(evenement, dg.Output):
            cle = context.asset_key_for_output(evenement.output_name)
            nombre = comptes.get((cle.path[0], cle.path[-1]))
            if nombre is not None:
                evenement = evenement.with_metadata({**evenement.metadata, "dagster/row_count": nombre})
        yield evenement
