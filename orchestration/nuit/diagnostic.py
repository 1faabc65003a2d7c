"""What `ctg doctor` looks at: the installation and one CTG_HOME, a line per fact, and what to type.

    bien     as it should be
    voir     nobody has to act tonight, somebody should look
    faute    a night, or what readers have, is not what it should be

Belongs here: reading and judging; nothing is written, nothing repaired. Does not belong here: the table on
the terminal (`orchestration.cli.doctor`), nor any rule of another room, which is asked of it.
"""

import contextlib
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from socle import disque
from socle.erreurs import ErreurPublication
from socle.etat import EtatIllisible
from socle.panne import panne_de

from ..racine import RACINE
from . import reglages
from .chemins import exiger_un_entrepot
from .pertes import pertes
from .reglages import Reglages
from .resume import Fin, dire_tuee, lire_resume, tuee
from .zones import ouverts

if TYPE_CHECKING:
    import dagster as dg

    from ingestion.contrats import Contrat

PROJET = "observatoire-ctg"
MINUTERIE = "ctg-nuit.timer"
"""The unit of `deploy/` that starts a night."""

LONGTEMPS = timedelta(days=3)
"""Without a night that long, something is wrong with what starts them."""


@dataclass(frozen=True)
class Constat:
    """One line: `quoi` was looked at, `fait` observed, `suite` is what to type where it is not right."""

    quoi: str
    etat: Literal["bien", "voir", "faute"]
    fait: str
    suite: str = ""


def examiner(reglage: Reglages) -> Iterator[Constat]:
    """Look at everything, in the order in which a person would repair it; no look stops the next."""
    if not reglage.home.exists():
        yield from versions(reglage)
        yield Constat("CTG_HOME", "voir", f"no warehouse in {reglage.home} yet", "ctg refresh")
        return
    # Of another folder, each line would say how to close what is others'.
    if os.access(reglage.home, os.R_OK):
        exiger_un_entrepot(reglage.home)
    regards: tuple[tuple[str, Callable[[Reglages], Iterable[Constat]]], ...] = (
        ("versions", versions),
        ("permissions", permissions),
        ("key", cles),
        ("disk", place),
        ("mirror", miroir),
        ("contracts", contrats),
        ("state", etats),
        ("sources", ages),
        ("locks", restes),
        ("releases", publications),
        ("last night", derniere_nuit),
        ("alerts", alertes),
        ("Dagster", dagster),
    )
    for quoi, regard in regards:
        try:
            yield from regard(reglage)
        except OSError as e:
            suite = f"give this account {e.filename or 'the file'}"
            yield Constat(quoi, "faute", f"cannot be read: {e.strerror}", suite)
        except EtatIllisible as e:
            yield Constat(quoi, "faute", e.fait, e.suite)
        except (ErreurPublication, reglages.ReglageRefuse) as e:
            yield Constat(quoi, "faute", str(e))
        except Exception as e:
            # SQLite writes before it reads: on a full disk it cannot even be asked.
            if (panne := panne_de(e, reglage.home)) is None:
                raise
            yield Constat(quoi, "faute", f"cannot be read: {panne.strerror}", panne.que_faire)


def versions(reglage: Reglages) -> Iterator[Constat]:
    """What is installed beside `requirements.lock`: of each package needed, what the lock says."""
    verrou = RACINE / "requirements.lock"
    if not verrou.exists():
        yield Constat("versions", "voir", f"no {verrou}: nothing to compare with", "install from a checkout")
        return
    voulues = _verrouillees(verrou)
    ecarts, lues = [], 0
    for nom in sorted(_necessaires()):
        try:
            ici = metadata.version(nom)
        except metadata.PackageNotFoundError:
            ecarts.append(f"{nom} is not installed")
            continue
        lues += 1
        if ici != (voulue := voulues.get(nom, ici)):
            ecarts.append(f"{nom} {ici} in place of {voulue}")
    if ecarts:
        yield Constat("versions", "faute", f"not those of the lock: {'; '.join(ecarts)}", "make setup")
    else:
        yield Constat("versions", "bien", f"{lues} packages, those of requirements.lock")


