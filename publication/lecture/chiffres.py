"""A figure of a release as it is printed, and the release that it is quoted from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from socle.affichage import Unite, arrondi
from socle.statuts import SANS_CHIFFRE, Statut

Ton = Literal["favorable", "defavorable", "neutre"]
"""How a difference is to be read; `neutre` is never coloured."""
MOTS_TON: Mapping[Ton, str] = {"favorable": "favorable", "defavorable": "défavorable", "neutre": ""}


def tendance_dite(ligne: Mapping[str, Any]) -> str:
    """Word a verdict of `mart_tendances`: `en baisse depuis 2020, sur 5 années (favorable)`."""
    mot = MOTS_TON.get(ligne["tendance_lecture"], "")
    return f"{ligne['tendance_dite']} ({mot})" if mot else str(ligne["tendance_dite"])


def mot_du_chiffre(ligne: Mapping[str, Any], unite: Unite, decimales: int) -> str:
    """Name what a figure counts, as French does after what is printed: 2,0 places, be it 1.96 of them.

    Nothing where its unit has a sign, or where it is not printed.
    """
    if ligne["valeur"] is None or ligne["lisibilite"] == "trop_peu" or unite.suffixe:
        return ""
    point = ligne["lisibilite"] == "point"
    return unite.libelle(arrondi(ligne["valeur"], decimales)) if point else unite.libelle_pluriel


Role = Literal["territoire", "departement", "region", "france", "pairs", "autre"]
"""Whose figure it is: the territory of the portrait stands out, the others are set beside it."""

Lisibilite = Literal["point", "intervalle", "trop_peu"]
"""How sure a figure is, as the marts say it: printed as a point, by its bounds, or as resting on too few."""


@dataclass(frozen=True)
class Chiffre:
    """A figure of the release, as it is printed, and what a reader needs to quote it.

    `reference` is `indicateur_id|territoire_id|millesime`. `nombre` is the number that `texte` prints, in the
    displayed unit, and `intervalle` words its bounds where they differ from it: both None where it is no
    point, `texte` is then its range or « trop peu ». `motif` says why there is no figure.
    """

    reference: str
    indicateur_id: str
    territoire_id: str
    territoire: str
    millesime: int
    libelle: str
    texte: str
    nombre: float | None
    decimales: int
    unite: str
    statut: Statut
    univers: str
    source: str
    intervalle: str | None = None
    motif: str | None = None
    demonstration: bool = False
    prevu: bool = False
    """Planned for a year to come."""

    lisibilite: Lisibilite | None = "point"
    valeur: float | None = None
    """`nombre` before it was rounded."""

    def __post_init__(self) -> None:
        """Refuse a number under a statut that shows none."""
        if self.statut in SANS_CHIFFRE and (self.nombre, self.intervalle, self.valeur) != (None, None, None):
            raise ValueError(f"{self.reference} is {self.statut} and holds a number: leave it out")


@dataclass(frozen=True)
class Cellule:
    """One place of a table or a chart: `texte`, and the number it prints where it is one.

    A sheet may write `nombre` with `decimales` and `suffixe` (" %", " €") as its format. `chiffre` is a key
    of `Document.chiffres`; `basse` and `haute` are the bounds, rounded alike, where they differ from it. A
    figure that is no point has none of these: nothing draws it but its text.
    """

    texte: str
    nombre: float | None = None
    decimales: int = 0
    suffixe: str = ""
    statut: Statut | None = None
    chiffre: str | None = None
    basse: float | None = None
    haute: float | None = None
    ton: Ton = "neutre"

    def __post_init__(self) -> None:
        """Refuse a number under a statut that shows none: it could be read off a bar, a scale or a sheet."""
        if self.statut in SANS_CHIFFRE and (self.nombre, self.basse, self.haute) != (None, None, None):
            raise ValueError(f"cell {self.chiffre} is {self.statut} and holds a number: leave it out")


@dataclass(frozen=True)
class Edition:
    """The release a portrait was read from."""

    release_id: str
    publiee_le: str
    """As printed: "26 novembre 2026"."""
    content_hash: str
    perimetre: str
    citation: str
    """How to quote a figure of this portrait, in one sentence."""
    premiere: bool = False
    """Whether no release came before it: then nothing in it has changed."""
