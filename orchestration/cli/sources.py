"""`ctg sources …`: what was received, refused, and waits for a decision. What they do is in `ingestion`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingestion.contrats import LayoutConnu, charger_contrats, layouts_connus

from ..nuit import reglages
from ..nuit.chemins import chemins
from .affichage import sortie, tableau
from .groupe import Groupe
from .options import OPTION_MIROIR

if TYPE_CHECKING:
    from ingestion.errors import ErreurSource
    from ingestion.templates import FormatModele


@click.group(cls=Groupe)
def sources() -> None:
    """What was received, refused, and waits for a decision."""


@sources.command("list")
def sources_list() -> None:
    """Files in use, by source and millésime."""
    acquisition = reglages.lire().acquisition()
    journal = acquisition.journal()
    en_usage = acquisition.retenus()
    retenus = {(f.source, f.ressource, f.millesime): f for f in en_usage.fichiers}
    attentes = {(a.source, a.ressource, a.millesime): a for a in en_usage.attentes}
    table = tableau("Sources", "source", "ressource", "millésime", "state", "rows", "sha256", "note")
    for contrat in acquisition.contrats.values():
        for ressource in contrat.ressources.values():
            connus = {m for s, r, m in journal.etats if (s, r) == (contrat.source, ressource.nom)}
            for millesime in sorted({*ressource.millesimes, *(m for m in connus if m is not None)}):
                etat = journal.etat(contrat.source, ressource.nom, millesime)
                fichier = retenus.get((contrat.source, ressource.nom, millesime))
                attente = attentes.get((contrat.source, ressource.nom, millesime))
                note = []
                if etat.en_attente:
                    note.append("revision waiting: " + etat.en_attente[:12])
                if etat.refus:
                    note.append("newer file refused")
                if attente:
                    note.append(f"needs {attente.attendu}")
                table.add_row(
                    contrat.source,
                    ressource.nom,
                    str(millesime),
                    "accepted" if fichier else "waiting" if attente else "never received",
                    str(fichier.lignes) if fichier else "",
                    fichier.sha256[:12] if fichier else "",
                    "; ".join(note),
                )
    sortie.print(table)


@sources.command("check")
@click.option(
    "--catalogue", "en_ligne", is_flag=True, help="Also ask each portal for its datasets and fields."
)
@click.option("--all", "tous", is_flag=True, help="Also list the layouts that a live night does not read by.")
def sources_check(en_ligne: bool, tous: bool) -> None:
    """Validate every contract; list every error, then what no real file has confirmed yet.

    A live night asks the portals too, before it downloads.
    """
    contrats = charger_contrats()
    click.echo(f"{len(contrats)} contracts, no error.")
    _dire_les_layouts(layouts_connus(contrats.values()), tous)
    if en_ligne:
        from ingestion import catalogue

        demandes, refus = catalogue.verifier_tous(contrats)
        for erreur in refus:
            click.echo(f"\n{erreur}", err=True)
        click.echo(f"{demandes} datasets asked for, {len(refus)} refused.")
        sys.exit(2 if refus else 0)


def _dire_les_layouts(connus: list[LayoutConnu], tous: bool) -> None:
    """What a first live night will try: layouts never confirmed, then those confirmed but for something."""
    jamais = [c for c in connus if c.documente]
    essais = [c for c in jamais if c.en_ligne]
    click.echo(
        f"{len(connus)} layouts: {len(connus) - len(jamais)} confirmed by a real file, {len(jamais)} never; "
        f"a live night reads by {len(essais)} of these" + ("." if tous else ", the others are under --all.")
    )
    for titre, quoi, lignes in (
        ("Never confirmed, and read by a live night", "known by", essais),
        ("Confirmed, but for", "not seen", [c for c in connus if c.reste and c.en_ligne]),
        ("Never confirmed, and read by no live night", "known by", [c for c in jamais if not c.en_ligne]),
    ):
        if not lignes or (not tous and not lignes[0].en_ligne):
            continue
        table = tableau(titre, "source", "ressources", "layout", quoi)
        for c in lignes:
            table.add_row(c.source, ", ".join(c.ressources), c.layout, c.documente or c.reste)
        sortie.print(table)


@sources.command("fetch")
@click.argument("source", required=False)
@OPTION_MIROIR
def sources_fetch(source: str | None, mirror: str | None) -> None:
    """Receive and validate without building; exit 2 when something is refused."""
    from ingestion.acquisition import dans_l_ordre

    if mirror:
        os.environ["CTG_MIRROR"] = mirror
    reglage = reglages.lire()
    reglages.exiger_miroir(reglage)
    acquisition = reglage.acquisition()
    if source and source not in acquisition.contrats:
        raise click.BadParameter(f"no contract is called {source}: see `ctg sources list`")
    refus: list[ErreurSource] = []
    with reglages.verrou(reglage.home):
        reglages.lier(reglage, perimetre=False)
        for nom in [source] if source else dans_l_ordre(acquisition.contrats):
            recu, norme = acquisition.recevoir(nom), acquisition.normaliser(nom)
            click.echo(f"{nom}: {len(recu.recus)} received, {len(norme.acceptes)} accepted")
            refus.extend([*recu.refus, *norme.refus])
    refus += acquisition.depots_inconnus()
    for erreur in refus:
        click.echo(str(erreur) + "\n", err=True)
    sys.exit(2 if refus else 0)


@sources.command("diff")
@click.argument("source")
@click.argument("ressource")
@click.argument("millesime", type=int)
@click.argument("ancien", required=False)
@click.argument("nouveau", required=False)
def sources_diff(
    source: str, ressource: str, millesime: int, ancien: str | None, nouveau: str | None
) -> None:
    """Compare two files of a millésime (by default the one in use and the revision that waits)."""
    acquisition = reglages.lire().acquisition()
    etat = acquisition.journal().etat(source, ressource, millesime)
    ancien = ancien or etat.accepte
    nouveau = nouveau or etat.en_attente
    if not ancien or not nouveau:
        raise click.UsageError(f"{source}/{ressource} {millesime}: no revision waits; name two sha256")
    click.echo(str(acquisition.diff(source, ressource, millesime, ancien, nouveau)))


@sources.command("accept")
@click.argument("source")
@click.argument("ressource")
@click.argument("millesime", type=int)
@click.argument("sha256")
def sources_accept(source: str, ressource: str, millesime: int, sha256: str) -> None:
    """Use a revision from the next night on."""
    with reglages.verrou(chemins().home):
        piece = reglages.lire().acquisition().accepter(source, ressource, millesime, sha256)
    click.echo(f"{source}/{ressource} {millesime}: {piece.sha256} is in use from the next night on.")


@sources.command("template")
@click.argument("source")
@click.option("--ressource", metavar="R", help="One table; by default every table of the source.")
@click.option("--format", "format_", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True)
@click.option(
    "--dossier",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write (default: modeles/SOURCE under CTG_HOME).",
)
def sources_template(
    source: str, ressource: str | None, format_: "FormatModele", dossier: Path | None
) -> None:
    """Write the empty tables a person fills in, with the guide of their columns."""
    from ingestion.templates import ecrire_modele

    contrats = charger_contrats()
    if source not in contrats:
        raise click.BadParameter(f"no contract is called {source}: see `ctg sources list`")
    tables = contrats[source].ressources
    if ressource and ressource not in tables:
        raise click.BadParameter(f"{source} has no table {ressource}: choose one of {', '.join(tables)}")
    dossier = dossier or chemins().modeles / source
    for table in [tables[ressource]] if ressource else tables.values():
        for chemin in ecrire_modele(table, format_, dossier):
            click.echo(str(chemin))
