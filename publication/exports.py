"""What a release contains: the marts as Parquet, CSV and `ctg.duckdb`, their dictionary, their data package.

Reads the night's build file and writes one folder. Parquet comes first, in a total order; everything else is
made from it, so that the three formats cannot differ. No clock, run id or release id enters any file but
`ctg.duckdb`, whose `dim_release` names the release: two exports of the same marts give the same bytes. Where
the folder lives, and when it becomes visible, is `releases.py`.

CSV is for spreadsheets, in the form a French one opens by double-click: UTF-8 with BOM, `;`, decimal comma. A
number that is not shown is `s` (secret), `nd` (non disponible) or `na` (sans objet), never an empty cell.
`datapackage.json` declares all of this for programs, which had better read the Parquet.
"""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from socle.erreurs import ErreurPublication

MARQUES = {"secret": "s", "non_disponible": "nd", "sans_objet": "na", "refusee": "na"}
"""What a CSV shows in place of a number, per statut; under these statuts no number may exist."""

_VALEURS = ("valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute")
_PREFIXES_VALEURS = ("evolution", "effet_")
_CLES = {
    "dim_territoire": ("territoire_id",),
    "dim_indicateur": ("indicateur_id",),
    "dim_source": ("source_id",),
    "dim_disponibilite": ("indicateur_id", "niveau", "millesime"),
    "fct_indicateurs": ("territoire_id", "millesime", "indicateur_id"),
    "mart_comparaisons": ("territoire_id", "millesime", "indicateur_id"),
    # An axe without an action and a schéma without a rate have lines too: no key without an empty cell.
    "mart_ctg_suivi": (),
    "mart_sppe_schema": (),
    "mart_evolutions": ("territoire_id", "indicateur_id", "millesime_debut", "millesime_fin"),
}
_REQUISES = {"dim_fichier", "dim_indicateur", "dim_source", "fct_indicateurs"}
_CLE_LARGE = ("territoire_id", "millesime")
_BOM = "\ufeff"
_CSV = "FORMAT csv, DELIM ';', HEADER"


@dataclass(frozen=True)
class Colonne:
    """A column of an exported table: its name, its DuckDB type and its description for readers."""

    nom: str
    type: str
    description: str | None

    @property
    def decimale(self) -> bool:
        """Whether its numbers may hold a decimal separator."""
        return self.type in ("DOUBLE", "FLOAT") or self.type.startswith("DECIMAL")

    @property
    def type_frictionless(self) -> str:
        """Its type in the vocabulary of Frictionless Table Schema."""
        if self.decimale:
            return "number"
        if self.type.endswith(("INT", "INTEGER")):
            return "integer"
        return {"BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime"}.get(self.type, "string")


@dataclass(frozen=True)
class Table:
    """An exported table of schema `marts`."""

    nom: str
    description: str | None
    colonnes: tuple[Colonne, ...]

    @property
    def cle(self) -> tuple[str, ...]:
        """Its key columns; empty when it has none to declare."""
        return _CLES.get(self.nom, _CLE_LARGE if self.nom.startswith("mart_") else ())

    @property
    def statut_de(self) -> dict[str, str]:
        """Statut column of each value column: `statut` (long table) or `<indicateur_id>_statut` (wide)."""
        noms = {colonne.nom for colonne in self.colonnes}
        longs = {
            c.nom: "statut"
            for c in self.colonnes
            if "statut" in noms
            and (c.nom in _VALEURS or (c.decimale and c.nom.startswith(_PREFIXES_VALEURS)))
        }
        return longs | {nom: f"{nom}_statut" for nom in noms if f"{nom}_statut" in noms}


def exporter(construction: Path, dossier: Path) -> list[Table]:
    """Write to `dossier` the content of a release, but `ctg.duckdb`, from the build file; return its tables.

    Leaves `parquet/<table>.parquet`, `csv/<table>.csv`, `dictionnaire.md`, `dictionnaire.csv` and
    `datapackage.json`. The build file is opened read-only and must not be open elsewhere for writing.

    Raises ErreurPublication when the build file has no marts, or when a number stands under a masking statut.
    """
    if not construction.is_file():
        raise ErreurPublication(f"No build file at {construction}: run the night's build before publishing.")
    (dossier / "parquet").mkdir()
    (dossier / "csv").mkdir()
    with _connexion(dossier) as con:
        con.execute(f"ATTACH {_texte(construction)} AS construction (READ_ONLY)")
        tables = _tables(con)
        if absentes := _REQUISES - {table.nom for table in tables}:
            raise ErreurPublication(
                f"{construction} lacks {', '.join(sorted(absentes))} in schema marts, which holds"
                f" {', '.join(table.nom for table in tables) or 'nothing'}: run `dbt build` to its end, then"
                " publish again."
            )
        for table in tables:
            con.execute(
                f"COPY (FROM construction.marts.{_nom(table.nom)} ORDER BY ALL) TO {_parquet(dossier, table)}"
                " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
            )
            con.execute(f"COPY ({_select_csv(dossier, table)}) TO {_csv(dossier, table)} ({_CSV})")
        _controler(con, dossier, tables)
        indicateurs, sources = (
            con.execute(f"FROM construction.marts.{requete}").to_arrow_table().to_pylist()
            for requete in (
                "dim_indicateur ORDER BY theme, ordre, indicateur_id",
                "dim_source ORDER BY source_id",
            )
        )
    demonstration = any(source["demonstration"] for source in sources)
    _ecrire_dictionnaire(dossier, tables, indicateurs, demonstration)
    _ecrire_datapackage(dossier, tables, sources, demonstration)
    return tables


