"""The rows of each table that concern each group, always in one order.

Belongs here: selecting and sorting rows. Does not: which mesures make a group (`decoupe.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from confidentialite import Entrees
from confidentialite.moteur.groupes import Combinaison
from confidentialite.moteur.tables import ouvrir, table_de, valeurs_de

LIGNES = (
    *("territoire_id", "niveau", "code", "millesime", "indicateur_id", "millesime_base"),
    *("millesime_denominateur", "numerateur", "denominateur"),
)
PASSAGE = ("cog_millesime", "code_origine", "code_reference")
_ATOMES = ["millesime", "cog_millesime", "niveau", "code", "atome"]


@dataclass(frozen=True)
class Tranche:
    """The rows of one group, table by table, as `Groupe` names them."""

    lignes: pa.Table
    etats: pa.Table
    communes: pa.Table
    atomes: pa.Table
    passage: pa.Table
    releases: tuple[pa.Table, ...]


def trancher(
    entrees: Entrees,
    lignes_: pa.Table,
    mesures_du: Iterable[tuple[int, str, int]],
    montrees: Mapping[int, Mapping[Combinaison, Any]],
    dites: Mapping[int, Mapping[tuple[str, int], Any]],
) -> Callable[[int, int], Tranche]:
    """Return what gives the rows of a group, by its number and its millésime.

    `lignes_`: the rows that some group judges. By group: `mesures_du` (number, mesure, millésime), `montrees`
    the combinations of rows, `dites` the (indicateur, millésime) of what releases said.
    """
    with ouvrir() as con:
        con.register(
            "mesures_du",
            table_de({"groupe": "int32", "mesure_id": "string", "millesime": "int32"}, mesures_du),
        )
        con.register(
            "combinaisons_du",
            table_de(
                {
                    **{"groupe": "int32", "indicateur_id": "string", "millesime": "int32"},
                    **{"millesime_base": "int32", "millesime_denominateur": "int32"},
                },
                ((k, *c) for k, siennes in montrees.items() for c in siennes),
            ),
        )
        con.register(
            "dites_du",
            table_de(
                {"groupe": "int32", "indicateur_id": "string", "millesime": "int32"},
                ((k, *c) for k, siennes in dites.items() for c in siennes),
            ),
        )
        for nom, table in (
            ("lignes", lignes_),
            ("etats", entrees.secret_cellules),
            ("communes", entrees.secret_communes),
            ("registre", entrees.registre),
        ):
            con.register(nom, table)
        lignes = _par_groupe(
            con,
            f"""
            select c.groupe, {", ".join(f"l.{x}" for x in LIGNES)}
            from lignes as l
            inner join combinaisons_du as c
                on
                    l.indicateur_id = c.indicateur_id and l.millesime = c.millesime
                    and l.millesime_base is not distinct from c.millesime_base
                    and l.millesime_denominateur is not distinct from c.millesime_denominateur
            order by all
            """,
        )
        etats = _par_groupe(
            con,
            """
            select
                m.groupe, e.mesure_id, e.niveau, e.code, e.micro, e.statut, e.borne_basse, e.borne_haute,
                e.valeur
            from etats as e inner join mesures_du as m using (mesure_id, millesime)
            order by all
            """,
        )
        communes = _par_groupe(
            con,
            """
            select
                m.groupe, c.mesure_id, c.atome, c.cog_millesime, c.valeur, c.n, c.max1, c.max2,
                c.contributions
            from communes as c inner join mesures_du as m using (mesure_id, millesime)
            order by all
            """,
        )
        releases = (
            _par_groupe(
                con,
                """
                select
                    d.groupe, r.rang, r.millesime, r.niveau, r.code, r.indicateur_id, r.statut, r.valeur,
                    r.numerateur, r.denominateur, r.atomes, r.cog_atomes
                from registre as r inner join dites_du as d using (indicateur_id, millesime)
                order by all
                """,
            )
            if entrees.registre.num_rows
            else {}
        )
    par_cogs: dict[tuple[int, frozenset[int]], pa.Table] = {}

    def atomes(annee: int, cogs: frozenset[int]) -> pa.Table:
        if (annee, cogs) not in par_cogs:
            tous = entrees.secret_atomes.select(_ATOMES)
            siens = tous.filter(
                (pc.field("millesime") == annee) & pc.field("cog_millesime").isin(sorted(cogs))
            )
            par_cogs[annee, cogs] = siens.sort_by([(c, "ascending") for c in _ATOMES])
        return par_cogs[annee, cogs]

    # Communes as they were only matter to what was said of them.
    sans_passage = entrees.passage.select(PASSAGE).slice(0, 0)
    passage = remaniees(entrees.passage) if entrees.registre.num_rows else sans_passage

    def tranche(k: int, annee: int) -> Tranche:
        return Tranche(
            lignes.get(k, lignes_.slice(0, 0)),
            etats.get(k, entrees.secret_cellules.slice(0, 0)),
            communes[k],
            atomes(annee, frozenset(valeurs_de(communes[k]["cog_millesime"]))),
            passage,
            _distinctes(releases[k]) if k in releases else (),
        )

    return tranche


def _par_groupe(con: duckdb.DuckDBPyConnection, requete: str) -> dict[int, pa.Table]:
    """Rows of a query that is sorted by group, group by group, without that column."""
    table = con.execute(requete).to_arrow_table().combine_chunks()
    comptes = table["groupe"].value_counts().to_pylist()
    tranches, debut = {}, 0
    for compte in comptes:
        tranches[compte["values"]] = table.slice(debut, compte["counts"]).drop_columns(["groupe"])
        debut += compte["counts"]
    return tranches


def _distinctes(registre: pa.Table) -> tuple[pa.Table, ...]:
    """What each release said, without its rank; once where several said the same."""
    vues: list[pa.Table] = []
    for rang in sorted(valeurs_de(registre["rang"])):
        dite = registre.filter(pc.equal(registre["rang"], rang)).drop_columns(["rang"]).combine_chunks()
        if not any(dite.equals(autre) for autre in vues):
            vues.append(dite)
    return tuple(vues)


def remaniees(passage: pa.Table) -> pa.Table:
    """Lines of the communes that became one that is not, or not only, themselves; no line of a split."""
    seules = passage.filter(pc.equal(passage["nb_heritiers"], 1))
    bouge = pc.not_equal(seules["code_origine"], seules["code_reference"])
    touchees = seules["code_reference"].filter(bouge).combine_chunks()
    remaniees = seules.filter(pc.is_in(seules["code_reference"], touchees)).select(PASSAGE)
    return remaniees.sort_by([(c, "ascending") for c in PASSAGE])
