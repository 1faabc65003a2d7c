"""`ctg sources …`: what was received, refused, and waits for a decision. What they do is in `ingestion`."""

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingestion import catalogue
from ingestion.acquisition import dans_l_ordre
from ingestion.contrats import LayoutConnu, charger_contrats, layouts_connus
from ingestion.contrats.exigences import Limites
from ingestion.essai import essayer
from ingestion.gabarits import ecrire_modele
from ingestion.lecteur import LECTEUR, LectureInterrompue, LectureTuee
from ingestion.rapport_essai import dire
from socle.proches import proches

from ..exploitation.alertes import en_commencant
from ..exploitation.cog import a_venir
from ..exploitation.veille import veiller
from ..generes import dictionnaire
from ..nuit import reglages
from ..nuit.chemins import chemins
from ..nuit.identifiants import connus, identifiants
from ..nuit.journaux import decider
from ..nuit.pertes import a_une_cle, exiger_sans_perte
from ..nuit.zones import ecriture
from ..racine import RACINE
from .affichage import sortie, tableau
from .groupe import Groupe
from .options import OPTION_MIROIR, OPTION_PROFIL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from ingestion.acquisition import Acquisition
    from ingestion.contrats import Contrat
    from ingestion.erreurs import ErreurSource
    from ingestion.gabarits import FormatModele


@click.group(cls=Groupe, anciens={"retirer": "withdraw"})
def sources() -> None:
    """What was received, refused, and waits for a decision."""


@sources.command("list")
@click.argument("source", required=False)
@click.option("--tout", is_flag=True, help="Every millésime of every source, received or not.")
@click.option("--json", "en_json", is_flag=True, help="The same, as JSON.")
def sources_list(source: str | None, tout: bool, en_json: bool) -> None:
    """What is in use by source, and what waits for somebody; of one SOURCE, every millésime."""
    acquisition = reglages.lire().acquisition()
    if source:
        _exiger(acquisition.contrats, source)
    fichiers = [f for f in _fichiers(acquisition) if source in (None, f.source)]
    if en_json:
        click.echo(json.dumps([asdict(f) for f in fichiers], ensure_ascii=False, indent=2))
        return
    if tout or source:
        sortie.print(_tableau("Files", fichiers))
        return
    table = tableau("Sources", "source", "in use", "declared", "millésimes", "rows")
    jamais = []
    for source, siens in groupby(fichiers, key=lambda f: f.source):
        declares = list(siens)
        utilises = [f for f in declares if f.sha256]
        if not utilises:
            # A refused first file must be looked at too.
            jamais += [] if any(f.etat == "refused" for f in declares) else [source]
            continue
        annees = sorted({f.millesime for f in utilises})
        etendue = str(annees[0]) if len(annees) == 1 else f"{annees[0]}-{annees[-1]}"
        lignes = sum(f.lignes or 0 for f in utilises)
        table.add_row(source, str(len(utilises)), str(len(declares)), etendue, f"{lignes:,}")
    if table.row_count:
        sortie.print(table)
    if jamais:
        sortie.print(f"\nNever received: {', '.join(jamais)}.", highlight=False, soft_wrap=True)
    if attentes := [f for f in fichiers if f.note]:
        sortie.print()
        sortie.print(_tableau("To be looked at", attentes))
    for erreur in acquisition.depots_inconnus():
        sortie.print(f"\n{erreur}", highlight=False, markup=False, soft_wrap=True)
    sortie.print(f"\n{len(fichiers)} millésimes are declared: `ctg sources list --tout`.", highlight=False)


@sources.command("show")
@click.argument("nom")
def sources_show(nom: str) -> None:
    """Which received file a release names: NOM is a `fichier_id` or a sha256, or the start of one.

    Names of internal files are made under the secret of this CTG_HOME: nobody else can tell.
    """
    reglage = reglages.lire()
    if reglage.profil != "demo" and not reglage.chemins.secret.exists() and not a_une_cle(reglage.chemins):
        raise click.ClickException(f"no night has named files in {reglage.home} yet: run `ctg refresh`")
    acquisition = reglage.acquisition()
    noms = identifiants(reglage, acquisition.contrats)
    trouves = [
        f
        for f in connus(acquisition, reglage.micro(), noms)
        if f.fichier_id.startswith(nom) or f.sha256.startswith(nom)
    ]
    if not trouves:
        raise click.ClickException(
            f"no file received in {reglage.home} has a name or a sha256 that starts with {nom}. Names are"
            " those of dim_fichier and of `ctg releases show --tout`, in releases made in this CTG_HOME."
        )
    for f in trouves:
        click.echo(f"{f.source}/{f.ressource} {f.millesime}")
        for champ, valeur in (("name", f.fichier_id), ("sha256", f.sha256), ("kept in", f.chemin)):
            click.echo(f"  {champ:<8} {valeur}")