def _verrouillees(verrou: Path) -> dict[str, str]:
    """The version that the lock names of each package, on this Python."""
    from packaging.requirements import Requirement

    lignes = re.findall(r"^([^\s#][^\\]*==[^\\]*)", verrou.read_text(), re.M)
    besoins = [Requirement(ligne.strip()) for ligne in lignes]
    ici = [b for b in besoins if b.marker is None or b.marker.evaluate()]
    return {b.name: str(b.specifier).removeprefix("==") for b in ici}


def _necessaires() -> set[str]:
    """The packages that the project needs to run, and what they need in turn, normalised."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    vus: set[tuple[str, str]] = set()
    a_voir = [(PROJET, "")]
    while a_voir:
        nom, extra = a_voir.pop()
        if (nom, extra) in vus:
            continue
        vus.add((nom, extra))
        with contextlib.suppress(metadata.PackageNotFoundError):
            for texte in metadata.requires(nom) or ():
                besoin = Requirement(texte)
                if besoin.marker is None or besoin.marker.evaluate({"extra": extra}):
                    a_voir += [(canonicalize_name(besoin.name), e) for e in ("", *besoin.extras)]
    return {nom for nom, _ in vus} - {PROJET}


def permissions(reglage: Reglages) -> Iterator[Constat]:
    """Whether others can reach what is closed, and whether the account of this command owns it."""
    trop = ouverts(reglage.home)
    for chemin, mode in trop:
        ferme = f"chmod {mode:o} {chemin}"
        yield Constat("permissions", "faute", f"others can reach {chemin}, and may have read it", ferme)
    moi = os.geteuid()
    for chemin in sorted(reglage.home.iterdir()):
        if chemin.lstat().st_uid != moi:
            yield Constat(
                "permissions", "faute", f"{chemin} is another account's", f"chown -R {moi} {chemin}"
            )
    if not trop:
        yield Constat("permissions", "bien", f"{reglage.home} is closed but for releases/")


def cles(reglage: Reglages) -> Iterator[Constat]:
    """The secret of the installation, and that of pseudonyms where an extract is expected."""
    from ingestion.extrait.correspondance import chemin_correspondance
    from ingestion.extrait.pseudonymes import CleRefusee

    from .cles import lire_secret

    secret = reglage.chemins.secret
    if not secret.exists():
        if reglage.profil == "demo":
            yield Constat("key", "bien", "the demonstration has the key that everybody has")
        elif reglage.chemins.registre.exists():
            yield Constat("key", "faute", f"{secret} is gone", 'docs/runbook.md, "A key is lost"')
        else:
            yield Constat("key", "bien", "none yet: the first night draws it")
    else:
        try:
            lire_secret(secret)
            yield Constat(
                "key", "bien", "secret_installation can be read; is it in a backup? `ctg sauvegarde`"
            )
        except EtatIllisible as e:
            yield Constat("key", "faute", e.fait, 'docs/runbook.md, "A key is lost"')
    if chemin_correspondance(reglage.home).exists():
        try:
            reglage.origine_extrait().secret()
            yield Constat("key", "bien", "the secret of pseudonyms can be read")
        except CleRefusee as e:
            yield Constat("key", "faute", f"secret of pseudonyms: {e}", "docs/extrait.md")


def place(reglage: Reglages) -> Iterator[Constat]:
    """Free bytes beside what the last night left: the next one writes as much before it sweeps."""
    from publication.releases.magasin import courante

    en_service = courante(reglage.chemins.releases)
    pris = sum(map(_octets, filter(None, [reglage.chemins.build, en_service])))
    libre = shutil.disk_usage(reglage.home).free
    fait = f"{_mo(libre)} free; the last night left {_mo(pris)} (its file and the release in service)"
    if libre < 2 * pris:
        yield Constat("disk", "faute", fait, f"free {_mo(2 * pris - libre)} on the disk of {reglage.home}")
    else:
        yield Constat("disk", "bien", fait)


def _octets(dossier: Path) -> int:
    return sum(f.stat().st_size for f in dossier.rglob("*") if f.is_file() and not f.is_symlink())


def _mo(octets: int) -> str:
    return f"{octets / 1e6:,.0f} MB".replace(",", " ")


def miroir(reglage: Reglages) -> Iterator[Constat]:
    """Whether the origin of files answers."""
    ou = reglage.miroir
    if ou is None:
        yield Constat("mirror", "bien", "none: the live profile asks producers (`ctg sources veille`)")
    elif reglage.profil == "demo":
        yield Constat("mirror", "bien", "the demonstration writes its own files")
    elif "://" not in ou:
        if Path(ou).is_dir():
            yield Constat("mirror", "bien", f"{ou} is there")
        else:
            yield Constat(
                "mirror", "faute", f"{ou} is not a folder", "mount it, or name another with --mirror"
            )
    else:
        import requests

        dit = reglage.miroir_dit
        try:
            statut = requests.head(ou, timeout=10, allow_redirects=True).status_code
        except requests.RequestException as e:
            yield Constat(
                "mirror", "faute", f"{dit}: {type(e).__name__}", "start it, or name another: --mirror"
            )
            return
        # Nothing need lie at the address itself: it answers 404 where its files answer.
        if statut in (401, 403, 407) or statut >= 500:
            suite = "give its user and password in CTG_MIRROR" if statut < 500 else "see why on its own side"
            yield Constat("mirror", "faute", f"{dit} refuses (HTTP {statut})", suite)
        else:
            yield Constat("mirror", "bien", f"{dit} answers (HTTP {statut})")


def contrats(reglage: Reglages) -> Iterator[Constat]:
    """Whether every contract of a source parses, and the mapping of the extract."""
    from ingestion.contrats import ContratsInvalides, charger_contrats
    from ingestion.extrait.correspondance import (
        CorrespondanceInvalide,
        charger_correspondance,
        chemin_correspondance,
    )

    try:
        yield Constat("contracts", "bien", f"{len(charger_contrats())} contracts, no error")
    except ContratsInvalides as e:
        yield Constat("contracts", "faute", str(e), "ctg sources check")
    if (ecrite := chemin_correspondance(reglage.home)).exists():
        try:
            charger_correspondance(ecrite)
            yield Constat("contracts", "bien", f"{ecrite.name}, no error")
        except CorrespondanceInvalide as e:
            yield Constat("contracts", "faute", str(e), "ctg extrait check FILE")


def etats(reglage: Reglages) -> Iterator[Constat]:
    """Whether what the folder remembers by can be read, and is all there."""
    from confidentialite.memoire import registre
    from confidentialite.preuve.bornes import lire_cache
    from ingestion import ecartees, veille
    from ingestion.extrait.journal import JournalMicro
    from ingestion.journal import Journal
    from ingestion.vus import Vus

    from . import agregats, alertes, nouveau

    chemins = reglage.chemins
    lectures: tuple[Callable[[], object], ...] = (
        lambda: reglages.liaison(chemins),
        lambda: nouveau.derniere(chemins),
        lambda: ecartees.lire(reglage.home),
        lambda: alertes.relire(chemins),
        lambda: veille.relire(chemins.veille),
        lambda: Vus(chemins.vus).relire(),
        lambda: lire_cache(chemins.bornes),
        lambda: registre.lire(chemins.registre),
        lambda: registre.decisions(chemins.registre),
        lambda: agregats.geles(chemins.agregats),
        lambda: Journal(chemins.journal),
        lambda: JournalMicro(chemins.journal_micro),
    )
    refaits, bien = _Ecoute(), True
    journal = logging.getLogger("socle")
    journal.addHandler(refaits)
    try:
        for lire in lectures:
            try:
                lire()
            except EtatIllisible as e:
                bien = False
                yield Constat("state", "faute", e.fait, e.suite)
            except ErreurPublication as e:
                bien = False
                yield Constat("state", "faute", str(e))
        for perte in pertes(reglage) if bien else ():
            bien = False
            yield Constat("state", "faute", perte.fait, perte.suite)
    finally:
        journal.removeHandler(refaits)
    for dit in refaits.dits:
        yield Constat("state", "voir", dit, "nothing: the next command that needs it makes it again")
    if bien and not refaits.dits:
        yield Constat("state", "bien", f"{len(lectures)} memories can be read, and none is lost")


class _Ecoute(logging.Handler):
    """Keeps what is told of files that are made again."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.dits: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.dits.append(record.getMessage())


