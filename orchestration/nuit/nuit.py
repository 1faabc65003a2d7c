"""One night as a plain object: its settings, its lock, the files in use, the file it builds.

Belongs here: what lasts from the first step to the last. Does not: Dagster (`resources`), the summary of the
night (`resume`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ingestion.acquisition import Acquisition, FichierEnAttente, FichierRetenu, Retenus
from ingestion.erreurs import enumerer
from ingestion.extrait.avancement import Suivre
from ingestion.extrait.reception import BilanExtrait, Reception
from ingestion.extrait.retenus import Micro, MoisRetenu
from publication.releases.magasin import courante
from publication.releases.verification import Abimee, abimee
from socle.panne import en_ecrivant

from . import garde_arrondi, reglages
from .base import preparer
from .code import empreinte_code
from .comptage import Comptage
from .construction import Construction
from .horloge_fiable import exiger_a_l_heure, suspendre
from .identifiants import Identifiants, identifiants
from .journaux import en_clair, exiger_entiers, temoigner, tetes
from .nouveau import deja_publiee, empreinte_entrees, memoriser
from .pertes import exiger_sans_perte
from .reglages import Reglages
from .resume import A_CONSTRUIRE, Resume, commencer, lire_resume, tuee

Partie = Literal["entiere", "reception", "construction", "seule"]
"""What of a night a run is: all of it, one of its two jobs, or some assets alone, which publish nothing."""


class Nuit:
    """What the steps of one run share.

    `jour`: rebuild what the warehouse would have said that day. Nothing is received then, and what readers
    have, the journal and the memory of the last night stay as they are.

    A construction goes on with the summary of the reception before it. Some assets alone (`seule`) are made
    in the file of the last build.
    """

    def __init__(
        self,
        reglage: Reglages,
        run_id: str | None = None,
        *,
        jour: date | None = None,
        partie: Partie = "entiere",
    ) -> None:
        """Make the folder of the run; nothing is read before it is asked for."""
        self.reglages, self.chemins = reglage, reglage.chemins
        self.jour, self.partie = jour, partie
        self.debut = datetime.now(UTC).replace(microsecond=0)
        self.construction = Construction(reglage, run_id, seule=self.seule, jour=jour)
        self.resume = Resume(run_id, self._recue())
        # Whether the gate passed the marts of this run: only such marts are published.
        self.jugee = False
        # Digest of the code that the run builds with, as it was when its file was begun.
        self.code = ""

    def _recue(self) -> dict[str, Any] | None:
        """What the reception that this run goes on with said; None where there is none."""
        if self.partie != "construction":
            return None
        dite = lire_resume(self.chemins, dict[str, Any]) or {}
        return dite if dite.get("etat") == A_CONSTRUIRE else None

    @property
    def seule(self) -> bool:
        """Whether this is a run of some assets alone."""
        return self.partie == "seule"

    @property
    def ordinaire(self) -> bool:
        """Whether this is a night that receives, and that its summary and alerts speak of."""
        return not self.seule and not self.jour

    @cached_property
    def acquisition(self) -> Acquisition:
        """Reception and normalisation of the sources."""
        return self.reglages.acquisition(self.jour)

    @cached_property
    def _reception(self) -> Reception:
        return self.reglages.reception(self.jour)

    @property
    def micro(self) -> Micro:
        """Months of the allocataire extract in use."""
        return self._reception.micro

    def recevoir_l_extrait(self, suivre: Suivre) -> BilanExtrait:
        """Take in the months that wait."""
        return self._reception.recevoir(suivre, retirer=not suspendre(self.chemins))

    @cached_property
    def _en_usage(self) -> Retenus:
        en_usage = self.acquisition.retenus()
        self.resume.noter_attentes(en_usage.attentes)
        return en_usage

    @property
    def retenus(self) -> tuple[FichierRetenu, ...]:
        """Accepted files in use, as they were when first asked for: one snapshot feeds the whole night.

        A file accepted by hand meanwhile is the next night's.
        """
        return self._en_usage.fichiers

    @property
    def attentes(self) -> tuple[FichierEnAttente, ...]:
        """Accepted files that wait for others to be of use."""
        return self._en_usage.attentes

    @property
    def extrait(self) -> list[MoisRetenu]:
        """Months of the extract that feed the build: those that can be read, and purged ones."""
        return [*self.micro.mois_retenus(), *self.micro.mois_purges()]

    @property
    def identifiants(self) -> Identifiants:
        """The names that the release gives to its files."""
        return identifiants(self.reglages, self.acquisition.contrats)

    @cached_property
    def empreinte(self) -> str:
        """Fingerprint of the inputs, taken once.

        Taken again at the end, it would hold a file accepted while dbt ran, which no night would publish.
        """
        return empreinte_entrees(self.retenus, self.micro.empreintes(), self.reglages, self.attentes)

    def preparer(self) -> None:
        """Sweep what a killed night left, and begin the summary of this one."""
        exiger_a_l_heure(self.chemins)
        horloge = suspendre(self.chemins)
        # Journals are checked first: a night that reads one with a lost line would undo that line's decision.
        if self.jour:
            exiger_entiers(self.chemins)
        else:
            exiger_sans_perte(self.chemins)
            temoigner(self.chemins)
        self.acquisition.balayer(retirer=not horloge)
        self.micro.balayer()
        if not self.jour:
            garde_arrondi.exiger_un_seul_arrondi(self.reglages)
        if self.ordinaire:
            # A night that was refused above has not begun: its mark would make it pass for killed.
            if debut := tuee(self.chemins):
                self.resume.noter_tuee(debut)
            commencer(self.chemins)
        if self.jour or self.partie == "construction":
            return
        self.resume.noter_refus(self.acquisition.depots_inconnus())
        dits = [*self.acquisition.miroir_inconnus(), *self._disparus(), horloge]
        self.resume.noter_inconnus(filter(None, dits))

    def _disparus(self) -> Iterator[str]:
        """Say which files the mirror no longer has."""
        perdus, donnes = self.acquisition.miroir_disparus()
        if perdus:
            yield (
                f"{len(perdus)} of the {donnes} files that the mirror gave before are gone from it"
                f" ({enumerer(perdus, 5)}): what was accepted of them stays in use"
            )

    def arrondir_et_preparer(self) -> None:
        """Count and round persons, then make the build file from the files in use; sweep the last build."""
        self.code = empreinte_code()
        self.construction.recommencer()
        quoi = (self.extrait, self.retenus, self.attentes)
        arrondis = Comptage(self.reglages, self.acquisition, *quoi).faire()
        self.resume.noter_refus(arrondis.refus)
        self.resume.noter_inconnus(arrondis.dits)
        preparer(self.construction.base, self.acquisition, self.reglages, *quoi, arrondis.fichiers)

    @cached_property
    def journaux(self) -> dict[str, dict[str, Any]]:
        """How far each journal goes at publication: the next night knows from it whether a line is lost."""
        return en_clair(tetes(self.chemins) if self.jour else temoigner(self.chemins))

    def juger(self) -> None:
        """Note that the gate let the marts of this run through."""
        self.jugee = not self.seule

    @cached_property
    def abimees(self) -> dict[str, Abimee]:
        """Releases in service that no longer verify as the night begins, by id."""
        stores = [] if self.jour else [self.reglages.magasin(p) for p in self.reglages.perimetres]
        lues = (abimee(s, en_service.name) for s in stores if (en_service := courante(s)))
        return {lue.release_id: lue for lue in lues if lue}

    def precedente(self, perimetre: str) -> Path | None:
        """Release that the gate compares the marts of a scope with; none for what was known on a past day."""
        if self.jour:
            return None
        return garde_arrondi.precedente(self.reglages.magasin(perimetre), self.abimees)

    def deja_publiee(self) -> str | None:
        """Release built from these very inputs, when it is in service or a pin holds another; else None.

        One in service that is damaged is published again, unless a person pinned it.
        """
        if self.jour or any(not a.epinglee for a in self.abimees.values()):
            return None
        return deja_publiee(self.reglages, self.empreinte)

    def memoriser(self, releases: Mapping[str, str]) -> None:
        """Bind the folder to these scopes, and remember the release that each has of tonight's inputs.

        Called last: a night with the same inputs does nothing more.
        """
        if not self.jour:
            reglages.lier(self.reglages, perimetre=True)
            memoriser(self.reglages, self.empreinte, releases)


@contextmanager
def tenir(
    reglage: Reglages,
    run_id: str | None = None,
    *,
    jour: date | None = None,
    partie: Partie = "entiere",
    avertir: Callable[[Sequence[Path]], None],
) -> Iterator[Nuit]:
    """Hold CTG_HOME from the first step to the last, whatever kills the run; yield the night, prepared.

    `avertir`: told what of it other accounts could reach until now.
    """
    with en_ecrivant(reglage.home, "the files of the night"), reglages.verrou(reglage.home) as ouverts:
        avertir(ouverts)
        if not jour:
            reglages.lier(reglage, perimetre=False)
        nuit = Nuit(reglage, run_id, jour=jour, partie=partie)
        nuit.preparer()
        yield nuit
