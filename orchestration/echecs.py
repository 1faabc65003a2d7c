"""How a run that did not end well says so: as a person reads it, who must act.

Belongs here: what stopped it, step by step, a refusal that is no success, a run asked for too little. Does
not: how Dagster keeps an error (`evenements`), who is told (`nuit.alertes`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from socle.erreurs import ErreurCtg

from .evenements import INTERROMPUE, INTERRUPTIONS, en_une_phrase, est_dite
from .translator import CHECK_REFUS

# How dbt begins what it says of a node: its name, without what it read.
_NOEUD_DBT = re.compile(r"(Failure|Error|\w+ Error) in (test|model|seed|snapshot|unit_test) ")
NUIT_ENTIERE = (
    "The file of a night is begun by a whole night: run the job rafraichissement_nocturne, or ask for these"
    " assets without `construction` and `publication/release`, in the file of the last build."
)


class RefusDansLaNuit(dg.Failure, ErreurCtg):
    """The night did all it had to, and refused a file: no clean success (ADR 17)."""

    def __init__(self, refus: Sequence[Mapping[str, Any]], message: str) -> None:
        """Say what the night did, and how many files it refused of which sources."""
        sources = ", ".join(sorted({r["source"] for r in refus}))
        super().__init__(
            f"{message} {len(refus)} file(s) refused or out of reach ({sources}): the last accepted ones stay"
            f" in use. What to do is in the check `{CHECK_REFUS}` of each of these sources.",
            allow_retries=False,
        )


class PostgresEnEchec(dg.Failure, ErreurCtg):
    """The night did all it had to, and the database did not get the release."""

    def __init__(self, message: str) -> None:
        """Say how the night ended, and what the database said."""
        super().__init__(message, allow_retries=False)


def ce_qui_a_echoue(instance: dg.DagsterInstance, run_id: str) -> list[dict[str, str]]:
    """What stopped a run, step by step, in one line each: our own errors have no figure in their first line.

    What the gate found is told by itself, and so is a refused file.
    """
    dits = []
    for entree in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        erreur = (
            getattr(entree.dagster_event.event_specific_data, "error", None) if entree.dagster_event else None
        )
        if erreur is None:
            continue
        phrase = en_une_phrase(erreur)
        if phrase.cls_name in ("DagsterAssetCheckFailedError", "RefusDansLaNuit"):
            continue
        if phrase.cls_name in INTERRUPTIONS:
            quoi = INTERROMPUE
        elif phrase.cls_name == "EchecDbt":
            lignes = [ligne for ligne in phrase.message.splitlines() if _NOEUD_DBT.match(ligne.strip())]
            quoi = "; ".join(ligne.strip() for ligne in lignes[:5]) or "dbt did not build everything"
        else:
            quoi = phrase.message.splitlines()[0] if est_dite(phrase) else f"{phrase.cls_name}, a bug"
        suite = f'docs/runbook.md, "A night failed"; the run is {run_id} (`make dev`)'
        dits.append({"etape": str(entree.step_key), "quoi": quoi, "suite": suite})
    return dits