def ages(reglage: Reglages) -> Iterator[Constat]:
    """Sources without a file for longer than their cadence, refusals that stand, revisions that wait."""
    from ingestion.contrats import ContratsInvalides

    try:
        acquisition = reglage.acquisition()
    except ContratsInvalides:
        return
    maintenant, journal = datetime.now(UTC), acquisition.journal()
    recues, bien = 0, True
    for contrat in acquisition.contrats.values():
        etats = [
            ((r, m), e) for r in contrat.ressources for m, e in journal.millesimes(contrat.source, r).items()
        ]
        recues += any(e.accepte for _, e in etats)
        if retard := _retard(contrat, [e.recu_le for _, e in etats], maintenant):
            bien = False
            yield retard
        for (ressource, millesime), etat in etats:
            ou = f"{contrat.source} {ressource} {millesime}"
            if etat.refus:
                bien = False
                refus = f"{ou}: its newest file is refused ([{etat.refus['code']}])"
                yield Constat("sources", "voir", refus, str(etat.refus.get("que_faire", "")))
            if etat.en_attente:
                bien = False
                yield Constat("sources", "voir", f"{ou}: a revision waits", f"ctg sources diff {ou}")
    # The extract has a contract and a journal of its own, and no cadence: a Caf gives it when it does.
    recues += any(mois.annuel for mois in reglage.micro().acceptes())
    if bien:
        fait = f"{recues} of {len(acquisition.contrats) + 1} sources have files in use, none is late"
        yield Constat("sources", "bien", fait)


