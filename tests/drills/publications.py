"""Publications under readers: a release after another, in its folder and in PostgreSQL, while all is read.

    python -m tests.drills.publications FOLDER DSN 100

Publishes the two tiny marts in turn, by what a night calls, and reads meanwhile as tools do: DuckDB that
opens `current` again, Parquet files of one release, SQL in transactions of both isolation levels, prepared,
one statement alone. Each publication waits until every reader has read once more. Prints, as JSON,
publications, readings by reader, errors, and mixed releases: a reader who saw two of them at once.
"""

import json
import multiprocessing as mp
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import IsolationLevel

from publication.exports.postgres import Demande, publier
from publication.exports.postgres.serveur import Adresse
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import MASQUEES, accepter, construire_base
from tests.publication.petits_marts import publier as publier_le_dossier
from tests.publication.releases_postgres import SUIVANTE

Vue = tuple[str, int, int]
"""What a reader sees in three readings: the release, then the COG of two of its tables."""

_LECTURES = (
    "select release_id from {}dim_release",
    "select max(cog_millesime) from {}fct_indicateurs",
    "select max(cog_millesime) from {}dim_territoire",
)
# Errors and mixed releases that are told in full.
_EXEMPLES = 5


def _par_duckdb(releases: Path, _: str) -> Iterator[Vue]:
    while True:
        with duckdb.connect(str(releases / "current" / "ctg.duckdb"), read_only=True) as con:
            yield _vue(con.execute(q.format("marts.")).fetchall() for q in _LECTURES)


def _par_parquet(releases: Path, _: str) -> Iterator[Vue]:
    while True:
        release = (releases / "current").resolve(strict=True)
        tables = (
            f"read_parquet('{release}/parquet/{t}.parquet')" for t in ("fct_indicateurs", "dim_territoire")
        )
        with duckdb.connect() as con:
            lues = [con.execute(f"select max(cog_millesime) from {t}").fetchall() for t in tables]
        yield _vue([[(release.name,)], *lues])


def _par_sql(isolation: IsolationLevel, avant: str, prepare: bool, _: Path, dsn: str) -> Iterator[Vue]:
    """Three statements of one transaction, after one that reads no table of a release, or nothing."""
    with psycopg.connect(dsn) as con:
        con.isolation_level = isolation
        while True:
            with con.transaction():
                if avant:
                    con.execute(avant.encode())
                lues = (
                    con.execute(q.format("marts.").encode(), prepare=prepare).fetchall() for q in _LECTURES
                )
                yield _vue(lues)


def _par_une_requete(_: Path, dsn: str) -> Iterator[Vue]:
    requete = ", ".join(f"({q.format('marts.')})" for q in _LECTURES)
    with psycopg.connect(dsn, autocommit=True) as con:
        while True:
            (vue,) = con.execute(f"select {requete}".encode(), prepare=True).fetchall()
            yield vue


def _vue(lectures: Iterable[Sequence[Any]]) -> Vue:
    """What three readings saw, of one row and one column each."""
    ((release,),), ((cog,),), ((autre,),) = lectures
    return release, cog, autre


LECTEURS: dict[str, Callable[[Path, str], Iterator[Vue]]] = {
    "DuckDB, current opened again": _par_duckdb,
    "Parquet, files of one release": _par_parquet,
    "SQL, READ COMMITTED": partial(_par_sql, IsolationLevel.READ_COMMITTED, "", False),
    "SQL, REPEATABLE READ": partial(_par_sql, IsolationLevel.REPEATABLE_READ, "", False),
    "SQL, REPEATABLE READ, snapshot taken before": partial(
        _par_sql, IsolationLevel.REPEATABLE_READ, "select 1", False
    ),
    "SQL, READ COMMITTED, prepared": partial(_par_sql, IsolationLevel.READ_COMMITTED, "", True),
    "SQL, one statement, prepared": _par_une_requete,
}


