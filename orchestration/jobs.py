"""The night, from the producers' files to the release; and the weekly watch of their addresses."""

import dagster as dg

from .exploitation.veille import veiller
from .nuit import reglages

rafraichissement_nocturne = dg.define_asset_job(
    "rafraichissement_nocturne",
    selection=dg.AssetSelection.all(),
    # One process: DuckDB has one writer, and most of the time goes into starting processes.
    executor_def=dg.in_process_executor,
    description="One night: fetch, land, type, build, check, publish. A broken source stops no other.",
    tags={"dagster/max_runtime": str(3 * 3600)},
)


@dg.op(description="Ask every address and portal that the contracts name; receive nothing.")
def demander(context: dg.OpExecutionContext) -> None:
    """Say what changed since the last watch; fail, with what to do, where something is gone."""
    regards, envois = veiller(reglages.lire(), alerter=True)
    for regard in regards:
        if regard.etat == "changee":
            context.log.info(f"{', '.join(regard.pour)}: {regard.quoi}")
    for echec in envois.echecs:
        context.log.warning(f"alert not sent: {echec}")
    if refus := [str(r.erreur) for r in regards if r.erreur]:
        raise dg.Failure("\n\n".join(refus), allow_retries=False)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Whether each address and dataset of the contracts is still there, and what changed of it.",
)
def veille_des_adresses() -> None:
    """One step: `ctg sources veille`."""
    demander()
