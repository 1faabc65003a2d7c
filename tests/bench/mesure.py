"""What every bench shares: a clock, the peak memory of a process, tables of ratios on the terminal.

Belongs here: nothing that knows what is measured.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

RACINE = Path(__file__).resolve().parents[2]
_LARGEUR = 140
_STATUT = Path("/proc/self/status")


def chronometrer(travail: Callable[[], object], fois: int = 5) -> float:
    """Median time of a call, in seconds, after one call that warms the caches."""
    travail()
    durees = []
    for _ in range(fois):
        debut = time.perf_counter()
        travail()
        durees.append(time.perf_counter() - debut)
    return median(durees)


def pic_memoire() -> float:
    """Peak resident memory of this process, in MB."""
    if _STATUT.exists():
        # Unlike ru_maxrss, it forgets what the process that started this one held.
        (ligne,) = (x for x in _STATUT.read_text().splitlines() if x.startswith("VmHWM"))
        return int(ligne.split()[1]) / 1024
    pic = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pic / (1024 * 1024 if sys.platform == "darwin" else 1024)


def afficher(titre: str, colonnes: Sequence[str], lignes: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are numbers."""
    tableau = Table(title=titre, title_justify="left", box=None)
    for rang, colonne in enumerate(colonnes):
        tableau.add_column(colonne, justify="right" if rang else "left")
    for ligne in lignes:
        tableau.add_row(*ligne)
    # Written to a file, a table is not cut to 80 columns.
    Console(width=max(_LARGEUR, Console().width)).print(tableau)


def afficher_durees(titre: str, lignes: Sequence[tuple[str, float]]) -> None:
    """Print durations in seconds, each with its ratio to the first."""
    reference = lignes[0][1]
    afficher(
        titre, ("what", "seconds", "ratio"), [(q, f"{d:.2f}", f"{d / reference:.2f}") for q, d in lignes]
    )
