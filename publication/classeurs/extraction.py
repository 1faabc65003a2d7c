"""The figures of one territory as a list, to take away: what `ctg extract` writes."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from publication.classeurs import module
from publication.commun.tableur import en_csv
from publication.lecture.alphabet import NOM
from publication.lecture.chiffres import Edition
from publication.lecture.citation import reference
from publication.lecture.jeux import extraits
from publication.lecture.marts import Marts, Territoire
from publication.lecture.niveaux import COMPARATEURS, NIVEAUX
from publication.lecture.statuts import statut_dit
from socle.affichage import MARQUES, bornes_affichees
from socle.erreurs import ErreurPublication

FORMATS = ("xlsx", "csv")
NOMS_DES_COMPARATEURS = [NIVEAUX[niveau].court for niveau in COMPARATEURS]


@dataclass(frozen=True)
class Nombre:
    """A number of a line, and what is printed of it.

    `valeur` has twelve digits, for a CSV; a workbook holds the number that `texte` prints.
    """

    valeur: float | None
    texte: str


COLONNES = {
    "Thème": 22,
    "Indicateur": 44,
    "Millésime": 11,
    "Valeur affichée": 16,
    "Valeur": 16,
    "Unité": 16,
    "Statut": 18,
    "Borne basse": 14,
    "Borne haute": 14,
    **{titre: 14 for titre in NOMS_DES_COMPARATEURS},
    "Réserve": 40,
    "Motif": 40,
    "Univers": 30,
    "Source": 46,
    "Démonstration": 15,
    "Territoire": 30,
    "Référence": 50,
}
"""Heading and width of each column."""

Cellule = str | int | Nombre | None


@dataclass(frozen=True)
class Extraction:
    """The figures of a territory, each with its cells in the order of `COLONNES`."""

    territoire: Territoire
    edition: Edition
    theme: str | None
    lignes: Sequence[Sequence[Cellule]]

    def nom_de_fichier(self, format_: str) -> str:
        """Return the name of its file: `extrait-epci-200068229.xlsx`, its theme last if one was asked for."""
        lieu = re.sub(r"[^A-Za-z0-9_-]+", "-", self.territoire.territoire_id)
        return f"extrait-{lieu}{f'-{self.theme}' if self.theme else ''}.{format_}"


def extraire(marts: Marts, territoire_id: str, theme: str | None = None) -> Extraction:
    """Read the figures of a territory, all years. Raises ErreurPublication when no theme is called so."""
    voulu = None if theme is None else _theme(marts, theme)
    territoire = marts.territoire(territoire_id)
    lues = extraits(marts, territoire_id, voulu)
    return Extraction(
        territoire, marts.edition, voulu, tuple(_ligne(marts, territoire, ligne) for ligne in lues)
    )


def rendre(extraction: Extraction, format_: str) -> bytes:
    """Return the file, in one of `FORMATS`: the same bytes for the same release."""
    if format_ == "csv":
        return en_csv_francais(extraction)
    octets: bytes = module("extraction_xlsx").rendre(extraction)
    return octets


def en_csv_francais(extraction: Extraction) -> bytes:
    """Return the CSV that French Excel opens by double click: BOM, `;`, decimal comma."""
    texte = io.StringIO()
    lignes = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    lignes.writerow(COLONNES)
    lignes.writerows(map(_ecrire, ligne) for ligne in extraction.lignes)
    return texte.getvalue().encode("utf-8-sig")


def _ecrire(cellule: Cellule) -> str:
    match cellule:
        case Nombre(valeur=None, texte=texte):
            return texte
        case Nombre(valeur=float(valeur)):
            return en_csv(valeur)
        case None | str():
            return en_csv(cellule)
    return str(cellule)


def _theme(marts: Marts, demande: str) -> str:
    """Return the theme that a person names, by its id or its label, without accents as well."""
    for ligne in marts.lignes(
        f"select theme from dim_indicateur where {NOM.format('$demande')} in ({NOM.format('theme')},"
        f" {NOM.format('theme_libelle')}) limit 1",
        {"demande": demande},
    ):
        return str(ligne["theme"])
    raise ErreurPublication(
        f"Aucun thème « {demande} » dans cette publication ; en choisir un :\n"
        + "\n".join(f"  {theme:<28} {libelle}" for theme, libelle in marts.themes.items())
    )


def _ligne(marts: Marts, territoire: Territoire, ligne: dict[str, Any]) -> tuple[Cellule, ...]:
    indicateur, affichee = marts.indicateurs[ligne["indicateur_id"]], ligne["valeur_affichee"]

    def nombre(valeur: float | None, texte: str) -> Nombre:
        return Nombre(None if valeur is None else float(f"{valeur:.12g}"), texte)

    bornes = ligne["borne_basse"], ligne["borne_haute"]
    dites = bornes_affichees(*bornes, indicateur.unite, indicateur.decimales)

    def borne(valeur: float | None, dite: str | None) -> Nombre | None:
        texte = MARQUES.get(ligne["statut"]) or (dite and dite + indicateur.unite.apres)
        return nombre(valeur, texte) if texte else None

    def comparee(niveau: str) -> Nombre:
        # A territory has no comparator of its own level, an attribute none at all.
        valeur, texte = ligne[f"valeur_{niveau}"], ligne[f"valeur_{niveau}_affichee"] or MARQUES["sans_objet"]
        # What is no point is its text, which begins with a word: its bounds are not in the list.
        return nombre(None if texte[0].isalpha() else valeur, texte)

    return (
        marts.themes[indicateur.theme],
        indicateur.libelle,
        ligne["millesime"],
        affichee,
        affichee if ligne["valeur_texte"] else nombre(ligne["valeur"], affichee),
        indicateur.unite.libelle_pluriel,
        statut_dit(ligne["statut"], indicateur.indicateur_id in marts.prevus),
        *map(borne, bornes, dites),
        *(comparee(niveau) for niveau in COMPARATEURS),
        ligne["reserve"],
        ligne["motif"],
        indicateur.univers_libelle,
        marts.source(ligne),
        "oui" if ligne["demonstration"] else "non",
        territoire.libelle,
        reference(indicateur.indicateur_id, territoire.territoire_id, ligne["millesime"]),
    )
