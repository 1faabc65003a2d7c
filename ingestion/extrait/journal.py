"""The journal of the micro zone, `micro/journal.jsonl`: who took in what, when, and what became of it.

Belongs here: events and the state they fold to. No event holds a number of rows: it is a number of persons.
Does not belong here: deciding (`ingestion.extrait.reception`, `ingestion.extrait.purge`).
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from socle.disque import ajouter_evenement, lire_evenements
from socle.horloge import jour_de

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

    def dit(self, faits: dict[str, Any]) -> bool:
        """Whether nothing of `faits` differs."""
        return all(getattr(self, nom) == valeur for nom, valeur in faits.items())


@dataclass
class EtatMois:
    """What the journal knows of one month."""

    lus: dict[str, Lecture] = field(default_factory=dict)
    # Last sha256 read without a fault, accepted or not.
    candidat: str | None = None
    # (ISO time, sha256) of each acceptance, in order.
    acceptations: list[tuple[str, str]] = field(default_factory=list)
    refus_sha256: str | None = None
    refus_empreinte: str | None = None
    refus: list[dict[str, Any]] = field(default_factory=list)
    refus_le: str | None = None
    # sha256 of what was purged and not taken in again since.
    purges: set[str] = field(default_factory=set)

    @property
    def accepte(self) -> str | None:
        """The sha256 in use."""
        return self.acceptations[-1][1] if self.acceptations else None

    def accepte_le(self, jour: date) -> str | None:
        """The sha256 in use at the end of a day (Paris)."""
        deja = [sha256 for le, sha256 in self.acceptations if jour_de(le) <= jour]
        return deja[-1] if deja else None

    @property
    def en_attente(self) -> str | None:
        """The sha256 of the revision that waits for a decision."""
        return self.candidat if self.accepte and self.candidat != self.accepte else None


class JournalMicro:
    """Append-only, one event per line, readable by its owner alone."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist."""
        self.chemin = chemin
        self.etats: dict[str, EtatMois] = {}
        for _ in lire_evenements(chemin, self._plier):
            pass

    def etat(self, mois: str) -> EtatMois:
        """Return the state of a month, empty when nothing ever happened to it."""
        return self.etats.setdefault(mois, EtatMois())

    def ecrire(self, evenement: Evenement, mois: str, **faits: Any) -> None:
        """Append one event, durably, and fold it."""
        contenu = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "par": _qui(),
            "event": evenement,
            "mois": mois,
            **faits,
        }
        ajouter_evenement(self.chemin, contenu)
        self._plier(contenu)

    def _plier(self, e: dict[str, Any]) -> None:
        etat = self.etat(e["mois"])
        plis: dict[str, Callable[[EtatMois, dict[str, Any]], None]] = {
            "lu": _lu,
            "accepte": lambda etat, e: etat.acceptations.append((e["at"], e["sha256"])),
            "refuse": _refuse,
            "purge": _purge,
            "brut_retire": lambda etat, e: None,
        }
        plis[e["event"]](etat, e)


def _lu(etat: EtatMois, e: dict[str, Any]) -> None:
    sha256 = e["sha256"]
    deja = etat.lus.get(sha256)
    etat.lus[sha256] = Lecture(
        recu_le=deja.recu_le if deja else e["at"],
        **{k: e[k] for k in ("sha256", "fichier", "parquet", "cog", "couverture", "statut", "finalite")},
    )
    etat.candidat = sha256
    etat.purges.discard(sha256)
    etat.refus, etat.refus_sha256, etat.refus_empreinte, etat.refus_le = [], None, None, None


def _refuse(etat: EtatMois, e: dict[str, Any]) -> None:
    etat.refus_sha256, etat.refus_empreinte = e["sha256"], e["empreinte"]
    etat.refus, etat.refus_le = e["erreurs"], e["at"]


def _purge(etat: EtatMois, e: dict[str, Any]) -> None:
    etat.purges.update(sha256 for sha256, lecture in etat.lus.items() if lecture.finalite == e["finalite"])
    if etat.candidat in etat.purges:
        etat.candidat = etat.accepte


def _qui() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
