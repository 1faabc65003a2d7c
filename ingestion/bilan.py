"""Outcome of one step of the ingestion, as plain facts that the night shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ingestion.erreurs import ErreurSource, enumerer

P = TypeVar("P")


@dataclass(frozen=True)
class Piece:
    """One file of a source, as the night names it."""

    ressource: str
    millesime: int
    sha256: str | None = None


@dataclass(frozen=True)
class Ecart:
    """Rows set aside from an accepted file, for one reason: `hors_cog` or `ligne_repetee`."""

    source: str
    ressource: str
    millesime: int
    motif: str
    codes: list[str]
    lignes: list[int]

    def __str__(self) -> str:
        """Return one line: number of rows, reason, and the first codes and lines."""
        codes, lignes = enumerer(self.codes, 12), enumerer([*map(str, self.lignes)], 12)
        return (
            f"{self.source}/{self.ressource} {self.millesime}: {len(self.lignes)} rows set aside "
            f"({self.motif}), codes {codes or '-'}, lines {lignes}"
        )


@dataclass
class Bilan(Generic[P]):
    """Outcome by file. `refus` holds pending revisions too."""

    recus: list[P] = field(default_factory=list)
    inchanges: list[P] = field(default_factory=list)
    acceptes: list[P] = field(default_factory=list)
    refus: list[ErreurSource] = field(default_factory=list)


@dataclass
class BilanSource(Bilan[Piece]):
    """Outcome for one source."""

    absents: list[Piece] = field(default_factory=list)
    ecartes: list[Ecart] = field(default_factory=list)
