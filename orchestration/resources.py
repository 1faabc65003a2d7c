"""The night as a Dagster resource: `nuit.nuit.Nuit`, made for a run.

One run is one process (in-process executor), so that every step shares one `Nuit` and its lock.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from datetime import date
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import dagster as dg

from socle.memoire import en_memoire
from socle.panne import en_ecrivant

from .exploitation.alertes import en_commencant
from .exploitation.fin import devoir
from .exploitation.ronde import dire_les_fermes
from .nuit import reglages
from .nuit.nuit import Nuit, tenir
from .nuit.reglages import Reglages
from .translator import CLE_CONSTRUCTION, CLE_RELEASE

P = ParamSpec("P")
T = TypeVar("T")
# Type of the argument `nuit` of a step.
LaNuit = dg.ResourceParam[Nuit]


def ressource_nuit(reglage: Reglages | None = None, jour: date | None = None) -> dg.ResourceDefinition:
    """The resource `nuit`: of these settings and of a past day, or of the environment when a run starts."""

    @dg.resource
    def nuit(context: dg.InitResourceContext) -> Iterator[Nuit]:
        run, avertir = context.run, context.log.warning if context.log else print
        run_id, seule = (run.run_id, est_seule(run)) if run else (None, False)
        with ExitStack() as fin:
            with nullcontext() if jour or seule else en_commencant():
                lu = reglage or reglages.lire(nouveau=True)
                if not jour:
                    reglages.exiger_miroir(lu)
                fermes = partial(dire_les_fermes, lu.chemins)
                tenue = fin.enter_context(tenir(lu, run_id, jour=jour, seule=seule, avertir=fermes))
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


def est_seule(run: dg.DagsterRun) -> bool:
    """Whether a run is that of some assets or checks, or the end of another: no night."""
    if run.step_keys_to_execute is not None and "reception" not in run.step_keys_to_execute:
        return True
    if not run.asset_selection and not run.asset_check_selection:
        return False
    return not {CLE_CONSTRUCTION, CLE_RELEASE} <= (run.asset_selection or set())
