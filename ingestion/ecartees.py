"""Revisions set aside: accepted, yet not in use until a person has decided on what they raise.

Belongs here: the record of what is set aside, and which content is in use meanwhile. Does not belong here:
why one is set aside and when it is taken up again (`orchestration.nuit.revisions`).

December 2022 is revised, `b7…` in place of `8c…`, and somebody accepted it. The night finds that it raises
incidents: until each is decided, the month in use is `8c…`, as the last release had it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingestion.erreurs import ErreurSource
from ingestion.extrait.erreurs import LieuExtrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.disque import ecrire_json
from socle.etat import lire_json

NOM = "revisions_ecartees.json"


@dataclass(frozen=True)
class Ecartee:
    """A revision that is not in use, and what is instead (`avant`).

    `periode`: the month of the extract (YYYY-MM), the millésime of any other source. `incidents`: their id
    and the cell of each, as `(id, text)`; `constats`: findings that nobody can decide on, as text. `code`:
    digest of the code that judged it.
    """

    source: str
    ressource: str
    periode: str
    fichier: str
    sha256: str
    avant: str
    incidents: tuple[tuple[str, str], ...]
    constats: tuple[str, ...]
    code: str

    @property
    def nom(self) -> str:
        """The revision, as a person names it."""
        return (
            f"{self.source}/{self.ressource} {self.periode}, {self.sha256[:12]} in place of {self.avant[:12]}"
        )

    def erreur(self) -> ErreurSource:
        """What the night says of it until it is decided; names and counts, never a value."""
        observe = f"{self.sha256[:12]} instead of {self.avant[:12]}, and {len(self.incidents)} incident(s)"
        que_faire = (
            "`ctg secret incidents` shows them all; inform whoever answers for the data, then `ctg secret"
            " decide --tout --par NAME --raison TEXT` (or one by one): the next night uses the revision"
        )
        if self.constats:
            observe += f" and {len(self.constats)} finding(s): {'; '.join(self.constats[:5])}"
            que_faire = (
                "report the territories and indicateurs named: the masks are at fault, no decision ends it."
                " A night under another version of the code tries again"
            )
        constat: dict[str, Any] = {
            "observe": observe,
            "attendu": "a revision that, with what earlier releases said, gives no hidden cell away",
            "que_faire": f"{que_faire}; until then {self.avant[:12]} stays in use",
        }
        if self.source == SOURCE_EXTRAIT:
            return LieuExtrait(self.periode, self.fichier).erreur("revision_ecartee", **constat)
        return ErreurSource(
            "revision_ecartee", self.source, self.ressource, int(self.periode), self.fichier, **constat
        )


@dataclass(frozen=True)
class Ecartees:
    """Everything that is set aside in one CTG_HOME."""

    toutes: tuple[Ecartee, ...] = ()

    def en_usage(self, source: str, ressource: str, periode: object, accepte: str) -> str:
        """Return the content to be read of a period: the accepted one, unless it is set aside."""
        cle = source, ressource, str(periode), accepte
        return next(
            (e.avant for e in self.toutes if (e.source, e.ressource, e.periode, e.sha256) == cle), accepte
        )


def lire(home: Path) -> Ecartees:
    """Read what is set aside in a CTG_HOME. Raises `EtatIllisible`: taken for nothing, it would be in use."""
    lues = lire_json(
        home / NOM,
        tuple[Ecartee, ...],
        "the revisions set aside until somebody has decided",
        "put it back from a backup. Without one, remove it: the next night tries each revision against the"
        " register again, and sets aside what it has to",
    )
    return Ecartees(lues or ())


def ecrire(home: Path, ecartees: Iterable[Ecartee]) -> None:
    """Keep what is set aside, and nothing else; the caller holds the lock of CTG_HOME."""
    contenu = [asdict(e) for e in ecartees]
    if contenu:
        ecrire_json(home / NOM, contenu)
    else:
        (home / NOM).unlink(missing_ok=True)
