"""Empty tables for people to fill in (contracts of kind `tableur`), with the guide of their columns."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingestion.contrats import Ressource
from ingestion.contrats.grammaire import Colonne, FormatTableur
from socle.disque import ecriture_atomique
from socle.erreurs import ErreurCtg

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FormatModele = Literal["xlsx", "csv"]
# How far down a workbook offers its lists of values.
LIGNES = 2000
TYPES = {
    "text": "texte",
    "integer": "nombre entier",
    "decimal": "nombre, virgule décimale",
    "date": "date AAAA-MM-JJ",
    "year": "année AAAA",
    "code_commune": "code commune Insee, 5 caractères",
    "code_departement": "code de département",
    "siren": "SIREN, 9 chiffres",
    "identifiant": "identifiant : minuscules sans accent, chiffres, - et _",
}
GUIDE = ("colonne", "signification", "type", "unité", "valeurs permises", "obligatoire", "exemple")


class PasDeModele(ErreurCtg):
    """A template that cannot be written: why, and what to do."""


def ecrire_modele(ressource: Ressource, format: FormatModele, dossier: Path) -> list[Path]:
    """Write the empty table of a ressource under `dossier`, and return the paths written.

    `xlsx`: one workbook, the sheet to fill in and the sheet `guide` behind it. `csv`: the table and its
    guide. Raises `PasDeModele` when nobody fills in this ressource, or when a file exists, maybe filled in.
    """
    if not isinstance(ressource.format, FormatTableur):
        raise PasDeModele(
            f"{ressource.source}/{ressource.nom} is a {ressource.format.kind} file of its producer, which "
            "nobody here fills in: templates are for the tables of a Caf, of its partners and of a "
            "coordinator, whose contract says `kind: tableur`"
        )
    table = dossier / f"{ressource.nom}.{format}"
    contenus = {table: _classeur(ressource)}
    if format == "csv":
        contenus = {
            table: csv_de_tableur([list(ressource.columns)]),
            dossier / f"{ressource.nom}.guide.csv": csv_de_tableur(_guide(ressource)),
        }
    return ecrire_a_remplir(contenus)


def ecrire_a_remplir(contenus: dict[Path, bytes]) -> list[Path]:
    """Write files for people to fill in, all or none. Raises `PasDeModele` when one exists."""
    for chemin in contenus:
        if chemin.exists():
            raise PasDeModele(
                f"{chemin} exists and may have been filled in: move it, or name another --dossier"
            )
    for chemin, octets in contenus.items():
        with ecriture_atomique(chemin) as f:
            f.write(octets)
    return list(contenus)


def csv_de_tableur(lignes: list[list[str]]) -> bytes:
    """Write rows as French spreadsheets open them: `;`, UTF-8, and the byte-order mark that accents need."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\r\n").writerows(lignes)
    return texte.getvalue().encode("utf-8-sig")


def _guide(ressource: Ressource) -> list[list[str]]:
    lignes = [list(GUIDE)]
    for nom, c in ressource.columns.items():
        lignes.append(
            [
                nom,
                c.libelle or "",
                f"liste, « ; » entre deux : {TYPES[c.items]}" if c.items else TYPES[c.type],
                c.unit or "",
                " ; ".join(c.values or []) or _limites(c),
                _obligatoire(c),
                c.exemple or "",
            ]
        )
    return [
        *lignes,
        [],
        [f"Une ligne ne peut figurer deux fois avec : {', '.join(ressource.cle)}."],
        [f"Déposer le tableau rempli dans depot/{ressource.source}/{ressource.nom}/<année>/."],
    ]


def _limites(c: Colonne) -> str:
    if c.sans_personne:
        return "texte publié : ni nom de personne, ni courriel, ni téléphone"
    return "" if c.min is None or c.max is None else f"de {c.min:.12g} à {c.max:.12g}"


def _obligatoire(c: Colonne) -> str:
    if not c.missing:
        return "oui"
    return "non : vide ou nd si ce n'est pas connu" if "" in c.missing else "oui : nd si ce n'est pas connu"


def _classeur(ressource: Ressource) -> bytes:
    # Heavy to load, and no other verb of the command line needs it.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    classeur = Workbook()
    saisie = classeur.worksheets[0]
    saisie.title = ressource.nom
    _remplir(saisie, [list(ressource.columns)])
    for rang, (nom, c) in enumerate(ressource.columns.items(), 1):
        lettre = get_column_letter(rang)
        saisie.column_dimensions[lettre].width = max(14, len(nom) + 3)
        # A code typed in a cell of numbers loses its first zero.
        if c.type not in ("integer", "decimal", "year", "date"):
            saisie.column_dimensions[lettre].number_format = "@"
        elif c.type == "date":
            saisie.column_dimensions[lettre].number_format = "yyyy-mm-dd"
        if c.values:
            permises = [*c.values, *(m for m in c.missing if m)]
            liste = DataValidation("list", formula1=f'"{",".join(permises)}"', allow_blank=True)
            liste.error = f"Valeurs permises : {', '.join(permises)}"
            liste.showErrorMessage = True
            saisie.add_data_validation(liste)
            liste.add(f"{lettre}2:{lettre}{LIGNES}")
    guide = classeur.create_sheet("guide")
    _remplir(guide, _guide(ressource))
    for lettre, largeur in zip("ABCDEFG", (26, 70, 34, 12, 60, 40, 34), strict=True):
        guide.column_dimensions[lettre].width = largeur
    octets = io.BytesIO()
    classeur.save(octets)
    return octets.getvalue()


def _remplir(feuille: Worksheet, lignes: list[list[str]]) -> None:
    from openpyxl.styles import Font

    for ligne in lignes:
        feuille.append(ligne)
    for cellule in feuille[1]:
        cellule.font = Font(bold=True)
    feuille.freeze_panes = "A2"
