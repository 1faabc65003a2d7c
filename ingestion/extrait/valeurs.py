"""Reading the text of one cell: forms, codes, blanks, bounds; on the distinct texts of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.cellules import jours
from ingestion.extrait.contrat import ColonneExtrait, TypeColonne
from ingestion.extrait.correspondance import BOOLEENS, Disposition, FormatParquet

BIEN, ABSENTE, ILLISIBLE, HORS_BORNES, INCONNU = range(5)

ENTIER = r"^-?[0-9]{1,9}(\.0+)?$"
DECIMAL = r"^-?[0-9]{1,12}(\.[0-9]{1,2}0*)?$"
DECIMAL_LONG = r"^-?[0-9]{1,12}(\.[0-9]+)?$"
ISO = "AAAA-MM-JJ"
# Two identifiers that look alike and differ by what nobody sees would be two foyers.
LISIBLE = r"^[^\p{C}]+$"
COMMUNE = r"^[0-9][0-9AB][0-9]{3}$"
# Exact for what comes before the bounds are checked.
LARGE = pa.decimal128(38, 18)

Fautes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Lu:
    """Distinct texts once read: typed values, null where blank or faulty, and the fault of each."""

    valeurs: pa.Array
    fautes: Fautes


@dataclass(frozen=True)
class Regle:
    """Reading rule of one column. `type_stocke` is the type of the values; `vide`: meaning of a blank."""

    colonne: ColonneExtrait
    type_stocke: pa.DataType
    decimale: str
    formes: tuple[str, ...]
    codes: dict[str, str | bool] | None
    vides: frozenset[str]
    vide: Literal["inconnu", "zero", "refuse"]
    arrondie: bool

    def lire(self, textes: pa.Array) -> Lu:
        """Read distinct texts (strings, no null)."""
        blancs = _vrai(pc.is_in(textes, pa.array(sorted(self.vides), pa.string())))
        if self.codes is not None and "" in self.codes:
            # The mapping says what a blank means: it is a code like another.
            textes = pc.if_else(pa.array(blancs), "", textes)
            blancs = np.zeros(len(textes), bool)
        lecture = self._lecteur()(pc.if_else(pa.array(blancs), None, textes))
        fautes = lecture.fautes
        fautes[blancs] = ABSENTE if self.vide == "refuse" else BIEN
        valeurs = lecture.valeurs
        if self.vide == "zero":
            zero = Decimal(0) if pa.types.is_decimal(valeurs.type) else 0
            valeurs = pc.if_else(pa.array(blancs), pa.scalar(zero, valeurs.type), valeurs)
        return Lu(valeurs, fautes)

    @property
    def attendu(self) -> str:
        """Expected form of a cell."""
        c = self.colonne
        match c.type:
            case "entier":
                return f"a whole number from {c.min} to {c.max}, without separators"
            case "decimal":
                decimales = "rounded to the cent" if self.arrondie else "at most 2 decimals"
                return f"a number from {c.min} to {c.max}, {self.decimale!r} as its decimal mark, {decimales}"
            case "date":
                return f"a date written {' or '.join(self.formes)}"
            case "mois":
                return f"a month written {' or '.join(self.formes)}"
            case "code_commune":
                return "a code of commune on 5 characters, its first zero included"
            case "code" | "booleen":
                return f"one of {', '.join(map(repr, sorted(self.codes or {})))}"
            case "texte":
                return "a text that is not empty, of characters that are seen"

    def _lecteur(self) -> Callable[[pa.Array], Lu]:
        lecteurs: dict[TypeColonne, Callable[[pa.Array], Lu]] = {
            "entier": self._nombres,
            "decimal": self._nombres,
            "date": lambda t: _dates(t, self.formes),
            "mois": self._mois,
            "code_commune": lambda t: _de_forme(t, COMMUNE),
            "code": self._code,
            "booleen": self._code,
            "texte": lambda t: _de_forme(t, LISIBLE),
        }
        return lecteurs[self.colonne.type]

    def _nombres(self, textes: pa.Array) -> Lu:
        if self.decimale != ".":
            # A point is not this file's decimal mark: it must not become one.
            sans = pc.if_else(pc.match_substring(textes, "."), "?", textes)
            textes = pc.replace_substring(sans, self.decimale, ".")
        decimaux = DECIMAL_LONG if self.arrondie else DECIMAL
        forme = _de_forme(textes, ENTIER if self.colonne.type == "entier" else decimaux)
        # More digits than the type holds would fail the cast, zeros or not.
        courts = pc.replace_substring_regex(forme.valeurs, r"(\.[0-9]{18})[0-9]+$", r"\1")
        nombres = pc.round(courts.cast(LARGE), 2, round_mode="half_towards_infinity")
        bas, haut = (pa.scalar(Decimal(b or 0), LARGE) for b in (self.colonne.min, self.colonne.max))
        dehors = _vrai(pc.or_(pc.less(nombres, bas), pc.greater(nombres, haut)))
        forme.fautes[dehors] = HORS_BORNES
        return Lu(pc.if_else(pa.array(dehors), None, nombres).cast(self.type_stocke), forme.fautes)

    def _mois(self, textes: pa.Array) -> Lu:
        lus = _dates(textes, self.formes)
        return Lu(pc.strftime(lus.valeurs, format="%Y-%m"), lus.fautes)

    def _code(self, textes: pa.Array) -> Lu:
        codes = self.codes or {}
        lus = textes.to_pylist()
        fautes = np.fromiter((BIEN if t in codes else INCONNU for t in lus), np.uint8, len(lus))
        return Lu(pa.array([codes.get(t) for t in lus], self.type_stocke), fautes)


def regle(
    colonne: ColonneExtrait, type_stocke: pa.DataType, nom: str, disposition: Disposition, nul: bool
) -> Regle:
    """Return the rule of the column `nom` in files laid out as `disposition`; `nul`: a blank is allowed."""
    codes: dict[str, str | bool] | None = None
    declares = disposition.codes.get(nom)
    if colonne.type == "booleen":
        propres = {"true": "oui", "false": "non"} if isinstance(disposition.format, FormatParquet) else {}
        codes = {code: BOOLEENS[cible] for code, cible in (declares or propres).items()}
    elif colonne.type == "code":
        codes = dict(declares or {v: v for v in colonne.valeurs or []})
    return Regle(
        colonne,
        type_stocke,
        disposition.format.decimale,
        _formes(colonne, disposition),
        codes,
        frozenset(disposition.vides) | {""},
        "zero" if nom in disposition.vide_vaut_zero else "inconnu" if nul else "refuse",
        nom in disposition.arrondies,
    )


def _formes(colonne: ColonneExtrait, disposition: Disposition) -> tuple[str, ...]:
    """Forms in which dates may be written; typed ones of a Parquet file come as ISO text."""
    declaree = disposition.format.mois if colonne.type == "mois" else disposition.format.date
    typees = (ISO,) if isinstance(disposition.format, FormatParquet) else ()
    return tuple(dict.fromkeys((declaree, *typees)))


def _vrai(masque: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(masque, False).to_numpy(zero_copy_only=False), bool)


def _de_forme(textes: pa.Array, motif: str) -> Lu:
    bons = _vrai(pc.match_substring_regex(textes, motif))
    return Lu(pc.if_else(pa.array(bons), textes, None), np.where(bons, BIEN, ILLISIBLE).astype(np.uint8))


def _dates(textes: pa.Array, formes: tuple[str, ...]) -> Lu:
    """Read days or, of forms without one, the first of each month."""
    valeurs = pa.nulls(len(textes), pa.date32())
    for forme in formes:
        modele = forme.replace("AAAA", "%Y").replace("MM", "%m").replace("JJ", "%d")
        if "JJ" in forme:
            lus = jours(textes, modele)
        else:
            lus = jours(pc.binary_join_element_wise(textes, "01", " "), f"{modele} %d")
        valeurs = pc.coalesce(valeurs, lus)
    return Lu(valeurs, np.where(_vrai(pc.is_null(valeurs)), ILLISIBLE, BIEN).astype(np.uint8))
