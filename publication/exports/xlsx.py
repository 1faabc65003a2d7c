"""XLSX: a workbook per theme, `xlsx/<theme>.xlsx`, for readers who filter in Excel or LibreOffice.

It names its release, so no content hash holds it, and a night that changes nothing does not write it.
"""

from collections.abc import Iterator
from functools import partial

import duckdb

from publication.classeurs import module
from publication.exports.format import Export, Tache
from socle.panne import en_ecrivant

_DOSSIER = "xlsx"


def chemin(theme: str) -> str:
    """Return the path of the workbook of a theme within the release."""
    return f"{_DOSSIER}/{theme}.xlsx"


def themes(export: Export) -> dict[str, str]:
    """Return the themes that have a wide mart, in their order, with their labels."""
    presentes = {table.nom for table in export.tables}
    libelles = {i["theme"]: i["theme_libelle"] for i in export.indicateurs}
    return {theme: libelle for theme, libelle in libelles.items() if f"mart_{theme}" in presentes}


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per theme, the longest first."""
    (export.dossier / _DOSSIER).mkdir()
    libelles = themes(export)
    for table in export.par_taille:
        theme = table.nom.removeprefix("mart_")
        if theme in libelles:
            colonnes = frozenset(colonne.nom for colonne in table.colonnes)
            yield partial(_ecrire, export, theme, libelles[theme], colonnes)


def _ecrire(
    export: Export, theme: str, libelle: str, colonnes: frozenset[str], con: duckdb.DuckDBPyConnection
) -> None:
    assert export.release is not None
    classeurs = module("themes")
    contenu = classeurs.Theme(
        theme=theme,
        libelle=libelle,
        parquet=export.dossier / "parquet",
        indicateurs=[i for i in export.indicateurs if i["theme"] == theme],
        colonnes=colonnes,
        sources={s["source_id"]: f"{s['producteur']}, {s['titre']}" for s in export.sources},
        release_id=export.release["release_id"],
        demonstration=export.demonstration,
    )
    with en_ecrivant(export.dossier / chemin(theme)):
        classeurs.ecrire(con, contenu, export.dossier / chemin(theme))
    export.empreintes.de(chemin(theme))
