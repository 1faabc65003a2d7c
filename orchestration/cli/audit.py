"""`ctg audit`: a published document against the warehouse (`publication.controle_documents`)."""

import importlib
import json
import sys
from pathlib import Path

import click

from publication.controle_documents import Audit, auditer, mart, rendu
from publication.controle_documents.lecture import DocumentIllisible

from ..nuit.chemins import chemins
from ..nuit.zones import ecriture
from .affichage import sortie
from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue
from .remise import remettre

_SORTIES = (".xlsx", ".html")


@click.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FICHIER")
@OPTION_RELEASE
@click.option(
    "--tout", is_flag=True, help="Montre chaque chiffre et contrôle, et non ce qui est à corriger seul."
)
@click.option(
    "--sortie",
    "ecrire",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Écrit les verdicts à envoyer à l'auteur : un classeur (.xlsx) ou une page (.html).",
)
@click.option("--json", "en_json", is_flag=True, help="Du JSON à la place des tableaux.")
@OPTION_PERIMETRE
def audit(
    fichier: Path,
    release_id: str | None,
    tout: bool,
    ecrire: Path | None,
    en_json: bool,
    perimetre: str | None,
) -> None:
    """Confronte les chiffres d'un document publié à ceux de l'entrepôt, et entre eux.

    FICHIER est un CSV, tel que les programmes ou Excel l'enregistrent, ou un classeur (XLSX) : un chiffre
    imprimé par ligne.

    Codes de sortie : 0 rien à corriger ; 3 quelque chose à corriger (écart, mauvais univers, divulgation, ou
    un contrôle qui ne passe pas) ; 2 document illisible ; 1 publication inconnue. L'audit est aussi écrit
    dans CTG_HOME/audits.
    """
    if ecrire and ecrire.suffix not in _SORTIES:
        attendu = f"{ecrire} : attendu {' ou '.join(_SORTIES)}."
        raise click.BadParameter(attendu, param_hint="--sortie")
    release = release_lue(perimetre, release_id)
    try:
        resultat = auditer(release, fichier)
    except DocumentIllisible as erreur:
        click.echo(str(erreur), err=True)
        sys.exit(2)
    with ecriture(chemins().home):
        dossier = mart.ecrire_mart(resultat, chemins().audits)
    if ecrire:
        _ecrire(resultat, ecrire)
    if en_json:
        click.echo(json.dumps(mart.en_json(resultat), ensure_ascii=False, indent=2))
    else:
        for table in rendu.tables(resultat, tout):
            sortie.print(table, end="\n\n")
        ecrits = "\n".join(str(f) for f in (dossier, ecrire) if f)
        sortie.print(
            f"{rendu.resume(resultat, tout)}\n{ecrits}", markup=False, highlight=False, soft_wrap=True
        )
    sys.exit(3 if resultat.a_corriger else 0)


def _ecrire(resultat: Audit, fichier: Path) -> None:
    """Write the verdicts where the person asked."""
    forme = "classeur" if fichier.suffix == ".xlsx" else "page"
    rendre = importlib.import_module(f"publication.controle_documents.{forme}").rendre
    remettre(fichier, rendre(resultat), "fichier")
