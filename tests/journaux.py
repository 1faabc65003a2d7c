"""Journals written again by hand: another day, another fact, each line sealed as the warehouse does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from socle.journaux import ajouter_evenements, lire_evenements

# What ties a line to the one that it follows, beside its event.
DE_LA_CHAINE = ("sceau", "suit", "sel", "suit_tout")


def reecrire(journal: Path, changer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change each event of a journal."""
    evenements = [changer(e) for e in lire_evenements(journal)]
    journal.unlink()
    ajouter_evenements(journal, evenements)
