"""Loading a release into a new schema: tables, rows, keys, indexes, comments, rights, in one transaction.

Rows are frozen as they come (COPY FREEZE): a transaction that began before the load sees them too.
"""

from collections.abc import Iterator

import psycopg
import pyarrow.csv as pc

from publication.exports.postgres.schema import Schema
from publication.exports.postgres.serveur import Connexion, executer, valeur
from publication.exports.postgres.tables import Contenu, Table
from socle.erreurs import ErreurPublication
from socle.sql import nom_sql, texte_sql

FILTRES = ("territoire_id", "niveau", "code", "indicateur_id", "millesime", "theme")
"""Columns that BI tools filter on: an index each, where no key begins with it."""


def charger(con: Connexion, contenu: Contenu, schema: Schema, lecteurs: str | None) -> int:
    """Load a release beside the one in service, in place of what a killed publication left; return its rows.

    Raises ErreurPublication when the server did not take each row.
    """
    ici = nom_sql(schema.nouvelle)
    with con.transaction():
        retirer(con, schema)
        executer(con, f"create schema {ici}")
        executer(con, f"comment on schema {ici} is {texte_sql(_description(contenu))}")
        # The role first: one that cannot be made is told before a long load.
        if lecteurs and not _existe(con, lecteurs):
            executer(con, f"create role {nom_sql(lecteurs)} nologin")
        for table in contenu.tables:
            _remplir(con, contenu, table, f"{ici}.{nom_sql(table.nom)}")
        for table in contenu.tables:
            for requete in _lier(table, ici):
                executer(con, requete)
        if lecteurs:
            executer(con, f"grant usage on schema {ici} to {nom_sql(lecteurs)}")
            executer(con, f"grant select on all tables in schema {ici} to {nom_sql(lecteurs)}")
    return sum(table.lignes for table in contenu.tables)


def retirer(con: Connexion, schema: Schema) -> None:
    """Remove what was loaded and not put in service."""
    executer(con, f"drop schema if exists {nom_sql(schema.nouvelle)} cascade")


def _description(contenu: Contenu) -> str:
    e = contenu.edition
    return (
        f"Observatoire CTG, publication {e.release_id} ({e.perimetre}, profil {e.profil}). Remplacé en entier"
        " à chaque publication : rien de ce qui y serait ajouté ne reste."
    )


def _remplir(con: Connexion, contenu: Contenu, table: Table, nom: str) -> None:
    """Make a table and all that is on it; keys and indexes after the rows, which is faster."""
    for requete in _creer(table, nom):
        executer(con, requete)
    recues = _copier(con, contenu, table, nom)
    if recues != table.lignes:
        raise ErreurPublication(
            f"{nom}: the server took {recues} rows; expected {table.lignes}. Nothing was published there:"
            " publish again."
        )
    for requete in _indexer(table, nom):
        executer(con, requete)
    executer(con, f"analyze {nom}")


def _creer(table: Table, nom: str) -> Iterator[str]:
    colonnes = ", ".join(
        f"{nom_sql(c.nom)} {c.type}{' not null' if c.sans_vide else ''}" for c in table.colonnes
    )
    # Written once, frozen and analysed by the load: autovacuum has nothing to do but hold locks.
    yield (
        f"create table {nom} ({colonnes}) with (autovacuum_enabled = false, toast.autovacuum_enabled = false)"
    )
    if table.description:
        yield f"comment on table {nom} is {texte_sql(table.description)}"
    for c in table.colonnes:
        if c.description:
            yield f"comment on column {nom}.{nom_sql(c.nom)} is {texte_sql(c.description)}"


def _copier(con: Connexion, contenu: Contenu, table: Table, nom: str) -> int:
    """Hand the rows over, and return how many the server took.

    As CSV, which Arrow writes and the server casts to the declared types: a text is quoted, what is absent is
    not, and a double has the digits that give it back. Binary COPY would be one encoder per type to write.
    """
    with con.cursor() as curseur:
        with curseur.copy(f"copy {nom} from stdin (format csv, freeze)".encode()) as copie:
            paquets = contenu.paquets(table)
            with pc.CSVWriter(
                _Flux(copie), paquets.schema, write_options=pc.WriteOptions(include_header=False)
            ) as csv:
                for paquet in paquets:
                    csv.write_batch(paquet)
        return curseur.rowcount


class _Flux:
    """What Arrow writes to, as a file: the COPY under way."""

    closed = False

    def __init__(self, copie: psycopg.Copy) -> None:
        self._copie = copie

    def write(self, octets: bytes) -> int:
        self._copie.write(bytes(octets))
        return len(octets)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The COPY is closed by whoever opened it."""


def _indexer(table: Table, nom: str) -> Iterator[str]:
    if table.cles.cle:
        yield f"alter table {nom} add primary key ({', '.join(map(nom_sql, table.cles.cle))})"
    presentes = {c.nom for c in table.colonnes}
    for filtre in FILTRES:
        if filtre in presentes and table.cles.cle[:1] != (filtre,):
            yield f"create index on {nom} ({nom_sql(filtre)})"


def _lier(table: Table, ici: str) -> Iterator[str]:
    """Declare where columns lead, for the tools that draw it: the build has checked that nothing is lost."""
    for colonne, vers, cle in table.cles.liens:
        yield (
            f"alter table {ici}.{nom_sql(table.nom)} add foreign key ({nom_sql(colonne)})"
            f" references {ici}.{nom_sql(vers)} ({nom_sql(cle)}) not valid"
        )


def _existe(con: Connexion, role: str) -> object:
    return valeur(con, f"select 1 from pg_catalog.pg_roles where rolname = {texte_sql(role)}")
