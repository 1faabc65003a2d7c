"""`ctg releases …`: what readers are given. What they do is in `publication.releases`."""

import json
from pathlib import Path

import click

from publication.releases import magasin
from socle.erreurs import ErreurPublication

from ..nuit.chemins import chemins
from .affichage import sortie, tableau
from .groupe import Groupe


@click.group("releases", cls=Groupe)
def releases() -> None:
    """What readers are given."""


@releases.command("list")
def releases_list() -> None:
    """Releases, newest first."""
    table = tableau("Releases", "release", "published", "profile", "scope", "as of", "")
    for r in magasin.lister(chemins().releases):
        marques = [m for m, vrai in {"current": r.courante, "pinned": r.epinglee}.items() if vrai]
        table.add_row(r.release_id, r.publiee_le, r.profil, r.perimetre, r.as_of or "", ", ".join(marques))
    sortie.print(table)


@releases.command("show")
@click.argument("release_id", default="current")
@click.option("--verify", is_flag=True, help="Recompute the digest of every file.")
def releases_show(release_id: str, verify: bool) -> None:
    """Manifest of a release."""
    manifeste = magasin.montrer(chemins().releases, release_id)
    click.echo(json.dumps(manifeste, ensure_ascii=False, indent=2))
    if verify and (fautes := magasin.verifier(chemins().releases, release_id)):
        raise ErreurPublication("\n".join(fautes))


@releases.command("diff")
@click.argument("avant")
@click.argument("apres", default="current")
@click.option(
    "--csv",
    "detail",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every changed figure there, with its cause.",
)
def releases_diff(avant: str, apres: str, detail: Path | None) -> None:
    """Figures and files that changed between two releases, and why."""
    from publication.releases import comparaison

    resultat = comparaison.comparer(chemins().releases, avant, apres, detail)
    sortie.print(f"{resultat.avant} → {resultat.apres}", highlight=False, soft_wrap=True)
    causes = tableau("Causes", "cause", "figures")
    for cause, nombre in resultat.causes.items():
        causes.add_row(cause, str(nombre))
    sortie.print(causes)
    table = tableau("Figures", "indicateur", "added", "removed", "changed", "cause", "largest")
    for i in resultat.indicateurs:
        exemple = i.exemples[0] if i.exemples else None
        plus_grand = (
            f"{exemple.libelle} {exemple.millesime}: {exemple.avant} → {exemple.apres}" if exemple else ""
        )
        nombres = map(str, (i.ajoutees, i.retirees, i.modifiees))
        table.add_row(i.indicateur_id, *nombres, i.cause, plus_grand)
    sortie.print(table)
    for f in resultat.fichiers:
        avant_, apres_ = ((sha256 or "-")[:12] for sha256 in (f.sha256_avant, f.sha256_apres))
        sortie.print(
            f"{f.source}/{f.ressource} {f.millesime}: {avant_} → {apres_} ({f.cause})", highlight=False
        )


@releases.command("rollback")
@click.argument("release_id", required=False)
@click.option("--lift", is_flag=True, help="Lift the pin: the next night moves `current` again.")
def releases_rollback(release_id: str | None, lift: bool) -> None:
    """Put an older release back in service and pin it, or lift the pin."""
    if lift:
        levee = magasin.lever_epingle(chemins().releases)
        click.echo(f"Pin on {levee} lifted." if levee else "No pin to lift.")
    elif release_id:
        dossier = magasin.revenir(chemins().releases, release_id)
        click.echo(f"{dossier.name} is in service and pinned: `ctg releases rollback --lift` to go on.")
    else:
        raise click.UsageError("name a release, or --lift")
