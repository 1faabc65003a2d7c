"""What is exported, before any format: the tables of schema `marts`, columns, types, keys, descriptions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb

from publication.commun.promesses import Promesses, PromessesDesMarts
from socle.erreurs import ErreurPublication
from socle.statuts import colonne_du_statut

Masquees = Mapping[str, frozenset[str]]
"""Columns that a statut blanks, by table of schema `marts`."""

CONSTRUCTION = "construction"
"""Name under which the build file is attached."""

_REQUISES = {"dim_fichier", "dim_indicateur", "dim_source", "fct_indicateurs"}


@dataclass(frozen=True)
class ColonneDeMart:
    """A column of an exported table: name, DuckDB type, description, whether it is never empty."""

    nom: str
    type: str
    description: str | None
    sans_vide: bool = False

    @property
    def decimale(self) -> bool:
        """Whether its numbers may hold a decimal separator."""
        return self.type in ("DOUBLE", "FLOAT") or self.type.startswith("DECIMAL")

    @property
    def type_frictionless(self) -> str:
        """Its type in the vocabulary of Frictionless Table Schema."""
        if self.decimale:
            return "number"
        if self.type.endswith(("INT", "INTEGER")):
            return "integer"
        return {"BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime"}.get(self.type, "string")


@dataclass(frozen=True)
class Table:
    """An exported table of schema `marts`, of about `lignes` rows; `en_csv`: it is written for spreadsheets.

    `statut_de` gives the statut column of each column that a statut blanks:

        fct_indicateurs  (valeur, borne_basse, statut)               {valeur: statut, borne_basse: statut}
        mart_logement    (part_maisons, part_maisons_statut)         {part_maisons: part_maisons_statut}
        mart_evolutions  (evolution, statut, valeur_fin, valeur_fin_statut)
                                              {evolution: statut, valeur_fin: valeur_fin_statut}
    """

    nom: str
    description: str | None
    colonnes: tuple[ColonneDeMart, ...]
    statut_de: Mapping[str, str]
    lignes: int
    en_csv: bool = True
    promesses: Promesses = field(default_factory=Promesses)

    @property
    def cle(self) -> tuple[str, ...]:
        """Its key columns; empty when it has none to declare."""
        return self.promesses.cle_primaire


def lire_tables(
    con: duckdb.DuckDBPyConnection,
    masquees: Masquees,
    hors_csv: Collection[str] = (),
    promesses: PromessesDesMarts | None = None,
) -> list[Table]:
    """Read what schema `marts` of the attached build holds, and what is masked in it.

    A wide mart takes the descriptions it lacks from the dictionary.

    Raises ErreurPublication when a table no release can do without is absent, or when a promise names a
    column that is not there.
    """
    dites = promesses or {}
    objets = {
        nom: (commentaire, lignes or 0)
        for nom, commentaire, lignes in con.execute(
            f"""
            select table_name, comment, estimated_size from duckdb_tables()
            where database_name = '{CONSTRUCTION}' and schema_name = 'marts'
            union all
            select view_name, comment, null from duckdb_views()
            where database_name = '{CONSTRUCTION}' and schema_name = 'marts'
            order by all
            """
        ).fetchall()
    }
    if absentes := _REQUISES - objets.keys():
        raise ErreurPublication(
            f"The build file lacks {', '.join(sorted(absentes))} in schema marts, which holds"
            f" {', '.join(objets) or 'nothing'}: run `dbt build` to its end, then publish again."
        )
    colonnes = _colonnes(con, dites)
    for table, dit in dites.items():
        presentes = {colonne.nom for colonne in colonnes.get(table, ())}
        if presentes and (absentes := {*dit.cle, *dit.sans_vide} - presentes):
            raise ErreurPublication(
                f"marts.{table} promises something of column(s) {', '.join(sorted(absentes))}, which it does"
                f" not have. Nothing was published: correct `constraints` in the contract of {table}, then"
                " run the night again."
            )
    return [
        Table(
            nom,
            commentaire,
            tuple(colonnes[nom]),
            _statut_de(colonnes[nom], masquees.get(nom, frozenset())),
            lignes,
            nom not in hors_csv,
            dites.get(nom, Promesses()),
        )
        for nom, (commentaire, lignes) in objets.items()
    ]


def _colonnes(con: duckdb.DuckDBPyConnection, dites: PromessesDesMarts) -> dict[str, list[ColonneDeMart]]:
    """The columns of each table, in their order; the dictionary describes those that say nothing."""
    libelles: dict[str, str] = {}
    for indicateur, libelle in con.execute(
        f"select indicateur_id, libelle from {CONSTRUCTION}.marts.dim_indicateur"
    ).fetchall():
        libelles |= {indicateur: libelle, f"{indicateur}_statut": f"Statut de : {libelle}"}
    colonnes: dict[str, list[ColonneDeMart]] = {}
    for table, nom, type_, commentaire in con.execute(
        f"""
        select table_name, column_name, data_type, comment from duckdb_columns()
        where database_name = '{CONSTRUCTION}' and schema_name = 'marts' order by table_name, column_index
        """
    ).fetchall():
        sans_vide = table in dites and nom in dites[table].sans_vide
        colonnes.setdefault(table, []).append(
            ColonneDeMart(nom, type_, commentaire or libelles.get(nom), sans_vide)
        )
    return colonnes


def _statut_de(colonnes: list[ColonneDeMart], masquees: frozenset[str]) -> dict[str, str]:
    noms = {colonne.nom for colonne in colonnes}
    statuts = {c.nom: colonne_du_statut(c.nom, noms) for c in colonnes if c.nom in masquees}
    return {nom: statut for nom, statut in statuts.items() if statut}
