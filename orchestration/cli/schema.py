"""`ctg schema`: the schéma pluriannuel of a convention, clause by clause (`contenu.clauses`)."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import composer_schema
from publication.portraits.contenu.clauses import Verdict, inconnues, lire, verifier
from publication.portraits.contenu.clauses_dites import RESERVE, bilan, origine
from publication.portraits.contenu.contexte import Contexte, Options
from publication.portraits.formats import DE_SECTIONS, imprimer_sections

from .affichage import lieu
from .groupe import Groupe
from .options import OPTION_PERIMETRE, OPTION_RELEASE, OPTION_REMPLACER, OPTION_SORTIE, release_lue
from .remise import imprimer


@click.group(cls=Groupe, anciens={"verifier": "check", "imprimer": "print"})
def schema() -> None:
    """Le schéma pluriannuel d'une convention : ce que le décret demande, ce qui y répond, ce qui manque."""


@schema.command("check")
@click.argument("territoire", metavar="TERRITOIRE")
@OPTION_RELEASE
@OPTION_PERIMETRE
def schema_verifier(territoire: str, release_id: str | None, perimetre: str | None) -> None:
    """Dit de chaque clause ce qui y répond, ce qui manque et où l'écrire.

    TERRITOIRE est celui d'une convention : ctg:baronnies-2025, ou l'EPCI de mêmes communes.

    Codes de sortie : 0 toutes les clauses sont trouvées ; 3 il manque quelque chose.
    """
    lue = release_lue(perimetre, release_id)
    with ouvrir(lue / "ctg.duckdb") as marts:
        ctx = Contexte(marts, marts.territoire(lieu(marts.con, territoire)), Options())
        lu = lire(ctx)
        edition, demonstration = marts.edition, ctx.territoire.demonstration
    verdicts, mal_nommees = verifier(lu), inconnues(lu)
    for verdict in verdicts:
        _dire(verdict)
    for faute in mal_nommees:
        click.echo(f"À corriger : {faute}\n")
    click.echo(f"{RESERVE}\nClauses : {origine()}.\n{edition.citation}")
    if demonstration:
        click.echo("Chiffres inventés, pour la démonstration.")
    click.echo(f"{bilan(verdicts)} ; publication {edition.release_id}.")
    sys.exit(3 if mal_nommees or any(v.etat != "trouvée" for v in verdicts) else 0)


def _dire(verdict: Verdict) -> None:
    """Print a clause: its words, its state, then what answers and what is missing."""
    click.echo(f"{verdict.nom} : {verdict.etat}  [{verdict.clause['id']}]\n  « {verdict.clause['texte']} »")
    for reponse in verdict.reponses:
        click.echo(f"  {reponse.quoi}")
        for figure in reponse.figures:
            click.echo(f"    + {figure} — {figure.source}")
        for ligne in reponse.lignes:
            click.echo(f"    + {ligne}")
        if reponse.details:
            click.echo(f"      {reponse.details}")
        for manque in reponse.manques:
            click.echo(f"    - {manque}")
        if reponse.ecrire:
            click.echo(f"      à compléter : {reponse.ecrire}")
    click.echo()


@schema.command("print")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice((*DE_SECTIONS,)), default="docx", show_default=True)
@OPTION_RELEASE
@OPTION_SORTIE
@OPTION_REMPLACER
@OPTION_PERIMETRE
def schema_imprimer(
    territoire: str,
    format_: str,
    release_id: str | None,
    sortie: Path | None,
    perimetre: str | None,
    remplacer: bool,
) -> None:
    """Imprime le schéma d'une convention, à compléter puis à soumettre à délibération : DOCX ou PDF."""

    def faire(marts: Marts) -> Iterator[tuple[str, bytes]]:
        compose = composer_schema(marts, lieu(marts.con, territoire))
        yield imprimer_sections(compose, format_, "schema")

    imprimer(perimetre, release_id, sortie, faire, remplacer=remplacer)
