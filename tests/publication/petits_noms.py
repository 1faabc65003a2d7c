"""The names of some places, in a release of nothing else: what finds a place is tried on them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from publication.lecture.noms import CODE_POSTAL
from publication.lecture.vocabulaire import expressions, mots_d_un_nom, singulier


class Place(NamedTuple):
    """A territory, or a name that has none of its own; `ici`: the release has its figures."""

    territoire_id: str
    libelle: str
    population: int | None = None
    ici: bool = True
    nature: str | None = None
    code: str | None = None
    communes: str | None = None


def postal(code: str, places: Iterable[Place]) -> list[Place]:
    """Return a postal code of these communes."""
    return [p._replace(nature=CODE_POSTAL, code=code) for p in places]


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
    territoires: list[Sequence[Any]] = []
    noms: list[Sequence[Any]] = []
    places = list(places)
    propres = {p.territoire_id: p.libelle for p in places if p.nature is None}
    for p in places:
        niveau, _, code = p.territoire_id.partition(":")
        if p.ici and p.nature is None:
            territoires.append((p.territoire_id, niveau, code, p.libelle))
        nom = p.code if p.nature == CODE_POSTAL and p.code else p.libelle
        entier = mots_d_un_nom(nom)
        court = cle_courte(entier) if niveau in ("epci", "ctg") and p.nature is None else entier
        suite: list[Any] = [p.nature or niveau, p.code or code, nom, p.territoire_id, niveau]
        suite.append(propres.get(p.territoire_id, p.libelle))
        departement = code[: 3 if code.startswith("97") else 2] if niveau == "commune" else None
        suite += [departement, p.population, p.ici, p.communes]
        formes = [("entiere", entier), *([("sans_niveau", court)] if court != entier else [])]
        noms += [(" ".join(dits), forme, *suite) for forme, dits in formes]
    for table, rangs in (("dim_territoire", territoires), ("noms_territoires", noms)):
        if rangs:
            colonnes = [pa.array(c) for c in zip(*rangs, strict=True)]
            con.register("_lus", pa.table(colonnes, names=[str(i) for i in range(len(colonnes))]))
            con.execute(f"insert into {table} from _lus")


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
