"""Two tiny releases for PostgreSQL, which differ in each table that its readers look at, and those readers.

Belongs here: what the tests and the drill of publications to PostgreSQL share.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from publication.exports.postgres import Demande, Servie, publier
from publication.exports.postgres.serveur import Adresse
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import accepter, construire_base
from tests.publication.petits_marts import publier as publier_le_dossier
from tests.serveur_postgres import Serveur

SUIVANTE = """
update marts.fct_indicateurs set cog_millesime = 2026;
update marts.dim_territoire set cog_millesime = 2026;
"""
"""What tells the second release from the first, in two tables beside `dim_release`."""

HOSTILE = r"""
create table marts.zonages_communes as from (values
    (1, 'deux
lignes', '', 0.1::double + 0.2::double, 1e300, 1.50::decimal(10, 2), true, date '2026-11-26',
        timestamp '2026-11-26 01:02:03.000004', 9223372036854775807::bigint, (-32768)::smallint),
    (2, null, null, null, null, null, null, null, null, null, null),
    (3, 'a;b,c"d''e\f\n', '\N', '-0.0', 5e-324, -0.01, false, date '0001-01-01', timestamp '1970-01-01',
        0, 0),
    (4, '
\.
', '\.', 'nan', '-infinity', 99999999.99, true, date '9999-12-31', timestamp '9999-12-31 23:59:59', -1, 1),
    (5, '18 464 843 €', ' ', 1e15, 123456789.12345678, 0, true, date '2024-02-29',
        timestamp '2024-02-29', 1, 1)
) t(rang, texte, autre, reel, grand, montant, vrai, jour, instant, entier, petit);
"""
"""A table of all that a text format may get wrong."""


class DeuxReleases(NamedTuple):
    """The store of two releases, the second in service, and their folders."""

    magasin: Path
    premiere: Path
    seconde: Path


def deux_releases(publiee: Path, dossier: Path, nuit: FaitsDeLaNuit) -> DeuxReleases:
    """Publish the second release on a copy of the store of the first."""
    magasin = dossier / "releases"
    shutil.copytree(publiee, magasin, symlinks=True)
    premiere = (magasin / "current").resolve()
    construction = construire_base(dossier / "build" / "nuit.duckdb", SUIVANTE + HOSTILE)
    # No spreadsheet is asked to hold such numbers.
    faits = replace(nuit, code="c1", hors_csv=frozenset({"zonages_communes"}))
    suivante = publier_le_dossier(magasin, construction, accepter(dossier / "validation"), faits)
    return DeuxReleases(magasin, premiere, suivante.dossier)


def copie(release: Path, dossier: Path) -> Path:
    """A release that may be changed: what a publication reads of it."""
    for nom in ("ctg.duckdb", "datapackage.json"):
        (dossier / nom).write_bytes((release / nom).read_bytes())
    return dossier


class Cible:
    """A database that releases are published to, as tests do it."""

    def __init__(self, serveur: Serveur, modele: "Cible | None" = None) -> None:
        self.serveur = serveur
        self.base = serveur.base(f"template {modele.base}" if modele else "")
        self.dsn = serveur.dsn(self.base)
        self.lecteurs = modele.lecteurs if modele else f"lecteurs_{self.base}"

    def publier(self, release: Path, **autres: Any) -> Servie:
        voulue = {"schema": "marts", "lecteurs": self.lecteurs, "patience": 30.0} | autres
        demande = Demande(release, **voulue)
        return publier(Adresse.lire(self.dsn), demande)

    def lire(self, requete: str) -> list[tuple[Any, ...]]:
        return self.serveur.executer(self.base, requete)

    def seule(self, requete: str) -> Any:
        ((valeur,),) = self.lire(requete)
        return valeur

    def schemas(self) -> dict[str, str]:
        """The schemas of releases and the release of each."""
        noms = self.lire("select nspname from pg_namespace where nspname like 'marts%' order by 1")
        return {nom: self.seule(f"select release_id from {nom}.dim_release") for (nom,) in noms}


VUES = (
    "select release_id from marts.dim_release",
    "select 'cog ' || min(cog_millesime) || max(cog_millesime) || count(*) from marts.fct_indicateurs",
    "select 'cog ' || min(cog_millesime) || max(cog_millesime) || count(*) from marts.dim_territoire",
)
"""What a reader asks, one table at a time."""


def voir(con: "psycopg.Connection[tuple[Any, ...]]") -> tuple[str, ...]:
    """Read each table in turn."""
    return tuple(str((con.execute(vue.encode()).fetchone() or ("nothing",))[0]) for vue in VUES)


def attendus(releases: DeuxReleases) -> Iterator[tuple[str, ...]]:
    """What a reader of each release sees."""
    import duckdb

    for release in (releases.premiere, releases.seconde):
        with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
            yield tuple(str(con.execute(vue).fetchall()[0][0]) for vue in VUES)


def attendre_la_publication(con: "psycopg.Connection[Any]") -> None:
    """Return once a publication asks for the tables of readers; fail when it ended without."""
    for _ in range(100_000):
        (vu,) = con.execute(
            "select count(*) from pg_stat_activity where application_name = 'ctg publish'"
            " and wait_event_type = 'Lock' and query like 'lock table%' and datname = current_database()"
        ).fetchone() or (0,)
        if vu:
            return
    raise AssertionError("no publication was seen waiting for readers")
