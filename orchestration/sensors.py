"""What starts a reception: a file dropped in the depot; and a construction: a reception that had news."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from socle.disque import est_tenu, marque

from .jobs import construction
from .nuit.chemins import chemins
from .nuit.resume import A_CONSTRUIRE, ETIQUETTE_COMMANDE, lire_resume
from .receptions import reception


def etat_du_depot(depot: Path) -> list[str]:
    """Digest of each file that lies in the depot (path, inode, size, date)."""
    # A folder right under the depot may be a link, to one that other accounts drop in: theirs lead nowhere.
    racines = [depot, *sorted(d for d in depot.glob("*") if d.is_symlink())]
    fichiers = (Path(ou) / nom for racine in racines for ou, _, noms in os.walk(racine) for nom in noms)
    # A person may be moving a file meanwhile.
    faits = (
        (str(f.relative_to(depot)), marque(f, suivre=False)) for f in sorted(fichiers) if f.name[0] != "."
    )
    return [_empreinte(fait) for fait in faits if fait[1]]


def _empreinte(quoi: object) -> str:
    return hashlib.sha256(repr(quoi).encode()).hexdigest()[:16]


@dg.sensor(
    job=reception,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="A file dropped in CTG_HOME/depot/<source>/<ressource>/<millesime>/, or an allocataire "
    "extract in its month, starts a night; one that the night refuses starts no other until it changes.",
)
def depot(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run once the depot has stopped moving, so that no half-copied file is read."""
    # A run asked for now would find the home taken and fail, and the same depot is never asked for twice.
    if est_tenu(chemins().verrou):
        return dg.SkipReason("a night is running: what it leaves in the depot starts another one")
    etat = etat_du_depot(chemins().depot)
    if not etat:
        return dg.SkipReason("the depot is empty")
    vus, demandes = _curseur(context.cursor)
    # Fewer files than last time are what a night left, not another drop.
    if vus != etat and {*etat} <= {*demandes}:
        return dg.SkipReason("a night has had all that the depot holds")
    if vus != etat:
        context.update_cursor(json.dumps([etat, demandes]))
        return dg.SkipReason("the depot has just changed: waiting for the copy to end")
    context.update_cursor(json.dumps([etat, etat]))
    return dg.RunRequest(run_key=_empreinte(etat))


def _curseur(dit: str | None) -> tuple[list[str], list[str]]:
    """The depot as last seen, and as the last request saw it; a cursor of 0.1.0 counts as empty."""
    vus, demandes = json.loads(dit) if dit and dit.startswith("[") else ([], [])
    return vus, demandes


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[reception],
    request_job=construction,
    minimum_interval_seconds=10,
    # A night whose second half never starts would look quiet.
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="The second half of a night: a reception of the page or of the schedule that found something"
    " new is followed by the job `construction`.",
)
def suite(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the construction of the reception that ended last, where it has one to make."""
    recu = context.dagster_run
    if ETIQUETTE_COMMANDE in recu.tags:
        return dg.SkipReason("`ctg refresh` goes on by itself")
    dite = lire_resume(chemins(), dict[str, Any]) or {}
    if (dite.get("run_id"), dite.get("etat")) != (recu.run_id, A_CONSTRUIRE):
        return dg.SkipReason("the reception found nothing to build, or another night took over")
    return dg.RunRequest(run_key=recu.run_id)
