"""Files that a command writes for a person, and the error where a file cannot be written."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path

import click

from publication.lecture.marts import Marts, ouvrir
from socle.disque import ecriture_atomique
from socle.erreurs import ErreurPublication

from ..nuit.chemins import chemins
from ..nuit.zones import ecriture
from .options import release_lue


def imprimer(
    perimetre: str | None,
    release_id: str | None,
    sortie: Path | None,
    faire: Callable[[Marts], Iterable[tuple[str, bytes]]],
    *,
    remplacer: bool,
) -> None:
    """Write documents of a release, by name, to a folder (by default among the portraits of CTG_HOME).

    Raises ErreurPublication on a file that is there and differs, unless `remplacer`.
    """
    lieux = chemins()
    lue = release_lue(perimetre, release_id)
    with ouvrir(lue / "ctg.duckdb") as marts:
        for nom, octets in faire(marts):
            fichier = (sortie or lieux.portraits / lue.name) / nom
            if not remplacer and fichier.exists() and fichier.read_bytes() != octets:
                raise ErreurPublication(
                    f"{fichier} existe et diffère, peut-être retouché : il est laissé tel quel. Donner"
                    " --remplacer pour l'écraser, ou un autre dossier par --sortie."
                )
            remettre(fichier, octets, "dossier", None if sortie else lieux.home)
            click.echo(fichier)


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
