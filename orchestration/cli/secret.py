"""`ctg secret`: the certificate of a release, incidents and decisions on them, why a cell is hidden.

Belongs here: showing and recording. What an incident is, and what a decision changes: `confidentialite`.
"""

import json
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.table import Table

from confidentialite.preuve.constats import Constats
from ingestion import ecartees
from publication.releases import magasin as releases
from socle.erreurs import ErreurPublication
from socle.etat import lire_json
from socle.proches import proches

from ..nuit import reglages
from ..nuit.chemins import chemins
from .options import OPTION_PERIMETRE, magasin_lu


@click.group("secret")
def secret() -> None:
    """Statistical secrecy: certificates, incidents, decisions."""


@secret.command("show")
@click.argument("release_id", default="current")
@click.option("--json", "en_json", is_flag=True, help="The certificate as it is in the release.")
@OPTION_PERIMETRE
def show(release_id: str, en_json: bool, perimetre: str | None) -> None:
    """Certificate of a release; for who may read the closed zone, how many cells each reason hides too."""
    dossier = releases.trouver(magasin_lu(perimetre, release_id), release_id)
    certificat = releases.lire_scelle(dossier, releases.CERTIFICAT)
    if en_json:
        click.echo((dossier / releases.CERTIFICAT).read_text(encoding="utf-8"), nl=False)
        return
    tableau = Table(title=f"Certificate of {dossier.name}", title_justify="left", box=None, pad_edge=False)
    tableau.add_column("field")
    tableau.add_column("value", overflow="fold")
    cout = certificat.pop("cout")
    for champ, valeur in _a_plat(certificat):
        tableau.add_row(champ, valeur)
    console = Console(width=None if click.get_text_stream("stdout").isatty() else 200)
    console.print(tableau)
    console.print(_cout(cout))
    _par_raison(dossier.name)


