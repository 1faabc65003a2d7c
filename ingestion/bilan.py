"""What one step of the ingestion did for one source, as the night tells it.

Belongs here: plain facts, and how one line of them reads. Does not belong here: any decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.erreurs import ErreurSource, enumerer


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
        """Say in one line what was set aside, why and where; of many codes or lines, the first."""
        codes, lignes = enumerer(self.codes, 12), enumerer([*map(str, self.lignes)], 12)
        return (
            f"{self.source}/{self.ressource} {self.millesime}: {len(self.lignes)} rows set aside "
            f"({self.motif}), codes {codes or '-'}, lines {lignes}"
        )


@dataclass
class BilanSource:
    """What one step did for one source. `refus` holds pending revisions too."""

    source: str
    recus: list[Piece] = field(default_factory=list)
    inchanges: list[Piece] = field(default_factory=list)
    absents: list[Piece] = field(default_factory=list)
    acceptes: list[Piece] = field(default_factory=list)
    ecartes: list[Ecart] = field(default_factory=list)
    refus: list[ErreurSource] = field(default_factory=list)
