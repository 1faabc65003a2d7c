"""The second half of a night (the first is `receptions`); the weekly watch of addresses, the daily look; a
past day, which a backfill may ask for.
"""

import subprocess
import sys
from collections.abc import Iterable
from datetime import date

import dagster as dg

from ingestion.contrats import Contrat, charger_contrats
from publication.releases.magasin import lister
from socle.horloge import PARIS

from .assets.construction import construction as preparer
from .assets.release import release
from .assets.warehouse import entrepot
from .checks import controles
from .exploitation.alertes import en_commencant
from .exploitation.diagnostic import examiner
from .exploitation.ronde import dire
from .exploitation.veille import veiller
from .nuit import reglages
from .progression import ANNONCE
from .resources import CONSTRUCTION

construction = dg.define_asset_job(
    CONSTRUCTION,
    selection=dg.AssetSelection.assets(preparer, entrepot, release) | dg.AssetSelection.checks(controles),
    executor_def=dg.in_process_executor,
    description="The second half of a night: count and round persons, build, check, publish. Follows a"
    " reception that found something new.",
    # Before another reception, which would find the same news.
    tags={"dagster/max_runtime": str(3 * 3600), "dagster/priority": "1"},
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


def premier_jour(contrats: Iterable[Contrat]) -> date:
    """First day on which each source that no build does without had a file out."""
    return max(
        min(m.publie_le for r in c.ressources.values() for m in r.millesimes.values() if m.publie_le)
        for c in contrats
        if c.indispensable
    )


@dg.op(description="Rebuild what the warehouse would have said on the day of the partition.")
def rebatir(context: dg.OpExecutionContext) -> None:
    """Say what the command says, line by line; fail with its last words where it does.

    In a process and a Dagster of its own: the catalogue of this one keeps what nights made.
    """
    jour = context.partition_key
    commande = (sys.executable, "-m", "orchestration.cli", "refresh", "--as-of", jour)
    dits = []
    with subprocess.Popen(commande, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as rebati:
        assert rebati.stdout
        try:
            for ligne in rebati.stdout:
                dits.append(ligne)
                if ligne.strip():
                    context.log.info(ligne.rstrip())
        finally:
            # The command has ended, unless the run is stopped from the page, and then it says so.
            rebati.terminate()
    if rebati.returncode:
        # Lines of progress are left out.
        raise dg.Failure("".join(d for d in dits if not ANNONCE.match(d)).strip(), allow_retries=False)
    reglage = reglages.lire()
    context.add_output_metadata(
        {
            perimetre: dg.MetadataValue.path(str(magasin / faite.release_id / "site" / "index.html"))
            for perimetre, magasin in ((p, reglage.magasin(p)) for p in reglage.perimetres)
            # The newest comes last.
            for faite in reversed(lister(magasin))
            if faite.as_of == jour
        }
    )


@dg.job(
    executor_def=dg.in_process_executor,
    # Today counts too, as for the command.
    partitions_def=dg.DailyPartitionsDefinition(
        premier_jour(charger_contrats().values()).isoformat(), timezone=str(PARIS), end_offset=1
    ),
    description="What the warehouse would have said on a past day, as a release that is never in service:"
    " `ctg refresh --as-of`. A backfill asks for several.",
    tags={"dagster/max_runtime": str(3 * 3600)},
)
def jour_passe() -> None:
    """One step; what readers have stays as it is."""
    rebatir()
