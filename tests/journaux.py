"""Journals written again by hand: another day, another fact, each line sealed as the warehouse does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from socle.journaux import ajouter_evenements, lire_evenements


def reecrire(journal: Path, changer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change each event of a journal."""
    evenements = [changer(e) for e in lire_evenements(journal)]
    journal.unlink()
    ajouter_evenements(journal, evenements)
