"""Statistical secrecy: which cells must not be shown.

The engine that chooses masks (primary rule, then secondary suppression) belongs here. It does not exist yet.
Until it does, this step keeps its place in the graph: it refuses micro-data, which it cannot protect, and
masks registers by whole levels, where nothing is left to compute a masked cell from.
"""

import duckdb
import pyarrow as pa

from publication.errors import ErreurPublication

_MICRO = "regexp_matches(source_ids, '\\bcaf_extrait')"
_REGISTRE = "regexp_matches(source_ids, '\\b(caf|cd|ctg|epci)_')"
# Of a count, the count itself; of a share, its two terms and what is left of the whole.
_PETIT = """
    valeur > 0 and denominateur is null and valeur < $seuil
    or numerateur > 0 and numerateur < $seuil
    or denominateur > 0 and denominateur < $seuil
    or denominateur > numerateur and denominateur - numerateur < $seuil
"""


def masquer(cellules: pa.Table, dictionnaire: pa.Table, seuil: float) -> pa.Table:
    """Return the masks of these cells: `territoire_id, millesime, indicateur_id, raison`.

    `cellules`: the key, `niveau, valeur, numerateur, denominateur, source_ids`. `dictionnaire`: the rule
    (`secret`) of each `indicateur_id`. `seuil`: the smallest count that may be shown. Of the registers,
    amounts are masked (one structure may make most of them, and contributors are not known here), and so
    is the whole level where one count under a rule is below `seuil`; a CTG cuts across EPCI, so that what is
    left of one may be a single person: masked too. The key columns of the result have the types of the
    input, so that joining the two never casts.

    Raises ErreurPublication when a cell comes from micro-data (a source whose id starts with `caf_extrait`).
    """
    with duckdb.connect() as con:
        con.register("cellules", cellules)
        con.register("dictionnaire", dictionnaire)
        micro = con.sql(
            f"select source_ids, indicateur_id, count(*) from cellules where {_MICRO} group by all"
        ).fetchall()
        if micro:
            sources, indicateurs = ({rang[i] for rang in micro} for i in (0, 1))
            raise ErreurPublication(
                f"{sum(n for *_, n in micro)} cells come from micro-data (source_ids "
                f"{', '.join(sorted(sources))}; indicateurs {', '.join(sorted(indicateurs))}) and no secrecy "
                "engine protects them yet: nothing may be published. Withdraw these sources from "
                "dbt_project/seeds/indicateurs.csv and run the night again."
            )
        masques: pa.Table = con.execute(
            f"""
            with sensibles as (
                select c.*, d.secret
                from cellules as c
                inner join dictionnaire as d on c.indicateur_id = d.indicateur_id
                where
                    d.secret in ('frequence', 'conjoint', 'dominance')
                    and {_REGISTRE} and c.valeur is not null
            ),
            niveaux as (
                select indicateur_id, millesime, niveau
                from sensibles
                group by all
                having bool_or(secret = 'dominance' or niveau = 'ctg' or ({_PETIT}))
            )
            select s.territoire_id, s.millesime, s.indicateur_id, s.secret as raison
            from sensibles as s
            inner join niveaux as n using (indicateur_id, millesime, niveau)
            order by all
            """,
            {"seuil": seuil},
        ).to_arrow_table()
    return masques
