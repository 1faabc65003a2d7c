"""The night as a Dagster resource: settings, lock, the files in use, and what is done however it ends.

Belongs here: what lasts from its first step to the last. Does not: what it says of itself (`nuit.resume`),
the file it builds (`nuit.construction`), how it says that it failed (`echecs`).

One run is one process (in-process executor), so that every step shares one `Nuit`, and the lock is
held from the first step to the last, whatever kills the run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import dagster as dg
from pydantic import PrivateAttr
from sqlalchemy.exc import SQLAlchemyError

from ingestion import ecartees
from ingestion.acquisition import Acquisition, Attente, FichierRetenu, Retenus
from ingestion.ecartees import Ecartee
from ingestion.extrait.avancement import Suivre
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.reception import Bilan, Reception
from ingestion.extrait.retenus import Micro, MoisRetenu
from socle.disque import creer_dossier_clos
from socle.horloge import aujourd_hui
from socle.memoire import en_memoire
from socle.panne import en_ecrivant

from .echecs import ce_qui_a_echoue
from .exploitation.alertes import Envois, exiger_miroir, prevenir
from .exploitation.instance import oublier_les_anciennes
from .nuit import reglages
from .nuit.base import preparer
from .nuit.chemins import Chemins
from .nuit.cles import cle
from .nuit.code import empreinte_code
from .nuit.comptage import en_usage
from .nuit.construction import Construction
from .nuit.identifiants import Identifiants, identifiants
from .nuit.nouveau import deja_publiee, empreinte_entrees, memoriser
from .nuit.pertes import pertes
from .nuit.resume import Resume, commencer, finir, tuee
from .nuit.revisions import reprendre
from .nuit.zones import dire_fermes
from .translator import CLE_CONSTRUCTION, CLE_RELEASE

P = ParamSpec("P")
T = TypeVar("T")


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
    _construction: Construction = PrivateAttr()
    _seule: bool = PrivateAttr(default=False)
    _jugee: bool = PrivateAttr(default=False)
    _debut: datetime = PrivateAttr()
    _resume: Resume = PrivateAttr(default_factory=lambda: Resume(None))
    _empreinte: str | None = PrivateAttr(default=None)
    _code: str = PrivateAttr()
    _retenus: Retenus | None = PrivateAttr(default=None)
    _attendre_l_extrait: Callable[[], None] = PrivateAttr()
    _ecartees: tuple[Ecartee, ...] = PrivateAttr(default=())

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Nuit"]:
        """Take the lock, bind the folder, sweep what a killed night left, and leave a summary at the end."""
        self._reglages = reglages.lire(nouveau=True)
        if self.jour and context.instance and not context.instance.is_ephemeral:
            raise reglages.ReglageRefuse(
                "as_of: the build of a past day is no night, and this page keeps what the nights made."
                f" Next: type `ctg refresh --as-of {self.jour}`"
            )
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
            run_id = run.run_id if run else None
            self._construction = Construction(self._reglages, run_id, seule=self._seule, jour=self.jour)
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
            fin.callback(
                lambda: instance.add_run_tags(run.run_id, self._resume.etiquettes(seule=self._seule))
            )
        if nuit:
            fin.callback(finir, chemins)
        if not self._seule:
            fin.callback(self._resume.ecrire, chemins)

    def _preparer(self, run_id: str | None) -> None:
        """Sweep what a killed night left, and start the summary of this one."""
        self._ouvrir()
        self._acquisition.balayer()
        self.micro.balayer()
        self._empreinte = self._retenus = None
        self._resume = Resume(run_id)
        if not self._seule and not self.jour:
            self._resume.noter_tuee(tuee(self.chemins))
            commencer(self.chemins)
        if not self.jour:
            for perte in pertes(self._reglages):
                raise perte
            self._ecartees = tuple(
                reprendre(self.chemins.home, self.chemins.registre, self._acquisition, self.micro)
            )
            # What is set aside may have changed.
            self._ouvrir()
            self._resume.noter_refus(e.erreur() for e in self._ecartees)
            self._resume.noter_refus(self._acquisition.depots_inconnus())

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
        if context.instance and context.run and not self._resume.postgres_en_echec:
            self._resume.noter_echecs(ce_qui_a_echoue(context.instance, context.run.run_id))
        diffusions = {nom: contrat.diffusion for nom, contrat in self._acquisition.contrats.items()}
        diffusions[SOURCE_EXTRAIT] = charger_contrat().diffusion
        envois = prevenir(self.chemins, self._resume.dit, diffusions)
        for echec in envois.echecs:
            if context.log:
                context.log.warning(f"alert not sent: {echec}")
        if envois != Envois():
            self._resume.noter_envois(envois)
            self._resume.ecrire(self.chemins)

    @property
    def jour(self) -> date | None:
        """The day `as_of` names; None on an ordinary night. Raises ReglageRefuse where it names none."""
        try:
            return date.fromisoformat(self.as_of) if self.as_of else None
        except ValueError:
            raise reglages.ReglageRefuse(f"as_of: {self.as_of!r} is no day: write it as 2024-12-17") from None

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
            self._resume.noter_attentes(self._retenus.attentes)
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
        self._resume.noter_refus(e.erreur() for e in self._ecartees)
        self._ouvrir()
        self._empreinte = self._retenus = None
        self.poser()

    @property
    def code(self) -> str:
        """Digest of the code that the run builds with, as it was when its file was begun."""
        return self._code

    def poser(self) -> None:
        """Make the night's own file, with the files in use and nothing else yet; the last one is swept."""
        self._code = empreinte_code()
        self._construction.recommencer()
        quoi = (self.extrait, self.retenus, self.attentes)
        comptes = en_usage(self.reglages, self.acquisition, *quoi)
        preparer(self._construction.base, self.acquisition, self.reglages, *quoi, comptes)

    @property
    def reglages(self) -> reglages.Reglages:
        """Profile, scope and folders."""
        return self._reglages

    @property
    def chemins(self) -> Chemins:
        """The map of CTG_HOME."""
        return self._reglages.chemins

    @property
    def construction(self) -> Construction:
        """The file it builds, and what is beside."""
        return self._construction

    @property
    def resume(self) -> Resume:
        """What it says of itself."""
        return self._resume

    @property
    def seule(self) -> bool:
        """Whether somebody asked for some assets, and not for a night."""
        return self._seule

    @property
    def jugee(self) -> bool:
        """Whether the gate let the marts of this very run through: nothing else is published."""
        return self._jugee

    def juger(self) -> None:
        """Say that the gate let the marts of this run through."""
        self._jugee = not self._seule

    @property
    def agregats(self) -> Path:
        """The zone of the aggregates before secrecy: the pipeline alone reads it."""
        return creer_dossier_clos(self.chemins.agregats)

    @property
    def releases(self) -> Path:
        """The release store."""
        return self.chemins.releases

    @property
    def debut(self) -> datetime:
        """When the run started (UTC)."""
        return self._debut

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

    def memoriser(self, releases: Mapping[str, str]) -> None:
        """Bind the folder to these scopes, and remember which release each has of the inputs of tonight.

        Once all is done for them: a night with the same inputs does nothing more.
        """
        if self.jour:
            return
        reglages.lier(self._reglages, perimetre=True)
        memoriser(self._reglages, self.empreinte(), releases)


def dit_les_pannes(etape: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """Have a step whose last argument is the night tell what disk and memory refuse as a person reads it."""

    @wraps(etape)
    def dite(*arguments: P.args, **nommes: P.kwargs) -> Iterator[T]:
        nuit = nommes.get("nuit", arguments[-1] if arguments else None)
        assert isinstance(nuit, Nuit)
        with en_memoire(), en_ecrivant(nuit.chemins.home, "the files of the night"):
            yield from etape(*arguments, **nommes)

    return dite


def est_seule(run: dg.DagsterRun) -> bool:
    """Whether a run is that of some assets or checks, or the end of another: no night."""
    if run.step_keys_to_execute is not None and "reception" not in run.step_keys_to_execute:
        return True
    if not run.asset_selection and not run.asset_check_selection:
        return False
    return not {CLE_CONSTRUCTION, CLE_RELEASE} <= (run.asset_selection or set())
