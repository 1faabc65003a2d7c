"""What each mart promises: one module per mart, measured by SQL on the night's build."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from expectations.juges import ETOILE, est_juge
from expectations.seuils import Seuils
from expectations.suites import (
    dim_indicateur,
    dim_territoire,
    fct_indicateurs,
    mart_comparaisons,
    mart_ctg_suivi,
    mart_derniers_chiffres,
    mart_evolutions,
    mart_evolutions_dites,
    mart_sppe_schema,
    mart_tendances,
    marts_larges,
    noms_territoires,
)
from expectations.suites.commun import Lot, Sujet
from socle.sql import texte_sql
from socle.statuts import colonne_du_statut

Masquees = Mapping[str, frozenset[str]]
"""Columns that a statut blanks, by table of schema `marts`."""

SUITES_PROPRES: dict[str, Callable[[Sujet], list[Lot]]] = {
    "dim_territoire": dim_territoire.lots,
    "dim_indicateur": dim_indicateur.lots,
    "fct_indicateurs": fct_indicateurs.lots,
    "noms_territoires": noms_territoires.lots,
    "mart_comparaisons": mart_comparaisons.lots,
    "mart_evolutions": mart_evolutions.lots,
    "mart_evolutions_dites": mart_evolutions_dites.lots,
    "mart_derniers_chiffres": mart_derniers_chiffres.lots,
    "mart_tendances": mart_tendances.lots,
    "mart_ctg_suivi": mart_ctg_suivi.lots,
    "mart_sppe_schema": mart_sppe_schema.lots,
}
"""Every other mart that is judged is read as a wide one."""


def suites(
    con: duckdb.DuckDBPyConnection, seuils: Seuils, precedente: Path | None, masquees: Masquees
) -> dict[str, list[Lot]]:
    """Return the lots of each mart of the build `con` is open on: the star, there or not, then the others."""
    colonnes: dict[str, dict[str, str]] = {}
    for table, nom, type_ in con.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and database_name = current_database()"
        " order by table_name, column_index"
    ).fetchall():
        colonnes.setdefault(table, {})[nom] = type_

    def sujet(mart: str) -> Sujet:
        types = colonnes.get(mart, {})
        declarees = masquees.get(mart, frozenset())
        statuts = {c: colonne_du_statut(c, types) or "statut" for c in types if c in declarees}
        return Sujet(mart, types, statuts, seuils, precedente)

    juges = dict.fromkeys([*ETOILE, *filter(est_juge, colonnes)])
    return {mart: SUITES_PROPRES.get(mart, marts_larges.lots)(sujet(mart)) for mart in juges}


@dataclass(frozen=True)
class References:
    """What the queries of the suites read beside schema `marts`.

    `plages`: possible values by indicateur. `totaux`: published figures that the profile must give back.
    `precedente`: the folder of the previous release, whose tables are read as `precedente_<table>`.
    """

    plages: pd.DataFrame
    totaux: pd.DataFrame
    precedente: Path | None

    @classmethod
    def lire(
        cls, con: duckdb.DuckDBPyConnection, seuils: Seuils, profil: str, precedente: Path | None
    ) -> "References":
        """Read the dictionary; raise duckdb.Error when `dim_indicateur` cannot be read."""
        lignes = con.execute("select indicateur_id, methode, unite from marts.dim_indicateur").fetchall()
        plages = [(i, p.min, p.max) for i, m, u in lignes if (p := seuils.plage(i, m, u))]
        totaux = [
            (t.indicateur, t.territoire, t.millesime, t.valeur, t.tolerance, t.source)
            for t in seuils.totaux
            if profil in t.profils
        ]
        colonnes = ["indicateur_id", "territoire_id", "millesime", "attendu", "tolerance", "source"]
        return cls(
            pd.DataFrame(plages, columns=["indicateur_id", "plage_min", "plage_max"]),
            pd.DataFrame(totaux, columns=colonnes),
            precedente,
        )

    def offrir(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make these references readable by a connection; raise duckdb.Error for an unreadable Parquet."""
        con.register("plages", self.plages)
        con.register("totaux", self.totaux)
        if self.precedente is not None:
            for table in ("dim_territoire", "dim_indicateur", "fct_indicateurs"):
                fichier = texte_sql(self.precedente / "parquet" / f"{table}.parquet")
                con.execute(f"create temp view precedente_{table} as from read_parquet({fichier})")
