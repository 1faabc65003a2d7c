"""The names of some places, in a release of nothing else: what finds a place is tried on them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import duckdb

from publication.lecture.vocabulaire import expressions, mots_d_un_nom, singulier


class Place(NamedTuple):
    """A territory, or a name that has none of its own; `ici`: the release has its figures."""

    territoire_id: str
    libelle: str
    population: int | None = None
    ici: bool = True
    nature: str | None = None
    code: str | None = None


def cle_courte(dits: list[str]) -> list[str]:
    """Return the words of a name without those of its level."""
    return [m for m in dits if expressions().get(singulier(m), {}).get("n") is None] or dits


def publies(
    places: Iterable[Place],
    conventions: dict[str, int] | None = None,
    indicateurs: Iterable[tuple[str, str]] = (("part_allocataires_rsa", "Part des allocataires au RSA"),),
) -> duckdb.DuckDBPyConnection:
    """Return a release of these places and indicateurs, on its schema `marts`; its scope is the Drôme."""
    con = duckdb.connect()
    con.execute(_TABLES)
    lus = [(*i, rang) for rang, i in enumerate(indicateurs)]
    con.executemany("insert into dim_indicateur values (?, ?, 0, ?)", lus)
    con.executemany("insert into ctg_conventions values (?, ?)", [*(conventions or {"": 0}).items()])
    ajouter(con, places)
    return con


def ajouter(con: duckdb.DuckDBPyConnection, places: Iterable[Place]) -> None:
    """Add places to a release."""
    for p in places:
        niveau, _, code = p.territoire_id.partition(":")
        if p.ici and p.nature is None:
            ligne = [p.territoire_id, niveau, code, p.libelle]
            con.execute("insert into dim_territoire values (?, ?, ?, ?)", ligne)
        entier = mots_d_un_nom(p.libelle)
        court = cle_courte(entier) if niveau in ("epci", "ctg") and p.nature is None else entier
        suite: list[Any] = [p.nature or niveau, p.code or code, p.libelle, p.territoire_id, niveau, p.libelle]
        suite += [code[:2] if niveau == "commune" else None, p.population, p.ici, None]
        formes = [("entiere", entier), *([("sans_niveau", court)] if court != entier else [])]
        for forme, dits in formes:
            ligne = [" ".join(dits), forme, *suite]
            con.execute("insert into noms_territoires values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ligne)


_TABLES = """
    create schema marts;
    use marts;
    create table dim_territoire (territoire_id varchar, niveau varchar, code varchar, libelle varchar);
    create table dim_indicateur (indicateur_id varchar, libelle varchar, theme_ordre int, ordre int);
    create table ctg_conventions (ctg_id varchar, annee_debut integer);
    create table dim_release as select 'departement:26' as perimetre;
    create table noms_territoires (
        cle varchar, forme varchar, nature varchar, code varchar, libelle varchar, territoire_id varchar,
        niveau varchar, territoire_libelle varchar, departement varchar, population bigint,
        dans_la_publication boolean, communes varchar
    )
"""