@dataclass(frozen=True)
class _Fichier:
    """A millésime, declared or received: the file in use, and what waits."""

    source: str
    ressource: str
    millesime: int
    etat: str
    lignes: int | None
    sha256: str | None
    note: str


def _fichiers(acquisition: "Acquisition") -> list[_Fichier]:
    journal = acquisition.journal()
    en_usage = acquisition.retenus()
    retenus = {(f.source, f.ressource, f.millesime): f for f in en_usage.fichiers}
    attentes = {(a.source, a.ressource, a.millesime): a for a in en_usage.attentes}
    fichiers = []
    for contrat in acquisition.contrats.values():
        for ressource in contrat.ressources.values():
            connus = journal.millesimes(contrat.source, ressource.nom)
            for millesime in sorted({*ressource.millesimes, *connus}):
                etat = journal.etat(contrat.source, ressource.nom, millesime)
                cle = (contrat.source, ressource.nom, millesime)
                retenu, attente = retenus.get(cle), attentes.get(cle)
                dit = "refused" if etat.refus else "taken back" if etat.retires else "never received"
                if retenu or attente:
                    dit = "accepted" if retenu else "waiting"
                notes = []
                if etat.en_attente:
                    notes.append("revision waiting: " + etat.en_attente[:12])
                if etat.refus:
                    notes.append("newer file refused" if retenu else "its file was refused")
                if attente:
                    notes.append(f"needs {attente.attendu}")
                fichiers.append(
                    _Fichier(
                        *cle,
                        dit,
                        retenu.lignes if retenu else None,
                        retenu.sha256 if retenu else None,
                        "; ".join(notes),
                    )
                )
    return fichiers


def _tableau(titre: str, fichiers: list[_Fichier]) -> "Table":
    table = tableau(titre, "source", "ressource", "millésime", "state", "rows", "sha256", "note")
    for f in fichiers:
        table.add_row(
            f.source,
            f.ressource,
            str(f.millesime),
            f.etat,
            "" if f.lignes is None else str(f.lignes),
            (f.sha256 or "")[:12],
            f.note,
        )
    return table


def _exiger(contrats: "Mapping[str, Contrat]", source: str, ressource: str | None = None) -> None:
    """Refuse a source, or a ressource of it, that no contract declares; say what is near."""
    if source not in contrats:
        voisins = ", ".join(proches(source, contrats))
        suite = f"the nearest are {voisins}" if voisins else "see `ctg sources list`"
        raise click.BadParameter(f"no contract is called {source}: {suite}")
    siennes = contrats[source].ressources
    if ressource and ressource not in siennes:
        raise click.BadParameter(f"{source} has no ressource {ressource}: it has {', '.join(siennes)}")


@sources.command("check")
@click.option(
    "--catalogue", "en_ligne", is_flag=True, help="Also ask each portal for its datasets and fields."
)
@click.option("--all", "tous", is_flag=True, help="Also list the layouts that a live night does not read by.")
def sources_check(en_ligne: bool, tous: bool) -> None:
    """Validate every contract, then the dictionary with them; list what no real file has confirmed yet.

    A live night asks the portals too, before it downloads.
    """
    contrats = charger_contrats()
    dictionnaire.verifier(RACINE / "dbt_project" / "seeds", contrats)
    click.echo(f"{len(contrats)} contracts, no error.")
    _dire_les_layouts(layouts_connus(contrats.values()), tous)
    if en_ligne:
        demandes, refus = catalogue.verifier_tous(contrats)
        for erreur in refus:
            click.echo(f"\n{erreur}", err=True)
        click.echo(f"{demandes} datasets asked for, {len(refus)} refused.")
        sys.exit(2 if refus else 0)


