"""Releases in PostgreSQL, on a real server: what is there, who may read it, what readers see meanwhile."""

import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import IsolationLevel, errors

from orchestration.assets.postgres import postgres as actif
from orchestration.assets.postgres import vers_postgres
from orchestration.cli import main
from orchestration.nuit import reglages
from orchestration.nuit.reglages import Reglages
from publication.exports.postgres import serveur as reseau
from publication.exports.postgres.schema import Schema
from publication.exports.postgres.serveur import Adresse, exiger_la_version
from publication.releases.fabrication import FaitsDeLaNuit
from socle.erreurs import ErreurPublication
from tests.drills.bilan import A_LA_MAIN, PROCESSUS, Bilan
from tests.profondeur import PROFONDEUR
from tests.publication.releases_postgres import (
    Cible,
    DeuxReleases,
    attendre_la_publication,
    attendus,
    deux_releases,
    voir,
)
from tests.serveur_postgres import MOT_DE_PASSE, Serveur

ISOLATIONS = [IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ]


@pytest.fixture(scope="module")
def releases(
    postgres: Serveur, publiee: Path, nuit: FaitsDeLaNuit, tmp_path_factory: pytest.TempPathFactory
) -> DeuxReleases:
    return deux_releases(publiee, tmp_path_factory.mktemp("deux"), nuit)


@pytest.fixture(scope="module")
def publication(postgres: Serveur, releases: DeuxReleases) -> Cible:
    """Both releases published, one after the other: to read only."""
    cible = Cible(postgres)
    cible.publier(releases.premiere)
    cible.publier(releases.seconde)
    return cible


@pytest.fixture(scope="module")
def modele(postgres: Serveur, releases: DeuxReleases) -> Cible:
    """The first release published: to copy."""
    cible = Cible(postgres)
    cible.publier(releases.premiere)
    return cible


@pytest.fixture
def cible(modele: Cible) -> Cible:
    """The first release published."""
    return Cible(modele.serveur, modele)


@contextmanager
def a_cote(faire: Callable[[], object]) -> Iterator[list[object]]:
    """Do it in a thread; what it returned or raised is in the list once it ended."""
    fini: list[object] = []

    def courir() -> None:
        try:
            fini.append(faire())
        except Exception as erreur:
            fini.append(erreur)

    fil = threading.Thread(target=courir)
    fil.start()
    try:
        yield fini
    finally:
        fil.join(60)
    assert not fil.is_alive()


def _forme(valeur: object) -> object:
    # NaN is not equal to itself, and 0.0 is to -0.0.
    return repr(valeur) if isinstance(valeur, float) else valeur


def _lignes(lues: list[tuple[Any, ...]]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(map(_forme, ligne)) for ligne in lues)


def test_every_table_has_the_rows_of_the_release(publication: Cible, releases: DeuxReleases) -> None:
    """Both ways, statuts and blanks included: no row more, none less, to the last digit of a double."""
    parquets = {p.stem: f"read_parquet('{p}')" for p in (releases.seconde / "parquet").glob("*.parquet")}
    base = duckdb.connect(str(releases.seconde / "ctg.duckdb"), read_only=True)
    tables = {t for (t,) in base.execute("select table_name from duckdb_tables()").fetchall()}
    la = publication.lire("select relname from pg_class where relnamespace = 'marts'::regnamespace"
                          " and relkind = 'r'")  # fmt: skip
    assert {nom for (nom,) in la} == tables >= parquets.keys()
    for table in sorted(tables):
        relation = base.execute(f"from {parquets.get(table, f'marts.{table}')}")
        colonnes = [c[0] for c in relation.description]
        voulues = _lignes(relation.fetchall())
        with psycopg.connect(publication.dsn) as con:
            curseur = con.execute(f"select * from marts.{table}".encode())
            assert [c.name for c in curseur.description or ()] == colonnes
            assert _lignes(curseur.fetchall()) == voulues, table
    secrets = publication.lire(
        "select valeur, borne_basse, valeur_affichee from marts.fct_indicateurs where statut = 'secret'"
    )
    assert secrets and set(secrets) == {(None, None, "s")}
    base.close()


