"""A file that a command hands to whoever asked for it.

Belongs here: writing it, and saying so when that cannot be done. Does not: its content, nor its name.
"""

from contextlib import nullcontext
from pathlib import Path

from socle.disque import ecriture_atomique
from socle.erreurs import ErreurPublication

from ..nuit.zones import ecriture


def remettre(fichier: Path, contenu: bytes, quoi: str, home: Path | None = None) -> None:
    """Write a file, whole or not at all. `quoi`: what `--sortie` names, a dossier or a fichier.

    `home`: the file is among those of CTG_HOME, and has their modes; elsewhere it has the modes that the
    person gives to files. Raises ErreurPublication where it cannot be written.
    """
    try:
        with ecriture(home) if home else nullcontext(), ecriture_atomique(fichier, 0o666) as ouvert:
            ouvert.write(contenu)
    except OSError as erreur:
        raise ErreurPublication(
            f"{fichier} : {erreur.strerror}. Choisir un {quoi} où écrire, par --sortie."
        ) from erreur
