"""The night as a Dagster resource: `nuit.nuit.Nuit` made for a run, and what is owed to it however it ends.

One run is one process (in-process executor), so that every step shares one `Nuit` and its lock.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.horloge import aujourd_hui
from socle.memoire import en_memoire
from socle.panne import en_ecrivant

from .echecs import ce_qui_a_echoue
from .exploitation.alertes import exiger_miroir, prevenir
from .exploitation.instance import oublier_les_anciennes
from .exploitation.verdicts import redire
from .nuit import reglages
from .nuit.nuit import Nuit, tenir
from .nuit.reglages import Reglages
from .nuit.resume import finir
from .translator import CLE_CONSTRUCTION, CLE_RELEASE

P = ParamSpec("P")
T = TypeVar("T")
# What a step is given under this name.
LaNuit = dg.ResourceParam[Nuit]


def ressource_nuit(reglage: Reglages | None = None, jour: date | None = None) -> dg.ResourceDefinition:
    """The resource `nuit`: of these settings and of a past day, or of the environment when a run starts."""

    @dg.resource
    def nuit(context: dg.InitResourceContext) -> Iterator[Nuit]:
        lu = reglage or reglages.lire(nouveau=True)
        if not jour:
            exiger_miroir(lu)
        run = context.run
        run_id, seule = (run.run_id, est_seule(run)) if run else (None, False)
        with (
            tenir(lu, run_id, jour=jour, seule=seule, avertir=_avertir(context)) as tenue,
            ExitStack() as fin,
        ):
            _a_la_fin(fin, context, tenue)
            yield tenue

    return nuit


def _avertir(context: dg.InitResourceContext) -> Callable[[str], None]:
    return context.log.warning if context.log else print


def _a_la_fin(fin: ExitStack, context: dg.InitResourceContext, nuit: Nuit) -> None:
    """Owe these to the night, the last of them first; one that fails keeps no other from its turn."""
    run, instance = context.run, context.instance
    if nuit.ordinaire:
        # Last, for it may take its time.
        fin.callback(_prevenir, context, nuit)
        if instance:
            fin.callback(_oublier, context, instance, nuit.chemins.dagster)
    if run and instance:
        fin.callback(_etiqueter, instance, run.run_id, nuit)
    if nuit.ordinaire:
        fin.callback(finir, nuit.chemins)
    if not nuit.seule:
        fin.callback(nuit.resume.ecrire, nuit.chemins)


def _etiqueter(instance: dg.DagsterInstance, run_id: str, nuit: Nuit) -> None:
    """Have the page tell how the night ended, and what checks said before where it judged nothing."""
    instance.add_run_tags(run_id, nuit.resume.etiquettes(seule=nuit.seule))
    redire(instance, run_id, tous=not nuit.resume.calme)


def _oublier(context: dg.InitResourceContext, instance: dg.DagsterInstance, dossier: Path) -> None:
    """Forget old runs; what cannot be removed is told, and tried again by the next night."""
    try:
        oublier_les_anciennes(instance, dossier, aujourd_hui())
    except (OSError, SQLAlchemyError) as refus:
        _avertir(context)(f"the history of old runs was not removed from dagster/: {refus}")


def _prevenir(context: dg.InitResourceContext, nuit: Nuit) -> None:
    """Tell those who are not looking, and say in the summary what could not be told."""
    if not nuit.chemins.alertes.exists():
        return
    # A refusal of PostgreSQL is told by itself.
    if context.instance and context.run and not nuit.resume.postgres_en_echec:
        nuit.resume.noter_echecs(ce_qui_a_echoue(context.instance, context.run.run_id))
    diffusions = {nom: contrat.diffusion for nom, contrat in nuit.acquisition.contrats.items()}
    diffusions[SOURCE_EXTRAIT] = charger_contrat().diffusion
    envois = prevenir(nuit.chemins, nuit.resume.dit, diffusions)
    for echec in envois.echecs:
        _avertir(context)(f"alert not sent: {echec}")
    if envois.envoyes or envois.echecs:
        nuit.resume.noter_envois(envois.envoyes, envois.echecs)
        nuit.resume.ecrire(nuit.chemins)


def dit_les_pannes(etape: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """Have a step whose last argument is the night tell what disk and memory refuse as a person reads it."""

    @wraps(etape)
    def dite(*arguments: P.args, **nommes: P.kwargs) -> Iterator[T]:
        nuit = nommes.get("nuit", arguments[-1] if arguments else None)
        assert isinstance(nuit, Nuit)
        with en_memoire(), en_ecrivant(nuit.chemins.home, "the files of the night"):
            yield from etape(*arguments, **nommes)

    return dite


def est_seule(run: dg.DagsterRun) -> bool:
    """Whether a run is that of some assets or checks, or the end of another: no night."""
    if run.step_keys_to_execute is not None and "reception" not in run.step_keys_to_execute:
        return True
    if not run.asset_selection and not run.asset_check_selection:
        return False
    return not {CLE_CONSTRUCTION, CLE_RELEASE} <= (run.asset_selection or set())
