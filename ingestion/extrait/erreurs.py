"""Faults of an extract without one value, row or small count: a number of rows from 5 up, a code that at
least 5 rows share, the line of the first fault.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingestion.erreurs import ErreurSource, Lieu, Refus
from ingestion.extrait.identite import RESSOURCE_EXTRAIT, SOURCE_EXTRAIT
from socle.panne import PanneDisque

# The smallest count that a message or a figure may give.
SEUIL = 5
# More unknown codes than that, and the column is not a list of codes but the wrong column.
CODES_MONTRES = 20

Lignes = npt.NDArray[np.int64]


def lieu_extrait(mois: str | None = None, fichier: str | None = None) -> Lieu:
    """Return the place of a month (YYYY-MM, or the name of a folder that is none) and of a file of it."""
    annee = int(mois[:4]) if mois and mois[:4].isdecimal() else None
    return Lieu(SOURCE_EXTRAIT, RESSOURCE_EXTRAIT, annee, fichier, mois)


def combien(n: int, quoi: str = "rows") -> str:
    """Word a number of rows without telling a small one."""
    return f"fewer than {SEUIL} {quoi}" if n < SEUIL else f"{n} {quoi}"


@dataclass
class Faute:
    """One kind of fault in one column: number of rows, and rank of the first, from 0."""

    nombre: int = 0
    premier: int = sys.maxsize
    attendu: str = ""
    que_faire: str = ""


@dataclass
class Constats:
    """The faults of one file, gathered while it streams, by kind and column."""

    lieu: Lieu
    fautes: dict[tuple[str, str], Faute] = field(default_factory=dict)
    codes: dict[str, Counter[str]] = field(default_factory=dict)

    def noter(self, code: str, colonne: str, rangs: Lignes, attendu: str, que_faire: str) -> None:
        """Add the rows of `rangs` (from 0, in the whole file) to a kind of fault."""
        if not rangs.size:
            return
        faute = self.fautes.setdefault((code, colonne), Faute(attendu=attendu, que_faire=que_faire))
        faute.nombre += rangs.size
        faute.premier = min(faute.premier, int(rangs.min()))

    def noter_codes(self, colonne: str, codes: dict[str, int]) -> None:
        """Add unknown codes, with the number of rows of each."""
        compteur = self.codes.setdefault(colonne, Counter())
        for code, n in codes.items():
            # A column of identifiers read as codes would otherwise fill the memory.
            if code in compteur or len(compteur) <= CODES_MONTRES:
                compteur[code] += n

    def erreurs(self, ligne: Callable[[int], int]) -> list[ErreurSource]:
        """Return one error per kind and column, in order of line; `ligne` turns a rank into a line."""
        return [
            self.lieu.erreur(
                code,
                observe=combien(f.nombre) + (self._codes_partages(colonne) if code == "code_inconnu" else ""),
                attendu=f.attendu,
                que_faire=f.que_faire,
                colonne=colonne or None,
                ligne=ligne(f.premier),
            )
            for (code, colonne), f in sorted(self.fautes.items(), key=lambda cas: cas[1].premier)
        ]

    def _codes_partages(self, colonne: str) -> str:
        compteur = self.codes[colonne]
        if len(compteur) > CODES_MONTRES:
            return f", more than {CODES_MONTRES} different codes: is it the right column?"
        partages = sorted(code for code, n in compteur.items() if n >= SEUIL)
        rares = len(partages) < len(compteur)
        autres = f"codes that fewer than {SEUIL} rows share" if rares else ""
        return ": " + " and ".join(filter(None, [", ".join(map(repr, partages)), autres]))


def sans_fuite(lieu: Lieu, faire: Callable[[], None]) -> None:
    """Do something, and let only refusals out: a library's own message may quote the row it failed on.

    What refusals quote is cut. Raises `Refus` for any other error, with its type and place, without cause nor
    context. A failure of disk or memory goes through: its message names a file and quotes none.
    """
    try:
        faire()
        return
    except Refus as refus:
        for erreur in refus.erreurs:
            erreur.coupee()
        raise
    except (ErreurSource, MemoryError, PanneDisque):
        raise
    except Exception as e:
        observe = _endroit(e)
    raise lieu.refus(
        "lecture_interrompue",
        observe=observe,
        attendu="a file that reads to its end",
        que_faire="check that the file is whole and as its mapping says (format, encoding, separator); if it "
        "is, report this message: it holds no data",
    )


def _endroit(e: BaseException) -> str:
    """Type of an error and the line of this project it went through; never its message."""
    trace, ou = e.__traceback__, ""
    while trace:
        chemin = Path(trace.tb_frame.f_code.co_filename)
        if chemin.parent == Path(__file__).parent and chemin.name != Path(__file__).name:
            ou = f" at {chemin.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(e).__name__}{ou}"
