"""Giving the new schema the name that readers use, while they read.

Renaming locks no table: a transaction could read one table before the renames and the next after, in another
release. So every table is first taken in ACCESS EXCLUSIVE, for less than `deadlock_timeout` at a time.
"""

import random
import time

from psycopg import errors

from publication.exports.postgres.schema import Schema, refuser_les_dependants, relations, tenue
from publication.exports.postgres.serveur import Connexion, executer, valeur
from socle.erreurs import ErreurPublication
from socle.sql import nom_sql, texte_sql

PATIENCE = 600.0
"""Seconds during which readers are waited for."""

_ENTRE_DEUX = 1.0
# What ends an attempt, and not the publication.
_OCCUPEE = (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected)


def basculer(con: Connexion, schema: Schema, patience: float, release_id: str) -> None:
    """Put the loaded schema, which holds `release_id`, in service, and the one in service aside.

    Only an older release is aside: after a rollback, nothing is left of what was rolled back.

        in service, aside   served   in service, aside then
        3, 2                4        4, 3
        3, 2                3        3, 2
        3, 1                2        2, 1
        3, 2                1        1

    Raises ErreurPublication when readers hold the tables for longer than `patience`, or when something
    outside was made on them meanwhile; the former release is then still in service.
    """
    limite = time.monotonic() + patience
    attente = _attente(con)
    retirees = _retirees(con, schema, release_id)
    while True:
        try:
            return _tenter(con, schema, attente, retirees)
        except _OCCUPEE:
            if time.monotonic() >= limite:
                tenants = _tenants(con, schema)
                raise ErreurPublication(
                    f"Readers have held tables of {schema.nom} or {schema.precedente} for {patience:.0f} s:"
                    f" {tenants}. They keep the former release. Next: have them end their transactions"
                    " (DBeaver: automatic commit; a role of readers: idle_in_transaction_session_timeout),"
                    " then publish again, or wait longer (--patience)."
                ) from None
        time.sleep(min(_ENTRE_DEUX * random.uniform(0.2, 1), max(0.0, limite - time.monotonic())))


def _attente(con: Connexion) -> int:
    """Milliseconds that an attempt waits for tables, all together."""
    delai = valeur(con, "select setting from pg_catalog.pg_settings where name = 'deadlock_timeout'")
    return max(1, int(str(delai)) // 2)


def _retirees(con: Connexion, schema: Schema, release_id: str) -> list[str]:
    """The schemas to remove: the one aside if the one in service takes its place, else that one."""

    def gardee(nom: str) -> bool:
        # Ids of releases sort by age.
        dite = tenue(con, nom)
        return dite is not None and dite.release_id < release_id

    if gardee(schema.nom):
        return [schema.precedente]
    # The same release, one that is rolled back, or a schema made by hand for the publication, and empty.
    return [schema.nom] if gardee(schema.precedente) else [schema.precedente, schema.nom]


def _tenter(con: Connexion, schema: Schema, attente: int, retirees: list[str]) -> None:
    with con.transaction():
        # Of the whole statement: `lock_timeout` alone would be of each table.
        executer(con, f"set local statement_timeout = {attente}")
        touchees = [schema.precedente, schema.nom] if schema.precedente in retirees else [schema.nom]
        tables = [table for nom in touchees for table in relations(con, nom)]
        if tables:
            executer(con, f"lock table only {', only '.join(tables)} in access exclusive mode")
        executer(con, "set local statement_timeout = 0")
        executer(con, f"set local lock_timeout = {attente}")
        refuser_les_dependants(con, schema)
        for nom in retirees:
            executer(con, f"drop schema if exists {nom_sql(nom)} cascade")
        if schema.nom not in retirees:
            executer(con, f"alter schema {nom_sql(schema.nom)} rename to {nom_sql(schema.precedente)}")
        executer(con, f"alter schema {nom_sql(schema.nouvelle)} rename to {nom_sql(schema.nom)}")


def _tenants(con: Connexion, schema: Schema) -> str:
    """Who holds the tables, as the server shows them to this role."""
    lignes = executer(
        con,
        f"""
        select distinct a.pid, a.usename, a.application_name, a.state, a.xact_start::timestamp(0)::text
        from pg_catalog.pg_locks l
        join pg_catalog.pg_stat_activity a using (pid)
        join pg_catalog.pg_class c on c.oid = l.relation
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ({texte_sql(schema.nom)}, {texte_sql(schema.precedente)})
        and l.granted and a.pid <> pg_backend_pid()
        order by 5, 1
        """,
    ).fetchall()
    dits = [
        f"process {pid}, {role}"
        + (f", {programme}" if programme else "")
        + (f", {etat} since {depuis}" if etat else "")
        for pid, role, programme, etat, depuis in lignes
    ]
    return "; ".join(dits[:10]) or "they have just let go"
