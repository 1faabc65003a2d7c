"""`ctg audit`: a published document against the warehouse (`publication.controle_documents`)."""

import importlib
import json
import sys
from pathlib import Path

import click

from publication.controle_documents import Audit, auditer, mart, rendu
from publication.controle_documents.lecture import DocumentIllisible
from publication.releases import magasin

from ..nuit.chemins import chemins
from ..nuit.zones import ecriture
from .affichage import sortie
from .options import OPTION_PERIMETRE, magasin_lu
from .remise import remettre

_SORTIES = (".xlsx", ".html")


@click.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--release", "release_id", default="current", metavar="ID", help="Judge against this release.")
@click.option("--tout", is_flag=True, help="Show every figure and check, not only what is to be corrected.")
@click.option(
    "--sortie",
    "ecrire",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the verdicts to send to the author: a workbook (.xlsx) or a page (.html).",
)
@click.option("--json", "en_json", is_flag=True, help="JSON in place of the tables.")
@OPTION_PERIMETRE
def audit(
    fichier: Path, release_id: str, tout: bool, ecrire: Path | None, en_json: bool, perimetre: str | None
) -> None:
    """Judge a published document's figures against the warehouse and against each other.

    FILE is a CSV, as programs or Excel save it, or a workbook (XLSX): one printed figure per row.

    Exit codes: 0 nothing to correct; 3 something to correct (écart, mauvais univers, divulgation, or a check
    that does not pass); 2 the document cannot be read; 1 no such release. The audit is also written under
    CTG_HOME/audits.
    """
    if ecrire and ecrire.suffix not in _SORTIES:
        attendu = f"{ecrire}: expected {' or '.join(_SORTIES)}."
        raise click.BadParameter(attendu, param_hint="--sortie")
    release = magasin.trouver(magasin_lu(perimetre, release_id), release_id)
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
