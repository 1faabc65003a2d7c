"""Registers under a secrecy rule (structures, staff, subsidies): masked by whole levels.

Belongs here: the rule for the Caf's and its partners' registers, whose contributors (gestionnaires) are not
known. Does not: the allocataire extract, which the engine protects cell by cell (`masques.py`).
"""

import duckdb
import pyarrow as pa

_REGISTRE = (
    "regexp_matches(source_ids, '\\b(caf|cd|ctg|epci)_') and not regexp_matches(source_ids, '\\bcaf_extrait')"
)
# Of a count, the count itself; of a share, its two terms and what is left of the whole.
_PETIT = """
    valeur > 0 and denominateur is null and valeur < $seuil
    or numerateur > 0 and numerateur < $seuil
    or denominateur > 0 and denominateur < $seuil
    or denominateur > numerateur and denominateur - numerateur < $seuil
"""


def masquer_registres(cellules: pa.Table, dictionnaire: pa.Table, seuil: float) -> pa.Table:
    """Return the masks of these cells: `territoire_id, millesime, indicateur_id, raison`.

    `cellules`: the key, `niveau, valeur, numerateur, denominateur, source_ids`. `dictionnaire`: the rule
    (`secret`) of each `indicateur_id`. `seuil`: the smallest count that may be shown. Of the registers,
    amounts are masked (one structure may make most of them, and contributors are not known here), and so is
    the whole level where one count under a rule is below `seuil`; a CTG cuts across EPCI, so that what is
    left of one may be a single person: masked too. The key columns of the result have the types of the
    input, so that joining the two never casts.
    """
    with duckdb.connect() as con:
        con.register("cellules", cellules)
        con.register("dictionnaire", dictionnaire)
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
