"""The command line: the composition root, where the rooms meet. No rule of the domain is decided here.

Exit codes of `ctg refresh`: 0 published or unchanged; 2 something was refused; 1 nothing published
because the night failed. `ctg audit` has its own, in its help.
"""

import contextlib
import json
import logging
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ingestion import catalogue
from ingestion.acquisition import dans_l_ordre
from ingestion.contrats import charger_contrats
from ingestion.errors import ErreurSource
from ingestion.templates import FormatModele, ecrire_modele
from publication import explain
from publication.documents import auditer, mart, rendu
from publication.documents.lecture import DocumentIllisible
from publication.releases import comparaison
from publication.releases import magasin as releases
from socle.erreurs import ErreurPublication

from ..instance import preparer_instance, sans_attendre_le_disque
from ..nuit import reglages
from . import secret as cli_secret
from .affichage import Groupe, sortie, tableau
from .extrait import extrait

# Bytes of dbt's log, some thirty nights: beyond, it becomes dbt.1.log in the place of the former one.
JOURNAL_MAX = 5_000_000
OPTION_MIROIR = click.option(
    "--mirror", metavar="DIR_OR_URL", help="Folder or address laid out by producer (profile mirror)."
)


@click.group(cls=Groupe, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Observatoire CTG: nightly warehouse of social indicators for a territory's convention."""
    # Only this project speaks on the terminal: Dagster and dbt have their own journals.
    logging.getLogger().addHandler(logging.NullHandler())
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(logging.Formatter("%(message)s"))
    ingestion = logging.getLogger("ingestion")
    ingestion.addHandler(terminal)
    ingestion.setLevel(logging.INFO)


main.add_command(extrait)


# -- the night -----------------------------------------------------------------------------------


@main.command()
@click.option("--profile", type=click.Choice(list(reglages.PROFILS)), help="Where the files come from.")
@OPTION_MIROIR
@click.option("--perimetre", metavar="SCOPE", help=f"Scope of the marts: {reglages.PERIMETRES}.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Rebuild what the warehouse would have said that day (2024-12-17), as a release beside the others.",
)
def refresh(profile: str | None, mirror: str | None, perimetre: str | None, as_of: datetime | None) -> None:
    """Run one night: fetch, land, type, build, check, publish."""
    jour = as_of.date() if as_of else None
    if jour and jour > date.today():
        raise click.BadParameter(f"{jour} has not come yet", param_hint="--as-of")
    for nom, valeur in {"CTG_PROFILE": profile, "CTG_MIRROR": mirror, "CTG_PERIMETRE": perimetre}.items():
        if valeur:
            os.environ[nom] = valeur
    reglage = reglages.lire()
    if not jour:
        reglages.exiger_miroir(reglage)
    preparer_instance(reglage.home)
    sans_attendre_le_disque()

    # Imported late: the other commands need none of it, and it costs seconds.
    import dagster as dg

    from ..project import actualiser_manifeste

    actualiser_manifeste()
    from ..definitions import defs
    from ..jobs import rafraichissement_nocturne

    job = defs.resolve_job_def(rafraichissement_nocturne.name)
    journal_dbt = _journal_dbt(reglage.home)
    # A build as of some day is no night: Dagster's catalogue keeps what the nights made.
    ephemere = {"telemetry": {"enabled": False}}
    with (
        dg.DagsterInstance.ephemeral(settings=ephemere) if jour else dg.DagsterInstance.get() as instance,
        journal_dbt.open("a", encoding="utf-8") as flux,
        # dbt writes hundreds of lines: they are kept in a file, where a failure can be looked into.
        contextlib.redirect_stdout(flux),
    ):
        resultat = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "loggers": {"progression": {}},
                "resources": {"nuit": {"config": {"as_of": str(jour) if jour else None}}},
            },
        )
    resume = _resume(reglage.home, resultat.run_id)
    for ecart in resume.get("ecartes", []):
        click.echo(ecart, err=True)
    for refus in resume.get("refus", []):
        click.echo("\n" + refus["texte"], err=True)
    if resume.get("etat", "echec") == "echec":
        click.echo(
            "The night failed: nothing was published, what readers have is untouched.\n"
            f"Details: {journal_dbt} (dbt)" + ("" if jour else f", `make dev` (run {resultat.run_id})") + ".",
            err=True,
        )
        sys.exit(1)
    _montrer_publication(reglage.home / "releases", resume)
    if resume["refus"]:
        click.echo(
            f"{len(resume['refus'])} file(s) refused or out of reach, see above: the last accepted ones stay "
            "in use.",
            err=True,
        )
        sys.exit(2)


def _journal_dbt(home: Path) -> Path:
    """Where dbt's lines go; a log grown too long is put aside."""
    journal = home / "dagster" / "dbt.log"
    if journal.exists() and journal.stat().st_size > JOURNAL_MAX:
        journal.replace(journal.with_suffix(".1.log"))
    return journal


