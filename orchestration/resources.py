"""The night as a Dagster resource: settings, lock, acquisition, and the summary it leaves behind.

One run is one process (in-process executor), so that every step shares one `Nuit`, and the lock is
held from the first step to the last, whatever kills the run.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import dagster as dg
import duckdb
from pydantic import PrivateAttr
from sqlalchemy.exc import SQLAlchemyError

from ingestion import ecartees
from ingestion.acquisition import Acquisition, Attente, BilanSource, FichierRetenu, Retenus
from ingestion.ecartees import Ecartee
from ingestion.errors import ErreurSource
from ingestion.extrait.avancement import Suivre
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.erreurs import SOURCE as SOURCE_EXTRAIT
from ingestion.extrait.reception import Bilan, Reception
from ingestion.extrait.retenus import Micro, MoisRetenu
from ingestion.extrait.zones import creer_dossier
from socle.disque import ecrire_json
from socle.horloge import aujourd_hui
from socle.memoire import en_memoire
from socle.panne import en_ecrivant

from .evenements import INTERROMPUE, INTERRUPTIONS, PHRASES, en_une_phrase
from .instance import oublier_les_anciennes
from .nuit import reglages
from .nuit.alertes import Envois, exiger_miroir, prevenir
from .nuit.base import preparer
from .nuit.chemins import Chemins, CheminsDeNuit
from .nuit.cles import cle
from .nuit.comptage import en_usage
from .nuit.identifiants import Identifiants, identifiants
from .nuit.nouveau import deja_publiee, empreinte_entrees, retenir
from .nuit.perimetres import entier
from .nuit.pertes import pertes
from .nuit.resume import commencer, finir, tuee
from .nuit.revisions import reprendre
from .nuit.zones import dire_fermes
from .racine import RACINE
from .translator import CHECK_REFUS, CLE_CONSTRUCTION, CLE_RELEASE

P = ParamSpec("P")
T = TypeVar("T")

# How dbt begins what it says of a node: its name, without what it read.
_NOEUD_DBT = re.compile(r"(Failure|Error|\w+ Error) in (test|model|seed|snapshot|unit_test) ")
NUIT_ENTIERE = (
    "The file of a night is begun by a whole night: run the job rafraichissement_nocturne, or ask for these"
    " assets without `construction` and `publication/release`, in the file of the last build."
)
# Tags of a run: how it ended (`publiee`, `publiee_sans_bascule`, `inchangee`, `echec`; `a_part` is no night;
# `…_avec_refus`), how many files it refused, and what it published or found in service.
ETIQUETTE_ETAT, ETIQUETTE_REFUS, ETIQUETTE_RELEASE = "ctg/etat", "ctg/refus", "ctg/release"


class Nuit(dg.ConfigurableResource[Any]):
    """Everything a step needs of the night it belongs to. Settings are read when the run starts.

    `as_of` (ISO date) rebuilds what the warehouse would have said that day: nothing is received, and what
    readers have, the journal and the memory of the last night stay as they are.

    A run of some assets alone (`seule`) is no night: it works in the file that the last night built,
    publishes nothing, and leaves the summary of the last night as it is.
    """

    as_of: str | None = None

    _reglages: reglages.Reglages = PrivateAttr()
    _acquisition: Acquisition = PrivateAttr()
    _reception: Reception = PrivateAttr()
    _ici: CheminsDeNuit = PrivateAttr()
    _base: Path | None = PrivateAttr(default=None)
    _seule: bool = PrivateAttr(default=False)
    _jugee: bool = PrivateAttr(default=False)
    _debut: datetime = PrivateAttr()
    _resume: dict[str, Any] = PrivateAttr(default_factory=dict)
    _empreinte: str | None = PrivateAttr(default=None)
    _retenus: Retenus | None = PrivateAttr(default=None)
    _vus: int = PrivateAttr(default=0)
    _absents: int = PrivateAttr(default=0)
    _entier: tuple[str | None] | None = PrivateAttr(default=None)
    _attendre_l_extrait: Callable[[], None] = PrivateAttr()
    _ecartees: tuple[Ecartee, ...] = PrivateAttr(default=())

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Nuit"]:
        """Take the lock, bind the folder, sweep what a killed night left, and leave a summary at the end."""
        self._reglages = reglages.lire(nouveau=True)
        if not self.jour:
            exiger_miroir(self._reglages)
        chemins = self._reglages.chemins
        with en_ecrivant(chemins.home, "the files of the night"), reglages.verrou(chemins.home) as ouverts:
            if ouverts and context.log:
                context.log.warning(dire_fermes(ouverts))
            run = context.run
            self._seule, self._jugee = run is not None and est_seule(run), False
            if not self.jour:
                reglages.lier(self._reglages, perimetre=False)
            balayer_les_dossiers(chemins.build)
            run_id = run.run_id if run else None
            self._ici = CheminsDeNuit(creer_dossier(chemins.build / (run_id or "hors_run")))
            self._base = derniere_construction(chemins.build) if self._seule else self._ici.base
            self._debut = datetime.now(UTC).replace(microsecond=0)
            with self._demonstration(chemins) as self._attendre_l_extrait:
                self._preparer(run_id)
                with ExitStack() as fin:
                    self._a_la_fin(fin, context)
                    yield self

    def _a_la_fin(self, fin: ExitStack, context: dg.InitResourceContext) -> None:
        """What is left to do however the night ends, the last to be done first here.

        One that fails, as the summary does on a full disk, keeps no other from its turn: somebody is told.
        """
        chemins, run, instance = self.chemins, context.run, context.instance
        nuit = not self._seule and not self.jour
        if nuit:
            # Last, for it may take its time.
            fin.callback(self._prevenir, context)
            fin.callback(self._oublier, context)
        if run and instance:
            fin.callback(lambda: instance.add_run_tags(run.run_id, self._etiquettes()))
        if nuit:
            fin.callback(finir, chemins)
        if not self._seule:
            fin.callback(lambda: ecrire_json(chemins.resume, self._resume))

    def _preparer(self, run_id: str | None) -> None:
        """Sweep what a killed night left, and start the summary of this one."""
        self._ouvrir()
        self._acquisition.balayer()
        # Where an earlier version kept it, in reach of readers.
        (self.releases / "derniere.json").unlink(missing_ok=True)
        self.micro.balayer()
        self._vus = self._absents = 0
        self._empreinte = self._retenus = self._entier = None
        self._resume = {"run_id": run_id, "etat": "echec", "refus": [], "ecartes": [], "attentes": []}
        if not self._seule and not self.jour:
            self._resume["tuee"] = tuee(self.chemins)
            commencer(self.chemins)
        if not self.jour:
            for perte in pertes(self._reglages):
                raise perte
            self._ecartees = tuple(
                reprendre(self.chemins.home, self.chemins.registre, self._acquisition, self.micro)
            )
            # What is set aside may have changed.
            self._ouvrir()
            self.noter_refus(e.erreur() for e in self._ecartees)
            self.noter_refus(self._acquisition.depots_inconnus())

    def _ouvrir(self) -> None:
        """Open what is held of the sources and of the extract, as it is now."""
        self._acquisition = self._reglages.acquisition(self.jour)
        self._reception = self._reglages.reception(self.jour)

    @contextmanager
    def _demonstration(self, chemins: Chemins) -> Iterator[Callable[[], None]]:
        """Write the demonstration's files where it is the origin; yield what waits for its extracts."""
        if self._reglages.profil != "demo" or self.jour:
            yield lambda: None
            return
        # Imported late: the other profiles never need it.
        import demonstration

        with demonstration.extraits_a_cote(chemins.extrait_de_demonstration) as attendre:
            demonstration.une_fois(demonstration.ecrire_miroir, chemins.demonstration)
            yield attendre

    def _oublier(self, context: dg.InitResourceContext) -> None:
        """Forget old runs; what cannot be removed is told, and is tried again by the next night."""
        if not context.instance:
            return
        try:
            oublier_les_anciennes(context.instance, aujourd_hui())
        except (OSError, SQLAlchemyError) as refus:
            if context.log:
                context.log.warning(f"the history of old runs was not removed from dagster/: {refus}")

    def _prevenir(self, context: dg.InitResourceContext) -> None:
        """Tell those who are not looking, and say in the summary what could not be told."""
        if not self.chemins.alertes.exists():
            return
        # A refusal of PostgreSQL is told by itself.
        if context.instance and context.run and not self._resume.get("postgres", {}).get("erreurs"):
            self._resume["echecs"] = ce_qui_a_echoue(context.instance, context.run.run_id)
        diffusions = {nom: contrat.diffusion for nom, contrat in self._acquisition.contrats.items()}
        diffusions[SOURCE_EXTRAIT] = charger_contrat().diffusion
        envois = prevenir(self.chemins, self._resume, diffusions)
        for echec in envois.echecs:
            if context.log:
                context.log.warning(f"alert not sent: {echec}")
        if envois != Envois():
            self._resume["alertes"] = {"envoyes": envois.envoyes, "echecs": envois.echecs}
            ecrire_json(self.chemins.resume, self._resume)

    @property
    def jour(self) -> date | None:
        """The day `as_of` names; None on an ordinary night."""
        return date.fromisoformat(self.as_of) if self.as_of else None

    @property
    def acquisition(self) -> Acquisition:
        """Reception and normalisation of the sources."""
        return self._acquisition

    def recevoir_l_extrait(self, suivre: Suivre) -> Bilan:
        """Take in the months that wait, the demonstration's once they are written."""
        self._attendre_l_extrait()
        return self._reception.recevoir(suivre)

    @property
    def micro(self) -> Micro:
        """Months of the allocataire extract in use."""
        return self._reception.micro

    @property
    def retenus(self) -> tuple[FichierRetenu, ...]:
        """Accepted files in use, as they were when they were first asked for, once every source was typed.

        A file accepted by hand while the night runs is the next night's: one snapshot feeds the decision to
        build, the build and what the release says of its inputs.
        """
        return self._en_usage.fichiers

    @property
    def attentes(self) -> tuple[Attente, ...]:
        """Accepted files that wait for others to be of use; the summary of the night tells them."""
        return self._en_usage.attentes

    @property
    def _en_usage(self) -> Retenus:
        if self._retenus is None:
            self._retenus = self._acquisition.retenus()
            self._resume["attentes"] = [str(a) for a in self._retenus.attentes]
        return self._retenus

    @property
    def extrait(self) -> list[MoisRetenu]:
        """Months of the allocataire extract that feed the build: those that can be read, and purged ones."""
        return [*self.micro.mois_retenus(), *self.micro.mois_purges()]

    @property
    def ecartees(self) -> tuple[Ecartee, ...]:
        """Revisions that are set aside, tonight or since another night."""
        return self._ecartees

    def ecarter(self, mises: Iterable[Ecartee]) -> None:
        """Set revisions aside, and make the night's own file again of what the last release had."""
        self._ecartees = (*self._ecartees, *mises)
        ecartees.ecrire(self.chemins.home, self._ecartees)
        self.noter_refus(e.erreur() for e in self._ecartees)
        self._ouvrir()
        self._empreinte = self._retenus = None
        self.base.unlink()
        self.poser()

    def poser(self) -> None:
        """Make the night's own file, with the files in use and nothing else yet; the last one is swept."""
        for dossier in self.chemins.build.iterdir():
            if dossier.is_dir() and dossier != self._ici.dossier:
                shutil.rmtree(dossier)
        quoi = (self.extrait, self.retenus, self.attentes)
        comptes = en_usage(self.reglages, self.acquisition, *quoi)
        preparer(self.base, self.acquisition, self.reglages, *quoi, comptes)

    @property
    def reglages(self) -> reglages.Reglages:
        """Profile, scope and folders."""
        return self._reglages

    @property
    def chemins(self) -> Chemins:
        """The map of CTG_HOME."""
        return self._reglages.chemins

    @property
    def seule(self) -> bool:
        """Whether somebody asked for some assets, and not for a night."""
        return self._seule

    @property
    def base(self) -> Path:
        """The file being built: one writer, no reader. A run alone has that of the last build."""
        if self._base is None:
            raise dg.Failure(
                f"There is no build file under {self.chemins.build}: run the job rafraichissement_nocturne"
                " first, what it builds stays until the next one builds.",
                allow_retries=False,
            )
        return self._base

    @property
    def bornes(self) -> Path:
        """The bounds of the last audit of secrecy; a run that is no night has its own."""
        return self._ici.dossier / "bornes.json" if self._seule else self.chemins.bornes

    @property
    def construction(self) -> str:
        """The scopes that the marts of the file are those of, as its context says them."""
        if not self._seule:
            return self._reglages.construction
        with duckdb.connect(str(self.base), read_only=True) as con:
            ((perimetre,),) = con.execute("select perimetre from normalised.contexte").fetchall()
        return str(perimetre)

    @property
    def perimetre_juge(self) -> str:
        """The scope whose promises the marts of the file have to keep."""
        if not self._seule:
            return self.perimetre_entier or self._reglages.perimetre
        perimetres = tuple(self.construction.split(","))
        return entier(self.base, perimetres) or perimetres[0]

    @property
    def jugee(self) -> bool:
        """Whether the gate let the marts of this very run through: nothing else is published."""
        return self._jugee

    def juger(self) -> None:
        """Say that the gate let the marts of this run through."""
        self._jugee = not self._seule

    @property
    def dossier_dbt(self) -> Path:
        """Where dbt writes its artefacts."""
        return self._ici.dbt

    @property
    def validation(self) -> Path:
        """Where the gate writes its report."""
        return self._ici.validation

    def validation_de(self, perimetre: str) -> Path:
        """The same, of one scope of a build that is wider."""
        from publication.releases.perimetres import nom_de

        return self._ici.validations / nom_de(perimetre)

    @property
    def perimetre_entier(self) -> str | None:
        """The scope that covers the whole build, once it is built; None where it takes several."""
        if self._entier is None:
            self._entier = (entier(self.base, self._reglages.perimetres),)
        return self._entier[0]

    @property
    def agregats(self) -> Path:
        """The zone of the aggregates before secrecy: the pipeline alone reads it."""
        return creer_dossier(self.chemins.agregats)

    @property
    def releases(self) -> Path:
        """The release store."""
        return self.chemins.releases

    @property
    def debut(self) -> datetime:
        """When the run started (UTC)."""
        return self._debut

    @property
    def refus(self) -> list[dict[str, Any]]:
        """What was refused tonight, as plain values."""
        return list(self._resume["refus"])

    def noter(self, bilan: BilanSource) -> None:
        """Keep what a step refused or set aside for the summary of the night."""
        self._vus += len(bilan.recus) + len(bilan.inchanges) + len(bilan.refus)
        self._absents += len(bilan.absents)
        self.noter_refus(bilan.refus)
        self._resume["ecartes"].extend(map(str, bilan.ecartes))

    def noter_refus(self, refus: Iterable[ErreurSource]) -> None:
        """Keep refusals for the summary of the night, once each."""
        deja = self._resume["refus"]
        for erreur in refus:
            dit = erreur.to_dict() | {"texte": str(erreur), "titre": erreur.titre, "ou": erreur.ou}
            if dit not in deja:
                deja.append(dit)

    @property
    def origine_vide(self) -> bool:
        """Whether the origin was asked for files and had none at all: an unmounted share, a wrong address."""
        return self._vus == 0 and self._absents > 0

    def cle(self, finalite: str) -> bytes:
        """The key of this installation for a purpose."""
        return cle(self._reglages, finalite)

    @property
    def identifiants(self) -> Identifiants:
        """By what the release names the files it is made of."""
        return identifiants(self._reglages, self._acquisition.contrats)

    def empreinte(self) -> str:
        """Fingerprint of the night's inputs, as they were when it was first asked for.

        A file accepted while dbt runs is not in the build: taken at the end, the fingerprint would hold it,
        and no later night would ever publish it.
        """
        if self._empreinte is None:
            self._empreinte = empreinte_entrees(
                self.retenus, self.micro.empreintes(), self._reglages, self.attentes
            )
        return self._empreinte

    def deja_publiee(self) -> str | None:
        """Release built from these very inputs, when it is in service or a pin holds another; else None."""
        return None if self.jour else deja_publiee(self._reglages, self.empreinte())

    def conclure(
        self, etat: str, release_id: str, message: str, releases: Mapping[str, str] | None = None
    ) -> None:
        """Say how the night ended, as soon as readers have it; `releases`: that of each scope.

        `etat` is publiee, inchangee or publiee_sans_bascule.
        """
        self._resume.update(etat=etat, release_id=release_id, message=message)
        if releases:
            self._resume["releases"] = dict(releases)

    def noter_controles(
        self, controles: Iterable[Mapping[str, Any]], secret: Mapping[str, int] | None
    ) -> None:
        """Keep what the gate found of the marts, and how much of the proof of secrecy, for the summary."""
        self._resume["controles"] = list(controles)
        self._resume["secret"] = secret

    def noter_postgres(self, faits: Iterable[str], erreurs: Iterable[str]) -> None:
        """Keep what became of the releases in PostgreSQL for the summary of the night."""
        self._resume["postgres"] = {"faits": list(faits), "erreurs": list(erreurs)}

    def retenir(self, releases: Mapping[str, str]) -> None:
        """Bind the folder to these scopes, and remember which release each has of the inputs of tonight.

        Once all is done for them: a night with the same inputs does nothing more.
        """
        if self.jour:
            return
        reglages.lier(self._reglages, perimetre=True)
        retenir(self._reglages, self.empreinte(), releases)

    def _etiquettes(self) -> dict[str, str]:
        """What the page shows of the run beside its status, and finds runs by."""
        etat = "a_part" if self._seule else self._resume["etat"]
        etiquettes = {ETIQUETTE_ETAT: etat}
        if self.refus:
            etiquettes = {ETIQUETTE_ETAT: f"{etat}_avec_refus", ETIQUETTE_REFUS: str(len(self.refus))}
        if release_id := self._resume.get("release_id"):
            etiquettes[ETIQUETTE_RELEASE] = release_id
        return etiquettes