def _retard(contrat: "Contrat", recus: list[str | None], maintenant: datetime) -> Constat | None:
    dates = [datetime.fromisoformat(r) for r in recus if r]
    if contrat.delais is None or not dates:
        return None
    age = maintenant - max(dates)
    if age <= contrat.delais.retard:
        return None
    quoi = "late" if age <= contrat.delais.manque else "a publication was missed"
    fait = f"{contrat.source}: nothing new for {age.days} days, its cadence is {contrat.cadence}: {quoi}"
    return Constat("sources", "voir", fait, f"look at {contrat.page}")


def restes(reglage: Reglages) -> Iterator[Constat]:
    """Whether a night runs, and what a killed one left: the next one sweeps it."""
    from publication.releases.perimetres import tous

    if disque.est_tenu(reglage.chemins.verrou):
        yield Constat("locks", "bien", "a night, or another command that writes, runs now")
        return
    if debut := tuee(reglage.chemins):
        yield Constat("last night", "faute", dire_tuee(debut), 'docs/runbook.md, "A night failed"')
    yield Constat("locks", "bien", "no night runs")
    laisses = [d for m in tous(reglage.chemins.releases) if m.is_dir() for d in m.glob(".*-*") if d.is_dir()]
    laisses += (reglage.home / "landing").glob(".recu-*")
    for reste in laisses:
        yield Constat("locks", "voir", f"{reste} was left by a killed night", "ctg refresh (which sweeps it)")


def publications(reglage: Reglages) -> Iterator[Constat]:
    """Whether each release is as it was published, and one is in service in each scope."""
    from publication.releases import magasin, perimetres

    lues = 0
    for store in perimetres.tous(reglage.chemins.releases):
        try:
            if magasin.courante(store) is None:
                yield Constat("releases", "voir", f"nothing is in service in {store}", "ctg refresh")
        except ErreurPublication as e:
            yield Constat("releases", "faute", str(e), "ctg releases list, then ctg releases rollback ID")
        try:
            if epingle := magasin.epinglee(store):
                fait = f"{epingle} is pinned in {store}: nights publish and put nothing in service"
                yield Constat("releases", "voir", fait, "ctg releases rollback --lift")
        except EtatIllisible as e:
            yield Constat("releases", "faute", e.fait, e.suite)
        for dossier in magasin.completes(store):
            lues += 1
            if fautes := magasin.verifier(store, dossier.name):
                suite = "put it back from a backup, or `ctg releases rollback` to another"
                yield Constat("releases", "faute", f"{dossier.name}: {'; '.join(fautes[:3])}", suite)
    if lues:
        yield Constat("releases", "bien", f"{lues} read, byte by byte")


