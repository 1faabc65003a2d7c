"""Reaching a server: its address without its password, a session, one publisher at a time, errors."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote

import psycopg
from psycopg import conninfo, errors

from socle.erreurs import ErreurPublication
from socle.sql import texte_sql

Connexion = psycopg.Connection[tuple[object, ...]]

VERSION_MIN = 14
"""The oldest server: COPY FREEZE marks its pages all-visible, and a dead client is noticed, since 14."""

_VERROU = "observatoire-ctg:publication:"
# Seconds given to a server that has not noticed yet that the publisher before was killed.
_SEUL_DANS = 10.0
_RIEN_CHANGE = "What readers have there is untouched."
_QUE_FAIRE: dict[type[psycopg.Error], str] = {
    errors.InsufficientPrivilege: "give the role of the publication what the message names: CREATE on the"
    " database, ownership of its schemas, a role of readers that exists (--lecteurs)",
    errors.UntranslatableCharacter: "publish to a database in UTF8 (create database … encoding 'UTF8')",
    errors.DiskFull: "the disk of the server is full: a publication needs room for three releases (the"
    " former, the one in service, the new one); make some, then publish again",
    errors.OutOfMemory: "give the server memory, then publish again",
    errors.ReadOnlySqlTransaction: "this server is a replica, or its database is read-only: name the primary"
    " in the DSN",
    errors.UniqueViolation: "the release breaks a key that it declares: report it; `ctg releases rollback`"
    " puts another one in service meanwhile",
    errors.NotNullViolation: "the release breaks a NOT NULL that it declares: report it; `ctg releases"
    " rollback` puts another one in service meanwhile",
    errors.QueryCanceled: "somebody cancelled the publication on the server: publish again",
    errors.AdminShutdown: "the server stopped, or somebody ended the session: publish again once it is there",
}


@dataclass(frozen=True)
class Adresse:
    """A DSN that was read: `str` and `repr` show where it leads, and no password."""

    dsn: str = field(repr=False)
    _parties: dict[str, str] = field(repr=False)

    @classmethod
    def lire(cls, dsn: str) -> "Adresse":
        """Read `postgresql://user@host:5432/base` or `host=… dbname=…`.

        Raises ErreurPublication, which quotes nothing of an unreadable DSN: any part may be the password.
        """
        # A password with a bare `@` or `/` is cut there, and its pieces become a host, a port, a database.
        ambigu = "://" in dsn and re.search(r"[@/?#].*@", dsn.split("://", 1)[1])
        try:
            if ambigu:
                raise psycopg.ProgrammingError
            parties = {nom: str(v) for nom, v in conninfo.conninfo_to_dict(dsn).items() if v is not None}
        except psycopg.Error:
            # `from None`: libpq quotes what it could not read.
            raise ErreurPublication(
                "The DSN of PostgreSQL cannot be read (it is not shown here, for it may hold a password):"
                " write postgresql://user@host:5432/base, with @ : / ? # % of a password or a name"
                " percent-encoded (@ is %40), or host=… port=… dbname=… user=…. A password is best left out,"
                " in ~/.pgpass (mode 0600)."
            ) from None
        return cls(dsn, parties)

    def __str__(self) -> str:
        """Say where it leads: `base on host:port`; what is not written there is libpq's own default."""
        base = self._parties.get("dbname", "the default database")
        lieu = self._parties.get("host") or self._parties.get("hostaddr") or "the local server"
        port = f":{self._parties['port']}" if "port" in self._parties else ""
        service = f" (service {self._parties['service']})" if "service" in self._parties else ""
        return f"{base} on {lieu}{port}{service}"

    def masquer(self, texte: str) -> str:
        """Return a message of libpq or of the server without the passwords of the DSN."""
        secrets = (self._parties.get(nom, "") for nom in ("password", "sslpassword"))
        formes = {forme for secret in secrets if secret for forme in (secret, quote(secret, safe=""))}
        for forme in sorted(filter(None, formes | {self.dsn}), key=len, reverse=True):
            texte = texte.replace(forme, "***")
        return texte