def dit_les_pannes(etape: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """Have a step whose last argument is the night tell what disk and memory refuse as a person reads it."""

    @wraps(etape)
    def dite(*arguments: P.args, **nommes: P.kwargs) -> Iterator[T]:
        nuit = nommes.get("nuit", arguments[-1] if arguments else None)
        assert isinstance(nuit, Nuit)
        with en_memoire(), en_ecrivant(nuit.chemins.home, "the files of the night"):
            yield from etape(*arguments, **nommes)

    return dite


class RefusDansLaNuit(dg.Failure):
    """The night did all it had to, and refused a file: no clean success (ADR 17)."""

    def __init__(self, refus: Sequence[Mapping[str, Any]], message: str) -> None:
        """Say what the night did, and how many files it refused of which sources."""
        sources = ", ".join(sorted({r["source"] for r in refus}))
        super().__init__(
            f"{message} {len(refus)} file(s) refused or out of reach ({sources}): the last accepted ones stay"
            f" in use. What to do is in the check `{CHECK_REFUS}` of each of these sources.",
            allow_retries=False,
        )


def ce_qui_a_echoue(instance: dg.DagsterInstance, run_id: str) -> list[dict[str, str]]:
    """What stopped a run, step by step, in one line each: our own errors have no figure in their first line.

    What the gate found is told by itself, and so is a refused file.
    """
    dits = []
    for entree in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        erreur = (
            getattr(entree.dagster_event.event_specific_data, "error", None) if entree.dagster_event else None
        )
        if erreur is None:
            continue
        phrase = en_une_phrase(erreur)
        if phrase.cls_name in ("DagsterAssetCheckFailedError", "RefusDansLaNuit"):
            continue
        if phrase.cls_name in INTERRUPTIONS:
            quoi = INTERROMPUE
        elif phrase.cls_name == "EchecDbt":
            lignes = [ligne for ligne in phrase.message.splitlines() if _NOEUD_DBT.match(ligne.strip())]
            quoi = "; ".join(ligne.strip() for ligne in lignes[:5]) or "dbt did not build everything"
        else:
            quoi = (
                phrase.message.splitlines()[0] if phrase.cls_name in PHRASES else f"{phrase.cls_name}, a bug"
            )
        suite = f'docs/runbook.md, "A night failed"; the run is {run_id} (`make dev`)'
        dits.append({"etape": str(entree.step_key), "quoi": quoi, "suite": suite})
    return dits


def est_seule(run: dg.DagsterRun) -> bool:
    """Whether a run is that of some assets or checks, or the end of another: no night."""
    if run.step_keys_to_execute is not None and "reception" not in run.step_keys_to_execute:
        return True
    if not run.asset_selection and not run.asset_check_selection:
        return False
    return not {CLE_CONSTRUCTION, CLE_RELEASE} <= (run.asset_selection or set())


def derniere_construction(build: Path) -> Path | None:
    """The file that was built last, whole or not; None where none is left."""
    faites = [d.base for d in map(CheminsDeNuit, build.iterdir()) if d.base.exists()]
    return max(faites, key=lambda base: base.stat().st_mtime_ns, default=None)


def balayer_les_dossiers(build: Path) -> None:
    """Sweep what runs left under `build/`, but the file that was built last."""
    garde = derniere_construction(build) if build.exists() else None
    for dossier in build.iterdir() if build.exists() else ():
        if dossier.is_dir() and (garde is None or dossier != garde.parent):
            shutil.rmtree(dossier)


def commit() -> str | None:
    """Commit of the code, when it is known (`CTG_COMMIT` or the checkout)."""
    if "CTG_COMMIT" in os.environ:
        return os.environ["CTG_COMMIT"]
    try:
        # A service runs the checkout of another account: git would not tell it anything.
        sortie = subprocess.run(
            ["git", "-c", f"safe.directory={RACINE}", "rev-parse", "HEAD"],
            cwd=RACINE,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return sortie.stdout.strip()
