"""The night's own warehouse: registered inputs, then one dbt build. Skipped when nothing changed.

Only wires `orchestration.nuit.base` and dbt to Dagster: all SQL is in `dbt_project`.
"""

import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, dbt_assets

from ..nuit.agregats import geler
from ..nuit.base import preparer
from ..project import projet_dbt
from ..resources import Nuit
from ..translator import CLE_CONSTRUCTION, CLE_MICRO, EQUIPE, TraducteurCtg, cle_normalisee
from .sources import CONTRATS


@dg.asset(
    key=CLE_CONSTRUCTION,
    deps=[*(cle_normalisee(s) for s in CONTRATS), CLE_MICRO],
    group_name="construction",
    kinds={"duckdb"},
    owners=EQUIPE,
    output_required=False,
    description="The night's own DuckDB file with the accepted files registered as views. Not produced when "
    "inputs, scope and code are those of the release in service: everything after it is then skipped.",
)
def construction(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[dg.Output[None]]:
    """Decide whether to build, and prepare the file."""
    if nuit.origine_vide:
        raise dg.Failure(
            f"{nuit.reglages.miroir} holds none of the files the contracts name: is it the right mirror, and "
            "is it mounted? Nothing is built, what readers have is untouched",
            allow_retries=False,
        )
    retenus = nuit.acquisition.fichiers_retenus()
    recues = {f.source for f in retenus}
    manquantes = [s for s, c in CONTRATS.items() if c.indispensable and s not in recues]
    if manquantes and nuit.jour:
        raisons = "\n".join(
            f"  {c.source}/{c.ressource} {c.millesime}: {c.raison}"
            for c in nuit.acquisition.choix
            if c.source in manquantes
        )
        raise dg.Failure(
            f"on {nuit.jour}, indispensable sources have no file: {', '.join(manquantes)}.\n{raisons}\n"
            "Nothing can be built without the reference geography: choose a later day, receive the files "
            "(`ctg refresh`), or give the day of publication (`publie_le`) in ingestion/sources",
            allow_retries=False,
        )
    if manquantes:
        raise dg.Failure(
            f"indispensable sources without any accepted file: {', '.join(manquantes)}. Nothing can be built "
            "without the reference geography: see `ctg sources list`, then provide the files",
            allow_retries=False,
        )
    deja = nuit.deja_publiee()
    if deja:
        message = f"Nothing changed since release {deja}: nothing is built, nothing is published."
        context.log.info(message)
        nuit.conclure("inchangee", deja, message)
        return
    preparer(nuit.base, nuit.acquisition, nuit.reglages, nuit.extrait)
    yield dg.Output(
        None,
        metadata={
            "fichiers": len(retenus),
            "perimes": [f"{f.source}/{f.ressource} {f.millesime}" for f in retenus if f.perime],
            "empreinte": nuit.empreinte(),
            "perimetre": nuit.reglages.perimetre,
        },
    )


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
    for fichier in geler(nuit.base, nuit.reglages.zones().agregats, nuit.extrait):
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
