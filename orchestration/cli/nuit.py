"""A night run from the command line (`refresh`), and `ctg prepare`: the Dagster instance it writes in.

Belongs here: what is said at the end, exit codes. What a night does: `orchestration.definitions`.
"""

import contextlib
import fcntl
import gc
import logging
import signal
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click
import dagster as dg
import pyarrow.parquet as pq
import yaml

from publication.releases import magasin, perimetres
from publication.releases.magasin import lire_scelle, montrer, trouver
from socle.cycles import sans_cycles

from ..echecs import INTERRUPTIONS
from ..exploitation.instance import (
    ecarter_les_abimees,
    ouvrir_instance,
    preparer_instance,
    sans_attendre_le_disque,
    solder_les_tuees,
)
from ..exploitation.moteurs import garder_les_moteurs
from ..exploitation.ronde import dire_les_fermes
from ..nuit import reglages
from ..nuit.chemins import Chemins, chemins, proches
from ..nuit.resume import A_CONSTRUIRE, ETIQUETTE_COMMANDE, lire_resume
from ..nuit.territoires import exiger_connus_d_avance
from ..nuit.zones import ecriture
from ..racine import RACINE
from ..resources import CONSTRUCTION, RECEPTION, ressource_nuit
from .affichage import sortie, tableau
from .groupe import en_imprimant, message

# Bytes of dbt's log, some thirty nights: beyond, it becomes dbt.1.log in the place of the former one.
JOURNAL_MAX = 5_000_000

Fin = Literal["reussie", "echouee", "interrompue"]
"""How the steps of a night ended. One may fail, or be interrupted, once the release is in service."""


def une_nuit(options: reglages.Options, jour: date | None) -> None:
    """Run one night of these options, or what the warehouse would have said on `jour`; see `refresh`."""
    reglage = reglages.lire(nouveau=True, options=options)
    if not jour:
        reglages.exiger_miroir(reglage)
        _exiger_les_perimetres(reglage)
    if not reglage.home.exists():
        click.echo(f"A new warehouse is made in {reglage.home}{proches(reglage.home)}.", err=True)
    with ecriture(reglage.home) as ouverts:
        dire_les_fermes(reglage.chemins, ouverts)
        _une_nuit(reglage, jour)


def _exiger_les_perimetres(reglage: reglages.Reglages) -> None:
    """Refuse a scope that nothing knows; those that this home has published before are known."""
    lien = reglages.liaison(reglage.chemins)
    if {*reglage.perimetres} <= {"france", *((lien.perimetre, *lien.autres) if lien else ())}:
        return
    exiger_connus_d_avance(reglage)


def _une_nuit(reglage: reglages.Reglages, jour: date | None) -> None:
    """Run the job, say how it ended; exit 1 or 2 where it did not end well."""
    _preparer(reglage.chemins)
    sans_attendre_le_disque()
    garder_les_moteurs()
    # A service manager stops what it started by this signal, a terminal by the other.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        fin, run_id = _executer(reglage, jour)
    except KeyboardInterrupt:
        fin, run_id = "interrompue", ""
    _conclure(reglage, jour, fin, run_id)


def _preparer(chemins: Chemins) -> Path:
    """Make sure that Dagster's instance opens; say which damaged parts were put aside."""
    dossier = preparer_instance(chemins.dagster)
    for dit in ecarter_les_abimees(chemins):
        _dire(dit)
    return dossier


def _executer(reglage: reglages.Reglages, jour: date | None) -> tuple[Fin, str]:
    """Run the first job, then the second where it found something; return how they ended, and the last id."""
    # A build of a past day is no night: it stays out of Dagster's catalogue.
    ephemere = {"telemetry": {"enabled": False}}
    with (
        _journaux_muets(),
        dg.DagsterInstance.ephemeral(settings=ephemere)
        if jour
        else ouvrir_instance(reglage.chemins.dagster) as instance,
    ):
        for tuee in solder_les_tuees(instance, reglage.chemins) if not jour else ():
            click.echo(tuee, err=True)
        fin, run_id = _faire(RECEPTION, instance, reglage, jour)
        if fin == "reussie" and _resume(reglage.chemins, run_id).get("etat") == A_CONSTRUIRE:
            fin, run_id = _faire(CONSTRUCTION, instance, reglage, jour)
    return fin, run_id


def _moitie(nom: str) -> tuple[dg.JobDefinition, str]:
    """The job of a half of a night, and the name of the repository that has it."""
    with _sans_ramasser():
        if nom == RECEPTION:
            from ..receptions import defs
        else:
            # dbt and the graph of its tables, half of a night that finds nothing new: 2 s, 10 to parse.
            from ..definitions import defs
        return defs.resolve_job_def(nom), defs.get_repository_def().name


