"""`ctg audit`: a published document against the warehouse. What it does is in `publication.documents`."""

import json
import sys
from pathlib import Path

import click

from publication.documents import auditer, mart, rendu
from publication.documents.lecture import DocumentIllisible
from publication.releases import magasin

from ..nuit.chemins import chemins
from ..nuit.zones import ecriture
from .affichage import sortie


@click.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--release", "release_id", default="current", metavar="ID", help="Judge against this release.")
@click.option("--json", "en_json", is_flag=True, help="JSON in place of the tables.")
def audit(fichier: Path, release_id: str, en_json: bool) -> None:
    """Judge a published document's figures against the warehouse and against each other.

    Exit codes: 0 nothing to correct; 3 something to correct (écart, mauvais univers, divulgation, or a check
    that does not pass); 2 the document cannot be read; 1 no such release. The audit is also written under
    CTG_HOME/audits.
    """
    release = magasin.trouver(chemins().releases, release_id)
    try:
        resultat = auditer(release, fichier)
    except DocumentIllisible as erreur:
        click.echo(str(erreur), err=True)
        sys.exit(2)
    with ecriture(chemins().home):
        dossier = mart.ecrire_mart(resultat, chemins().audits)
    if en_json:
        click.echo(json.dumps(mart.en_json(resultat), ensure_ascii=False, indent=2))
    else:
        sortie.print(rendu.table_des_chiffres(resultat), rendu.table_des_controles(resultat), sep="\n\n")
        sortie.print(f"\n{rendu.resume(resultat)}\n{dossier}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(3 if resultat.a_corriger else 0)
