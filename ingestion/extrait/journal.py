"""The journal of the micro zone, `micro/journal.jsonl`: who took in what, when, and what became of it.

No event holds a number of rows, which is a number of persons.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from ingestion.journal import JournalEvenements, Suivi

Evenement = Literal["lu", "accepte", "refuse", "brut_retire", "purge"]


@dataclass(frozen=True)
class Lecture:
    """A month's files once read: the micro Parquet they gave, and the mapping's word on them."""

    sha256: str
    fichier: str
    parquet: str
    cog: int
    couverture: str
    statut: str
    finalite: str
    recu_le: str
    # sha256 of the micro Parquet; empty where an older version wrote it.
    octets: str = ""

    def dit(self, faits: dict[str, Any]) -> bool:
        """Whether `faits` say the same as this reading."""
        return all(getattr(self, nom) == valeur for nom, valeur in faits.items())


@dataclass
class EtatMois(Suivi):
    """State of one month; `candidat` is the last content read without a fault."""

    lus: dict[str, Lecture] = field(default_factory=dict)
    refus_empreinte: str | None = None
    refus: list[dict[str, Any]] = field(default_factory=list)
    refus_le: str | None = None
    # sha256 of what was purged and not taken in again since.
    purges: set[str] = field(default_factory=set)
    # Contents that a person rejected for another: nobody is asked again, and no rule accepts them.
    delaisses: set[str] = field(default_factory=set)
    # Contents whose raw files were removed: the same files can only come back from a person.
    retires: set[str] = field(default_factory=set)

    @property
    def en_attente(self) -> str | None:
        """The sha256 of the revision that waits for a decision."""
        attend = self.accepte and self.candidat != self.accepte and self.candidat not in self.delaisses
        return self.candidat if attend else None

    def revenu(self, sha256: str) -> bool:
        """Whether somebody dropped again a content that was left aside."""
        return sha256 in self.delaisses & self.retires

    @property
    def conserves(self) -> dict[str, Lecture]:
        """Contents read and not purged since, by sha256."""
        return {sha256: lecture for sha256, lecture in self.lus.items() if sha256 not in self.purges}


class JournalMicro(JournalEvenements):
    """The journal of the extract, by month; readable by its owner alone."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist."""
        self.etats: dict[str, EtatMois] = {}
        super().__init__(chemin)

    def etat(self, mois: str) -> EtatMois:
        """Return the state of a month, empty when nothing ever happened to it."""
        return self.etats.setdefault(mois, EtatMois())

    def ecrire(self, evenement: Evenement, mois: str, **faits: Any) -> None:
        """Append one event, durably, and fold it."""
        self._ajouter(par=_qui(), event=evenement, mois=mois, **faits)

    def _plier(self, e: dict[str, Any]) -> None:
        etat = self.etat(e["mois"])
        match e["event"]:
            case "lu":
                sha256, deja = e["sha256"], etat.lus.get(e["sha256"])
                faits = e | {"recu_le": deja.recu_le if deja else e["at"]}
                etat.lus[sha256] = Lecture(
                    **{c.name: faits[c.name] for c in fields(Lecture) if c.name in faits}
                )
                if etat.candidat != sha256 or etat.revenu(sha256):
                    etat.delaisses.discard(sha256)
                etat.candidat = sha256
                etat.purges.discard(sha256)
                etat.retires.discard(sha256)
                etat.refus, etat.refus_sha256, etat.refus_empreinte, etat.refus_le = [], None, None, None
            case "accepte":
                # A line without `by`, from an older version, was written by a rule.
                if e.get("by") == "main":
                    etat.delaisses = {*etat.lus}
                etat.delaisses.discard(e["sha256"])
                etat.acceptations.append((e["at"], e["sha256"]))
            case "refuse":
                etat.refus_sha256, etat.refus_empreinte = e["sha256"], e["empreinte"]
                etat.refus, etat.refus_le = e["erreurs"], e["at"]
            case "purge":
                etat.purges.update(s for s, lecture in etat.lus.items() if lecture.finalite == e["finalite"])
                if etat.candidat in etat.purges:
                    etat.candidat = etat.accepte
            case "brut_retire":
                etat.retires.add(e["sha256"])
            case autre:
                raise ValueError(f"unknown event {autre}")


def _qui() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
