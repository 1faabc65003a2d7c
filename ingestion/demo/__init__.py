"""The demonstration: source files in the producers' own layouts, real territories, invented figures.

Writes a mirror folder that the demo profile reads through the same contracts and the same code as real
files. Belongs here: the tables of facts, the targets, the draws and the layouts. Does not: reading,
contracts, and any indicator. Sources and reserves are in `README.md`.
"""

from pathlib import Path

from ingestion.atomic import ecriture_atomique
from ingestion.demo import anct, caf, cnaf, ctg, geographie, insee


def write_mirror(folder: Path) -> list[Path]:
    """Write every demonstration file under `folder`, at the `mirror` paths of the contracts.

    Returns the paths written, sorted. The same code gives the same bytes at every run; each file
    appears whole or not at all.
    """
    contenus = (
        geographie.fichiers()
        | insee.fichiers()
        | cnaf.fichiers()
        | anct.fichiers()
        | caf.fichiers()
        | ctg.fichiers()
    )
    chemins = []
    for relatif, contenu in sorted(contenus.items()):
        chemin = folder / relatif
        with ecriture_atomique(chemin) as fichier:
            fichier.write(contenu)
        chemins.append(chemin)
    return chemins
