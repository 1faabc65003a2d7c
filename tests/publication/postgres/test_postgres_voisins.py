"""What others made in the database of a publication: their schemas, what they bound to its tables."""

from typing import Any

import pytest

from socle.erreurs import ErreurPublication
from tests.publication.releases_postgres import Cible, DeuxReleases
from tests.serveur_postgres import Serveur


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
