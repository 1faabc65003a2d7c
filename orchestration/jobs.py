"""The one job: a night, from the producers' files to the release."""

import dagster as dg

rafraichissement_nocturne = dg.define_asset_job(
    "rafraichissement_nocturne",
    selection=dg.AssetSelection.all(),
    # One process: DuckDB has one writer, and most of the time goes into starting processes.
    executor_def=dg.in_process_executor,
    description="One night: fetch, land, type, build, check, publish. A broken source stops no other.",
    tags={"dagster/max_runtime": str(3 * 3600)},
)
