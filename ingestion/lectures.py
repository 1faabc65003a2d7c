"""Readings of files, each within its limits; one that killed is refused by name, and is not tried again.

Belongs here: what is kept of such a reading. Does not: the process that reads (`lecteur`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from ingestion.contrats import Ressource
from ingestion.contrats.exigences import Limites
from ingestion.erreurs import ErreurSource, Lieu, relire
from ingestion.fonds import Fonds
from ingestion.lecteur import LECTEUR, LectureInterrompue, LectureTuee
from socle.disque import ecriture_atomique
from socle.etat import EtatIllisible, lire_json
from socle.panne import en_ecrivant

T = TypeVar("T")

REPERE = "lecture_en_cours.json"
"""In the landing store, while a file is read: a night that ends there leaves it."""

FOIS = 2
"""After so many nights killed while a file was read, the file is refused."""


@dataclass(frozen=True)
class Fichier:
    """A file to read: its ressource, the place that errors give, its digest, the digest of its contract."""

    ressource: Ressource
    lieu: Lieu
    sha256: str
    contrat: str


@dataclass(frozen=True)
class EnCours:
    """The file that is being read (`REPERE`); `cle`: by which function, under which contract and limits."""

    source: str
    ressource: str
    millesime: int | None
    fichier: str | None
    sha256: str
    cle: str

    def __str__(self) -> str:
        """Name the file by its folder: the line may leave the machine, and a file's name is anybody's."""
        lieu = (self.source, self.ressource, self.millesime, self.sha256[:12])
        return "/".join(map(str, filter(None, lieu)))


def en_cours(landing: Path) -> EnCours | None:
    """Return the file that a killed night was reading; None where no night was killed so."""
    try:
        return lire_json(landing / REPERE, EnCours, "the file being read", "remove it")
    except EtatIllisible:
        # A cut of power lost the bytes of the mark.
        return None


class Lectures(Fonds):
    """The holdings, and the process that reads their files."""

    relire = False
    """Whether a person asked to read again the files that killed their reader."""

    def lire(self, fichier: Fichier, faire: Callable[..., T], *quoi: object) -> T:
        """Return `faire(*quoi)`, which reads that file, run in the process that reads: see `Lecteur.lire`.

        Raises `ErreurSource`: those of `faire`, `lecture_tuee`, `lecture_interrompue`.
        """
        lieu, limites = fichier.lieu, fichier.ressource.limites
        # Recognising and typing are two readings: a file may kill one and not the other.
        etape = getattr(faire, "func", faire).__name__
        cle = f"{etape} {fichier.contrat[:12]} {limites.memoire} {limites.secondes:g}"
        lecture = EnCours(lieu.source, lieu.ressource, lieu.millesime, lieu.fichier, fichier.sha256, cle)
        if not self.relire and (deja := self._deja_tuee(lecture, limites, lieu)):
            raise deja
        try:
            with self._dite(lecture):
                return LECTEUR.lire(faire, *quoi, limites=limites)
        except ErreurSource as e:
            raise e.coupee() from None
        except LectureTuee as e:
            erreur = _tuee(lieu, f"{e}, while it was read", limites)
            self._retenir(lecture, erreur)
            raise erreur from None
        except LectureInterrompue as e:
            raise lieu.erreur(
                "lecture_interrompue",
                observe=str(e),
                attendu="a file that is read, or refused for what it holds",
                que_faire="report it with the file; it is read again every night, and the last accepted one"
                " stays in use",
            ) from None

    def solder(self) -> None:
        """Record the file that the last night was reading when it was killed."""
        if not self.jour and (lecture := en_cours(self.landing.racine)):
            self._retenir(lecture, None)
        if not self.jour:
            (self.landing.racine / REPERE).unlink(missing_ok=True)

    def _deja_tuee(self, lecture: EnCours, limites: Limites, lieu: Lieu) -> ErreurSource | None:
        """Return the refusal of a file that killed its reader under this contract and these limits."""
        etat = self.journal().etat(lecture.source, lecture.ressource, lecture.millesime)
        fois = etat.tuees.get((lecture.sha256, lecture.cle), [])
        if dites := [e for e in fois if e]:
            return relire(dites[-1])
        if len(fois) < FOIS:
            return None
        return _tuee(lieu, f"{len(fois)} nights ended as it was read: killed, or with the machine", limites)

    def _retenir(self, lecture: EnCours, erreur: ErreurSource | None) -> None:
        ou = lecture.source, lecture.ressource, lecture.millesime
        dite = erreur and erreur.to_dict()
        self.journal().ecrire("lecture_tuee", *ou, sha256=lecture.sha256, cle=lecture.cle, erreur=dite)

    @contextmanager
    def _dite(self, lecture: EnCours) -> Iterator[None]:
        """Leave a mark while a file is read; none for a past day, which writes nothing there."""
        if self.jour:
            yield
            return
        repere = self.landing.racine / REPERE
        with ecriture_atomique(repere, synchrone=False) as f:
            f.write(json.dumps(asdict(lecture), ensure_ascii=False).encode())
        try:
            yield
        finally:
            with en_ecrivant(repere):
                repere.unlink(missing_ok=True)


def _tuee(lieu: Lieu, observe: str, limites: Limites) -> ErreurSource:
    return lieu.erreur(
        "lecture_tuee",
        observe=observe,
        attendu=f"at most {limites.memoire / 1e9:g} GB of memory and {limites.secondes:g} s, and no crash",
        que_faire="open the file: is it the right one, and whole? If it is, raise `limites` of its ressource"
        f" in {lieu.contrat}. It is not read again as it is, but by `ctg sources fetch {lieu.source}`; the"
        " last accepted one stays in use",
    )