def ecrire_base(dossier: Path, tables: list[Table], release: dict[str, Any]) -> None:
    """Write `dossier/ctg.duckdb` from the exported Parquet: schema `marts` alone, real tables, with comments.

    `release` becomes the only row of `marts.dim_release`. The file is checkpointed and closed: no `.wal`
    stays.
    """
    with _connexion(dossier) as con:
        con.execute(f"ATTACH {_texte(dossier / 'ctg.duckdb')} AS base")
        con.execute("CREATE SCHEMA base.marts; USE base.marts")
        for table in tables:
            con.execute(f"CREATE TABLE {_nom(table.nom)} AS FROM {_parquet(dossier, table)}")
            if table.description:
                con.execute(f"COMMENT ON TABLE {_nom(table.nom)} IS {_texte(table.description)}")
            for colonne in table.colonnes:
                if colonne.description:
                    cible = f"{_nom(table.nom)}.{_nom(colonne.nom)}"
                    con.execute(f"COMMENT ON COLUMN {cible} IS {_texte(colonne.description)}")
        champs = ", ".join(f"${champ} AS {champ}" for champ in release)
        con.execute(f"CREATE TABLE dim_release AS SELECT {champs}", release)
        con.execute("COMMENT ON TABLE dim_release IS 'La release elle-même (une ligne) ; heures en UTC.'")
        con.execute("CHECKPOINT base; USE memory; DETACH base")


