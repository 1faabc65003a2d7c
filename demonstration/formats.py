"""Bytes of each kind of file, delimited text, zip and xlsx, identical at every run."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter


def majuscules(libelle: str) -> str:
    """The name in capitals without accent nor hyphen, as Insee (NCC) and the Cnaf write it."""
    sans_ligature = libelle.replace("œ", "oe").replace("Œ", "OE")
    lettres = unicodedata.normalize("NFD", sans_ligature)
    sans_accent = "".join(lettre for lettre in lettres if not unicodedata.combining(lettre))
    return sans_accent.upper().replace("-", " ").replace("'", " ")


def texte_csv(
    entete: Sequence[str],
    lignes: Iterable[Sequence[object]],
    separateur: str,
    fin_de_ligne: str = "\n",
    guillemets: Literal[0, 1] = csv.QUOTE_MINIMAL,
    encodage: str = "utf-8",
) -> bytes:
    """A delimited text file."""
    sortie = io.StringIO()
    plume = csv.writer(sortie, delimiter=separateur, lineterminator=fin_de_ligne, quoting=guillemets)
    plume.writerow(entete)
    plume.writerows(lignes)
    return sortie.getvalue().encode(encodage)


def remplir(entete: Sequence[str], valeurs: Mapping[str, str]) -> list[str]:
    """Return a line of a layout: the named values, and blanks. Raises `KeyError` without a column."""
    inconnues = valeurs.keys() - set(entete)
    if inconnues:
        raise KeyError(f"columns {sorted(inconnues)} are not in the layout {entete}")
    return [valeurs.get(colonne, "") for colonne in entete]


def archive_zip(membres: Mapping[str, bytes]) -> bytes:
    """Return a zip whose bytes depend on its members alone: stored, as two zlib may compress differently."""
    sortie = io.BytesIO()
    with ZipFile(sortie, "w", ZIP_STORED) as archive:
        for nom, contenu in membres.items():
            archive.writestr(ZipInfo(nom), contenu)
    return sortie.getvalue()


def classeur_xlsx(feuille: str, lignes: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    classeur = Workbook(write_only=True)
    # openpyxl stamps both with the time of day.
    classeur.properties.created = classeur.properties.modified = datetime(2000, 1, 1)
    page = classeur.create_sheet(feuille)
    for ligne in lignes:
        page.append(ligne)
    brouillon = io.BytesIO()
    # `Workbook.save` would stamp `modified` again.
    ExcelWriter(classeur, ZipFile(brouillon, "w")).save()
    with ZipFile(brouillon) as archive:
        return archive_zip({nom: archive.read(nom) for nom in archive.namelist()})
