"""The night, from the producers' files to the release; the weekly watch of addresses, the daily look."""

import dagster as dg

from .exploitation.alertes import en_commencant
from .exploitation.diagnostic import examiner
from .exploitation.ronde import dire
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
    with en_commencant("veille"):
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


@dg.op(
    description="Look at everything that `ctg doctor` looks at, each release byte by byte; repair nothing."
)
def examiner_tout(context: dg.OpExecutionContext) -> None:
    """Tell each line that says NO; fail, with what to type, where there is one."""
    with en_commencant("constats"):
        reglage = reglages.lire()
        constats = list(examiner(reglage))
    for echec in dire(reglage.chemins, constats).echecs:
        context.log.warning(f"alert not sent: {echec}")
    if fautes := [f"{c.quoi}: {c.fait}\n  next: {c.suite}" for c in constats if c.etat == "faute"]:
        raise dg.Failure("\n\n".join(fautes), allow_retries=False)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Whether the installation, the warehouse and each file of each release are as they should.",
)
def ronde() -> None:
    """One step: `ctg doctor --alerter`."""
    examiner_tout()
