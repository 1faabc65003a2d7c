"""Journals: append-only files of events, folded to the state of each file to receive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from ingestion.erreurs import ErreurSource, Lieu
from socle.disque import marque
from socle.horloge import jour_de
from socle.journaux import ajouter_evenements, lire_evenements

Evenement = Literal[
    "recu", "refuse", "normalise", "accepte", "revision", "lecture_tuee", "ecarte", "retire", "parti"
]
Cle = tuple[str, str, int | None]


@dataclass
class Suivi:
    """Contents of one file to receive, by their sha256: the accepted ones, the last one, the refused one."""

    # (ISO time, sha256) of each acceptance, in order; with None, no file is in use from that time on.
    acceptations: list[tuple[str, str | None]] = field(default_factory=list)
    # Last sha256 received, accepted or not; None as long as nothing acceptable came.
    candidat: str | None = None
    refus_sha256: str | None = None

    @property
    def accepte(self) -> str | None:
        """The sha256 in use."""
        return self.acceptations[-1][1] if self.acceptations else None

    def accepte_le(self, jour: date) -> str | None:
        """The sha256 in use at the end of a day (Paris)."""
        deja = [sha256 for le, sha256 in self.acceptations if jour_de(le) <= jour]
        return deja[-1] if deja else None


@dataclass
class Etat(Suivi):
    """State of one (source, ressource, millésime)."""

    recu_le: str | None = None
    refus: dict[str, Any] | None = None
    # By origin, the last sha256 it offered, and the last that landed: an origin that repeats itself
    # brings nothing new, even after another origin was received.
    offres: dict[str, str] = field(default_factory=dict)
    recus: dict[str, str] = field(default_factory=dict)
    normalises: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Contents that a person set aside for another, by hand: no rule accepts them again.
    delaissees: set[str] = field(default_factory=set)
    # Contents that a person does not want to hear of: they are neither read nor told again.
    ecartes: set[str] = field(default_factory=set)
    # Contents in use that a person took back: they are left aside too.
    retires: set[str] = field(default_factory=set)
    # By content and contract, each reading that killed: its refusal, None where the night died too.
    tuees: dict[tuple[str, str], list[dict[str, Any] | None]] = field(default_factory=dict)

    @property
    def en_attente(self) -> str | None:
        """The sha256 of the revision that waits for a decision."""
        return self.candidat if self.candidat != self.accepte and self.candidat in self.revisions else None

    @property
    def a_ecarter(self) -> set[str]:
        """The contents that a person is told of each night: a refused one, a revision that waits."""
        return {s for s in (self.refus_sha256, self.en_attente) if s}

    def oublier(self, sha256: str) -> None:
        """Forget a content that is not in use."""
        if self.refus_sha256 == sha256:
            self.refus = self.refus_sha256 = None
        if self.candidat == sha256:
            self.candidat = self.accepte


class JournalEvenements:
    """Append-only journal, one JSON event per line; a subclass folds each event to its own states."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist, and fold what it holds."""
        self.chemin = chemin
        self._lot: list[dict[str, Any]] | None = None
        self.version = marque(chemin)
        for _ in lire_evenements(self.chemin, self._plier):
            pass

    @property
    def a_jour(self) -> bool:
        """Whether nobody else wrote in the file since; a journal with an open lot is the only one."""
        return self._lot is not None or self.version == marque(self.chemin)

    @contextmanager
    def lot(self, avant: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the events of a block, and append them together when it ends, whatever ends it.

        `avant` brings the files they name to the disk: no event is durable before its file.
        """
        self._lot = []
        try:
            yield
        finally:
            contenus, self._lot = self._lot, None
            if contenus:
                avant()
                self._consigner(contenus)

    def _ajouter(self, **contenu: Any) -> None:
        """Append one event, durably unless a `lot` is open, and fold it."""
        contenu = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **contenu}
        if self._lot is None:
            self._consigner([contenu])
        else:
            self._lot.append(contenu)
        self._plier(contenu)

    def _consigner(self, contenus: list[dict[str, Any]]) -> None:
        ajouter_evenements(self.chemin, contenus)
        self.version = marque(self.chemin)

    def _plier(self, e: dict[str, Any]) -> None:
        raise NotImplementedError


class Journal(JournalEvenements):
    """The journal of the landing store, `landing/journal.jsonl`."""

    def __init__(self, chemin: Path) -> None:
        """Open the journal at `chemin`, which need not exist."""
        self.etats: dict[Cle, Etat] = {}
        self._par_ressource: dict[tuple[str, str], dict[int | None, Etat]] = {}
        super().__init__(chemin)

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
        self._ajouter(event=evenement, source=source, ressource=ressource, millesime=millesime, **faits)

    def refuser(self, erreur: ErreurSource, sha256: str, **faits: Any) -> None:
        """Append a refusal, once."""
        etat = self.etat(erreur.source, erreur.ressource, erreur.millesime)
        if (etat.refus_sha256, etat.refus) != (sha256, erreur.to_dict()):
            ou = (erreur.source, erreur.ressource, erreur.millesime)
            self.ecrire("refuse", *ou, sha256=sha256, erreur=erreur.to_dict(), **faits)

    def _plier(self, e: dict[str, Any]) -> None:
        etat = self.etat(e["source"], e["ressource"], e["millesime"])
        sha256: str = e["sha256"]
        match e["event"]:
            case "recu":
                etat.offres[e["origine"]] = etat.recus[e["origine"]] = sha256
                if sha256 not in etat.ecartes:
                    etat.candidat, etat.recu_le = sha256, e["at"]
                    etat.refus = etat.refus_sha256 = None
            case "ecarte":
                etat.ecartes.add(sha256)
                etat.oublier(sha256)
            case "retire":
                etat.ecartes.add(sha256)
                etat.retires.add(sha256)
                restent = [s for _, s in etat.acceptations if s not in etat.retires]
                etat.acceptations.append((e["at"], restent[-1] if restent else None))
                etat.oublier(sha256)
            case "parti":
                etat.oublier(sha256)
                # The same bytes may come back.
                etat.offres.pop(e["origine"], None)
                etat.recus.pop(e["origine"], None)
            case "refuse":
                etat.refus, etat.refus_sha256 = e["erreur"], sha256
                if "origine" in e:
                    etat.offres[e["origine"]] = sha256
            case "normalise":
                etat.normalises[sha256] = {
                    k: e[k] for k in ("parquet", "membre", "lignes", "lignes_ecartees", "schema", "cogs")
                } | {k: e.get(k) for k in ("octets", "contenu")}
                etat.tuees = {cle: dites for cle, dites in etat.tuees.items() if cle[0] != sha256}
                if etat.refus_sha256 == sha256:
                    etat.refus = etat.refus_sha256 = None
            case "lecture_tuee":
                etat.tuees.setdefault((sha256, e["cle"]), []).append(e["erreur"])
            case "accepte":
                if e["by"] == "main":
                    etat.delaissees |= {s for s in (etat.accepte, etat.candidat) if s}
                etat.delaissees.discard(sha256)
                etat.retires.discard(sha256)
                if etat.accepte and etat.refus_sha256 == etat.accepte != sha256:
                    # Another file is in use: the former refusal asks nothing of anybody.
                    etat.refus = etat.refus_sha256 = None
                if sha256 in etat.ecartes:
                    etat.ecartes.discard(sha256)
                    etat.candidat = sha256
                etat.acceptations.append((e["at"], sha256))
            case "revision":
                etat.revisions[sha256] = e["difference"]


def designer(sha: str, connus: Collection[str], lieu: Lieu, ou_voir: str) -> str:
    """Return the one sha256 of `connus` that starts with `sha`. Raises `ErreurSource` (`sha_inconnu`)."""
    voulus = [s for s in connus if s.startswith(sha)]
    if len(voulus) != 1:
        raise lieu.erreur(
            "sha_inconnu",
            observe=f"{sha!r} names {len(voulus)} of the contents that were read",
            attendu=f"the start of one of {', '.join(s[:12] for s in sorted(connus)) or 'none yet'}",
            que_faire=f"see `{ou_voir}`",
        )
    return voulus[0]
