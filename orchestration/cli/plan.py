"""`ctg plan`: what the author of a plan has to look at (`publication.controle_documents.plan`)."""

import sys
from pathlib import Path

import click
import pyarrow.parquet as pq

from ingestion.contrats import charger_contrats
from ingestion.erreurs import Lieu
from ingestion.typage import normaliser_fichier
from publication.controle_documents.plan import Tables, controler, remarques
from publication.lecture.commentaires import Commentaire
from publication.lecture.marts import ouvrir

from ..nuit import reglages
from .groupe import Groupe
from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue

SOURCE = "ctg_plan_actions"


@click.group(cls=Groupe, anciens={"verifier": "check"})
def plan() -> None:
    """Le plan d'une convention : ce que son auteur doit regarder."""


@plan.command("check")
@OPTION_RELEASE
@OPTION_PERIMETRE
def plan_verifier(release_id: str | None, perimetre: str | None) -> None:
    """Compare le plan en usage à la publication : énoncés contredits, statuts et dates dépassés, remarques.

    Codes de sortie : 0 rien à corriger ; 3 quelque chose à corriger.
    """
    tables = _tables()
    lue = release_lue(perimetre, release_id)
    with ouvrir(lue / "ctg.duckdb") as marts:
        constats = controler(marts, tables)
    for constat in constats:
        click.echo(f"{constat}\n")
    if internes := remarques(tables):
        click.echo("Remarques entre auteurs, imprimées nulle part :")
        for ou, dite in internes:
            click.echo(f"  {ou} : {dite}")
        click.echo()
    a_corriger = sum(c.a_corriger for c in constats)
    click.echo(
        f"{a_corriger} à corriger, {len(constats) - a_corriger} sans vérification possible,"
        f" {len(internes)} remarque(s) interne(s) ; publication {lue.name}."
    )
    sys.exit(3 if a_corriger else 0)


def lire_commentaires(fichier: Path) -> tuple[Commentaire, ...]:
    """Read a table of comments as a night would. Raises ErreurSource, with the line and the column."""
    ressource = charger_contrats()[SOURCE].ressources["commentaires"]
    edition = ressource.edition(max(ressource.millesimes), glissante=False)
    assert edition is not None
    lieu = Lieu(SOURCE, ressource.nom, edition.millesime, fichier.name)
    lu = normaliser_fichier(fichier, ressource, edition, "", None, lieu)
    return tuple(Commentaire.de_la_table(ligne) for ligne in lu.table.to_pylist())


def _tables() -> Tables:
    """Read the tables of the plan in use: of each, its newest state."""
    retenus = reglages.lire().acquisition().retenus().de(SOURCE)
    derniers = {f.ressource: f for f in sorted(retenus, key=lambda f: f.millesime)}
    return {nom: pq.read_table(f.parquet).to_pylist() for nom, f in derniers.items()}
