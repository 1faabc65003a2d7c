"""The night's own warehouse: one dbt build. Skipped when nothing changed.

Only wires dbt to Dagster: all SQL is in `dbt_project`.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from confidentialite.cle import confier
from ingestion.extrait.zones import creer_dossier

from ..manifeste import colonnes_masquees, hors_csv, promesses
from ..nuit.agregats import geler
from ..nuit.revisions import eprouver
from ..progression import annoncer
from ..project import projet_dbt
from ..resources import Nuit
from ..translator import CLE_CONSTRUCTION, TraducteurCtg

MANIFESTE = json.loads(projet_dbt.manifest_path.read_bytes())
TRADUCTEUR = TraducteurCtg()
MASQUEES = colonnes_masquees(MANIFESTE)
HORS_CSV = hors_csv(MANIFESTE)
PROMESSES = promesses(MANIFESTE)


@dbt_assets(manifest=MANIFESTE, project=projet_dbt, dagster_dbt_translator=TRADUCTEUR)
def entrepot(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[Any]:
    """Run `dbt build`, freeze the aggregates of the extract, then attach the number of rows of each table."""
    if context.is_subset:
        raise dg.Failure(
            "the warehouse of a night is one file, built whole: run the job rafraichissement_nocturne",
            allow_retries=False,
        )
    # Imported late: a night where nothing changed builds nothing.
    from ..construire import EchecDbt, Ecoute, construire

    os.environ["CTG_CACHE_MASQUES"] = str(creer_dossier(nuit.chemins.decisions))

    def batir() -> Ecoute:
        with confier(nuit.cle("masques")):
            return construire(nuit.base, nuit.dossier_dbt)

    ecoute = batir()
    if not ecoute.erreurs:
        for mises in eprouver(nuit):
            for mise in mises:
                context.log.error(str(mise.erreur()))
            annoncer("/".join(CLE_CONSTRUCTION.path))
            ecoute = batir()
            if ecoute.erreurs:
                break
    # DuckDB has one writer: rows can only be counted once dbt has let go of the file.
    with duckdb.connect(str(nuit.base), read_only=True) as con:
        comptes = {
            (schema, table): nombre
            for schema, table, nombre in con.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        }
    for evenement in _evenements(context, nuit, ecoute.resultats):
        if isinstance(evenement, dg.Output):
            cle = context.asset_key_for_output(evenement.output_name)
            nombre = comptes.get((cle.path[0], cle.path[-1]))
            if nombre is not None:
                evenement = evenement.with_metadata({**evenement.metadata, "dagster/row_count": nombre})
        yield evenement
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))
    for fichier in geler(nuit.base, nuit.agregats, nuit.extrait):
        context.log.info(f"frozen: {fichier.name} of {fichier.parent.name}")


def _evenements(
    context: dg.AssetExecutionContext, nuit: Nuit, resultats: list[dict[str, Any]]
) -> Iterator[Any]:
    """What Dagster is told of each node: the same as when `DbtCliResource` runs dbt."""
    for resultat in resultats:
        yield from DbtCoreCliEventMessage(
            raw_event=resultat, event_history_metadata={}
        ).to_default_asset_events(
            manifest=MANIFESTE,
            dagster_dbt_translator=TRADUCTEUR,
            context=context,
            target_path=nuit.dossier_dbt,
            project=projet_dbt,
        )