def _resume(home: Path, run_id: str) -> dict[str, Any]:
    fichier = home / "build" / "nuit.json"
    if not fichier.exists():
        return {}
    resume: dict[str, Any] = json.loads(fichier.read_text(encoding="utf-8"))
    return resume if resume["run_id"] == run_id else {}


def _montrer_publication(dossier: Path, resume: dict[str, Any]) -> None:
    sortie.print(resume["message"], markup=False, highlight=False, soft_wrap=True)
    if resume["etat"] == "inchangee":
        return
    release = releases.trouver(dossier, resume["release_id"])
    manifeste = releases.montrer(dossier, release.name)
    paquet = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    table = tableau(f"Release {release.name}", "table", "rows", "what it is")
    for ressource in paquet["resources"]:
        nom = Path(ressource["path"]).stem
        table.add_row(nom, f"{_lignes(release, nom):,}".replace(",", " "), ressource.get("description", ""))
    sortie.print(table)
    lue = dossier / "current"
    if manifeste.get("as_of"):
        _montrer_choix(manifeste)
        lue = release
    for quoi, chemin in {
        "DuckDB": lue / "ctg.duckdb",
        "Parquet": lue / "parquet",
        "CSV": lue / "csv",
        "Report": lue / "validation" / "rapport.html",
    }.items():
        sortie.print(f"{quoi:8}{chemin}", markup=False, highlight=False, soft_wrap=True)


def _montrer_choix(manifeste: dict[str, Any]) -> None:
    table = tableau(
        f"Files as of {manifeste['as_of']}", "source", "ressource", "millésime", "rule", "sha256", "why"
    )
    for c in manifeste["choices"]:
        sha256 = (c["sha256"] or "-")[:12]
        table.add_row(c["source"], c["ressource"], str(c["millesime"]), c["regle"], sha256, c["raison"])
    sortie.print(table)


def _lignes(release: Path, table: str) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(release / "parquet" / f"{table}.parquet").num_rows)


# -- sources -------------------------------------------------------------------------------------


@main.group(cls=Groupe)
def sources() -> None:
    """What was received, refused, and waits for a decision."""


@sources.command("list")
def sources_list() -> None:
    """Files in use, by source and millésime."""
    acquisition = reglages.lire().acquisition()
    journal = acquisition.journal()
    retenus = {(f.source, f.ressource, f.millesime): f for f in acquisition.fichiers_retenus()}
    table = tableau("Sources", "source", "ressource", "millésime", "state", "rows", "sha256", "note")
    for contrat in acquisition.contrats.values():
        for ressource in contrat.ressources.values():
            connus = {m for s, r, m in journal.etats if (s, r) == (contrat.source, ressource.nom)}
            for millesime in sorted({*ressource.millesimes, *(m for m in connus if m is not None)}):
                etat = journal.etat(contrat.source, ressource.nom, millesime)
                fichier = retenus.get((contrat.source, ressource.nom, millesime))
                note = []
                if etat.en_attente:
                    note.append("revision waiting: " + etat.en_attente[:12])
                if etat.refus:
                    note.append("newer file refused")
                table.add_row(
                    contrat.source,
                    ressource.nom,
                    str(millesime),
                    "accepted" if fichier else "never received",
                    str(fichier.lignes) if fichier else "",
                    fichier.sha256[:12] if fichier else "",
                    "; ".join(note),
                )
    sortie.print(table)


@sources.command("check")
@click.option(
    "--catalogue", "en_ligne", is_flag=True, help="Also ask each portal for its datasets and fields."
)
def sources_check(en_ligne: bool) -> None:
    """Validate every contract; list every error. A live night asks the portals too, before it downloads."""
    contrats = charger_contrats()
    click.echo(f"{len(contrats)} contracts, no error.")
    if en_ligne:
        demandes, refus = catalogue.verifier_tous(contrats)
        for erreur in refus:
            click.echo(f"\n{erreur}", err=True)
        click.echo(f"{demandes} datasets asked for, {len(refus)} refused.")
        sys.exit(2 if refus else 0)


@sources.command("fetch")
@click.argument("source", required=False)
@OPTION_MIROIR
def sources_fetch(source: str | None, mirror: str | None) -> None:
    """Receive and validate without building; exit 2 when something is refused."""
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
    with reglages.verrou(reglages.dossier_home()):
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
def sources_template(source: str, ressource: str | None, format_: FormatModele, dossier: Path | None) -> None:
    """Write the empty tables a person fills in, with the guide of their columns."""
    contrats = charger_contrats()
    if source not in contrats:
        raise click.BadParameter(f"no contract is called {source}: see `ctg sources list`")
    tables = contrats[source].ressources
    if ressource and ressource not in tables:
        raise click.BadParameter(f"{source} has no table {ressource}: choose one of {', '.join(tables)}")
    dossier = dossier or reglages.dossier_home() / "modeles" / source
    for table in [tables[ressource]] if ressource else tables.values():
        for chemin in ecrire_modele(table, format_, dossier):
            click.echo(str(chemin))


