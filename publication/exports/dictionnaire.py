"""The data dictionary: `dictionnaire.md` for people, `dictionnaire.csv` for spreadsheets."""

import csv
import re
from collections.abc import Iterator
from typing import Any

import jinja2

from publication.commun.tableur import en_csv
from publication.exports.csv import COMPRESSION
from publication.exports.format import Export, Tache
from socle.affichage import MARQUES
from socle.disque import ecrire_texte
from socle.panne import en_ecrivant


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per file."""
    yield lambda _: _ecrire_page(export)
    yield lambda _: _ecrire_colonnes(export)


def _ecrire_page(export: Export) -> None:
    gabarits = jinja2.Environment(
        loader=jinja2.PackageLoader("publication"), trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    # A pipe or a line break inside a cell would break the Markdown table.
    gabarits.filters["cellule"] = lambda texte: re.sub(r"\s+", " ", str(texte or "")).replace("|", "\\|")
    themes: dict[str, list[dict[str, Any]]] = {}
    for indicateur in export.indicateurs:
        themes.setdefault(indicateur["theme_libelle"], []).append(indicateur)
    page = gabarits.get_template("dictionnaire.md.j2").render(
        themes=themes,
        tables=export.tables,
        marques=MARQUES,
        compression=COMPRESSION // 1_000_000,
        demonstration=export.demonstration,
    )
    ecrire_texte(export.dossier / "dictionnaire.md", page)


def _ecrire_colonnes(export: Export) -> None:
    unites = {indicateur["indicateur_id"]: indicateur["unite"] for indicateur in export.indicateurs}
    ou = export.dossier / "dictionnaire.csv"
    with en_ecrivant(ou), ou.open("w", encoding="utf-8-sig", newline="") as fichier:
        lignes = csv.writer(fichier, delimiter=";", lineterminator="\n")
        lignes.writerow(("table", "colonne", "type", "unite", "description"))
        for table in export.tables:
            lignes.writerows(
                (table.nom, c.nom, c.type, unites.get(c.nom), en_csv(c.description)) for c in table.colonnes
            )
