"""Starts a night when somebody drops a file in the depot."""

import hashlib
import os
from pathlib import Path

import dagster as dg

from socle.disque import est_tenu

from .jobs import rafraichissement_nocturne
from .nuit.chemins import chemins


def etat_du_depot(depot: Path) -> str | None:
    """Digest of what lies in the depot (paths, sizes, dates), or None when it is empty."""
    # Through links: a folder of the depot may be one that other accounts drop in.
    fichiers = (Path(ou) / nom for ou, _, noms in os.walk(depot, followlinks=True) for nom in noms)
    faits = [
        (str(f.relative_to(depot)), f.stat().st_size, f.stat().st_mtime_ns)
        for f in sorted(fichiers)
        if f.is_file() and not f.name.startswith(".")
    ]
    return hashlib.sha256(repr(faits).encode()).hexdigest() if faits else None


@dg.sensor(
    job=rafraichissement_nocturne,
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
    if etat is None:
        return dg.SkipReason("the depot is empty")
    if context.cursor != etat:
        context.update_cursor(etat)
        return dg.SkipReason("the depot has just changed: waiting for the copy to end")
    return dg.RunRequest(run_key=etat)