@contextmanager
def _connexion(dossier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB session that spills inside the folder being written and never looks for extensions."""
    debordement = dossier / ".debordement"
    con = duckdb.connect(
        config={
            "temp_directory": str(debordement),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(debordement, ignore_errors=True)


def _tables(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """Read what schema `marts` holds; a wide mart takes missing descriptions from the dictionary."""
    commentaires = dict(
        con.execute(
            """
            SELECT table_name, comment FROM duckdb_tables()
            WHERE database_name = 'construction' AND schema_name = 'marts'
            UNION ALL
            SELECT view_name, comment FROM duckdb_views()
            WHERE database_name = 'construction' AND schema_name = 'marts'
            ORDER BY ALL
            """
        ).fetchall()
    )
    libelles: dict[str, str] = {}
    if "dim_indicateur" in commentaires:
        for indicateur, libelle in con.execute(
            "SELECT indicateur_id, libelle FROM construction.marts.dim_indicateur"
        ).fetchall():
            libelles |= {indicateur: libelle, f"{indicateur}_statut": f"Statut de : {libelle}"}
    colonnes: dict[str, list[Colonne]] = {}
    for table, nom, type_, commentaire in con.execute(
        """
        SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
        WHERE database_name = 'construction' AND schema_name = 'marts' ORDER BY table_name, column_index
        """
    ).fetchall():
        colonnes.setdefault(table, []).append(Colonne(nom, type_, commentaire or libelles.get(nom)))
    return [Table(nom, commentaires[nom], tuple(colonnes[nom])) for nom in commentaires]


def _select_csv(dossier: Path, table: Table) -> str:
    """Build the query that turns a table's Parquet into what its CSV shows, in the same order."""
    expressions = []
    for rang, colonne in enumerate(table.colonnes):
        nom = texte = _nom(colonne.nom)
        if colonne.decimale:
            entier = f"{nom} = trunc({nom}) AND abs({nom}) < 1e15"
            texte = (
                f"CASE WHEN {entier} THEN {nom}::BIGINT::VARCHAR ELSE replace({nom}::VARCHAR, '.', ',') END"
            )
        if statut := table.statut_de.get(colonne.nom):
            # A wide mart has no statut where the indicateur was not received: that is `nd` too.
            cas = " ".join(f"WHEN '{valeur}' THEN '{marque}'" for valeur, marque in MARQUES.items())
            texte = f"CASE coalesce({_nom(statut)}, 'non_disponible') {cas} ELSE {texte}::VARCHAR END"
        # DuckDB writes no BOM: it rides on the first column's name.
        titre = nom if rang else _nom(f"{_BOM}{colonne.nom}")
        expressions.append(f"{texte} AS {titre}")
    return f"SELECT {', '.join(expressions)} FROM {_parquet(dossier, table)}"


def _controler(con: duckdb.DuckDBPyConnection, dossier: Path, tables: list[Table]) -> None:
    """Read the exported files back: under a masking statut, Parquet must hold nothing and CSV a mark."""
    statuts = ", ".join(f"'{statut}'" for statut in MARQUES)
    marques = ", ".join(f"'{marque}'" for marque in MARQUES.values())
    for table in (table for table in tables if table.statut_de):
        for fichier, montre in (
            (_parquet(dossier, table), "{} IS NOT NULL"),
            (
                f"read_csv({_csv(dossier, table)}, delim=';', header=true, all_varchar=true)",
                f"coalesce({{}}, '') NOT IN ({marques})",
            ),
        ):
            fuites = [
                f"count(*) FILTER (coalesce({_nom(statut)}, 'non_disponible') IN ({statuts})"
                f" AND {montre.format(_nom(valeur))})"
                for valeur, statut in table.statut_de.items()
            ]
            comptes = con.execute(f"SELECT {', '.join(fuites)} FROM {fichier}").fetchone() or ()
            for valeur, nombre in zip(table.statut_de, comptes, strict=True):
                if nombre:
                    raise ErreurPublication(
                        f"marts.{table.nom}, column {valeur}: {nombre} rows show a value under a statut that"
                        f" forbids it ({', '.join(MARQUES)}, or none); expected 0. Nothing was published:"
                        f" correct the dbt model of {table.nom}, then run the night again."
                    )


def _ecrire_dictionnaire(
    dossier: Path, tables: list[Table], indicateurs: list[dict[str, Any]], demonstration: bool
) -> None:
    gabarits = jinja2.Environment(
        loader=jinja2.PackageLoader("publication"), trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    # A pipe or a line break inside a cell would break the Markdown table.
    gabarits.filters["cellule"] = lambda texte: re.sub(r"\s+", " ", str(texte or "")).replace("|", "\\|")
    themes: dict[str, list[dict[str, Any]]] = {}
    for indicateur in indicateurs:
        themes.setdefault(indicateur["theme_libelle"], []).append(indicateur)
    page = gabarits.get_template("dictionnaire.md.j2").render(
        themes=themes, tables=tables, marques=MARQUES, demonstration=demonstration
    )
    (dossier / "dictionnaire.md").write_text(page, encoding="utf-8")

    unites = {indicateur["indicateur_id"]: indicateur["unite"] for indicateur in indicateurs}
    with (dossier / "dictionnaire.csv").open("w", encoding="utf-8-sig", newline="") as fichier:
        lignes = csv.writer(fichier, delimiter=";", lineterminator="\n")
        lignes.writerow(("table", "colonne", "type", "unite", "description"))
        for table in tables:
            lignes.writerows(
                (table.nom, c.nom, c.type, unites.get(c.nom), c.description) for c in table.colonnes
            )


def _ecrire_datapackage(
    dossier: Path, tables: list[Table], sources: list[dict[str, Any]], demonstration: bool
) -> None:
    """Describe the CSV files as a Frictionless tabular data package (specs.frictionlessdata.io)."""
    licences = sorted({source["licence"] for source in sources if source["licence"]})
    paquet = {
        "profile": "tabular-data-package",
        "name": "observatoire-ctg",
        "title": "Observatoire des conventions territoriales globales"
        + (" (démonstration, chiffres inventés)" if demonstration else ""),
        "licenses": [
            {"name": re.sub(r"[^-\w.]+", "-", nom, flags=re.ASCII), "title": nom} for nom in licences
        ],
        "sources": [
            {"title": f"{source['producteur']}, {source['titre']}", "path": source["page"]}
            for source in sources
        ],
        "resources": [_ressource(dossier, table) for table in tables],
    }
    if not licences:
        del paquet["licenses"]
    (dossier / "datapackage.json").write_text(
        json.dumps(paquet, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def _ressource(dossier: Path, table: Table) -> dict[str, Any]:
    champs = []
    for colonne in table.colonnes:
        champ = {"name": colonne.nom, "type": colonne.type_frictionless}
        if colonne.decimale:
            champ["decimalChar"] = ","
        if colonne.description:
            champ["description"] = colonne.description
        champs.append(champ)
    chemin = dossier / "csv" / f"{table.nom}.csv"
    return {
        "name": table.nom,
        "path": f"csv/{table.nom}.csv",
        "profile": "tabular-data-resource",
        **({"description": table.description} if table.description else {}),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": chemin.stat().st_size,
        "hash": f"sha256:{sha256(chemin)}",
        "dialect": {"delimiter": ";", "header": True},
        "schema": {
            "fields": champs,
            "missingValues": ["", *dict.fromkeys(MARQUES.values())] if table.statut_de else [""],
            **({"primaryKey": list(table.cle)} if table.cle else {}),
        },
    }


def sha256(chemin: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with chemin.open("rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


def _texte(valeur: str | Path) -> str:
    return "'" + str(valeur).replace("'", "''") + "'"


def _nom(identifiant: str) -> str:
    return '"' + identifiant.replace('"', '""') + '"'


def _parquet(dossier: Path, table: Table) -> str:
    return _texte(dossier / "parquet" / f"{table.nom}.parquet")


def _csv(dossier: Path, table: Table) -> str:
    return _texte(dossier / "csv" / f"{table.nom}.csv")
