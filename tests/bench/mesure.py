"""What every bench shares: what a process costs, and one table that says it beside a reference.

Belongs here: nothing that knows what is measured.
"""

import json
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
CTG = str(Path(sys.executable).with_name("ctg"))
_LARGEUR = 160
# Seconds between two looks at the memory of a process and of those it started.
_REGARD = 0.2


@dataclass(frozen=True)
class Cout:
    """What a process took, with those it started and waited for. `processeur`: seconds of user CPU."""

    secondes: float
    processeur: float = 0.0
    pic_mo: float = 0.0


@dataclass(frozen=True)
class Ligne:
    """A line of a table: what cost so much, beside what, and what is to be reached."""

    quoi: str
    cout: Cout
    reference: Cout | None = None
    vise: str = ""


class Echec(Exception):
    """A command that is timed did not end as it should: nothing that was measured means anything."""


def executer(
    commande: Sequence[object], env: Mapping[str, str] | None = None, *, memoire: bool = False, code: int = 0
) -> Cout:
    """Run a command to its end and say what it cost; its peak memory too with `memoire`.

    The peak is that of all its processes together, pages they share counted once. Raises `Echec` when it ends
    with another code than `code`.
    """
    with tempfile.TemporaryFile() as dit:
        avant, debut, pic = _processeur(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
        processus = subprocess.Popen(commande, env=env, cwd=RACINE, stdout=dit, stderr=subprocess.STDOUT)
        if memoire:
            while processus.poll() is None:
                pic = max(pic, _memoire(processus.pid))
                time.sleep(_REGARD)
        rendu = processus.wait()
        secondes = time.perf_counter() - debut
        if rendu != code:
            dit.seek(0)
            fin = dit.read().decode(errors="replace")[-2000:]
            raise Echec(f"{' '.join(map(str, commande))} ended with code {rendu}:\n{fin}")
    return Cout(secondes, _processeur(resource.RUSAGE_CHILDREN) - avant, pic)


def mesurer(travail: Callable[[], object]) -> Cout:
    """Make one call and say what it cost to this process, whose peak of memory is that of its life."""
    avant, debut = _processeur(resource.RUSAGE_SELF), time.perf_counter()
    travail()
    secondes = time.perf_counter() - debut
    # Unlike ru_maxrss, it forgets what the process that started this one held.
    (pic,) = (x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
    return Cout(secondes, _processeur(resource.RUSAGE_SELF) - avant, int(pic.split()[1]) / 1024)


def mesure_ailleurs(module: str, *arguments: object) -> Cout:
    """What a module measures of a part of its own process: it prints a `Cout` as JSON."""
    commande = [sys.executable, "-m", module, *arguments]
    fait = subprocess.run(commande, cwd=RACINE, check=True, stdout=subprocess.PIPE, text=True)
    return Cout(**json.loads(fait.stdout))


def milieu(couts: Sequence[Cout]) -> Cout:
    """The median of each quantity."""
    return Cout(
        median(c.secondes for c in couts),
        median(c.processeur for c in couts),
        median(c.pic_mo for c in couts),
    )


def _processeur(de: int) -> float:
    return resource.getrusage(de).ru_utime


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


def afficher_couts(titre: str, lignes: Sequence[Ligne]) -> None:
    """Print ratios, and beside them what they come from; what was not measured is left blank."""
    colonnes = ("what", "ratio of processor", "of time", "to reach", "processor", "seconds", "peak MB")
    rendues = []
    for x in lignes:
        c, r = x.cout, x.reference
        rapports = [(c.processeur, r.processeur), (c.secondes, r.secondes)] if r else [(0, 0), (0, 0)]
        rendues.append(
            (
                x.quoi,
                *(f"{a / b:.2f}" if b else "" for a, b in rapports),
                x.vise,
                *(f"{n:.2f}" if n else "" for n in (c.processeur, c.secondes)),
                f"{c.pic_mo:.0f}" if c.pic_mo else "",
            )
        )
    afficher(titre, colonnes, rendues)


def afficher(titre: str, colonnes: Sequence[str], lignes: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are numbers."""
    tableau = Table(title=titre, title_justify="left", box=None)
    for rang, colonne in enumerate(colonnes):
        tableau.add_column(colonne, justify="right" if rang else "left")
    for ligne in lignes:
        tableau.add_row(*ligne)
    # Written to a file, a table is not cut to 80 columns.
    Console(width=max(_LARGEUR, Console().width)).print(tableau)
