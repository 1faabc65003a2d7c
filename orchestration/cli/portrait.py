"""`ctg portrait`: the portrait of a territory, in the formats people open (`publication.portraits`)."""

from collections.abc import Iterator
from pathlib import Path

import click

from publication.lecture.commentaires import publies
from publication.lecture.marts import Marts
from publication.portraits.contenu import Options, composer
from publication.portraits.formats import FORMATS, nom_de_fichier, rendre, rendre_dans

from .affichage import lieu
from .options import OPTION_PERIMETRE, OPTION_RELEASE, OPTION_REMPLACER, OPTION_SORTIE
from .plan import lire_commentaires
from .remise import imprimer

TOUT = "tout"


@click.command("portrait")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice((*FORMATS, TOUT)), default="html", show_default=True)
@click.option(
    "--comparer",
    multiple=True,
    metavar="LIEU",
    help="Un autre territoire à mettre en regard ; peut se répéter.",
)
@click.option(
    "--depuis",
    type=int,
    metavar="ANNEE",
    help="L'année de départ des évolutions (sinon celle de la convention).",
)
@click.option(
    "--modele",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Modèle du diaporama (.potx ou .pptx) : ses dispositions, polices et couleurs.",
)
@OPTION_RELEASE
@OPTION_SORTIE
@click.option(
    "--commentaires",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Commentaires à imprimer à la place de ceux du plan (la même table).",
)
@OPTION_REMPLACER
@OPTION_PERIMETRE
def portrait(
    territoire: str,
    format_: str,
    comparer: tuple[str, ...],
    depuis: int | None,
    modele: Path | None,
    release_id: str | None,
    sortie: Path | None,
    perimetre: str | None,
    commentaires: Path | None,
    remplacer: bool,
) -> None:
    """Imprime le portrait d'un territoire : HTML, PDF, PPTX, XLSX.

    TERRITOIRE est un nom, avec ou sans accents, un code ou un identifiant : nyons, commune:26220.
    """

    if modele is not None and format_ not in ("pptx", TOUT):
        raise click.UsageError("--modele est le modèle du diaporama : ajouter --format pptx (ou tout).")

    def faire(marts: Marts) -> Iterator[tuple[str, bytes]]:
        trouve, *beside = (lieu(marts.con, demande) for demande in (territoire, *comparer))
        choisis = lire_commentaires(commentaires) if commentaires else None
        options = Options(comparer=tuple(beside), depuis=depuis, commentaires=choisis)
        document = composer(marts, trouve, options)
        for nom in (*FORMATS,) if format_ == TOUT else (format_,):
            if nom == "pptx" and modele is not None:
                octets, manques = rendre_dans(document, modele.read_bytes(), modele.name)
                for manque in manques:
                    click.echo(f"Modèle {modele.name} : {manque}.", err=True)
            else:
                octets = rendre(document, nom)
            yield nom_de_fichier(document, nom, options.suffixe), octets
        for c in choisis if choisis is not None else publies(marts):
            if c.territoire_id == trouve and (mouvement := c.mouvement(marts)):
                click.echo(f"Un commentaire cite un chiffre qui a changé. {mouvement} : {c.texte}", err=True)

    imprimer(perimetre, release_id, sortie, faire, remplacer=remplacer)