@contextmanager
def connexion(adresse: Adresse) -> Iterator[Connexion]:
    """Open a session for a publication; an error of the server becomes one that says what to do.

    Commands stand alone, but inside `con.transaction()`.
    """
    try:
        # Passwords may come from elsewhere: PGPASSWORD, ~/.pgpass, a service.
        con = psycopg.connect(
            adresse.dsn, autocommit=True, application_name="ctg publish", connect_timeout=15
        )
    except psycopg.Error as erreur:
        raise ErreurPublication(
            f"PostgreSQL, {adresse}: no connection ({adresse.masquer(_une_ligne(erreur))}). {_RIEN_CHANGE}"
            " Next: check that the server runs and is reached from here, that its pg_hba.conf lets this role"
            " in, and the role, its password (~/.pgpass, mode 0600) and the database that the DSN names;"
            " then `ctg publish postgres`."
        ) from None
    with con:
        try:
            exiger_la_version(con.info.server_version, str(adresse))
            _regler(con)
            yield con
        except psycopg.Error as erreur:
            raise ErreurPublication(_dire(adresse, erreur)) from None


@contextmanager
def seul(con: Connexion, schema: str) -> Iterator[None]:
    """Hold a schema for one publisher; the end of the session, whatever ends it, gives it back.

    Raises ErreurPublication when another one holds it.
    """
    cle = f"hashtextextended({texte_sql(_VERROU + schema)}, 0)"
    limite = time.monotonic() + _SEUL_DANS
    while not valeur(con, f"select pg_try_advisory_lock({cle})"):
        if time.monotonic() > limite:
            raise ErreurPublication(
                f"Another publication to schema {schema} of this database is under way"
                f" ({_publieurs(con)}): wait until it ends, then publish again."
            )
        time.sleep(0.2)
    yield
    executer(con, f"select pg_advisory_unlock({cle})")


def executer(con: Connexion, requete: str) -> "psycopg.Cursor[tuple[object, ...]]":
    """Run a query made by this package, values and names quoted by `socle.sql`."""
    # As bytes: what is typed is a literal of the source, and names come from the release.
    return con.execute(requete.encode())


def valeur(con: Connexion, requete: str) -> object:
    """Return the first column of the first row; None without one."""
    ligne = executer(con, requete).fetchone()
    return ligne[0] if ligne else None


def exiger_la_version(version: int, ou: str) -> None:
    """Refuse a server that is too old; `version` is 150020 for 15.20."""
    if version // 10000 < VERSION_MIN:
        raise ErreurPublication(
            f"PostgreSQL, {ou}: version {version // 10000}; expected {VERSION_MIN} or a later one."
            " Next: publish to a newer server."
        )


def _regler(con: Connexion) -> None:
    """Forget what the role or the database sets for readers: a load is long, and waits for nobody."""
    for reglage in (
        "statement_timeout = 0",
        "idle_in_transaction_session_timeout = 0",
        "lock_timeout = '5s'",
        "client_encoding = 'UTF8'",
        "standard_conforming_strings = on",
        "default_transaction_isolation = 'read committed'",
        "search_path = ''",
    ):
        executer(con, f"set {reglage}")
    # A publisher that was killed must not hold the schema until the end of a long index. Servers on some
    # systems cannot tell, and refuse the setting.
    with suppress(errors.InvalidParameterValue):
        executer(con, "set client_connection_check_interval = '2s'")


def _dire(adresse: Adresse, erreur: psycopg.Error) -> str:
    """What went wrong on the server, what readers have, what to do next."""
    suite = next((f for classe, f in _QUE_FAIRE.items() if isinstance(erreur, classe)), None)
    if suite is None and isinstance(erreur, psycopg.OperationalError):
        suite = "the connection was lost: check the server and the network, then publish again"
    code = f" [{erreur.sqlstate}]" if erreur.sqlstate else ""
    return (
        f"PostgreSQL, {adresse}: {adresse.masquer(_une_ligne(erreur))}{code}. {_RIEN_CHANGE}"
        f" Next: {suite or 'correct what the message names, then publish again'}."
    )


def _une_ligne(erreur: psycopg.Error) -> str:
    """The message and its detail, on one line."""
    dit = [erreur.diag.message_primary or str(erreur), erreur.diag.message_detail]
    return "; ".join(" ".join(texte.split()).rstrip(".") for texte in dit if texte)


def _publieurs(con: Connexion) -> str:
    """Who publishes there, as the server knows them."""
    lignes = executer(
        con,
        "select distinct a.pid, a.usename, a.client_addr::text from pg_catalog.pg_locks l"
        " join pg_catalog.pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted"
        " and a.pid <> pg_backend_pid() and a.application_name = 'ctg publish'",
    ).fetchall()
    return "; ".join(f"process {pid}, {role} from {d_ou or 'the server'}" for pid, role, d_ou in lignes)
