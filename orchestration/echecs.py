"""How a failed run tells its failure to the person who must act.

Belongs here: what stopped it, step by step, a run asked for too little. Does
not: who reads it (`exploitation.alertes`).
"""

import re
from collections.abc import Iterable
from typing import Protocol

import dagster as dg

from socle.erreurs import ErreurCtg
from socle.panne import constat_de


class Erreur(Protocol):
    """An error as Dagster keeps it, with those behind it."""

    message: str
    cls_name: str | None
    cause: "Erreur | None"


# Errors of Dagster whose message, as ours, says what was wrong and what to do.
_DE_DAGSTER = ("DagsterAssetCheckFailedError", "Failure")
_CHEMIN = re.compile(r"^(\w+\.)+\w+: ")
INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
INTERROMPUE = (
    "The run was interrupted before its end: what readers have is whole. Run it again: it goes on from what"
    " has landed."
)


def est_dite(erreur: Erreur) -> bool:
    """Whether the message is enough, and a traceback would add nothing."""
    return erreur.cls_name in _DE_DAGSTER or erreur.cls_name in ErreurCtg.noms()


def premiere_cause(erreur: Erreur) -> Erreur:
    """The innermost error that a person can act on, else the innermost: Dagster wraps what the steps raise.

    StepFailure, ErreurPublication "the page of … cannot be made: KeyError …", KeyError    the second
    """
    trouvee = None
    while True:
        if est_dite(erreur):
            trouvee = erreur
        if erreur.cause is None:
            return trouvee or erreur
        erreur = erreur.cause


def sans_classe(message: str) -> str:
    """A message without the dotted path of its class."""
    return _CHEMIN.sub("", message)


# dbt's messages begin with the name of the node.
_NOEUD_DBT = re.compile(r"(Failure|Error|\w+ Error) in (test|model|seed|snapshot|unit_test) ")
NUIT_ENTIERE = (
    "The file of a night is begun by a whole construction: run the job `construction`, or ask for these"
    " assets without `construction` and `publication/release`, in the file of the last build."
)


class ServiceAbime(dg.Failure, ErreurCtg):
    """The night did all it had to, and what readers had was damaged: somebody has a disk to look at."""

    def __init__(self, message: str, abimees: Iterable[str]) -> None:
        """Say what the night did, and which releases do not verify."""
        super().__init__(
            f"{message} When the night began, what readers had was not what was published:"
            f" {', '.join(abimees)}. `ctg doctor` says which files.",
            allow_retries=False,
        )


class PostgresEnEchec(dg.Failure, ErreurCtg):
    """The night did all it had to, and the database did not get the release."""

    def __init__(self, message: str) -> None:
        """Say how the night ended, and what the database said."""
        super().__init__(message, allow_retries=False)


def ce_qui_a_echoue(instance: dg.DagsterInstance, run_id: str) -> list[dict[str, str]]:
    """What stopped a run, step by step, in one line each: our own errors have no figure in their first line.

    The summary of the night has what the gate found, and refused files.
    """
    dits = []
    for entree in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        evenement = entree.dagster_event
        erreur = getattr(evenement.event_specific_data, "error", None) if evenement else None
        if erreur is None:
            continue
        cause = premiere_cause(erreur)
        if cause.cls_name in ("DagsterAssetCheckFailedError", "ServiceAbime"):
            continue
        lignes = sans_classe(cause.message).strip().splitlines()
        if cause.cls_name in INTERRUPTIONS:
            quoi = INTERROMPUE
        elif cause.cls_name == "EchecDbt":
            nommes = [ligne.strip() for ligne in lignes if _NOEUD_DBT.match(ligne.strip())]
            quoi = "; ".join(nommes[:5]) or "dbt did not build everything"
        else:
            quoi = lignes[0] if est_dite(cause) else f"{cause.cls_name}, a bug"
        suite = f'docs/runbook.md, "A night failed"; the run is {run_id} (`make dev`)'
        observe = constat_de("\n".join(lignes))
        dits.append({"etape": str(entree.step_key), "quoi": quoi, "observe": observe, "suite": suite})
    return dits