def _faire(
    nom: str, instance: dg.DagsterInstance, reglage: reglages.Reglages, jour: date | None
) -> tuple[Fin, str]:
    """Run the job of a half of a night; return how its steps ended, and its id."""
    job, depot = _moitie(nom)
    # dbt writes hundreds of lines: they are kept in a file, where a failure can be looked into.
    with _journal_dbt(reglage.chemins).open("a", encoding="utf-8") as flux, contextlib.redirect_stdout(flux):
        resultat = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags=_etiquettes(depot),
            run_config={"loggers": {"progression": {}}},
            resources={"nuit": ressource_nuit(reglage, jour)},
        )
    erreurs = (getattr(e.event_specific_data, "error", None) for e in resultat.all_events)
    if any(e.cls_name in INTERRUPTIONS for e in erreurs if e):
        return "interrompue", resultat.run_id
    return ("reussie" if resultat.success else "echouee"), resultat.run_id


def _etiquettes(depot: str) -> dict[str, str]:
    """Tags that list a run under its job on the page, and tell that the command line launched it."""
    (emplacement,) = yaml.safe_load((RACINE / "workspace.yaml").read_bytes())["load_from"]
    nom = emplacement["python_module"]["location_name"]
    return {".dagster/repository": f"{depot}@{nom}", ETIQUETTE_COMMANDE: "ctg refresh"}


@contextlib.contextmanager
def _journaux_muets() -> Iterator[None]:
    """Keep loggers from printing a traceback where they cannot write.

    On a full disk or without memory, these tracebacks would bury the message of the night.
    """
    avant, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        yield
    finally:
        logging.raiseExceptions = avant


def _dire(quoi: str) -> None:
    click.echo(quoi, err=True)


def _conclure(reglage: reglages.Reglages, jour: date | None, fin: Fin, run_id: str) -> None:
    """Say how the night ended; exit 1 or 2 where it did not end well."""
    resume = _resume(reglage.chemins, run_id)
    rate = resume.get("etat", "echec") == "echec"
    for echec in resume.get("alertes", {}).get("echecs", ()):
        _dire(f"Alert not sent: {echec}. `ctg alertes essai` tries the addresses.")
    if rate and fin == "interrompue":
        _dire(
            "The night was interrupted: nothing was published, what readers have is untouched. Run it again:"
            " it goes on from what has landed."
        )
        sys.exit(1)
    # The lines for a person to act on come last, after the hundred about the release.
    imprimee = rate or _dire_la_publication(reglage, resume)
    for ecart in resume.get("ecartes", ()):
        _dire(ecart)
    for attente in resume.get("attentes", ()):
        _dire("\n" + attente)
    for refus in resume.get("refus", ()):
        _dire("\n" + refus["texte"])
    for abimee in resume.get("constats", ()):
        _dire(f"\n{abimee['fait']}\n  next: {abimee['suite']}")
    if rate:
        _dire_l_echec(reglage, jour, run_id)
        sys.exit(1)
    bien = _dire_la_fin(resume, fin)
    for inconnu in resume.get("inconnus", ()):
        click.echo("\n" + inconnu)
    if not (bien and imprimee):
        sys.exit(2)


def _dire_l_echec(reglage: reglages.Reglages, jour: date | None, run_id: str) -> None:
    juge = reglage.chemins.construits(jour=jour is not None) / run_id / "validation" / "rapport.html"
    details = [
        *([f"{juge} (how the marts were judged)"] if juge.is_file() else []),
        f"{reglage.chemins.journal_dbt} (dbt)",
        *([] if jour else [f"`make dev` (run {run_id})"]),
    ]
    _dire(
        "The night failed: nothing was published, what readers have is untouched.\n"
        f"Details: {', '.join(details)}."
    )
    lien = reglages.liaison(reglage.chemins)
    if lien and lien.perimetre is None and not jour and reglage.profil != "demo":
        _dire(
            f"Next time say the scope again, --perimetre {','.join(reglage.perimetres)}: it is remembered"
            " from the first release on."
        )


def _dire_la_publication(reglage: reglages.Reglages, resume: dict[str, Any]) -> bool:
    """Say which releases readers have; return whether this could be printed."""
    try:
        _montrer_publication(reglage, resume)
        for fait in resume.get("postgres", {}).get("faits", ()):
            click.echo(fait)
    except OSError as erreur:
        if not en_imprimant(erreur):
            raise
        _dire(str(message(erreur)))
        return False
    return True


