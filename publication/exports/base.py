"""`ctg.duckdb`: real tables in schema `marts`, with the keys that marts promise, and comments.

The one table file that names its release, and whose bytes vary from one writing to the next. A long mart
(`meta: {index: false}`) has no primary key: its index would weigh more than its rows (ADR 15).
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import duckdb

from publication.exports.format import Export, Tache, executer
from publication.exports.tables import ColonneDeMart, Table
from socle.erreurs import ErreurPublication
from socle.panne import en_ecrivant
from socle.sql import nom_sql, texte_sql

_PAR_DEPARTEMENT = ("niveau", "departement", "indicateur_id", "millesime", "epci", "territoire_id")
"""The order of rows that are set beside their EPCI, département, région and France: what stands beside them
is then the same in many that follow each other, and those of one territory are never far apart."""

_VERSION = "v1.0.0"
"""The storage that the drivers of BI tools read, down to DuckDB 1.1; what writes here is newer."""

DIM_RELEASE = "La release elle-même (une ligne) ; heures en UTC."
COLONNES_DE_DIM_RELEASE = (
    ColonneDeMart(
        "release_id",
        "VARCHAR",
        "Identifiant de la publication : instant (UTC) et début de l'empreinte du contenu",
        sans_vide=True,
    ),
    ColonneDeMart("publiee_le", "TIMESTAMP", "Instant de la publication (UTC)"),
    ColonneDeMart(
        "content_hash",
        "VARCHAR",
        "Empreinte SHA-256 du contenu : deux publications des mêmes chiffres ont la même",
    ),
    ColonneDeMart("profil", "VARCHAR", "Origine des fichiers : demo (chiffres inventés), mirror ou live"),
    ColonneDeMart("perimetre", "VARCHAR", "Territoires publiés : france, departement:26, epci:200068229…"),
    ColonneDeMart("version", "VARCHAR", "Version du programme qui a publié"),
    ColonneDeMart("precedente", "VARCHAR", "Publication en service avant celle-ci ; vide pour la première"),
)


def taches(export: Export) -> Iterator[Tache]:
    """Yield the only task: a DuckDB file has one writer."""
    yield partial(_ecrire, export)


def _ecrire(export: Export, con: duckdb.DuckDBPyConnection) -> None:
    with en_ecrivant(export.dossier / "ctg.duckdb"):
        _ecrire_la_base(export, con)


def _ecrire_la_base(export: Export, con: duckdb.DuckDBPyConnection) -> None:
    assert export.release is not None
    fichier = texte_sql(export.dossier / "ctg.duckdb")
    # No journal of its own: a file that is not whole is swept, and DuckDB stops the process, without a word,
    # where a disk that fails does not let it take back what it wrote in that journal.
    con.execute(f"attach {fichier} as base (storage_version '{_VERSION}', recovery_mode 'no_wal_writes')")
    # One checkpoint, at the end: what a thread commits while DuckDB makes one by itself would be in no
    # journal, and nowhere (31 tables of 38 were empty).
    con.execute("set checkpoint_threshold = '1TB'")
    # Comments come before rows, in one transaction: each rewrites its table's entry, and a commit waits
    # for the disk.
    con.execute("begin; create schema base.marts; use base.marts")
    for table in export.tables:
        indexee = table.cle if table.promesses.indexee else ()
        con.execute(_creer(table.nom, table.colonnes, indexee))
        # BI tools that reflect no key (duckdb-engine) show comments.
        cle = f"Clé : {', '.join(table.cle)}." if table.cle else ""
        description = f"{table.description or ''} {cle}".strip()
        _commenter(con, table.nom, description, {c.nom: c.description for c in table.colonnes})
    con.execute(_creer("dim_release", COLONNES_DE_DIM_RELEASE, ("release_id",)))
    champs = ", ".join(f"${champ} as {champ}" for champ in export.release)
    con.execute(f"insert into dim_release by name select {champs}", export.release)
    _commenter(con, "dim_release", DIM_RELEASE, {c.nom: c.description for c in COLONNES_DE_DIM_RELEASE})
    for annexe in export.annexes:
        con.register("annexe", annexe.table)
        con.execute(_creer(annexe.nom, _colonnes(con, "annexe", annexe.cle), annexe.cle))
        con.execute(f"insert into {nom_sql(annexe.nom)} from annexe")
        con.unregister("annexe")
        _commenter(con, annexe.nom, annexe.description, annexe.colonnes)
    con.execute("commit")
    con.execute("use memory")

    executer(con, (partial(_remplir, export, table) for table in export.par_taille))
    con.execute("checkpoint base; detach base")
    _relire(export, con, fichier)
    export.empreintes.de("ctg.duckdb")


def _relire(export: Export, con: duckdb.DuckDBPyConnection, fichier: str) -> None:
    """Open the file as a reader does: each table has the rows of its Parquet."""
    con.execute(f"attach {fichier} as ecrite (read_only)")
    for table in export.tables:
        requete = f"""
            select (select count(*) from ecrite.marts.{nom_sql(table.nom)}),
                (select count(*) from read_parquet({texte_sql(export.parquet(table))}))
        """
        lues, voulues = con.execute(requete).fetchall()[0]
        if lues != voulues:
            raise ErreurPublication(
                f"ctg.duckdb has {lues} rows of marts.{table.nom}, its Parquet {voulues}. Nothing was"
                " published: run the night again; if this comes back, DuckDB does not write it right, and"
                " developers have to be told."
            )
    con.execute("detach ecrite")


def _colonnes(con: duckdb.DuckDBPyConnection, relation: str, cle: tuple[str, ...]) -> list[ColonneDeMart]:
    lues = con.execute(f"describe {relation}").fetchall()
    return [ColonneDeMart(nom, type_, None, nom in cle) for nom, type_, *_ in lues]


def _creer(nom: str, colonnes: Iterable[ColonneDeMart], cle: tuple[str, ...]) -> str:
    lignes = [f"{nom_sql(c.nom)} {c.type}{' not null' if c.sans_vide else ''}" for c in colonnes]
    if cle:
        lignes.append(f"primary key ({', '.join(map(nom_sql, cle))})")
    return f"create table {nom_sql(nom)} ({', '.join(lignes)})"


def _commenter(
    con: duckdb.DuckDBPyConnection, table: str, description: str | None, colonnes: Mapping[str, str | None]
) -> None:
    dits = [f"comment on table {nom_sql(table)} is {texte_sql(description)}"] if description else []
    dits += [
        f"comment on column {nom_sql(table)}.{nom_sql(colonne)} is {texte_sql(dite)}"
        for colonne, dite in colonnes.items()
        if dite
    ]
    if dits:
        con.execute(";".join(dits))


def _remplir(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    lue = f"read_parquet({texte_sql(export.parquet(table))})"
    if table.promesses.par_departement:
        territoires = texte_sql(export.dossier / "parquet" / "dim_territoire.parquet")
        lue = (
            f"(select t.* from {lue} t left join (select territoire_id, departement, epci from"
            f" read_parquet({territoires})) using (territoire_id) order by {', '.join(_PAR_DEPARTEMENT)})"
        )
    try:
        con.execute(f"insert into base.marts.{nom_sql(table.nom)} from {lue}")
    except duckdb.ConstraintException as erreur:
        raise ErreurPublication(
            f"marts.{table.nom} does not keep what it promises ({erreur}). Nothing was published: correct the"
            f" dbt model of {table.nom}, or `constraints` in its contract, then run the night again."
        ) from erreur