def _cout(cout: dict[str, Any]) -> Table:
    """What secrecy costs: per indicateur with a hidden row, rows shown of those with a figure, by level."""
    niveaux = list(cout["par_niveau"])
    tableau = Table(
        title=f"Rows shown / with a figure (share of {cout['poids']} shown), where some are hidden",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for entete in ("indicateur", *niveaux):
        tableau.add_column(entete)
    caches = {
        indicateur
        for couts in cout["par_niveau"].values()
        for indicateur, c in couts.items()
        if c["montrees"] < c["lignes"]
    }
    for indicateur in sorted(caches):
        tableau.add_row(indicateur, *(_part_montree(cout["par_niveau"][n].get(indicateur)) for n in niveaux))
    return tableau


def _part_montree(cout: dict[str, Any] | None) -> str:
    if cout is None:
        return "-"
    part = "" if cout["poids_montre"] is None else f" ({cout['poids_montre']:.1%})"
    return f"{cout['montrees']}/{cout['lignes']}{part}"


def _par_raison(release_id: str) -> None:
    """Say how many cells each reason hides, to who may read it: no release does."""
    from ..nuit import masques

    zone = chemins().masques
    try:
        comptes = masques.compter(zone, release_id)
    except ErreurPublication:
        return
    click.echo(f"\nRead in the closed zone {zone}: for the operator of the night, not to be passed on.")
    click.echo("Cells masked in the whole warehouse, by reason (`ctg secret why`):")
    for raison, nombre in comptes.items():
        click.echo(f"  {raison:<12} {nombre}")


def _a_plat(contenu: dict[str, Any], prefixe: str = "") -> list[tuple[str, str]]:
    """Return a nested certificate as lines; a list is one value."""
    lignes: list[tuple[str, str]] = []
    for cle, valeur in contenu.items():
        if isinstance(valeur, dict):
            lignes += _a_plat(valeur, f"{prefixe}{cle}.") or [(f"{prefixe}{cle}", "-")]
        else:
            lignes.append((f"{prefixe}{cle}", "-" if valeur is None else str(valeur)))
    return lignes


@secret.command("incidents")
def incidents() -> None:
    """Cells that earlier releases give away, decided or not: revisions set aside, then the last night."""
    from confidentialite.memoire import registre

    decisions = registre.decisions(releases.registre_de(chemins().releases))
    vus = _incidents()
    titre = ""
    for identifiant, (ou, texte) in vus.items():
        if ou != titre:
            titre = ou
            click.echo(titre)
        decision = decisions.get(identifiant)
        suite = (
            f"{decision['decision']}, {decision['date']}, {decision['qui']}" if decision else "to be decided"
        )
        click.echo(f"{identifiant}: {texte} [{suite}]")
    for identifiant, decision in decisions.items():
        if identifiant not in vus:
            click.echo(f"{identifiant}: {decision['decision']}, {decision['date']}, {decision['qui']} (past)")
    if not vus and not decisions:
        click.echo("No incident.")


def _incidents() -> dict[str, tuple[str, str]]:
    """Return, by incident, what raised it and what it is: revisions set aside, then the last night."""
    vus: dict[str, tuple[str, str]] = {}
    for ecartee in ecartees.lire(reglages.dossier_home()).toutes:
        titre = f"Set aside until each is decided: {ecartee.nom}"
        vus |= {i: (titre, texte) for i, texte in ecartee.incidents if i not in vus}
    trouve = _dernier_audit()
    suite = "remove it: the next night writes another"
    dits = lire_json(trouve, dict[str, Any], "what the last audit found", suite) if trouve else None
    for incident in Constats.depuis(dits).incidents if dits else ():
        vus.setdefault(incident.incident_id, ("In the last night:", incident.texte))
    return vus


def _dernier_audit() -> Path | None:
    """What was found of what was built last, a past day included: the audit alone has a folder of its own."""
    ou = [chemins().construits(jour=jour) for jour in (False, True)]
    trouves = (audit for dossier in ou for audit in dossier.glob(f"*/validation/{releases.AUDIT}"))
    return max(trouves, key=lambda audit: audit.stat().st_mtime_ns, default=None)


@secret.command("decide")
@click.argument("incident", required=False)
@click.option("--tout", is_flag=True, help="Every incident that `ctg secret incidents` shows as undecided.")
@click.option("--par", "qui", required=True, metavar="NAME", help="Who takes responsibility.")
@click.option("--raison", required=True, metavar="TEXT", help="Why the release may go on.")
@click.option(
    "--decision",
    type=click.Choice(["assumer"]),
    default="assumer",
    show_default=True,
    help="What is decided.",
)
def decide(incident: str | None, tout: bool, qui: str, raison: str, decision: str) -> None:
    """Record a decision on INCIDENT, or on all of them; the next night no longer stops on it.

    A revision set aside is used by the night that follows the last decision it waits for.
    """
    from confidentialite.memoire import registre

    if tout is (incident is not None):
        raise click.UsageError("name one INCIDENT, or all of them with --tout")
    (choix,) = (d for d in get_args(registre.Decision) if d == decision)
    connus = _incidents()
    dossier = releases.registre_de(chemins().releases)
    if incident is not None and incident not in connus:
        raise ErreurPublication(
            f"No incident {incident} in the last night, nor in a revision set aside: choose one of"
            f" {', '.join(sorted(connus)) or 'none'} (`ctg secret incidents`)."
        )
    with reglages.verrou(reglages.dossier_home()):
        deja = registre.decisions(dossier)
        voulus = [i for i in connus if i not in deja] if incident is None else [incident]
        for voulu in voulus:
            registre.decider(dossier, voulu, qui, choix, raison)
            click.echo(f"{voulu}: {decision}, recorded.")
    click.echo("Run the night again." if voulus else "Every incident is decided already.")


@secret.group("registre")
def registre() -> None:
    """The register, between installations that publish figures of the same files (docs/secret.md)."""


@registre.command("exporter")
@click.argument("fichier", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER")
def registre_exporter(fichier: Path) -> None:
    """Write what was released from here to FICHIER, for another installation to import.

    What releases showed, and which rows they hide: no number of those. To be handed over as closely as the
    releases of the most restricted scope are: it holds those of all.
    """
    from confidentialite.memoire import partage

    from ..nuit.cles import installation

    reglage = reglages.lire()
    with reglages.verrou(reglage.home):
        bilan = partage.exporter(reglage.chemins.registre, fichier, installation(reglage))
    click.echo(f"{fichier}: {bilan.rang} release(s) of installation {bilan.installation}.")
    click.echo(f"Tell whoever imports it, by another way: {bilan.rang}, {bilan.sha256[:16]}.")


@registre.command("importer")
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FICHIER")
def registre_importer(fichier: Path) -> None:
    """Join what another installation released to what is known here; twice does no more than once."""
    from confidentialite.memoire import partage

    from ..nuit.cles import installation

    reglage = reglages.lire(nouveau=True)
    with reglages.verrou(reglage.home):
        # What the last release was made from includes what was known: the next night builds and proves again.
        reglage.chemins.derniere.unlink(missing_ok=True)
        bilan = partage.importer(reglage.chemins.registre, fichier, installation(reglage))
    click.echo(
        f"{len(bilan.releases)} release(s) joined to the register, {bilan.connues} already there. Theirs"
        f" stands at {bilan.rang}, {bilan.sha256[:16]}: compare with what their export said."
    )
    if bilan.releases:
        click.echo(
            "The next night that builds hides against them too: run `ctg refresh`, then import theirs there."
        )


@secret.command("why")
@click.argument("indicateur")
@click.option("--territoire", required=True, metavar="PLACE", help="A name, 26220, or epci:200068229.")
@click.option("--millesime", required=True, type=int, metavar="N", help="Year of the figure.")
@click.option("--release", "release_id", default="current", show_default=True, help="Which release.")
@OPTION_PERIMETRE
def why(indicateur: str, territoire: str, millesime: int, release_id: str, perimetre: str | None) -> None:
    """Why a cell is hidden; for the operator of the night, who may read its closed zone."""
    # Parquet and DuckDB are only needed here.
    from confidentialite.regle import parametres, raisons

    from ..nuit import masques

    dossier = releases.trouver(magasin_lu(perimetre, release_id), release_id)
    territoire_id = _cellule_secrete(dossier, indicateur, territoire, millesime)
    zone = chemins().masques
    masque = masques.chercher(zone, dossier.name, (territoire_id, millesime, indicateur))
    if masque is None:
        raise ErreurPublication(
            f"{indicateur} of {territoire_id} in {millesime} is secret in release {dossier.name} and no mask"
            " of ours hides it: its producer does, or a term that is secret in the file it comes from."
        )
    raison = raisons.RAISONS[masque.raison]
    regles = json.loads(masque.regles or parametres.charger().texte())
    click.echo(f"Read in the closed zone {zone}: for the operator of the night, not to be passed on.")
    lignes = [
        ("cell", f"{indicateur}, {territoire_id}, {millesime}, release {dossier.name}"),
        ("reason", f"{masque.raison}: {raison.sens}"),
        *(("rule", f"{nom} = {_valeur(valeur)}") for nom, valeur in raison.regles(regles)),
        ("value", raison.categorie or "the rule says nothing of it"),
    ]
    if masque.formule:
        lignes.append(("figure", f"{masque.formule}, summed over {masque.communes} commune(s)"))
    lignes.append(
        ("hidden for", "itself" if raison.propre else masque.protege or "the releases or figures beside it")
    )
    lignes.append(("since", _depuis(indicateur, territoire_id, millesime) or f"release {dossier.name}"))
    for champ, texte in lignes:
        click.echo(f"{champ:<11} {texte}")


def _valeur(valeur: object) -> str:
    return ", ".join(sorted(map(str, valeur))) if isinstance(valeur, frozenset) else str(valeur)


def _cellule_secrete(dossier: Path, indicateur: str, territoire: str, millesime: int) -> str:
    """Return the territoire_id of a secret cell of a release; an error says what the cell is otherwise."""
    import duckdb

    from publication.commun.territoires import trouver

    with duckdb.connect(str((dossier / "ctg.duckdb").resolve()), read_only=True) as con:
        con.execute("use marts")
        lus = con.execute("select indicateur_id from dim_indicateur order by all").fetchall()
        connus = [i for (i,) in lus]
        if indicateur not in connus:
            voisins = ", ".join(proches(indicateur, connus))
            raise ErreurPublication(
                f"Release {dossier.name} has no indicateur {indicateur}: "
                + (f"the nearest are {voisins}." if voisins else "they are in dim_indicateur.")
            )
        territoire_id = trouver(con, territoire)[0]
        statuts = dict(
            con.execute(
                "select millesime, statut from fct_indicateurs"
                " where indicateur_id = $i and territoire_id = $t order by all",
                {"i": indicateur, "t": territoire_id},
            ).fetchall()
        )
    if millesime not in statuts:
        raise ErreurPublication(
            f"Release {dossier.name} has no {indicateur} of {territoire_id} in {millesime}: the years it has"
            f" there are {', '.join(map(str, statuts)) or 'none (dim_disponibilite says why)'}."
        )
    statut = statuts[millesime]
    if statut != "secret":
        raise ErreurPublication(
            f"{indicateur} of {territoire_id} in {millesime} is not hidden: its statut is {statut} in release"
            f" {dossier.name}."
        )
    return territoire_id


def _depuis(indicateur: str, territoire_id: str, millesime: int) -> str | None:
    """The first of the last releases in a row that hid the cell."""
    import pyarrow.compute as pc

    from confidentialite.memoire import registre

    niveau, _, code = territoire_id.partition(":")
    dites = registre.lire(releases.registre_de(chemins().releases))
    dites = dites.filter(
        (pc.field("indicateur_id") == indicateur)
        & (pc.field("niveau") == niveau)
        & (pc.field("code") == code)
        & (pc.field("millesime") == millesime)
        & (pc.field("geographie") == "reference")
    ).sort_by("rang")
    depuis = None
    for release_id, statut in zip(*(dites[c].to_pylist() for c in ("release_id", "statut")), strict=True):
        if statut != "secret":
            depuis = None
        elif depuis is None:
            depuis = f"release {release_id}"
    return depuis
