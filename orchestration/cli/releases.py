"""`ctg releases …`: what readers are given. What they do is in `publication.releases`."""

import json
from pathlib import Path
from typing import Any

import click

from publication.releases import comparaison, magasin, perimetres
from socle.erreurs import ErreurPublication
from socle.horloge import jour_de

from ..nuit.chemins import chemins
from ..nuit.zones import exiger_le_proprietaire
from .affichage import sortie, tableau
from .groupe import Groupe
from .options import OPTION_PERIMETRE_EXPLOITANT, magasin_lu


@click.group("releases", cls=Groupe)
def releases() -> None:
    """What readers are given."""


@releases.command("list")
@OPTION_PERIMETRE_EXPLOITANT
def releases_list(perimetre: str | None) -> None:
    """Releases, newest first, of every scope or of one."""
    magasins = [magasin_lu(perimetre)] if perimetre else perimetres.tous(chemins().releases)
    table = tableau("Releases", "release", "published", "profile", "scope", "as of", "")
    lues = [r for m in magasins for r in magasin.lister(m)]
    for r in sorted(lues, key=lambda r: r.release_id, reverse=True):
        marques = [m for m, vrai in {"current": r.courante, "pinned": r.epinglee}.items() if vrai]
        table.add_row(r.release_id, r.publiee_le, r.profil, r.perimetre, r.as_of or "", ", ".join(marques))
    sortie.print(table)


@releases.command("show")
@click.argument("release_id", default="current")
@click.option("--verify", is_flag=True, help="Recompute the digest of every file.")
@click.option("--tout", is_flag=True, help="Every source file and every file of the release.")
@click.option("--json", "en_json", is_flag=True, help="The manifest, as it is in the release.")
@OPTION_PERIMETRE_EXPLOITANT
def releases_show(release_id: str, verify: bool, tout: bool, en_json: bool, perimetre: str | None) -> None:
    """What a release is made of."""
    lu = magasin_lu(perimetre, release_id)
    manifeste = magasin.montrer(lu, release_id)
    if en_json:
        click.echo(json.dumps(manifeste, ensure_ascii=False, indent=2))
    else:
        _montrer(manifeste, tout)
    if verify:
        if fautes := magasin.verifier(lu, release_id):
            raise ErreurPublication("\n".join(fautes))
        if not en_json:
            click.echo("Every file is as it was published.")


def _montrer(manifeste: dict[str, Any], tout: bool) -> None:
    """Print the summary of a manifest, then its lists when all is asked for."""
    entrees, fichiers = manifeste["inputs"], manifeste["files"]
    sources = {e["source"] for e in entrees}
    octets = sum(f["bytes"] for f in fichiers.values())
    table = tableau(f"Release {manifeste['release_id']}", "field", "value")
    for champ, valeur in (
        ("profile", manifeste["profil"]),
        ("scope", manifeste["perimetre"]),
        ("as of", manifeste["as_of"]),
        ("published", manifeste["finished"]),
        ("content", manifeste["content_hash"]),
        ("code", manifeste["code"]),
        ("commit", manifeste["commit"]),
        ("versions", ", ".join(f"{nom} {version}" for nom, version in manifeste["versions"].items())),
        ("source files", f"{len(entrees)}, of {len(sources)} sources"),
        ("files", f"{len(fichiers)}, {octets:,} bytes"),
        ("choices", str(len(manifeste["choices"])) if manifeste["choices"] else None),
    ):
        if valeur:
            table.add_row(champ, str(valeur))
    sortie.print(table)
    for refus in manifeste["refusals"]:
        sortie.print(f"\nRefused: {refus}", highlight=False, markup=False)
    if not tout:
        sortie.print("\nEvery file: `ctg releases show --tout`; the manifest: `--json`.", highlight=False)
        return
    table = tableau("Source files", "source", "ressource", "millésime", "file", "received", "name")
    for e in entrees:
        recu = str(jour_de(e["recu_le"])) if e["recu_le"] else ""
        champs = (e["source"], e["ressource"], str(e["millesime"]), e["membre"] or "", recu)
        table.add_row(*champs, e["fichier_id"])
    sortie.print(table)
    table = tableau("Files", "file", "bytes", "sha256")
    for chemin, fichier in fichiers.items():
        table.add_row(chemin, f"{fichier['bytes']:,}", fichier["sha256"])
    sortie.print(table)


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
@OPTION_PERIMETRE_EXPLOITANT
def releases_diff(avant: str, apres: str, detail: Path | None, perimetre: str | None) -> None:
    """Figures and files that changed between two releases, and why."""
    resultat = comparaison.comparer(magasin_lu(perimetre, avant), avant, apres, detail)
    if resultat.avant == resultat.apres:
        sortie.print(
            f"{resultat.avant} is both sides of the comparison: name another release (ctg releases list).",
            highlight=False,
            soft_wrap=True,
        )
        return
    sortie.print(f"{resultat.avant} → {resultat.apres}", highlight=False, soft_wrap=True)
    if not (resultat.indicateurs or resultat.fichiers):
        sortie.print("No figure and no source file changed.")
        return
    causes = tableau("Causes", "cause", "figures")
    for cause, nombre in resultat.causes.items():
        causes.add_row(cause, str(nombre))
    sortie.print(causes)
    table = tableau("Figures", "indicateur", "added", "removed", "changed", "cause", "largest")
    for i in resultat.indicateurs:
        e = i.exemple
        plus_grand = f"{e.libelle} {e.millesime}: {e.avant} → {e.apres}" if e else ""
        nombres = map(str, (i.ajoutees, i.retirees, i.modifiees))
        table.add_row(i.indicateur_id, *nombres, i.cause, plus_grand)
    sortie.print(table)
    for f in resultat.fichiers:
        avant_, apres_ = ((nom or "-")[:20] for nom in (f.avant, f.apres))
        sortie.print(
            f"{f.source}/{f.ressource} {f.millesime}: {avant_} → {apres_} ({f.cause})", highlight=False
        )


@releases.command("rollback")
@click.argument("release_id", required=False)
@click.option("--lift", is_flag=True, help="Lift the pin: the next night moves `current` again.")
@OPTION_PERIMETRE_EXPLOITANT
def releases_rollback(release_id: str | None, lift: bool, perimetre: str | None) -> None:
    """Put an older release back in service and pin it, or lift the pin; other scopes stay as they are."""
    if not (release_id or lift):
        raise click.UsageError("name a release, or --lift")
    exiger_le_proprietaire(chemins().home)
    lu = magasin_lu(perimetre, release_id)
    if lift:
        levee = magasin.lever_epingle(lu)
        click.echo(f"Pin on {levee} lifted." if levee else "No pin to lift.")
    elif release_id:
        dossier = magasin.revenir(lu, release_id)
        suite = "ctg releases rollback --lift"
        if lu != chemins().releases:
            suite += f" --perimetre {magasin.montrer(lu, dossier.name)['perimetre']}"
        click.echo(f"{dossier.name} is in service and pinned: `{suite}` to go on.")
