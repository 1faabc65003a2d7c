"""Checks of the counts of another engine, before any is kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from socle.sql import texte_sql

from .agregats import SCHEMA_COMPTES
from .spark import CompteRefuse

if TYPE_CHECKING:
    from ingestion.extrait.retenus import MoisRetenu

TABLES = ("int_extrait_comptes", "int_extrait_medianes")
MEDIANES = ("millesime", "fichier_sha256", "cog_millesime", "niveau", "code", "mesure_id", "valeur")

# Totals of a month that one scan of its Parquet gives without the models: mesure, the column it cannot do
# without, what adds up.
TEMOINS = (
    ("allocataires_annee", None, "count(*)"),
    ("foyers_allocataires", None, "count(*) filter (droit_versable)"),
    ("personnes_couvertes", None, "sum(nb_personnes) filter (droit_versable)"),
    *(
        (mesure, colonne, f"sum({colonne}) filter ({colonne} > 0)")
        for mesure, colonne in (
            ("montant_aides_logement", "annuel_aides_logement"),
            ("montant_prestations_precarite", "annuel_precarite"),
            ("montant_prestations_familiales", "annuel_familiales"),
            ("montant_prestations_handicap", "annuel_handicap"),
        )
    ),
)


@contextmanager
def reprendre(tables: Mapping[str, Sequence[Path]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read an engine's answer under the names of the night's file. Raises `CompteRefuse` for others."""
    attendues = {
        "int_extrait_comptes": {*SCHEMA_COMPTES.names} - {"niveau"},
        "int_extrait_medianes": {*MEDIANES},
    }
    with duckdb.connect() as con:
        con.execute("create schema intermediate")
        for table in TABLES:
            liste = ", ".join(map(texte_sql, tables[table]))
            con.execute(f"create view intermediate.{table} as select * from read_parquet([{liste}])")
            lues = {nom for nom, *_ in con.execute(f"describe intermediate.{table}").fetchall()}
            if lues != attendues[table]:
                raise CompteRefuse(
                    _refus(
                        table,
                        f"columns {', '.join(sorted(lues ^ attendues[table]))} missing or superfluous",
                        f"{', '.join(sorted(attendues[table]))}",
                    )
                )
        yield con


def verifier(con: duckdb.DuckDBPyConnection, mois: "MoisRetenu", geographie: Path) -> None:
    """Refuse (`CompteRefuse`) aggregates whose keys, territories or totals are not those of the month.

    One scan of the month's Parquet, without the models, gives the totals: it finds a worker that read another
    file under the same path, or lost a part of it.
    """
    ici = f"fichier_sha256 = {texte_sql(mois.sha256)}"
    des_communes = f"(select * from intermediate.int_extrait_comptes where {ici})"
    des_medianes = f"(select * from intermediate.int_extrait_medianes where {ici})"
    cle = f"millesime = {mois.millesime} and cog_millesime = {mois.cog_millesime}"
    fautes = {
        "lines of another year or COG, without commune or mesure, or without value or reason": f"""
            select count(*) from {des_communes}
            where not coalesce({cle}, false) or code is null or mesure_id is null
                or (valeur is null) <> (marque is not null)
        """,
        "communes and mesures that are not once together": f"""
            select abs(count(*) - count(distinct code) * count(distinct mesure_id))
                + count(*) - count(distinct (code, mesure_id)) from {des_communes}
        """,
        "medians that are not rounded, twice there, or of another year or COG": f"""
            select count(*) filter (not coalesce({cle} and 10 * valeur = round(10 * valeur, 0), false))
                + count(*) - count(distinct (niveau, code, mesure_id)) from {des_medianes}
        """,
        "medians of territories that are not of the geography": f"""
            select count(*) from {des_medianes} as m
            anti join read_parquet({texte_sql(geographie)}) as r on m.niveau = r.niveau and m.code = r.code
        """,
    }
    for quoi, sql in fautes.items():
        ((nombre,),) = con.execute(sql).fetchall()
        if nombre:
            raise CompteRefuse(_refus(mois.mois, quoi, "none"))
    colonnes = ", ".join(
        f"case when count({exige or '*'}) > 0 then coalesce({somme}, 0) end" for _, exige, somme in TEMOINS
    )
    (attendus,) = con.execute(f"select {colonnes} from read_parquet({texte_sql(mois.parquet)})").fetchall()
    lus = dict(
        con.execute(f"select mesure_id, sum(valeur) from {des_communes} group by mesure_id").fetchall()
    )
    for (mesure, *_), attendu in zip(TEMOINS, attendus, strict=True):
        if lus.get(mesure) != attendu:
            # How many foyers there are is not for a message.
            faute = f"a total of {mesure} that is not its foyers'"
            raise CompteRefuse(_refus(mois.mois, faute, "the same, to the cent"))


def _refus(ou: str, observe: str, attendu: str) -> str:
    return (
        f"The extract's count is refused ({ou}): observed {observe}; expected: {attendu}. Nothing of it is"
        " used. Next: see that every worker reads CTG_HOME under the same path as here, then count again, or"
        " count here: --moteur duckdb"
    )
