"""The demonstration: source files in the producers' own layouts, real territories, invented figures.

Writes a mirror folder that the demo profile reads through the same contracts and the same code as real
files. Belongs here: the tables of facts, the targets, the draws and the layouts. Does not: reading,
contracts, and any indicator. Sources and reserves are in `README.md`.
"""

import hashlib
from pathlib import Path

from demonstration import (
    anct,
    arcep,
    caf,
    caf_extrait,
    cnaf_allocataires,
    cnaf_petite_enfance,
    ctg,
    dares,
    dgcl,
    geographie,
    insee_equipements,
    insee_recensement,
    insee_revenus,
)
from socle.disque import ecriture_atomique

_PRODUCTEURS = (
    geographie,
    insee_recensement,
    insee_revenus,
    insee_equipements,
    cnaf_allocataires,
    cnaf_petite_enfance,
    anct,
    arcep,
    dares,
    dgcl,
    caf,
    ctg,
)


def write_mirror(folder: Path) -> list[Path]:
    """Write every demonstration file under `folder`, at the `mirror` paths of the contracts.

    Returns the paths written, sorted. The same code gives the same bytes at every run; each file
    appears whole or not at all.
    """
    contenus = {nom: octets for p in _PRODUCTEURS for nom, octets in p.fichiers().items()}
    chemins = []
    for relatif, contenu in sorted(contenus.items()):
        chemin = folder / relatif
        with ecriture_atomique(chemin) as fichier:
            fichier.write(contenu)
        chemins.append(chemin)
    return chemins


def ecrire_extraits_une_fois(dossier: Path) -> None:
    """Write the demonstration extracts and their mapping under `dossier`, unless this code already did."""
    temoin = dossier / ".ecrit"
    code = hashlib.sha256()
    for fichier in sorted(f for f in Path(__file__).parent.iterdir() if f.is_file()):
        code.update(fichier.name.encode() + b"\0" + fichier.read_bytes())
    if temoin.exists() and temoin.read_text() == code.hexdigest():
        return
    caf_extrait.ecrire_extraits(dossier)
    with ecriture_atomique(temoin) as f:
        f.write(code.hexdigest().encode())
