"""What every bench shares: a clock, what a process costs, tables of ratios on the terminal.

Belongs here: nothing that knows what is measured.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

RACINE = Path(__file__).resolve().parents[2]
_LARGEUR = 160
_STATUT = Path("/proc/self/status")
# Seconds between two looks at the memory of a process and of those it started.
_REGARD = 0.2


@dataclass(frozen=True)
class Cout:
    """What a process took, with those it started and waited for. `processeur`: seconds of user CPU."""

    secondes: float
    processeur: float
    pic_mo: float = 0.0


class Echec(Exception):
    """A command that is timed did not end as it should: nothing that was measured means anything."""


def executer(
    commande: Sequence[str], env: Mapping[str, str] | None = None, *, memoire: bool = False, code: int = 0
) -> Cout:
    """Run a command to its end and say what it cost; its peak memory too with `memoire`.

    The peak is that of all its processes together, pages they share counted once. Raises `Echec` when it ends
    with another code than `code`.
    """
    with tempfile.TemporaryFile() as dit:
        avant, debut, pic = _processeur_des_enfants(), time.perf_counter(), 0.0
        processus = subprocess.Popen(commande, env=env, cwd=RACINE, stdout=dit, stderr=subprocess.STDOUT)
        if memoire:
            while processus.poll() is None:
                pic = max(pic, _memoire(processus.pid))
                time.sleep(_REGARD)
        rendu = processus.wait()
        secondes, processeur = time.perf_counter() - debut, _processeur_des_enfants() - avant
        if rendu != code:
            dit.seek(0)
            fin = dit.read().decode(errors="replace")[-2000:]
            raise Echec(f"{' '.join(map(str, commande))} ended with code {rendu}:\n{fin}")
    return Cout(secondes, processeur, pic)


def mesurer(travail: Callable[[], object]) -> Cout:
    """Make one call and say what it cost, with the processes it started and waited for."""
    avant, debut = _processeur_d_ici() + _processeur_des_enfants(), time.perf_counter()
    travail()
    secondes = time.perf_counter() - debut
    return Cout(secondes, _processeur_d_ici() + _processeur_des_enfants() - avant)


def milieu(couts: Sequence[Cout]) -> Cout:
    """The median of each quantity."""
    return Cout(
        median(c.secondes for c in couts),
        median(c.processeur for c in couts),
        median(c.pic_mo for c in couts),
    )


def _processeur_des_enfants() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _processeur_d_ici() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _memoire(pid: int) -> float:
    """Memory of a process and of its descendants, in MB; 0 where the system does not tell."""
    total = 0.0
    try:
        for ligne in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if ligne.startswith("Pss:"):
                total += int(ligne.split()[1]) / 1024
        enfants = [e for t in Path(f"/proc/{pid}/task").glob("*/children") for e in t.read_text().split()]
    except OSError:  # it ended meanwhile
        return total
    return total + sum(_memoire(int(enfant)) for enfant in enfants)


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
