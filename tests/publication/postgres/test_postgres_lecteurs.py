"""Who may read a release in PostgreSQL, and what readers see while another one takes its place."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from socle.erreurs import ErreurPublication
from tests.publication.releases_postgres import Cible, DeuxReleases, attendre_la_publication, attendus, voir

ISOLATIONS = [IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ]


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
