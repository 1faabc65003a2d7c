"""The journal of the landing store, `landing/journal.jsonl`: what was received, and what became of it.

Belongs here: events, and the state they fold to. Does not belong here: deciding (`ingestion.reception`,
`ingestion.normalisation`), nor the bytes (`ingestion.landing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ingestion.erreurs import ErreurSource
from socle.disque import ajouter_evenements, lire_evenements, marque

Evenement = Literal["recu", "refuse", "normalise", "accepte", "revision"]
Cle = tuple[str, str, int | None]


@dataclass
class Etat:
    """What the journal knows of one (source, ressource, millésime)."""

    accepte: str | None = None
    # (ISO time, sha256) of each acceptance, in order.
    acceptations: list[tuple[str, str]] = field(default_factory=list)
    # Last sha256 received, accepted or not; None as long as nothing acceptable came.
    candidat: str | None = None
    recu_le: str | None = None
    refus: dict[str, Any] | None = None
    refus_sha256: str | None = None
    # By origin, the last sha256 it offered, and the last that landed: an origin that repeats itself
    # brings nothing new, even after another origin was received.
    offres: dict[str, str] = field(default_factory=dict)
    recus: dict[str, str] = field(default_factory=dict)
    normalises: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What a person chose another content over, by hand: no rule accepts it again.
    delaissees: set[str] = field(default_factory=set)

    @property
    def en_attente(self) -> str | None:
        """The sha256 of the revision that waits for a decision."""
        return self.candidat if self.candidat != self.accepte and self.candidat in self.revisions else None


class Journal:
    """Append-only journal, `landing/journal.jsonl`: one event per line, folded to a state on demand."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist."""
        self.chemin = chemin
        self.etats: dict[Cle, Etat] = {}
        self._par_ressource: dict[tuple[str, str], dict[int | None, Etat]] = {}
        self._lot: list[dict[str, Any]] | None = None
        self._version = marque(chemin)
        for _ in lire_evenements(self.chemin, self._plier):
            pass

    @property
    def a_jour(self) -> bool:
        """Whether nobody else wrote in the file since; a journal with an open lot is the only one."""
        return self._lot is not None or self._version == marque(self.chemin)

    def etat(self, source: str, ressource: str, millesime: int | None) -> Etat:
        """Return the state of one millésime, empty when nothing ever happened to it."""
        cle = (source, ressource, millesime)
        if cle not in self.etats:
            self.etats[cle] = self._par_ressource.setdefault(cle[:2], {})[millesime] = Etat()
        return self.etats[cle]

    def millesimes(self, source: str, ressource: str) -> dict[int, Etat]:
        """Return the states of a ressource by millésime, without that of an address that rolls."""
        connus = self._par_ressource.get((source, ressource), {})
        return {m: etat for m, etat in connus.items() if m is not None}

    def ecrire(
        self, evenement: Evenement, source: str, ressource: str, millesime: int | None, **faits: Any
    ) -> None:
        """Append one event, durably unless a `lot` is open, and fold it."""
        contenu = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "event": evenement,
            "source": source,
            "ressource": ressource,
            "millesime": millesime,
            **faits,
        }
        if self._lot is None:
            self._consigner([contenu])
        else:
            self._lot.append(contenu)
        self._plier(contenu)

    def refuser(self, erreur: ErreurSource, sha256: str, **faits: Any) -> None:
        """Append a refusal, once."""
        etat = self.etat(erreur.source, erreur.ressource, erreur.millesime)
        if (etat.refus_sha256, etat.refus) != (sha256, erreur.to_dict()):
            ou = (erreur.source, erreur.ressource, erreur.millesime)
            self.ecrire("refuse", *ou, sha256=sha256, erreur=erreur.to_dict(), **faits)

    @contextmanager
    def lot(self, avant: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the events of a block, and append them together when it ends, whatever ends it.

        `avant` brings to the disk the files that they speak of: no event is durable before its file.
        """
        self._lot = []
        try:
            yield
        finally:
            contenus, self._lot = self._lot, None
            if contenus:
                avant()
                self._consigner(contenus)

    def _consigner(self, contenus: list[dict[str, Any]]) -> None:
        ajouter_evenements(self.chemin, contenus)
        self._version = marque(self.chemin)

    def _plier(self, e: dict[str, Any]) -> None:
        etat = self.etat(e["source"], e["ressource"], e["millesime"])
        sha256: str = e["sha256"]
        match e["event"]:
            case "recu":
                etat.candidat, etat.recu_le = sha256, e["at"]
                etat.offres[e["origine"]] = etat.recus[e["origine"]] = sha256
                etat.refus = etat.refus_sha256 = None
            case "refuse":
                etat.refus, etat.refus_sha256 = e["erreur"], sha256
                if "origine" in e:
                    etat.offres[e["origine"]] = sha256
            case "normalise":
                etat.normalises[sha256] = {
                    k: e[k] for k in ("parquet", "membre", "lignes", "lignes_ecartees", "schema", "cogs")
                }
                if etat.refus_sha256 == sha256:
                    etat.refus = etat.refus_sha256 = None
            case "accepte":
                if e["by"] == "main":
                    etat.delaissees |= {s for s in (etat.accepte, etat.candidat) if s}
                etat.delaissees.discard(sha256)
                etat.accepte = sha256
                etat.acceptations.append((e["at"], sha256))
            case "revision":
                etat.revisions[sha256] = e["difference"]
