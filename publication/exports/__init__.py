"""What a release contains: the marts in every output format, their dictionary, their data package.

Parquet comes first, in a total order, and everything else is made from it. No clock, run id or release id
enters any file but those of the last turn. An output format is one file here and one line of `FORMATS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb

from publication.commun.empreintes import Empreintes
from publication.commun.promesses import PromessesDesMarts
from publication.exports import base, csv, dcat, dictionnaire, paquet, parquet, semantique, xlsx
from publication.exports.format import Annexe, Export, Format, Tour, connexion, executer
from publication.exports.tables import CONSTRUCTION, Masquees, lire_tables
from socle.erreurs import ErreurPublication
from socle.sql import texte_sql

FORMATS = (
    Format("parquet", Tour.SOURCE, parquet.taches, contenu=("parquet/*",)),
    Format("csv", Tour.DERIVE, csv.taches),
    Format("dictionnaire", Tour.DERIVE, dictionnaire.taches, contenu=("dictionnaire.*",)),
    Format("datapackage", Tour.DESCRIPTION, paquet.taches, contenu=("datapackage.json",)),
    Format("semantique", Tour.DERIVE, semantique.taches, contenu=(semantique.NOM,)),
    Format("dcat", Tour.SIGNE, dcat.taches),
    Format("duckdb", Tour.SIGNE, base.taches),
    Format("xlsx", Tour.SIGNE, xlsx.taches),
)


def exporter(
    construction: Path,
    dossier: Path,
    masquees: Masquees,
    hors_csv: frozenset[str] = frozenset(),
    promesses: PromessesDesMarts | None = None,
) -> Export:
    """Write to `dossier` the content of a release, all but what names it, from the build file.

    `masquees`: the columns that a statut blanks, by table; a CSV shows a mark in their place, and no file may
    hold a number there. `hors_csv`: the tables that are not written for spreadsheets. `promesses`: the keys
    and the columns without an empty cell, by table. The build file is opened read-only and must not be open
    elsewhere for writing.

    Raises ErreurPublication when the build file has no marts, or a number stands under a masking statut.
    """
    if not construction.is_file():
        raise ErreurPublication(f"No build file at {construction}: run the night's build before publishing.")
    with connexion(dossier) as con:
        con.execute(f"attach {texte_sql(construction)} as {CONSTRUCTION} (read_only)")
        tables = lire_tables(con, masquees, hors_csv, promesses)
        indicateurs, sources = (
            con.execute(f"from {CONSTRUCTION}.marts.{requete}").to_arrow_table().to_pylist()
            for requete in (
                "dim_indicateur order by theme_ordre, ordre, indicateur_id",
                "dim_source order by source_id",
            )
        )
        export = Export(dossier, tuple(tables), indicateurs, sources, Empreintes(dossier))
        for tour in (Tour.SOURCE, Tour.DERIVE, Tour.DESCRIPTION):
            _ecrire(con, export, tour)
    return export


def signer(export: Export, release: Mapping[str, Any], annexes: Sequence[Annexe] = ()) -> None:
    """Write the formats that name the release: `release` is the row of `marts.dim_release`."""
    with connexion(export.dossier) as con:
        _ecrire(con, replace(export, release=release, annexes=tuple(annexes)), Tour.SIGNE)


def est_du_contenu(chemin: str) -> bool:
    """Whether a file of an exported folder counts in the content hash."""
    return any(fnmatchcase(chemin, motif) for forme in FORMATS for motif in forme.contenu)


def _ecrire(con: duckdb.DuckDBPyConnection, export: Export, tour: Tour) -> None:
    executer(con, (tache for forme in FORMATS if forme.tour == tour for tache in forme.taches(export)))
