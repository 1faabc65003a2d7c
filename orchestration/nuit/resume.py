"""The summary of a night: `build/nuit.json`, written at the end of each of its two runs, good or bad.

`nuit_en_cours` exists while a night runs. Where nobody holds CTG_HOME and it exists, the night was killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from socle.disque import ecrire_json, ecriture_atomique
from socle.etat import lire_json

from .chemins import Chemins

if TYPE_CHECKING:
    from ingestion.acquisition import BilanSource, FichierEnAttente
    from ingestion.erreurs import ErreurSource
    from publication.releases.verification import Abimee

T = TypeVar("T")

# On the runs that the command line starts.
ETIQUETTE_COMMANDE = "ctg/launched_by"
# How a reception ends that found something to build: the construction goes on with its summary.
A_CONSTRUIRE = "a_construire"
# Tags of a run: how it ended (`publiee`, `publiee_sans_bascule`, `inchangee`, `a_construire`, `echec`;
# `a_part` is no night; `…_avec_refus`), how many files it refused, what it published or found in service.
ETIQUETTE_ETAT, ETIQUETTE_REFUS, ETIQUETTE_RELEASE = "ctg/etat", "ctg/refus", "ctg/release"


class Resume:
    """The summary of a night as it goes: a failure until it is concluded."""

    def __init__(self, run_id: str | None, reception: Mapping[str, Any] | None = None) -> None:
        """Begin with nothing refused, and nothing done; or with what the reception of the night said."""
        self._dit: dict[str, Any] = {
            "run_id": run_id,
            "etat": "echec",
            "refus": [],
            "demandees": [],
            "absents": [],
            "ecartes": [],
            "attentes": [],
        }
        if reception:
            self._dit = {**reception, "run_id": run_id, "etat": "echec"}
        self._vus = self._absents = 0

    @property
    def dit(self) -> Mapping[str, Any]:
        """The summary as it stands, as plain values."""
        return self._dit

    @property
    def refus(self) -> list[dict[str, Any]]:
        """What was refused tonight, as plain values."""
        return list(self._dit["refus"])

    @property
    def a_suivre(self) -> bool:
        """Whether the night goes on in another run."""
        return bool(self._dit["etat"] == A_CONSTRUIRE)

    @property
    def origine_vide(self) -> bool:
        """Whether the origin was asked for files and had none at all: an unmounted share, a wrong address."""
        return self._vus == 0 and self._absents > 0

    @property
    def calme(self) -> bool:
        """Whether nothing had to be built, and the run is no failure: a refused file is one of its source."""
        bien = not (self._dit.get("constats") or self.postgres_en_echec)
        return self._dit["etat"] == "inchangee" and bien

    @property
    def postgres_en_echec(self) -> bool:
        """Whether PostgreSQL refused a release."""
        return bool(self._dit.get("postgres", {}).get("erreurs"))

    def noter(self, bilan: BilanSource) -> None:
        """Keep what a step received, refused or set aside."""
        self._vus += len(bilan.recus) + len(bilan.inchanges) + len(bilan.refus)
        self._absents += len(bilan.absents)
        self.noter_refus(bilan.refus)
        self._dit["ecartes"].extend(map(str, bilan.ecartes))

    def noter_lus(self, source: str, absents: Iterable[tuple[str, int]]) -> None:
        """Record that a source was asked for its files, and which (ressource, millésime) it lacks."""
        self._dit["demandees"].append(source)
        self._dit["absents"].extend([source, r, str(m)] for r, m in absents)

    def noter_refus(self, refus: Iterable[ErreurSource]) -> None:
        """Keep refusals, once each."""
        deja = self._dit["refus"]
        for erreur in refus:
            if (dite := erreur.dite()) not in deja:
                deja.append(dite)

    def noter_attentes(self, attentes: Iterable[FichierEnAttente]) -> None:
        """Keep which accepted files wait for others to be of use, instead of those said before."""
        self._dit["attentes"] = [str(a) for a in attentes]

    def noter_inconnus(self, dits: Iterable[str]) -> None:
        """Add remarks about files that nothing refuses."""
        self._dit["inconnus"] = [*self._dit.get("inconnus", ()), *dits]

    def noter_tuee(self, debut: str) -> None:
        """Keep when the night before began, where it did not end."""
        self._dit["tuee"] = debut

    def noter_controles(self, controles: Iterable[Mapping[str, Any]]) -> None:
        """Keep what the gate found of the marts."""
        self._dit["controles"] = list(controles)

    def noter_abimees(self, abimees: Iterable[Abimee]) -> None:
        """Keep which releases that readers had do not verify, as lines of `ctg doctor`, which reads all."""
        lue = {"quoi": "releases", "etat": "faute", "alerte": True, "acheve": False}
        remplacee = "readers had it until this night, which put another in its place: "
        self._dit["constats"] = [
            lue
            | {"fait": a.fait, "suite": ("" if a.en_service else remplacee) + a.suite, "cle": a.release_id}
            for a in abimees
        ]

    def noter_postgres(self, faits: Iterable[str], erreurs: Iterable[str]) -> None:
        """Keep what became of the releases in PostgreSQL."""
        self._dit["postgres"] = {"faits": list(faits), "erreurs": list(erreurs)}

    def noter_echecs(self, echecs: list[dict[str, str]]) -> None:
        """Keep what stopped the night."""
        self._dit["echecs"] = echecs

    def noter_envois(self, envoyes: int, echecs: list[str]) -> None:
        """Keep how many messages were sent, and what could not be."""
        self._dit["alertes"] = {"envoyes": envoyes, "echecs": echecs}

    def passer(self) -> None:
        """Leave the rest of the night to another run."""
        self._dit["etat"] = A_CONSTRUIRE

    def conclure(
        self, etat: str, release_id: str, message: str, releases: Mapping[str, str] | None = None
    ) -> None:
        """Say how the night ended, as soon as readers have it; `releases`: that of each scope.

        `etat` is publiee, inchangee or publiee_sans_bascule.
        """
        self._dit.update(etat=etat, release_id=release_id, message=message)
        if releases:
            self._dit["releases"] = dict(releases)

    def etiquettes(self, *, seule: bool) -> dict[str, str]:
        """Tags that Dagster's page shows beside the status of the run, and searches."""
        etat = "a_part" if seule else self._dit["etat"]
        etiquettes = {ETIQUETTE_ETAT: etat}
        if refus := self._dit["refus"]:
            etiquettes = {ETIQUETTE_ETAT: f"{etat}_avec_refus", ETIQUETTE_REFUS: str(len(refus))}
        if release_id := self._dit.get("release_id"):
            etiquettes[ETIQUETTE_RELEASE] = release_id
        return etiquettes

    def ecrire(self, chemins: Chemins) -> None:
        """Write the summary, for the next commands."""
        try:
            ecrire_json(chemins.resume, self._dit)
        except OSError:
            # Nobody could go on with it.
            if self.a_suivre:
                self._dit["etat"] = "echec"
            raise