def _dire_la_fin(resume: dict[str, Any], fin: Fin) -> bool:
    """Say what the publication lacked; return whether the night is a clean success."""
    refus, hors_service = resume["refus"], resume.get("postgres", {}).get("erreurs", ())
    if hors_service:
        _dire(
            "PostgreSQL did not get the release in service, see above: its readers keep the former one. The "
            "next night tries again; before it, `ctg publish postgres`."
        )
    if refus:
        _dire(f"{len(refus)} file(s) refused or out of reach, see above: the last accepted ones stay in use.")
    dite = bool(hors_service or resume.get("constats"))
    # A database out of reach and a damaged release fail a step too, and are told above.
    if fin == "interrompue" or (fin == "echouee" and not dite):
        quoi = "The night was interrupted" if fin == "interrompue" else "A step failed, see above,"
        _dire(
            f"{quoi} once the release was in service: what follows a publication (PostgreSQL, what explains"
            " its sums) may be missing. The next night does it."
        )
    return not (dite or refus) and fin == "reussie"


@contextlib.contextmanager
def _sans_ramasser() -> Iterator[None]:
    """Import without the garbage collector, then set aside what was made: it lives as long as the process.

    The collector would walk again and again through the million objects of two thousand modules.
    """
    with sans_cycles():
        try:
            yield
        finally:
            gc.freeze()


def _journal_dbt(chemins: Chemins) -> Path:
    """Where dbt's lines go; a log grown too long is put aside."""
    journal = chemins.journal_dbt
    if journal.exists() and journal.stat().st_size > JOURNAL_MAX:
        journal.replace(journal.with_suffix(".1.log"))
    return journal


def _resume(chemins: Chemins, run_id: str) -> dict[str, Any]:
    resume = lire_resume(chemins, dict[str, Any]) or {}
    return resume if resume.get("run_id") == run_id else {}


def _montrer_publication(reglage: reglages.Reglages, resume: dict[str, Any]) -> None:
    sortie.print(resume["message"], markup=False, highlight=False, soft_wrap=True)
    _dire_les_absents(reglage)
    if resume["etat"] == "inchangee":
        return
    for perimetre, release_id in resume["releases"].items():
        _montrer_release(reglage.magasin(perimetre), release_id)


def _dire_les_absents(reglage: reglages.Reglages) -> None:
    """Say which scopes this home no longer publishes: their releases age, and nobody is told."""
    vus = {reglage.magasin(perimetre) for perimetre in reglage.perimetres}
    for store in perimetres.tous(reglage.chemins.releases):
        if store not in vus and (servie := magasin.courante(store)):
            scope = magasin.montrer(store, servie.name)["perimetre"]
            click.echo(
                f"{scope} is not among the scopes of this night: its readers stay on {servie.name}. Next:"
                f" add it to --perimetre, or remove {store}.",
                err=True,
            )


def _montrer_release(magasin: Path, release_id: str) -> None:
    release = trouver(magasin, release_id)
    manifeste = montrer(magasin, release.name)
    paquet = lire_scelle(release, "datapackage.json")
    table = tableau(f"Release {release.name}", "table", "rows", "what it is")
    for ressource in paquet["resources"]:
        nom = ressource["name"]
        table.add_row(nom, f"{_lignes(release, nom):,}".replace(",", " "), ressource.get("description", ""))
    sortie.print(table)
    # A pinned release stays in service; a release of a past day is never in service.
    courante = magasin / "current"
    lue = courante if courante.resolve() == release.resolve() else release
    if manifeste["as_of"]:
        _montrer_choix(manifeste)
    for quoi, chemin in {
        "Site": lue / "site" / "index.html",
        "DuckDB": lue / "ctg.duckdb",
        "Parquet": lue / "parquet",
        "CSV": lue / "csv",
        "XLSX": lue / "xlsx",
        "Report": lue / "validation" / "rapport.html",
    }.items():
        sortie.print(f"{quoi:8}{chemin}", markup=False, highlight=False, soft_wrap=True)


def _montrer_choix(manifeste: dict[str, Any]) -> None:
    table = tableau(
        f"Files as of {manifeste['as_of']}", "source", "ressource", "millésime", "rule", "name", "why"
    )
    for c in manifeste["choices"]:
        nom = (c["fichier_id"] or "-")[:20]
        table.add_row(c["source"], c["ressource"], str(c["millesime"]), c["regle"], nom, c["raison"])
    sortie.print(table)


def _lignes(release: Path, table: str) -> int:
    return int(pq.read_metadata(release / "parquet" / f"{table}.parquet").num_rows)


@click.command()
def prepare() -> None:
    """Write the settings of the Dagster instance under CTG_HOME and print its folder."""
    lieux = chemins(nouveau=True)
    with ecriture(lieux.home):
        lieux.dagster.mkdir(parents=True, exist_ok=True)
        # Two units prepare at once where the machine starts; each would make the same tables.
        with (lieux.dagster / ".preparation").open("w") as seul:
            fcntl.flock(seul, fcntl.LOCK_EX)
            dossier = _preparer(lieux)
            with dg.DagsterInstance.get() as instance:
                for tuee in solder_les_tuees(instance, lieux):
                    click.echo(tuee, err=True)
        click.echo(str(dossier))