def test_types_are_those_of_the_release(publication: Cible) -> None:
    types = dict(publication.lire(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = 'marts.zonages_communes'::regclass and attnum > 0"))  # fmt: skip
    assert types == {
        "rang": "integer",
        "texte": "text",
        "autre": "text",
        "reel": "double precision",
        "grand": "double precision",
        "montant": "numeric(12,2)",
        "vrai": "boolean",
        "jour": "date",
        "instant": "timestamp without time zone",
        "entier": "bigint",
        "petit": "smallint",
    }


def test_a_type_without_a_counterpart_is_refused(
    publication: Cible, releases: DeuxReleases, tmp_path: Path
) -> None:
    release = _copie(releases.seconde, tmp_path)
    with duckdb.connect(str(release / "ctg.duckdb")) as con:
        con.execute("create table marts.listes as select [1, 2] as notes")
    with pytest.raises(ErreurPublication, match=r"marts\.listes\.notes has type INTEGER\[\]"):
        publication.publier(release)


def test_comments_keys_and_indexes(publication: Cible, releases: DeuxReleases) -> None:
    paquet = json.loads((releases.seconde / "datapackage.json").read_bytes())
    with duckdb.connect(str(releases.seconde / "ctg.duckdb"), read_only=True) as con:
        commentaires = con.execute(
            "select table_name, '', comment from duckdb_tables() where comment is not null union all"
            " select table_name, column_name, comment from duckdb_columns() where comment is not null"
        ).fetchall()
    for ressource in paquet["resources"]:
        nom = ressource["name"]
        cle = publication.lire(
            f"select a.attname, a.attnotnull from pg_index i, unnest(i.indkey) with ordinality k(n, rang)"
            f" join pg_attribute a on a.attnum = k.n where i.indrelid = 'marts.{nom}'::regclass"
            " and a.attrelid = i.indrelid and i.indisprimary order by rang"
        )
        assert cle == [(colonne, True) for colonne in ressource["schema"].get("primaryKey", ())], nom
        # As tools that draw the star read them.
        liens = publication.lire(
            "select a.attname, c.confrelid::regclass::text, b.attname from pg_constraint c"
            " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
            " join pg_attribute b on b.attrelid = c.confrelid and b.attnum = c.confkey[1]"
            f" where c.contype = 'f' and c.conrelid = 'marts.{nom}'::regclass"
        )
        assert sorted(liens) == sorted(
            (*lien["fields"], f"marts.{lien['reference']['resource']}", *lien["reference"]["fields"])
            for lien in ressource["schema"].get("foreignKeys", ())
        ), nom
        dits = dict(publication.lire(
            "select coalesce(attname, ''), d.description from pg_description d left join pg_attribute a on"
            f" attrelid = objoid and attnum = objsubid where objoid = 'marts.{nom}'::regclass"))  # fmt: skip
        assert dits == {colonne: dit for table, colonne, dit in commentaires if table == nom}, nom
    assert "l'essentiel" in publication.seule("select obj_description('marts.fct_indicateurs'::regclass)")
    filtres = publication.lire(
        "select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
        " and a.attnum = i.indkey[0] where i.indrelid = 'marts.fct_indicateurs'::regclass order by 1"
    )
    assert [f for (f,) in filtres] == [
        "code", "indicateur_id", "millesime", "niveau", "territoire_id", "theme",
    ]  # fmt: skip
    assert releases.seconde.name in publication.seule(
        "select obj_description('marts'::regnamespace, 'pg_namespace')"
    )
    # Frozen, analysed, and nothing for autovacuum to lock.
    assert publication.seule(
        "select count(*) from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        " and (reltuples < 0 or not 'autovacuum_enabled=false' = any(reloptions))"
    ) == 0  # fmt: skip


def test_not_null_is_that_of_the_release(cible: Cible, releases: DeuxReleases, tmp_path: Path) -> None:
    """Keys and NOT NULL that `ctg.duckdb` declares are those of the server, before those of the package."""
    release = _copie(releases.seconde, tmp_path)
    with duckdb.connect(str(release / "ctg.duckdb")) as con:
        con.execute("create table marts.promise (a integer not null, b integer, c varchar primary key)")
    cible.publier(release)
    assert cible.lire(
        "select attname, attnotnull from pg_attribute where attrelid = 'marts.promise'::regclass"
        " and attnum > 0 order by attnum"
    ) == [("a", True), ("b", False), ("c", True)]
    assert cible.seule("select count(*) from pg_index where indrelid = 'marts.promise'::regclass") == 1


def test_the_role_of_readers_reads_and_nothing_else(publication: Cible) -> None:
    serveur, base, role = publication.serveur, publication.base, publication.lecteurs
    serveur.executer(base, f"create role lectrice login in role {role}")
    assert serveur.executer(base, "select count(*) > 0 from marts.fct_indicateurs", "lectrice") == [(True,)]
    assert serveur.executer(base, "select 1 from marts_precedente.dim_release", "lectrice") == [(1,)]
    for interdit in (
        "delete from marts.dim_release",
        "insert into marts.dim_unite (unite) values ('x')",
        "create table marts.a_moi (a int)",
        "drop table marts.dim_unite",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            serveur.executer(base, interdit, "lectrice")
    # Alone, the role opens no session.
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        serveur.executer(base, "select 1", role)


def test_nobody_is_granted_anything_when_no_role_is_asked_for(cible: Cible, releases: DeuxReleases) -> None:
    cible.publier(releases.seconde, lecteurs=None)
    assert cible.seule("select nspacl::text from pg_namespace where nspname = 'marts'") is None


def test_the_release_that_is_there_is_left_alone(cible: Cible, releases: DeuxReleases) -> None:
    table = cible.seule("select 'marts.fct_indicateurs'::regclass::oid")
    servie = cible.publier(releases.premiere)
    assert servie.etat == "inchangee"
    assert servie.message == (
        f"Release {releases.premiere.name} is in schema marts of {cible.base} on {cible.serveur.dossier}"
        " already."
    )
    assert cible.seule("select 'marts.fct_indicateurs'::regclass::oid") == table
    assert cible.schemas() == {"marts": releases.premiere.name}


def test_the_former_release_is_kept_until_the_next(cible: Cible, releases: DeuxReleases) -> None:
    premiere, seconde = releases.premiere.name, releases.seconde.name
    assert f"{premiere} is kept in marts_precedente" in cible.publier(releases.seconde).message
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}
    # The same one again keeps the one before it.
    cible.publier(releases.seconde, refaire=True)
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}


def test_nothing_is_left_of_what_was_rolled_back(cible: Cible, releases: DeuxReleases) -> None:
    """It may show what should be hidden, and no later publication would come to remove it."""
    premiere, seconde = releases.premiere.name, releases.seconde.name
    cible.publier(releases.seconde)
    # Aside, a release that was served between the two: rolled back with the one in service.
    cible.lire(f"update marts_precedente.dim_release set release_id = '{premiere}-bis'")
    assert f"{seconde}, which is newer, was removed" in cible.publier(releases.premiere).message
    assert cible.schemas() == {"marts": premiere}
    # What is older than the release that is served again stays beside it.
    cible.publier(releases.seconde)
    cible.lire(f"update marts.dim_release set release_id = '{seconde}-bis'")
    cible.publier(releases.seconde)
    assert cible.schemas() == {"marts": seconde, "marts_precedente": premiere}
    # Whatever put it there.
    cible.lire(f"update marts_precedente.dim_release set release_id = '{seconde}-bis'")
    cible.publier(releases.seconde, refaire=True)
    assert cible.schemas() == {"marts": seconde}


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_reader_goes_on_in_the_release_it_began_with(
    cible: Cible, releases: DeuxReleases, isolation: IsolationLevel
) -> None:
    """It has read one table: the publication waits for the end of its transaction."""
    avant, apres = attendus(releases)
    with psycopg.connect(cible.dsn) as lecteur, psycopg.connect(cible.dsn, autocommit=True) as temoin:
        lecteur.isolation_level = isolation
        lecteur.execute("select count(*) from marts.dim_unite")
        with a_cote(lambda: cible.publier(releases.seconde)) as fini:
            attendre_la_publication(temoin)
            assert voir(lecteur) == avant
            # Others read meanwhile: an attempt gives back what it holds.
            assert voir(temoin) == avant
            assert not fini
            lecteur.commit()
        assert voir(lecteur) == apres
    assert getattr(fini[0], "etat", fini[0]) == "publiee"


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_reader_who_has_read_nothing_yet_sees_all_of_the_new_release(
    cible: Cible, releases: DeuxReleases, isolation: IsolationLevel
) -> None:
    """Its snapshot is older than the rows, which it must find all the same."""
    _, apres = attendus(releases)
    with psycopg.connect(cible.dsn) as lecteur:
        lecteur.isolation_level = isolation
        lecteur.execute("select 1")
        cible.publier(releases.seconde)
        assert voir(lecteur) == apres
        ((nombre,),) = lecteur.execute("select count(*) from marts.zonages_communes").fetchall()
        assert nombre == 5


def test_prepared_statements_follow(cible: Cible, releases: DeuxReleases) -> None:
    requete = (
        "select release_id, (select max(cog_millesime) from marts.fct_indicateurs) from marts.dim_release"
    )
    with psycopg.connect(cible.dsn, autocommit=True) as lecteur:
        lues = [lecteur.execute(requete, prepare=True).fetchone()]
        for release in (releases.seconde, releases.premiere):
            cible.publier(release)
            lues.append(lecteur.execute(requete, prepare=True).fetchone())
        assert lecteur.execute("select count(*) from pg_prepared_statements").fetchone() == (1,)
    premiere, seconde = (releases.premiere.name, 2025), (releases.seconde.name, 2026)
    assert lues == [premiere, seconde, premiere]


def test_readers_who_do_not_let_go_are_named_and_keep_their_release(
    cible: Cible, releases: DeuxReleases
) -> None:
    with psycopg.connect(cible.dsn, application_name="DBeaver") as lecteur:
        lecteur.execute("select 1 from marts.dim_unite")
        with pytest.raises(ErreurPublication) as refus:
            cible.publier(releases.seconde, patience=0.0)
        assert f"process {lecteur.info.backend_pid}, postgres, DBeaver, idle in transaction since" in str(
            refus.value
        )
        # And no half of it is left.
        assert cible.schemas() == {"marts": releases.premiere.name}
    cible.publier(releases.seconde)
    assert cible.schemas()["marts"] == releases.seconde.name


@pytest.mark.parametrize("combien", [5, pytest.param(PROFONDEUR.tuees_postgres, marks=pytest.mark.drill)])
def test_killed_anywhere_the_former_release_stays_and_the_next_publication_heals(
    cible: Cible, releases: DeuxReleases, bilan: Bilan, combien: int
) -> None:
    programme = Path(__file__).with_name("exercice_kill_postgres.py")
    arguments = (cible.dsn, cible.lecteurs, releases.premiere, releases.seconde, str(combien))
    fini = subprocess.run(
        [sys.executable, programme, *arguments], capture_output=True, text=True, check=False
    )
    assert fini.returncode == 0, fini.stderr
    vu = json.loads(fini.stdout)
    bilan.ajouter(PROCESSUS, vu["tues"], {A_LA_MAIN: len(vu["anomalies"])})
    assert vu.pop("anomalies") == []
    assert vu["tues"] == vu["ancienne"] == combien, vu


def test_what_a_killed_publication_left_is_removed(cible: Cible, releases: DeuxReleases) -> None:
    cible.lire("create schema marts_nouvelle; create table marts_nouvelle.dim_release (release_id text)")
    cible.publier(releases.seconde)
    assert list(cible.schemas()) == ["marts", "marts_precedente"]


def test_one_publication_at_a_time(
    cible: Cible, releases: DeuxReleases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseau, "_SEUL_DANS", 0.0)
    with (
        reseau.connexion(Adresse.lire(cible.dsn)) as con,
        reseau.seul(con, "marts"),
        pytest.raises(ErreurPublication, match=r"is under way \(process \d+, postgres from the server\)"),
    ):
        cible.publier(releases.seconde)
    assert cible.publier(releases.seconde).etat == "publiee"


def test_two_scopes_have_two_schemas(cible: Cible, releases: DeuxReleases, tmp_path: Path) -> None:
    """And a schema is not given from one scope, or from one profile, to another."""
    autre = _copie(releases.seconde, tmp_path)
    with duckdb.connect(str(autre / "ctg.duckdb")) as con:
        con.execute("update marts.dim_release set perimetre = 'epci:200068229'")
    with pytest.raises(
        ErreurPublication, match=r"holds .* of profile mirror on departement:26; .*epci:200068"
    ):
        cible.publier(autre)
    cible.publier(autre, schema="marts_epci_200068229")
    assert set(cible.schemas()) == {"marts", "marts_epci_200068229"}


def test_a_schema_of_somebody_else_is_left_alone(postgres: Serveur, releases: DeuxReleases) -> None:
    cible = Cible(postgres)
    for schema, objet in (
        ("a", "table a.notes (a int)"),
        ("b_precedente", "view b_precedente.notes as select 1"),
        ("c_nouvelle", "sequence c_nouvelle.notes"),
    ):
        cible.lire(f"create schema {schema}; create {objet}")
        with pytest.raises(ErreurPublication, match=f"Schema {schema} holds .*, and no release"):
            cible.publier(releases.premiere, schema=schema[0])
        cible.lire(f"select 1 from {schema}.notes")


def test_an_empty_schema_made_for_the_publication_is_taken(postgres: Serveur, releases: DeuxReleases) -> None:
    cible = Cible(postgres)
    cible.lire("create schema marts")
    cible.publier(releases.premiere)
    assert cible.schemas() == {"marts": releases.premiere.name}


def test_what_is_bound_to_a_table_and_not_to_its_name_is_told(cible: Cible, releases: DeuxReleases) -> None:
    """A view would go on showing the former release: nothing is published, and the view is not removed."""
    cible.lire(
        """
        create schema bi;
        create view bi.v as select release_id from marts.dim_release;
        create materialized view bi.m as select 1 from marts.dim_unite;
        create function bi.f() returns bigint begin atomic select count(*) from marts.dim_unite; end;
        create unique index on marts.dim_indicateur (indicateur_id);
        create table bi.t (i text references marts.dim_indicateur (indicateur_id));
        """
    )
    with pytest.raises(ErreurPublication) as refus:
        cible.publier(releases.seconde)
    for objet in ("function bi.f()", "materialized view bi.m", "table bi.t", "view bi.v"):
        assert f"{objet} (owner postgres)" in str(refus.value)
    assert cible.schemas() == {"marts": releases.premiere.name}


@pytest.mark.parametrize(
    ("fait", "nomme"),
    [
        ("function bi.f() returns setof marts.dim_unite language sql as 'select * from marts.dim_unite'",
         "function bi.f()"),
        ("function bi.f(marts.dim_unite) returns text language sql as 'select $1.unite'",
         "function bi.f(marts.dim_unite)"),
        ("function bi.f() returns marts.dim_unite[] language sql as 'select null::marts.dim_unite[]'",
         "function bi.f()"),
        ("table bi.t (unite marts.dim_unite)", "table column bi.t.unite"),
        ("table bi.t (unites marts.dim_unite[])", "table column bi.t.unites"),
        ("table bi.t (note text) inherits (marts.dim_unite)", "table bi.t"),
        ("table bi.t (lue regclass default 'marts.dim_unite'::regclass)", "table bi.t"),
        ("type bi.t as (unite marts.dim_unite)", "composite type column bi.t.unite"),
        ("domain bi.d as marts.dim_unite", "type bi.d"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("aside", [False, True], ids=["in service", "aside"])
def test_what_is_bound_to_the_rows_of_a_table_is_told_and_not_dropped(
    cible: Cible, releases: DeuxReleases, fait: str, nomme: str, aside: bool
) -> None:
    cible.lire(f"create schema bi; create {fait}")
    if aside:
        cible.lire("alter schema marts rename to marts_precedente")
        nomme = nomme.replace("marts.", "marts_precedente.")
    with pytest.raises(ErreurPublication) as refus:
        cible.publier(releases.seconde)
    assert str(refus.value).startswith(f"{nomme} (owner postgres): made on tables of marts")
    assert cible.schemas() == {"marts_precedente" if aside else "marts": releases.premiere.name}


def test_what_is_copied_from_a_table_is_nobodys_concern(cible: Cible, releases: DeuxReleases) -> None:
    """What the message says to make instead, and what is in the schema itself, which goes with it."""
    cible.lire(
        """
        create schema bi;
        create table bi.t as select * from marts.dim_unite;
        create table bi.l (like marts.dim_unite including all);
        create function bi.f() returns table (unite text) language sql as 'select unite from marts.dim_unite';
        create view marts.v as select u from marts.dim_unite u;
        create function marts.f() returns setof marts.v language sql as 'select * from marts.v';
        """
    )
    for release in (releases.seconde, releases.premiere):
        cible.publier(release)
        assert cible.seule("select count(*) = (select count(*) from bi.f()) from bi.t")


def test_a_view_made_while_a_publication_loads_stops_it(
    cible: Cible, releases: DeuxReleases, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publication.exports import postgres as paquet

    charger = paquet.charger

    def charger_puis_voir(*arguments: Any) -> int:
        lignes = charger(*arguments)
        cible.lire("create schema bi; create view bi.v as select release_id from marts.dim_release")
        return lignes

    monkeypatch.setattr(paquet, "charger", charger_puis_voir)
    with pytest.raises(ErreurPublication, match=r"view bi\.v"):
        cible.publier(releases.seconde)
    assert cible.seule("select release_id from bi.v") == releases.premiere.name
    assert cible.schemas() == {"marts": releases.premiere.name}


def test_functions_whose_body_is_a_text_follow(cible: Cible, releases: DeuxReleases) -> None:
    cible.lire("create schema bi; create function bi.f() returns text language sql as"
               " 'select release_id from marts.dim_release'")  # fmt: skip
    cible.publier(releases.seconde)
    assert cible.seule("select bi.f()") == releases.seconde.name


class TestErreurs:
    """What is said when it cannot be done, and what never is."""

    def test_a_server_that_is_away(self, releases: DeuxReleases, tmp_path: Path) -> None:
        from publication.exports.postgres import Demande, publier

        adresse = Adresse.lire(f"postgresql://u:{'motdepasse'}@/base?host={tmp_path}")
        with pytest.raises(ErreurPublication) as refus:
            publier(adresse, Demande(releases.premiere, "marts", None))
        assert f"PostgreSQL, base on {tmp_path}: no connection" in str(refus.value)
        assert "check that the server runs" in str(refus.value) and "motdepasse" not in str(refus.value)

    def test_a_database_that_is_not_there(self, postgres: Serveur) -> None:
        with (
            pytest.raises(ErreurPublication, match='database "nulle_part" does not exist'),
            reseau.connexion(Adresse.lire(postgres.dsn("nulle_part"))),
        ):
            pass

    @pytest.mark.parametrize("forme", ["uri", "mots"])
    def test_a_wrong_password_is_never_shown(self, postgres: Serveur, forme: str) -> None:
        from urllib.parse import quote

        faux = MOT_DE_PASSE + "Faux"
        dsn = f"postgresql://avec_mot_de_passe:{quote(faux, safe='')}@/postgres?host={postgres.dossier}"
        if forme == "mots":
            dsn = f"host={postgres.dossier} dbname=postgres user=avec_mot_de_passe password='{faux}'"
        adresse = Adresse.lire(dsn)
        with pytest.raises(ErreurPublication) as refus, reseau.connexion(adresse):
            pass
        texte = str(refus.value)
        assert 'password authentication failed for user "avec_mot_de_passe"' in texte
        assert "~/.pgpass" in texte
        for montre in (texte, str(adresse), repr(adresse), repr(refus.value.__cause__)):
            assert "Nyons" not in montre and "Faux" not in montre

    def test_a_password_opens_and_hides_in_what_the_server_says(self, postgres: Serveur) -> None:
        adresse = Adresse.lire(
            f"host={postgres.dossier} dbname=postgres user=avec_mot_de_passe password='{MOT_DE_PASSE}'"
        )
        with (
            pytest.raises(ErreurPublication) as refus,
            reseau.connexion(adresse) as con,
        ):
            con.execute(f'select * from "{MOT_DE_PASSE.replace("%", "%%")}"'.encode(), ())
        assert "***" in str(refus.value) and "Nyons" not in str(refus.value)

    @pytest.mark.parametrize(
        "dsn",
        [
            "postgresql://u:s3cr@t@hote/base",
            "postgresql://u:s3/cr@hote/base",
            "postgresql://u:s3#cr@hote/base",
            "postgresql://u:s3?cr@hote/base",
            "postgresql://u:100%s3cr@hote/base",
            "host=hote password=s3 cr",
            "s3cr",
            "host=hote mot_de_passe=s3cr",
        ],
    )
    def test_a_dsn_that_cannot_be_read_is_not_quoted(self, dsn: str) -> None:
        with pytest.raises(ErreurPublication, match="percent-encoded") as refus:
            Adresse.lire(dsn)
        assert "s3" not in str(refus.value)
        assert refus.value.__cause__ is None and refus.value.__suppress_context__

    def test_a_role_that_may_not_make_schemas(self, cible: Cible, releases: DeuxReleases) -> None:
        role = f"simple_{cible.base}"
        cible.lire(f"create role {role} login; alter schema marts owner to {role}")
        for (table,) in cible.lire("select oid::regclass from pg_class where relnamespace ="
                                   " 'marts'::regnamespace and relkind = 'r'"):  # fmt: skip
            cible.lire(f"alter table {table} owner to {role}")
        adresse = Adresse.lire(cible.serveur.dsn(cible.base, role))
        with pytest.raises(ErreurPublication, match=r"permission denied for database .*CREATE on the"):
            _publier(adresse, releases.seconde, cible.lecteurs)
        cible.lire(f"grant create on database {cible.base} to {role}")
        with pytest.raises(ErreurPublication, match=r"denied to create role.* that exists \(--lecteurs\)"):
            _publier(adresse, releases.seconde, "nouveaux")
        # A role that exists is enough: the publication is no superuser's.
        _publier(adresse, releases.seconde, cible.lecteurs)
        assert cible.schemas()["marts"] == releases.seconde.name

    def test_the_schema_of_another_role(self, cible: Cible, releases: DeuxReleases) -> None:
        role = f"autre_{cible.base}"
        cible.lire(f"create role {role} login; grant create on database {cible.base} to {role}")
        adresse = Adresse.lire(cible.serveur.dsn(cible.base, role))
        with pytest.raises(ErreurPublication, match="Schema marts belongs to postgres"):
            _publier(adresse, releases.seconde, cible.lecteurs)

    def test_a_read_only_server(self, cible: Cible, releases: DeuxReleases) -> None:
        cible.lire(f"alter database {cible.base} set default_transaction_read_only = on")
        with pytest.raises(ErreurPublication, match=r"\[25006\].*name the primary"):
            cible.publier(releases.seconde)

    def test_a_broken_key_is_told_with_its_row(
        self, publication: Cible, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        release = _copie(releases.seconde, tmp_path)
        with duckdb.connect(str(release / "ctg.duckdb")) as con:
            con.execute("create table marts.deux as from (values ('a'), ('a')) t(cle)")
        paquet = json.loads((release / "datapackage.json").read_bytes())
        paquet["resources"].append({"name": "deux", "schema": {"primaryKey": ["cle"]}})
        (release / "datapackage.json").write_text(json.dumps(paquet))
        with pytest.raises(ErreurPublication, match=r"Key \(cle\)=\(a\) is duplicated \[23505\].*rollback"):
            publication.publier(release, refaire=True)
        assert publication.schemas() == {
            "marts": releases.seconde.name,
            "marts_precedente": releases.premiere.name,
        }

    def test_an_old_server(self) -> None:
        exiger_la_version(140000, "ici")
        with pytest.raises(ErreurPublication, match="version 13; expected 14"):
            exiger_la_version(130022, "ici")

    @pytest.mark.parametrize("nom", ["", "pg_marts", "m" * 53, "é" * 27])
    def test_a_name_that_postgresql_would_cut_or_keeps_for_itself(self, nom: str) -> None:
        with pytest.raises(ErreurPublication, match="cannot be a schema of publication"):
            Schema(nom)

    def test_a_column_whose_name_would_be_cut(
        self, publication: Cible, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        release = _copie(releases.seconde, tmp_path)
        with duckdb.connect(str(release / "ctg.duckdb")) as con:
            con.execute(f"create table marts.longue as select 1 as {'c' * 64}")
        with pytest.raises(ErreurPublication, match="more than the 63 bytes"):
            publication.publier(release)


class TestCommande:
    """`ctg publier postgres`, and the step of the night."""

    def ctg(self, releases: DeuxReleases, *arguments: str, **env: str) -> Result:
        home = {"CTG_HOME": str(releases.magasin.parent), "CTG_POSTGRES": "", "CTG_POSTGRES_LECTEURS": ""}
        return CliRunner().invoke(main, ["publier", "postgres", *arguments], env=home | env)

    def test_it_publishes_what_is_in_service_then_says_it_is_there(
        self, cible: Cible, releases: DeuxReleases
    ) -> None:
        dits = [
            self.ctg(releases, CTG_POSTGRES=cible.dsn, CTG_POSTGRES_LECTEURS=cible.lecteurs) for _ in range(2)
        ]
        assert [d.exit_code for d in dits] == [0, 0], dits
        assert f"{releases.premiere.name} is kept in marts_precedente" in dits[0].output
        assert dits[1].output.endswith(" already.\n")
        assert cible.schemas()["marts"] == releases.seconde.name
        assert cible.lecteurs in cible.seule("select nspacl::text from pg_namespace where nspname = 'marts'")

    def test_options_name_another_release_another_schema_another_role(
        self, cible: Cible, releases: DeuxReleases
    ) -> None:
        fait = self.ctg(
            releases, "--dsn", cible.dsn, "--release", releases.premiere.name, "--schema", "essai",
            "--lecteurs", cible.lecteurs, "--patience", "5",
        )  # fmt: skip
        assert fait.exit_code == 0, fait.output
        assert cible.seule("select release_id from essai.dim_release") == releases.premiere.name
        assert self.ctg(releases, "--dsn", cible.dsn, "--schema", "essai", "--refaire").exit_code == 0
        assert cible.seule("select nspacl from pg_namespace where nspname = 'essai'") is None

    def test_errors_are_messages_without_the_password(self, releases: DeuxReleases, tmp_path: Path) -> None:
        for dsn in (f"postgresql://u:motdepasse@/b?host={tmp_path}", "postgresql://u:motde@passe@hote/b"):
            refus = self.ctg(releases, "--dsn", dsn)
            assert refus.exit_code == 1 and isinstance(refus.exception, SystemExit)
            assert "motde" not in refus.output and "passe" not in refus.output
        assert self.ctg(releases).exit_code == 2
        assert "CTG_POSTGRES" in self.ctg(releases).output

    def test_the_night_publishes_each_of_its_scopes(
        self, postgres: Serveur, releases: DeuxReleases, tmp_path: Path
    ) -> None:
        cible = Cible(postgres)
        home = tmp_path / "home"
        shutil.copytree(releases.magasin, home / "releases", symlinks=True)
        autre = home / "releases" / "perimetres" / "epci-200068229"
        shutil.copytree(releases.seconde, autre / releases.seconde.name)
        (autre / "current").symlink_to(releases.seconde.name)
        base = autre / releases.seconde.name / "ctg.duckdb"
        base.chmod(0o644)
        with duckdb.connect(str(base)) as con:
            con.execute("update marts.dim_release set perimetre = 'epci:200068229'")
        nuit = _Nuit(Reglages(
            home, "mirror", "departement:26", None, autres=("epci:200068229",), postgres=cible.dsn,
            lecteurs=cible.lecteurs,
        ))  # fmt: skip
        contexte = _Contexte()
        vers_postgres(contexte, nuit, "Published.")
        assert contexte.dits[0].asset_key == actif.key
        assert contexte.dits[0].metadata["etats"].value == ["publiee", "publiee"]
        assert set(cible.schemas()) == {"marts", "marts_epci_200068229"}
        assert nuit.resume.faits and not nuit.resume.erreurs

        # One of them cannot be: the other is, and the step does not pass for done.
        cible.lire("drop schema marts cascade; create schema marts; create table marts.a_moi (a int)")
        cible.lire("update marts_epci_200068229.dim_release set release_id = 'ancienne'")
        with pytest.raises(dg.Failure, match=r"^PostgreSQL did not get the release: Schema marts holds"):
            vers_postgres(contexte, nuit, "Published.")
        assert len(contexte.dits) == 1
        assert len(nuit.resume.erreurs) == len(nuit.resume.faits) == 1
        assert cible.seule("select release_id from marts_epci_200068229.dim_release") != "ancienne"

    def test_a_night_that_was_told_of_no_database_does_nothing(self, tmp_path: Path) -> None:
        nuit = _Nuit(Reglages(tmp_path, "mirror", "departement:26", None))
        contexte = _Contexte()
        vers_postgres(contexte, nuit, "Published.")
        assert contexte.dits == []

    def test_settings_come_from_the_environment_and_hide_the_dsn(self, tmp_path: Path) -> None:
        lus = reglages.lire({"CTG_HOME": str(tmp_path), "CTG_POSTGRES": "postgresql://u:motdepasse@h/b"})
        assert (lus.postgres, lus.lecteurs) == ("postgresql://u:motdepasse@h/b", "ctg_lecture")
        assert "motdepasse" not in repr(lus)
        assert reglages.lire({"CTG_HOME": str(tmp_path)}).postgres is None


class _Nuit:
    """What the step asks of a night."""

    def __init__(self, lus: Reglages) -> None:
        self.reglages, self.jour, self.resume = lus, None, _Resume()


class _Resume:
    """What its summary keeps."""

    def __init__(self) -> None:
        self.faits: list[str] = []
        self.erreurs: list[str] = []

    def noter_postgres(self, faits: list[str], erreurs: list[str]) -> None:
        self.faits, self.erreurs = faits, erreurs


class _Contexte:
    """What it tells Dagster."""

    def __init__(self) -> None:
        self.log = dg.get_dagster_logger()
        self.dits: list[dg.AssetMaterialization] = []

    def log_event(self, dit: dg.AssetMaterialization) -> None:
        self.dits.append(dit)


def _publier(adresse: Adresse, release: Path, lecteurs: str | None) -> None:
    from publication.exports.postgres import Demande, publier

    publier(adresse, Demande(release, "marts", lecteurs))


def _copie(release: Path, dossier: Path) -> Path:
    """A release that may be changed: what a publication reads of it."""
    for nom in ("ctg.duckdb", "datapackage.json"):
        (dossier / nom).write_bytes((release / nom).read_bytes())
    return dossier