@dataclass(frozen=True)
class Fin:
    """What a person asks of a night that is over."""

    etat: str
    refus: list[dict[str, Any]]
    postgres: dict[str, list[str]] = field(default_factory=dict)


def lire_resume(chemins: Chemins, forme: type[T]) -> T | None:
    """Return the summary of the last night as `forme`, None before the first. Raises `EtatIllisible`."""
    suite = "remove it: the next night writes another"
    return lire_json(chemins.resume, forme, "how the last night ended", suite)


def tuee(chemins: Chemins) -> str | None:
    """When the last night began, if it did not end, and what it was reading; None where it ended.

    The caller holds CTG_HOME.
    """
    try:
        debut = chemins.en_cours.stat().st_mtime
    except FileNotFoundError:
        return None
    # This import takes half a second, and only a killed night needs it.
    from ingestion.lectures import en_cours

    lecture = en_cours(chemins.journal.parent)
    dit = f"{datetime.fromtimestamp(debut, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{dit}, which was reading {lecture}," if lecture else dit


def commencer(chemins: Chemins) -> None:
    """Write the mark of a night that begins, on the disk before anything else."""
    with ecriture_atomique(chemins.en_cours):
        pass


def finir(chemins: Chemins) -> None:
    """Remove the mark, once the night has its summary."""
    chemins.en_cours.unlink(missing_ok=True)


def dire_tuee(debut: str) -> str:
    """What is said of a night that did not end."""
    return f"the night begun on {debut} did not end: killed, stopped at its start, or with the machine"
