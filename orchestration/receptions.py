"""The first half of a night, as Dagster loads it without dbt: most nights find nothing new and end there."""

import dagster as dg

from .assets.sources import externes
from .assets.sources import reception as recevoir
from .progression import progression
from .resources import RECEPTION, ressource_nuit

reception = dg.define_asset_job(
    RECEPTION,
    selection=dg.AssetSelection.assets(recevoir),
    # One process: DuckDB has one writer, and most of the time goes into starting processes.
    executor_def=dg.in_process_executor,
    description="The first half of a night: fetch, land, type. A broken source stops no other. Where it found"
    " something new, `construction` follows.",
    tags={"dagster/max_runtime": str(3 * 3600)},
)
defs = dg.Definitions(
    assets=[*externes, recevoir],
    jobs=[reception],
    executor=dg.in_process_executor,
    loggers={"progression": progression},
    resources={"nuit": ressource_nuit()},
)