def _dire_les_layouts(connus: list[LayoutConnu], tous: bool) -> None:
    """What a first live night will try: layouts never confirmed, then those confirmed but for something."""
    vus, dits = ([c for c in connus if c.etat == etat] for etat in ("vu", "documente"))
    jamais = [*dits, *vus]
    essais = [c for c in jamais if c.en_ligne]
    click.echo(
        f"{len(connus)} layouts: {len(connus) - len(jamais)} confirmed by a real file, {len(vus)} by a"
        f" header in a public repository alone, {len(dits)} by somebody's word; a live night reads by"
        f" {len(essais)} of the last two" + ("." if tous else ", the others are under --all.")
    )
    for titre, lignes in (
        ("Never confirmed, and read by a live night", essais),
        ("Confirmed, but for", [c for c in connus if c.etat == "confirme" and c.reste and c.en_ligne]),
        ("Never confirmed, and read by no live night", [c for c in jamais if not c.en_ligne]),
    ):
        if not lignes or (not tous and not lignes[0].en_ligne):
            continue
        colonne = "not seen" if lignes[0].etat == "confirme" else "to look at first"
        table = tableau(titre, "source", "ressources", "layout", colonne)
        for c in lignes:
            table.add_row(c.source, ", ".join(c.ressources), c.layout, c.reste)
        sortie.print(table)
    click.echo("Whose word it is, and where a header was seen: docs/layouts.md.")


@sources.command("veille")
@click.option("--alerter", is_flag=True, help="Tell what is refused to the addresses of alertes.yml, once.")
def sources_veille(alerter: bool) -> None:
    """Ask every address and portal that the contracts name, and say what changed since the last watch.

    Receives nothing. Exit codes: 0 all are there, changed or not; 2 one is gone, is a page, or has no longer
    the fields that are asked for.
    """
    with en_commencant("veille") if alerter else nullcontext():
        regards, envois = veiller(reglages.lire(nouveau=True), alerter=alerter)
    for regard in regards:
        if regard.etat == "changee":
            sortie.print(
                f"{', '.join(regard.pour)}: {regard.quoi}\n  {regard.url}", highlight=False, markup=False
            )
    refus = [r for r in regards if r.erreur]
    for regard in refus:
        click.echo(f"\n{regard.erreur}\n  address:  {regard.url}", err=True)
    for echec in envois.echecs:
        click.echo(f"Alert not sent: {echec}. `ctg alertes essai` tries the addresses.", err=True)
    comptes = {
        etat: sum(r.etat == etat for r in regards) for etat in ("inchangee", "changee", "neuve", "refusee")
    }
    click.echo(
        f"{len(regards)} addresses: {comptes['inchangee']} unchanged, {comptes['changee']} changed,"
        f" {comptes['neuve']} asked for the first time, {comptes['refusee']} refused."
    )
    sys.exit(2 if refus else 0)


@sources.command("cog")
def sources_cog() -> None:
    """What the COG received since the release in service would change of its communes, before a night.

    Receive it first: `ctg sources fetch insee_cog_communes`, then its movements.
    """
    suite = a_venir(reglages.lire())
    if suite is None:
        click.echo("No release is in service: the first night takes the newest COG that it receives.")
        return
    if suite.prochain == suite.actuel:
        click.echo(f"The release in service is on COG {suite.actuel}, the newest received that can be read.")
        return
    click.echo(f"COG {suite.actuel} in service, {suite.prochain} from the next night on:")
    for evenement in suite.evenements:
        click.echo(str(evenement))
    click.echo(
        f"{len(suite.evenements)} event(s) touch its communes (docs/geographie.md: what becomes of each)."
    )


@sources.command("essai")
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def sources_essai(fichier: Path) -> None:
    """Try one downloaded file against every layout: the nearest, field by field, and what a night would say.

    Receives nothing and writes nothing. Codes are checked against the COG of this CTG_HOME, where it has one.

    Exit codes: 0 a layout reads it whole; 2 none does.
    """
    contrats = charger_contrats()
    fonds = None
    if chemins(nouveau=True).journal.exists():
        reglage = reglages.lire()
        if reglage.profil == "demo":
            click.echo("Codes and sizes are not compared: this CTG_HOME holds the demonstration.")
        else:
            fonds = reglage.acquisition()
    try:
        essai = LECTEUR.lire(essayer, fichier, contrats, fonds, limites=Limites())
    except (LectureTuee, LectureInterrompue) as e:
        raise click.ClickException(f"{fichier}: {e}, while it was read: a night would refuse it") from None
    for ligne in dire(essai, contrats):
        click.echo(ligne)
    sys.exit(0 if essai.lu else 2)


