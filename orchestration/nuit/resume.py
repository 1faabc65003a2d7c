"""How the last night ended: the summary it leaves, or the mark of one that did not end.

    build/nuit.json    the summary, written at the end of a night whatever it is
    nuit_en_cours      there from the beginning of a night to its summary: where nobody holds CTG_HOME, its
                       night was killed, or the machine stopped

Belongs here: both files. Does not: what a summary says (`orchestration.resources`), who is told (`alertes`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from socle.disque import ecriture_atomique
from socle.etat import lire_json

from .chemins import Chemins

T = TypeVar("T")


@dataclass(frozen=True)
class Fin:
    """What a person asks of a night that is over."""

    etat: str
    refus: list[dict[str, Any]]


def lire_resume(chemins: Chemins, forme: type[T]) -> T | None:
    """Return the summary of the last night as `forme`, None before the first. Raises `EtatIllisible`."""
    suite = "remove it: the next night writes another"
    return lire_json(chemins.resume, forme, "how the last night ended", suite)


def tuee(chemins: Chemins) -> str | None:
    """When the last night began (UTC), if it did not end; None where it did. The caller holds CTG_HOME."""
    try:
        debut = chemins.en_cours.stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(debut, UTC).isoformat(" ", "seconds")


def commencer(chemins: Chemins) -> None:
    """Leave the mark of a night that begins, on the disk before anything else is."""
    with ecriture_atomique(chemins.en_cours):
        pass


def finir(chemins: Chemins) -> None:
    """Take the mark away: the night has its summary."""
    chemins.en_cours.unlink(missing_ok=True)


def dire_tuee(debut: str) -> str:
    """What is said of a night that did not end."""
    return f"the night begun on {debut} UTC did not end: killed, stopped at its start, or with the machine"
