"""The night as a Dagster resource: `nuit.nuit.Nuit`, made for a run, and what of a night a run is.

One run is one process (in-process executor), so that every step shares one `Nuit` and its lock.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from datetime import date
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import dagster as dg

from ingestion.contrats import charger_contrats
from socle.memoire import en_memoire
from socle.panne import en_ecrivant

from .actifs import CLE_CONSTRUCTION, CLE_MICRO, CLE_RELEASE, cle_normalisee
from .exploitation.alertes import en_commencant
from .exploitation.fin import devoir
from .exploitation.ronde import dire_les_fermes
from .nuit import reglages
from .nuit.nuit import Nuit, Partie, tenir
from .nuit.reglages import Reglages

P = ParamSpec("P")
T = TypeVar("T")
# The two jobs of a night, and the step that begins each.
RECEPTION, CONSTRUCTION = "reception", "construction"
PARTIES: dict[str, Partie] = {RECEPTION: "reception", CONSTRUCTION: "construction"}
RECEVOIR, PREPARER = "recevoir", "preparer"
# Type of the argument `nuit` of a step.
LaNuit = dg.ResourceParam[Nuit]


def ressource_nuit(reglage: Reglages | None = None, jour: date | None = None) -> dg.ResourceDefinition:
    """The resource `nuit`: of these settings and of a past day, or of the environment when a run starts."""

    @dg.resource
    def nuit(context: dg.InitResourceContext) -> Iterator[Nuit]:
        run, avertir = context.run, context.log.warning if context.log else print
        run_id, partie = (run.run_id, partie_de(run)) if run else (None, "entiere")
        with ExitStack() as fin:
            with nullcontext() if jour or partie == "seule" else en_commencant():
                lu = reglage or reglages.lire(nouveau=True)
                if not jour:
                    reglages.exiger_miroir(lu)
                fermes = partial(dire_les_fermes, lu.chemins)
                tenue = fin.enter_context(tenir(lu, run_id, jour=jour, partie=partie, avertir=fermes))
            devoir(fin, tenue, run_id, context.instance, avertir)
            yield tenue

    return nuit


def dit_les_pannes(etape: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """Have a step whose last argument is the night tell what disk and memory refuse as a person reads it."""

    @wraps(etape)
    def dite(*arguments: P.args, **nommes: P.kwargs) -> Iterator[T]:
        nuit = nommes.get("nuit", arguments[-1] if arguments else None)
        assert isinstance(nuit, Nuit)
        with en_memoire(), en_ecrivant(nuit.chemins.home, "the files of the night"):
            yield from etape(*arguments, **nommes)

    return dite


def partie_de(run: dg.DagsterRun) -> Partie:
    """What of a night a run is: by its job, or by the assets that it asks for."""
    etapes = run.step_keys_to_execute
    if etapes is not None and not {RECEVOIR, PREPARER} & {*etapes}:
        # The end of another run.
        return "seule"
    demandes = run.asset_selection
    if not demandes:
        if run.asset_check_selection:
            return "seule"
        return PARTIES.get(run.job_name, "entiere")
    recoit = {CLE_MICRO, *map(cle_normalisee, charger_contrats())} <= demandes
    if {CLE_CONSTRUCTION, CLE_RELEASE} <= demandes:
        return "entiere" if recoit else "construction"
    # No construction follows a run of another job.
    return "reception" if recoit and run.job_name == RECEPTION else "seule"
