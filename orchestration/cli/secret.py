"""`ctg secret show`: the certificate of a release, in French, as its readers are given it."""

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from publication.releases import magasin as releases

from .options import OPTION_PERIMETRE, magasin_lu


@click.group("secret")
def secret() -> None:
    """Confidentialité : ce qu'une publication prouve des comptes de personnes."""


@secret.command("show")
@click.argument("release_id", default="current")
@click.option("--json", "en_json", is_flag=True, help="Le certificat tel qu'il est dans la publication.")
@OPTION_PERIMETRE
def show(release_id: str, en_json: bool, perimetre: str | None) -> None:
    """Montrer le certificat d'une publication : combien de valeurs restent possibles pour chaque compte."""
    dossier = releases.trouver(magasin_lu(perimetre, release_id), release_id)
    certificat = releases.lire_scelle(dossier, releases.CERTIFICAT)
    if en_json:
        click.echo((dossier / releases.CERTIFICAT).read_text(encoding="utf-8"), nl=False)
        return
    click.echo(f"Certificat de la publication {dossier.name} : {certificat['verdict']}.")
    if "mesures" not in certificat:
        click.echo(
            "Elle est d'avant l'arrondi des comptes de personnes : docs/secret.md dit ce que cela change."
        )
        return
    if not certificat["mesures"]:
        click.echo("Elle ne montre aucun compte de personnes arrondi par l'entrepôt.")
        return
    tableau = Table(box=None, pad_edge=False)
    for titre in ("mesure", "pas", "départements", "comptes", "valeurs possibles, au moins"):
        tableau.add_column(titre, justify="left" if titre == "mesure" else "right")
    for m in certificat["mesures"]:
        tableau.add_row(*(str(m[c]) for c in ("mesure", "pas", "chaines", "cellules", "alternatives_min")))
    for ancien in certificat.get("anciens_ordres", ()):
        click.echo(_ancien_ordre(ancien))
    Console(width=None if click.get_text_stream("stdout").isatty() else 120).print(tableau)
    click.echo(
        "De chaque compte d'une commune, qui connaît même le total exact du département ne peut écarter"
        " moins de valeurs que le pas. "
        + (
            f"{certificat['retenues']} chiffre(s) de communes sont donnés à partir de l'EPCI seulement :"
            " d'autres les auraient dits."
            if certificat["retenues"]
            else "Aucun chiffre de commune n'a dû être retiré."
        )
    )


def _ancien_ordre(dit: Mapping[str, Any]) -> str:
    """Say what the order of a chain tells, where a former version made it from the counts."""
    debut = (
        f"{dit['source']} {dit['millesime']}, département {dit['departement']} : rangé selon ses propres"
        " effectifs par une ancienne version. L'ordre publié dit, de chaque EPCI, quelles communes comptent"
        " le plus"
    )
    if dit["sous_le_pas"] is None:
        return f"{debut} (au plus grand de {dit['mesures']} comptes)."
    return (
        f"{debut} : {dit['sous_le_pas']} comptes sur {dit['cellules']} gardent moins de valeurs que le pas,"
        f" {dit['certaines']} de 1 à 4 se trouvent."
    )
