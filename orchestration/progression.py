"""What a person sees while a night runs from the command line: a bar on a terminal, plain lines elsewhere.

A Dagster logger, so that it follows the same events as the web page; it decides nothing.
"""

import logging
import re
import sys
import time
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .echecs import INTERRUPTIONS, premiere_cause, sans_classe

console = Console(stderr=True)

ETAPES = logging.getLogger("orchestration.etapes")
# The step that announces its sources one by one.
ANNONCEES = ("recevoir",)
# Errors that `ctg refresh` words itself.
DITS_AILLEURS = ("ServiceAbime", *INTERRUPTIONS)
# Beginning of each line that tells the progress, where there is no bar.
ANNONCE = re.compile(r"\[ *\d+\.\d s\] ")
# A night is two runs, and its lines count from its beginning.
_DEBUT = time.monotonic()
FINS = ("STEP_SUCCESS", "STEP_SKIPPED", "STEP_FAILURE")


def annoncer(quoi: str) -> None:
    """Say what a step starts to do, where it does many things; nobody listens but `ctg refresh`."""
    ETAPES.info(quoi)


class Suivi(logging.Handler):
    """Turns step events into a bar or lines; errors of the steps are printed as they come."""

    def __init__(self, nombre: int) -> None:
        """Prepare for a run that announces that many things."""
        super().__init__(logging.DEBUG)
        self._barre: Progress | None = None
        if console.is_terminal:
            self._barre = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            self._tache = self._barre.add_task("night", total=nombre)
            self._barre.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        if record.name == ETAPES.name:
            self._commencer(record.getMessage())
            return
        meta = record.__dict__.get("dagster_meta") or {}
        evenement = meta.get("dagster_event")
        if evenement is None:
            texte = str(meta.get("orig_message") or record.getMessage())
            # Dagster lists every step that a failure leaves out: the failure itself is enough.
            if record.levelno >= logging.ERROR and not texte.startswith("Dependencies for step"):
                self._dire(texte)
            return
        etape = evenement.step_key or ""
        match evenement.event_type_value:
            case "STEP_START":
                if etape not in ANNONCEES:
                    self._commencer(etape.replace("__", "/"))
            case fin if fin in FINS:
                erreur = evenement.step_failure_data.error if fin == "STEP_FAILURE" else None
                if erreur and erreur.cls_name not in DITS_AILLEURS:
                    # The step that ends the night also publishes to PostgreSQL, and did not fail itself.
                    ou = (
                        "" if erreur.cls_name == "PostgresEnEchec" else f"{etape.replace('__', '/')} failed: "
                    )
                    self._dire(f"{ou}{_cause(erreur)}")
            case "PIPELINE_SUCCESS" | "PIPELINE_FAILURE" | "PIPELINE_CANCELED" as fin:
                if self._barre:
                    self._barre.stop()
                echec = evenement.job_failure_data if fin == "PIPELINE_FAILURE" else None
                # A run that fails before its first step could not take the lock or read its settings.
                erreur = echec.error if echec and not echec.first_step_failure_event else None
                if erreur and erreur.cls_name not in DITS_AILLEURS:
                    self._dire(_cause(erreur))
            case _:
                pass

    def _commencer(self, quoi: str) -> None:
        if self._barre:
            self._barre.update(self._tache, description=quoi)
            self._barre.advance(self._tache)
        else:
            self._dire(f"[{time.monotonic() - _DEBUT:6.1f} s] {quoi}")

    def _dire(self, texte: str) -> None:
        if self._barre:
            self._barre.console.print(texte, markup=False, highlight=False)
        else:
            print(texte, file=sys.stderr, flush=True)


def _cause(erreur: Any) -> str:
    """Message of the innermost error."""
    return sans_classe(str(premiere_cause(erreur).message).strip()) if erreur else "no message"


@dg.logger(None, "Progress of a night on the command line.")
def progression(init_context: dg.InitLoggerContext) -> logging.Logger:
    """Logger used by `ctg refresh` alone."""
    journal = logging.Logger("ctg.nuit", logging.DEBUG)
    plan = init_context.job_def
    suivi = Suivi(_nombre_d_annonces(plan) if plan else 0)
    journal.addHandler(suivi)
    ETAPES.handlers = [suivi]
    ETAPES.setLevel(logging.INFO)
    ETAPES.propagate = False
    return journal


def _nombre_d_annonces(plan: dg.JobDefinition) -> int:
    """How many lines a run shows: its steps, and the assets of those that announce them one by one."""
    autres = [n.name for n in plan.nodes if n.name not in ANNONCEES]
    annonces = [
        cle
        for cle in plan.asset_layer.executable_asset_keys
        if plan.asset_layer.get(cle).assets_def.op.name in ANNONCEES
    ]
    return len(autres) + len(annonces)
