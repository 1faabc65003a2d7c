"""How far a long reading is, on the error output: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ingestion.extrait.avancement import Avancement, DeTempsEnTemps, Suivre, lignes_lues

# Seconds between two lines where there is no terminal.
PAS = 10


@contextmanager
def suivi() -> Iterator[Suivre]:
    """Give what shows a reading until it ends."""
    if not sys.stderr.isatty():
        yield DeTempsEnTemps(lambda texte: print(texte, file=sys.stderr, flush=True), PAS, lignes=True)
        return
    barre = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[lignes]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    taches = {}

    def suivre(a: Avancement) -> None:
        if a.fichier not in taches:
            taches[a.fichier] = barre.add_task(a.fichier, total=a.total, lignes="")
        tache = taches[a.fichier]
        duree = barre.tasks[tache].elapsed or 0
        lues = lignes_lues(a.lignes)
        rythme = f", {a.lignes / duree / 1e6:.1f} M rows/s" if lues and duree else ""
        barre.update(tache, completed=a.octets, lignes=lues + rythme)

    with barre:
        yield suivre