def lire_sans_fin(nom: str, releases: Path, dsn: str, debut: Any, fini: Any, tour: Any, dit: Any) -> None:
    """Read until told to end; `tour` counts the readings, `dit` gets what was seen."""
    erreurs: list[str] = []
    vues: set[Vue] = set()
    debut.wait()
    while not fini.is_set():
        try:
            for vue in LECTEURS[nom](releases, dsn):
                vues.add(vue)
                tour.value += 1
                # Publications have the processor too.
                if fini.wait(0.01):
                    break
        except Exception as erreur:
            erreurs.append(f"{nom}: {type(erreur).__name__}: {erreur}")
            tour.value += 1
    dit.put((nom, tour.value, vues, erreurs))


class Lecteurs:
    """A process per reader, forked before DuckDB has a thread in this one; none reads before `commencer`."""

    def __init__(self, releases: Path, dsn: str) -> None:
        contexte = mp.get_context("fork")
        self._debut, self._fini, self._dit = contexte.Event(), contexte.Event(), contexte.Queue()
        self._tours = {nom: contexte.Value("q", 0) for nom in LECTEURS}
        self._processus = [
            contexte.Process(
                target=lire_sans_fin,
                args=(nom, releases, dsn, self._debut, self._fini, self._tours[nom], self._dit),
            )
            for nom in LECTEURS
        ]
        for un in self._processus:
            un.start()

    def commencer(self) -> None:
        self._debut.set()
        self.attendre()

    def attendre(self) -> None:
        """Return once each has begun and ended a reading."""
        vus = {nom: tour.value for nom, tour in self._tours.items()}
        for nom, un in zip(LECTEURS, self._processus, strict=True):
            while self._tours[nom].value < vus[nom] + 2:
                un.join(0.005)
                if un.exitcode is not None:
                    raise RuntimeError(f"reader {nom} ended by itself")

    def finir(self) -> Iterator[tuple[str, int, set[Vue], list[str]]]:
        """End them all; yield, of each, its name, its readings, what it saw and its errors."""
        self._debut.set()
        self._fini.set()
        for _ in self._processus:
            yield self._dit.get(timeout=60)
        for un in self._processus:
            un.join()


def exercer(dossier: Path, dsn: str, combien: int) -> dict[str, Any]:
    """Publish so many times under readers; return what they saw."""
    releases = dossier / "releases"
    lecteurs = Lecteurs(releases, dsn)
    validation = accepter(dossier / "validation")
    bases = [
        construire_base(dossier / "build" / f"{nom}.duckdb", sql) for nom, sql in (("a", ""), ("b", SUIVANTE))
    ]
    nuit = FaitsDeLaNuit("mirror", "departement:26", datetime.now(UTC), masquees=MASQUEES)
    adresse = Adresse.lire(dsn)
    cogs: dict[str, int] = {}

    def publier_une_fois(numero: int) -> None:
        faits = replace(nuit, code=f"c{numero}")
        faite = publier_le_dossier(releases, bases[numero % 2], validation, faits)
        publier(adresse, Demande(faite.dossier, "marts", None))
        cogs[faite.release_id] = 2025 + numero % 2

    bilan: dict[str, Any] = {
        "publications": 0, "errors": 0, "mixed": 0, "examples": [], "readings": {}, "releases_seen": {},
    }  # fmt: skip
    try:
        publier_une_fois(0)
        lecteurs.commencer()
        for numero in range(1, combien + 1):
            publier_une_fois(numero)
            bilan["publications"] += 1
            lecteurs.attendre()
    finally:
        for nom, nombre, vues, erreurs in lecteurs.finir():
            melangees = [vue for vue in vues if {cogs.get(vue[0])} != {*vue[1:]}]
            bilan["readings"][nom] = nombre
            bilan["releases_seen"][nom] = len({release for release, *_ in vues})
            bilan["errors"] += len(erreurs)
            bilan["mixed"] += len(melangees)
            bilan["examples"] += [*erreurs[:_EXEMPLES], *melangees[:_EXEMPLES]]
    return bilan


def main() -> None:
    dossier, dsn, combien = sys.argv[1:]
    json.dump(exercer(Path(dossier), dsn, int(combien)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