def derniere_nuit(reglage: Reglages) -> Iterator[Constat]:
    """How the last night ended, and when."""
    dite = lire_resume(reglage.chemins, Fin)
    if dite is None:
        yield Constat("last night", "voir", "no night has ended here yet", "ctg refresh")
        return
    fini = datetime.fromtimestamp(reglage.chemins.resume.stat().st_mtime, UTC)
    fait = f"{dite.etat}, {len(dite.refus)} refused, {fini:%Y-%m-%d %H:%M} UTC"
    if dite.etat == "echec":
        yield Constat("last night", "faute", fait, 'docs/runbook.md, "A night failed"')
    elif datetime.now(UTC) - fini > LONGTEMPS:
        yield Constat("last night", "faute", f"{fait}: none since", "look at what starts it, below")
    else:
        yield Constat("last night", "voir" if dite.refus else "bien", fait, "ctg sources list")


def alertes(reglage: Reglages) -> Iterator[Constat]:
    """Whether somebody is told of a night that needs them."""
    from .alertes import AlertesRefusees, lire_destinations

    try:
        lues = lire_destinations(reglage.chemins)
    except AlertesRefusees as e:
        yield Constat("alerts", "faute", str(e))
        return
    if lues is None:
        etat: Literal["bien", "voir"] = "bien" if reglage.profil == "demo" else "voir"
        suite = "write it (docs/how-to.md), then `ctg alertes essai`"
        yield Constat("alerts", etat, f"off: no {reglage.chemins.alertes}", suite)
    else:
        yield Constat(
            "alerts", "bien", f"{len(lues.destinations)} address(es); `ctg alertes essai` tries them"
        )


def dagster(reglage: Reglages) -> Iterator[Constat]:
    """The instance, the runs that a kill left open, and what starts nights: its schedule, or systemd."""
    from ..instance import reglage as reglage_dagster

    dossier = reglage.chemins.dagster
    fichier = dossier / "dagster.yaml"
    if not fichier.exists():
        yield Constat("Dagster", "voir", f"no instance in {dossier} yet", "ctg prepare")
        return
    try:
        if fichier.read_text() != reglage_dagster(dossier):
            yield Constat("Dagster", "voir", f"{fichier} is not what this version writes", "ctg prepare")
    except reglages.ReglageRefuse as e:
        yield Constat("Dagster", "faute", str(e), "correct the variable")
        return
    import dagster as dg

    os.environ["DAGSTER_HOME"] = str(dossier)
    with dg.DagsterInstance.get() as instance:
        yield Constat("Dagster", "bien", f"instance in {dossier}")
        ouvertes = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        if ouvertes and not disque.est_tenu(reglage.chemins.verrou):
            fait = f"{len(ouvertes)} run(s) killed before their end pass for running"
            yield Constat("Dagster", "voir", fait, "ctg prepare (which ends them)")
        yield _planification(reglage, instance)


def _planification(reglage: Reglages, instance: "dg.DagsterInstance") -> Constat:
    """Whether something starts a night by itself."""
    dites = [s for s in instance.all_instigator_state() if s.instigator_name == "nocturne"]
    allume = (
        any(s.status.value in ("RUNNING", "DECLARED_IN_CODE") for s in dites)
        if dites
        else os.environ.get("CTG_PROFILE") == reglage.profil and reglage.defaut.planifiee
    )
    vivant = any(s.healthy for s in instance.get_daemon_statuses().values())
    if shutil.which("systemctl"):
        actif = subprocess.run(
            ["systemctl", "is-active", "--quiet", MINUTERIE], capture_output=True, check=False
        )
        if actif.returncode == 0:
            return Constat("schedule", "bien", f"{MINUTERIE} starts the nights")
    if allume and vivant:
        return Constat("schedule", "bien", "the schedule `nocturne` is on, and its daemon is alive")
    if allume:
        fait = "the schedule `nocturne` is on, and no daemon runs it"
        return Constat("schedule", "faute", fait, "make dev, or the units of deploy/ (deploy/README.md)")
    if not reglage.defaut.planifiee:
        return Constat("schedule", "bien", f"off, as the {reglage.profil} profile has it")
    suite = f"systemctl enable --now {MINUTERIE} (deploy/README.md), or turn `nocturne` on in Dagster"
    return Constat("schedule", "faute", "off: nothing starts a night", suite)
