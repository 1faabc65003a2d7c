"""A Parquet of inhabited squares to one row per commune: who lives there, and who lives far from what.

A région has tens of millions of lines: DuckDB reads the types that count, where they lie.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.contrats.grammaire import Carreaux
from ingestion.erreurs import ErreurSource, Lieu, enumerer, premiers
from ingestion.long import Cellules
from ingestion.readers import parquet
from socle.memoire import manque_de
from socle.sql import liste_sql, nom_sql, texte_sql


def compter(chemin: Path, carreaux: Carreaux, lieu: Lieu) -> dict[str, Cellules]:
    """Return `code`, the total and each mesure by commune; the line of a commune is its first in the file.

    Raises `ErreurSource`: `parquet_illisible`, `valeur_illisible` (a header of another type, a figure below
    zero), `valeur_absente`, `modalite_absente` (a type, or a square without one), `cle_dupliquee`,
    `identite_rompue` (a square with two populations).
    """
    _verifier_types(chemin, carreaux, lieu)
    try:
        with duckdb.connect() as base:
            base.execute(f"create view lus as {_lus(carreaux, chemin)}")
            _verifier_lignes(base, carreaux, lieu)
            base.execute(f"create table par_carreau as {_par_carreau(carreaux)}")
            _verifier_carreaux(base, carreaux, lieu)
            communes = base.execute(_par_commune(carreaux)).to_arrow_table()
    except duckdb.Error as e:
        if panne := manque_de(e):
            raise panne from e
        raise parquet.illisible(str(e), lieu) from e
    lues = {nom: communes[nom].combine_chunks() for nom in communes.column_names}
    lignes = lues.pop("ligne")
    sans_marque = pa.nulls(len(lignes), pa.string())
    entetes = {"code": carreaux.code, carreaux.total: carreaux.habitants}
    return {
        nom: Cellules(entetes.get(nom, f"{carreaux.habitants}[{nom}]"), brut, sans_marque, lignes)
        for nom, brut in lues.items()
    }


def _lus(c: Carreaux, chemin: Path) -> str:
    """The lines of the types that are read, and the lines without a type."""
    noms = {"code": c.code, "type": c.type, "minutes": c.minutes, "habitants": c.habitants}
    lues = [f"{nom_sql(entete)} as {nom}" for nom, entete in noms.items()]
    lues += [f"{nom_sql(entete)} as carreau_{i}" for i, entete in enumerate(c.carreau)]
    return f"""
        select {", ".join(lues)}, (file_row_number + 1)::integer as ligne
        from read_parquet({texte_sql(str(chemin))}, file_row_number = true)
        where {nom_sql(c.type)} in {liste_sql(c.types)} or {nom_sql(c.type)} is null
    """


def _par_carreau(c: Carreaux) -> str:
    """One row per square: minutes to the nearest equipment of each mesure, and the types that it has."""
    rangs = " ".join(f"when {texte_sql(t)} then {1 << i}" for i, t in enumerate(c.types))
    minutes = [
        f"min(minutes) filter (type in {liste_sql(a.types)}) as minutes_{i}"
        for i, a in enumerate(c.au_dela.values())
    ]
    cle = ", ".join(f"carreau_{i}" for i in range(len(c.carreau)))
    return f"""
        select
            code, {cle}, min(ligne) as ligne, count(*) as lignes, bit_or(case type {rangs} end) as types,
            min(habitants) as habitants, max(habitants) as habitants_max, {", ".join(minutes)}
        from lus
        group by code, {cle}
    """


def _par_commune(c: Carreaux) -> str:
    """One row per commune, as text. Sums are of decimals, which add up in any order."""

    def somme(nom: str, ou: str = "") -> str:
        return f"coalesce(sum(habitants::decimal(24, 6)){ou}, 0)::varchar as {nom_sql(nom)}"

    loin = [
        somme(nom, f" filter (minutes_{i} > {a.minutes})") for i, (nom, a) in enumerate(c.au_dela.items())
    ]
    return f"""
        select code, min(ligne)::integer as ligne, {", ".join([somme(c.total), *loin])}
        from par_carreau
        group by code
        order by code
    """


def _verifier_types(chemin: Path, c: Carreaux, lieu: Lieu) -> None:
    """Refuse a header of another type: texts name a place and an equipment, numbers count."""
    nombres = (c.minutes, c.habitants)
    schema = parquet.schema(chemin, lieu)
    for entete in c.entetes:
        lu = schema.field(entete).type
        nombre = pa.types.is_integer(lu) or pa.types.is_floating(lu) or pa.types.is_decimal(lu)
        texte = pa.types.is_string(lu) or pa.types.is_large_string(lu)
        if not (nombre if entete in nombres else texte):
            raise lieu.erreur(
                "valeur_illisible",
                colonne=entete,
                observe=f"a column of {lu}",
                attendu="numbers" if entete in nombres else "texts",
                que_faire="open the file; if the producer changed the column, declare a layout for it in "
                + lieu.contrat,
            )


def _verifier_lignes(base: duckdb.DuckDBPyConnection, c: Carreaux, lieu: Lieu) -> None:
    """Refuse a type that never occurs, and a line without a figure that is counted."""
    lus = {t for (t,) in base.execute("select distinct type from lus where type is not null").fetchall()}
    if absents := sorted(set(c.types) - lus):
        raise lieu.erreur(
            "modalite_absente",
            colonne=c.type,
            observe=f"no line of {enumerer(absents, 12)}",
            attendu=f"lines of {enumerer(c.types, 20)}",
            que_faire="look for these types in the nomenclature of that edition; if one was renamed, change "
            f"it under `carreaux` in a layout of its own in {lieu.contrat}",
        )
    lues = {c.code: "code", c.type: "type", c.minutes: "minutes", c.habitants: "habitants"}
    for entete, nom in lues.items():
        nombre = entete in (c.minutes, c.habitants)
        vide = f"{nom} is null or isnan({nom}::double)" if nombre else f"{nom} is null or {nom} = ''"
        if cas := _cas(base, f"select ligne, 'a blank' from lus where {vide}"):
            raise _faute("valeur_absente", entete, cas, "a value on every line that is read", lieu)
        if nombre and (cas := _cas(base, f"select ligne, {nom} from lus where {nom} < 0")):
            raise _faute("valeur_hors_bornes", entete, cas, "at least 0", lieu)


def _verifier_carreaux(base: duckdb.DuckDBPyConnection, c: Carreaux, lieu: Lieu) -> None:
    """Refuse a square that would be miscounted: a type is lacking or twice there, or populations differ."""
    tous, colonne = (1 << len(c.types)) - 1, ", ".join([*c.carreau, c.type])
    qui = f"concat_ws(' ', code, {', '.join(f'carreau_{i}' for i in range(len(c.carreau)))})"
    if cas := _cas(base, f"select ligne, {qui} from par_carreau where types <> {tous}"):
        attendu = f"each square with a line of {enumerer(c.types, 20)}"
        raise _faute("modalite_absente", colonne, cas, attendu, lieu)
    if cas := _cas(base, f"select ligne, {qui} from par_carreau where lignes > {len(c.types)}"):
        raise _faute("cle_dupliquee", colonne, cas, "one line for each square and type", lieu)
    deux = f"{qui} || ': ' || habitants || ' and ' || habitants_max"
    if cas := _cas(base, f"select ligne, {deux} from par_carreau where habitants <> habitants_max"):
        raise _faute("identite_rompue", c.habitants, cas, "one population for each square", lieu)


def _cas(base: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[int, str, int]]:
    """Return the first faulty lines, what each holds, and the number of all, for there may be millions."""
    tous = f"select *, count(*) over () from ({sql}) as fautives(ligne, dit) order by ligne limit 3"
    return [(ligne, str(dit), n) for ligne, dit, n in base.execute(tous).fetchall()]


def _faute(
    code: str, colonne: str, cas: list[tuple[int, str, int]], attendu: str, lieu: Lieu
) -> ErreurSource:
    dits = premiers([(ligne, dit) for ligne, dit, _ in cas])
    return lieu.erreur(
        code,
        colonne=colonne,
        ligne=cas[0][0],
        observe=dits if cas[0][2] <= len(cas) else f"{dits}; {cas[0][2]} in all",
        attendu=attendu,
        que_faire="open the file at that row; ask the producer what it means, then say it in " + lieu.contrat,
    )