@sources.command("fetch")
@click.argument("source", required=False)
@OPTION_PROFIL
@OPTION_MIROIR
def sources_fetch(source: str | None, profile: str | None, mirror: str | None) -> None:
    """Receive and validate without building; exit 2 when something is refused.

    What killed the process that read it is read once more.

    A mirror is that of the profile mirror: `--mirror` alone says both.
    """
    profil = profile or ("mirror" if mirror else None)
    reglage = reglages.lire(nouveau=True, options=reglages.Options(profil, miroir=mirror))
    reglages.exiger_miroir(reglage)
    acquisition = reglage.acquisition()
    acquisition.relire = True
    if source:
        _exiger(acquisition.contrats, source)
    refus: list[ErreurSource] = []
    with reglages.verrou(reglage.home):
        exiger_sans_perte(reglage.chemins)
        reglages.lier(reglage, perimetre=False)
        acquisition.solder()
        noms = [source] if source else dans_l_ordre(acquisition.contrats)
        with acquisition.devancer(noms):
            for nom in noms:
                recu, norme = acquisition.recevoir(nom), acquisition.normaliser(nom)
                click.echo(f"{nom}: {len(recu.recus)} received, {len(norme.acceptes)} accepted")
                refus.extend([*recu.refus, *norme.refus])
    refus += acquisition.depots_inconnus()
    for inconnu in acquisition.miroir_inconnus():
        click.echo(inconnu)
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
    _exiger(acquisition.contrats, source, ressource)
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
    acquisition = reglages.lire().acquisition()
    _exiger(acquisition.contrats, source, ressource)
    with reglages.verrou(chemins().home), decider(chemins()):
        piece = acquisition.accepter(source, ressource, millesime, sha256)
    click.echo(f"{source}/{ressource} {millesime}: {piece.sha256} is in use from the next night on.")


@sources.command("reject")
@click.argument("source")
@click.argument("ressource")
@click.argument("millesime", type=int)
@click.argument("sha256")
def sources_reject(source: str, ressource: str, millesime: int, sha256: str) -> None:
    """Leave aside a refused file, or a revision that waits: told no more, wherever the same bytes come from.

    What is in use stays so: `ctg sources withdraw` takes it back. `ctg sources accept` uses a revision again.
    """
    acquisition = reglages.lire().acquisition()
    _exiger(acquisition.contrats, source, ressource)
    with reglages.verrou(chemins().home), decider(chemins()):
        piece = acquisition.ecarter(source, ressource, millesime, sha256)
    click.echo(f"{source}/{ressource} {millesime}: {piece.sha256} is left aside, and told no more.")


@sources.command("withdraw")
@click.argument("ou", metavar="SOURCE[/RESSOURCE]")
@click.argument("millesime", type=int)
@click.option("--motif", metavar="TEXT", help="Why, for whoever reads the journal later.")
def sources_retirer(ou: str, millesime: int, motif: str | None) -> None:
    """Take back the file in use of a millésime: the next night goes on with the one before it, or without.

    For a file that was accepted and is wrong. Its bytes stay in landing/, and are left alone wherever they
    come from again; `ctg sources accept` takes them back into use.
    """
    acquisition = reglages.lire().acquisition()
    source, _, ressource = ou.partition("/")
    _exiger(acquisition.contrats, source, ressource or None)
    with reglages.verrou(chemins().home), decider(chemins()):
        ressource = ressource or _la_seule(acquisition, source, millesime)
        retiree, reste = acquisition.retirer(source, ressource, millesime, motif)
    suite = f"{reste.sha256} is in use again" if reste else "nothing is in use of this millésime"
    click.echo(
        f"{source}/{ressource} {millesime}: {retiree.sha256} is taken back; {suite} from the next night on."
    )


def _la_seule(acquisition: "Acquisition", source: str, millesime: int) -> str:
    """The ressource of a source that has a file in use of this millésime, where there is one."""
    siennes = acquisition.contrats[source].ressources
    en_usage = [r for r in siennes if acquisition.journal().etat(source, r, millesime).accepte]
    if len(en_usage) > 1:
        noms = " or ".join(f"{source}/{r}" for r in en_usage)
        raise click.BadParameter(f"several files of {millesime} are in use: say {noms}")
    return (en_usage or [*siennes])[0]


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
    contrats = charger_contrats()
    _exiger(contrats, source, ressource)
    tables = contrats[source].ressources
    # What a person asks for elsewhere has the modes that person gives to files.
    with nullcontext() if dossier else ecriture(chemins(nouveau=True).home):
        dossier = dossier or chemins().modeles / source
        for table in [tables[ressource]] if ressource else tables.values():
            for chemin in ecrire_modele(table, format_, dossier):
                click.echo(str(chemin))