# -- releases ------------------------------------------------------------------------------------


@main.group("releases", cls=Groupe)
def releases_() -> None:
    """What readers are given."""


def _depot() -> Path:
    return reglages.dossier_home() / "releases"


@releases_.command("list")
def releases_list() -> None:
    """Releases, newest first."""
    table = tableau("Releases", "release", "published", "profile", "scope", "as of", "")
    for r in releases.lister(_depot()):
        marques = [m for m, vrai in {"current": r.courante, "pinned": r.epinglee}.items() if vrai]
        table.add_row(r.release_id, r.publiee_le, r.profil, r.perimetre, r.as_of or "", ", ".join(marques))
    sortie.print(table)


@releases_.command("show")
@click.argument("release_id", default="current")
@click.option("--verify", is_flag=True, help="Recompute the digest of every file.")
def releases_show(release_id: str, verify: bool) -> None:
    """Manifest of a release."""
    manifeste = releases.montrer(_depot(), release_id)
    click.echo(json.dumps(manifeste, ensure_ascii=False, indent=2))
    if verify and (fautes := releases.verifier(_depot(), release_id)):
        raise ErreurPublication("\n".join(fautes))


@releases_.command("diff")
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
    resultat = comparaison.comparer(_depot(), avant, apres, detail)
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


@releases_.command("rollback")
@click.argument("release_id", required=False)
@click.option("--lift", is_flag=True, help="Lift the pin: the next night moves `current` again.")
def releases_rollback(release_id: str | None, lift: bool) -> None:
    """Put an older release back in service and pin it, or lift the pin."""
    if lift:
        levee = releases.lever_epingle(_depot())
        click.echo(f"Pin on {levee} lifted." if levee else "No pin to lift.")
    elif release_id:
        dossier = releases.revenir(_depot(), release_id)
        click.echo(f"{dossier.name} is in service and pinned: `ctg releases rollback --lift` to go on.")
    else:
        raise click.UsageError("name a release, or --lift")


# -- secrecy -------------------------------------------------------------------------------------

main.add_command(cli_secret.secret)


# -- explain, and upkeep -------------------------------------------------------------------------


@main.command("explain")
@click.argument("indicateur")
@click.option("--territoire", required=True, metavar="CODE", help="26220, or epci:200068229.")
@click.option("--millesime", required=True, type=int)
@click.option("--release", "release_id", metavar="ID", help="Another release than the one in service.")
def explain_(indicateur: str, territoire: str, millesime: int, release_id: str | None) -> None:
    """Walk from a figure to the lines of the files it comes from."""
    lue = releases.trouver(_depot(), release_id) if release_id else releases.courante(_depot())
    if lue is None:
        raise ErreurPublication(f"no release is in service under {_depot()}: run `ctg refresh` first")
    click.echo(explain.rendre(explain.expliquer(lue, indicateur, territoire, millesime)))


@main.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--release", "release_id", default="current", metavar="ID", help="Judge against this release.")
@click.option("--json", "en_json", is_flag=True, help="JSON in place of the tables.")
def audit(fichier: Path, release_id: str, en_json: bool) -> None:
    """Judge a published document's figures against the warehouse and against each other.

    Exit codes: 0 nothing to correct; 3 something to correct (écart, mauvais univers, divulgation, or a check
    that does not pass); 2 the document cannot be read; 1 no such release. The audit is also written under
    CTG_HOME/audits.
    """
    release = releases.trouver(_depot(), release_id)
    try:
        resultat = auditer(release, fichier)
    except DocumentIllisible as erreur:
        click.echo(str(erreur), err=True)
        sys.exit(2)
    dossier = mart.ecrire_mart(resultat, reglages.dossier_home() / "audits")
    if en_json:
        click.echo(json.dumps(mart.en_json(resultat), ensure_ascii=False, indent=2))
    else:
        sortie.print(rendu.table_des_chiffres(resultat), rendu.table_des_controles(resultat), sep="\n\n")
        sortie.print(f"\n{rendu.resume(resultat)}\n{dossier}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(3 if resultat.a_corriger else 0)


@main.command()
def docs() -> None:
    """Write the files generated from the contracts, the dictionary and the demonstration in service."""
    from ..generated import ecrire

    release = releases.courante(_depot())
    profil = releases.montrer(_depot(), release.name)["profil"] if release else None
    demonstration = release if profil == "demo" else None
    changes = ecrire(demonstration)
    for chemin in changes:
        click.echo(str(chemin))
    click.echo(f"{len(changes)} file(s) written.")
    if demonstration is None:
        click.echo("docs/demonstration.md was left alone: no demonstration is in service (`make refresh`).")


@main.command()
def prepare() -> None:
    """Write the settings of the Dagster instance under CTG_HOME and print its folder."""
    click.echo(str(preparer_instance(reglages.dossier_home())))
