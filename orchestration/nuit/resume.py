"""How the last night ended: the summary it leaves.

Belongs here: reading it. Does not: what it says (`orchestration.resources`), who is told (`alertes`).
"""

from dataclasses import dataclass
from typing import Any, TypeVar

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
