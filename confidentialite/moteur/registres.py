"""Figures of registers whose contributors are not known (hours, posts, plans): masked by whole levels.

Belongs here: the rule for what the engine does not judge. Does not: the allocataire extract, nor the counts
and subsidies of the registers, which the engine protects cell by cell (`decision.py`).
"""

import duckdb
import pyarrow as pa

from confidentialite import Entrees
from confidentialite.moteur.tables import lignes_de

# Of a count, the count itself; of a share, its two terms and what is left of the whole.
_PETIT = """
    valeur > 0 and denominateur is null and valeur < $seuil
    or numerateur > 0 and numerateur < $seuil
    or denominateur > 0 and denominateur < $seuil
    or denominateur > numerateur and denominateur - numerateur < $seuil
"""


def masquer_registres(entrees: Entrees, jugees: pa.Table, seuil: float) -> pa.Table:
    """Return the masks of these cells: `territoire_id, millesime, indicateur_id, raison`.

    Internal are the sources declared so (`diffusion`), whatever their name, and those that nothing declares.
    `jugees`: (territoire_id, millésime, indicateur) of the rows that the engine judged. `seuil`: the smallest
    count that may be shown. Of the registers, amounts are masked (one structure may make most of them, and
    contributors are not known here), and so is the whole level where one count under a rule is below `seuil`;
    a CTG cuts across EPCI, so that what is left of one may be a single person: masked too. The key columns of
    the result have the types of the input, so that joining the two never casts.
    """
    diffusions = list(lignes_de(entrees.sources, "source_id", "diffusion"))
    # Whatever no contract declares public is not.
    publiques = [source for source, diffusion in diffusions if diffusion == "publique"]
    micro = [source for source, diffusion in diffusions if diffusion == "micro"]
    with duckdb.connect() as con:
        con.register("cellules", entrees.cellules)
        con.register("dictionnaire", entrees.indicateurs)
        con.register("jugees", jugees)
        masques: pa.Table = con.execute(
            f"""
            with sensibles as (
                select c.*, d.secret
                from cellules as c
                inner join dictionnaire as d on c.indicateur_id = d.indicateur_id
                anti join jugees as j
                    on
                        c.territoire_id = j.territoire_id and c.millesime = j.millesime
                        and c.indicateur_id = j.indicateur_id
                where
                    d.secret in ('frequence', 'conjoint', 'dominance')
                    and c.valeur is not null
                    and not list_has_all($publiques, string_split(c.source_ids, '+'))
                    and not list_has_any(string_split(c.source_ids, '+'), $micro)
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
            {"seuil": seuil, "publiques": publiques, "micro": micro},
        ).to_arrow_table()
    return masques
