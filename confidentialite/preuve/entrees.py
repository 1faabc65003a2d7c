"""What the proof reads of a build beside its marts, and why each of these figures may be believed.

Belongs here: the queries, each with its reason. Does not: what is done of their answers. The proof believes
nobody who decides: it never reads a mask, nor why a cell was masked. What it asks of the zones behind are
counts of the micro-data, frozen before anything was decided, and the parameters that people wrote:

- *singletons*: cells of one contributor. Whoever it is knows its own figure: an attacker holds it, so the
  proof must. Read from the aggregates, because the marts hide them.
- *sensibles*: cells hidden for themselves. Only these disclose somebody; the rest are hidden to protect them.
  The law is applied here again, in SQL, from the parameters: a second writing of it, on purpose.
- *maxima*: the largest contribution to an amount, where one contributor dominates. A bound must not come near
  it.
- *lues*: the communes that each register told of. The statuts of communes say it of a mesure that some row
  shows by commune; of the others (all subsidies) an attacker guesses it from those, and is taken to know.
- *apports*: who is behind a subsidy in a commune, and what each receives there: what is of few is read of it,
  and where a whole is its parts and nothing else.
- the rounding of the producer and the mesures of registers: seeds, which the dictionary publishes.

An error in these aggregates would mislead engine and proof alike; tests of the models of the extract guard
them.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from confidentialite.memoire.registre import mesures_des_registres
from confidentialite.preuve.exigences import Exigences, en_vigueur

# A lone contributor knows its own cell; foyers of one commune are taken to be one, a gestionnaire is itself.
_SINGLETONS = """
    with gestionnaires as (
        select a.niveau, a.code, c.millesime, c.mesure_id, unnest(c.contributions).qui as qui
        from intermediate.int_secret_communes as c
        inner join intermediate.int_secret_atomes as a
            on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
        where c.contributions is not null
    )
    select distinct
        c.millesime, c.mesure_id, c.niveau, c.code,
        coalesce('gestionnaire ' || g.qui, c.niveau || ':' || c.code || ' ' || c.millesime) as contributeur
    from intermediate.int_secret_cellules as c
    left join gestionnaires as g using (niveau, code, millesime, mesure_id)
    where c.micro and c.n = 1
    order by all
"""
# Few contributors, one who makes nearly all, a share that leaves few or is everybody's. For example, under a
# threshold of 5: 3 foyers with RSA of 40 are few; 38 of 40 leave 2; 40 of 40 say of each that it has the RSA.
_SENSIBLES = """
    with cellules as (
        select
            millesime, niveau, code, mesure_id, valeur, n, max1,
            if(contributeurs = 'gestionnaires', $seuil_gestionnaires, $seuil) as seuil
        from intermediate.int_secret_cellules
    ),
    parts as (
        select
            n.millesime, n.niveau, n.code, i.numerateur, i.denominateur, n.valeur,
            d.valeur - n.valeur as laisses, d.n - n.n as contributeurs_laisses
        from marts.dim_indicateur as i
        inner join cellules as n on i.numerateur = n.mesure_id
        inner join cellules as d
            on
                i.denominateur = d.mesure_id and n.millesime = d.millesime and n.niveau = d.niveau
                and n.code = d.code
        where i.methode = 'ratio' and i.part_d_un_tout
    )
    select millesime, niveau, code, mesure_id as formule
    from cellules
    where
        n between 1 and seuil - 1 or max1 > $k * valeur
        or (max1 is null and valeur between 1 and $seuil - 1)
    union
    select millesime, niveau, code, denominateur || '-' || numerateur as formule
    from parts
    where laisses between 1 and $seuil - 1 or contributeurs_laisses between 1 and $seuil - 1
    union
    select millesime, niveau, code, numerateur as formule
    from parts
    where laisses = 0 and valeur > 0 and list_contains($groupe, numerateur)
    order by all
"""
_LUES = """
    select millesime, cog_millesime, mesure_id, atome
    from intermediate.int_secret_lues
    order by all
"""
_APPORTS = """
    select
        millesime, cog_millesime, mesure_id, atome, unnest(contributions).qui as qui,
        unnest(contributions).valeur as valeur
    from intermediate.int_secret_communes
    where contributions is not null
    order by all
"""
_MAXIMA = """
    select c.millesime, c.mesure_id, c.niveau, c.code, c.max1
    from intermediate.int_secret_cellules as c
    inner join seeds.mesures as m on c.mesure_id = m.mesure_id and m.unite = 'EUR'
    where c.micro and c.max1 > $k * c.valeur
    order by all
"""


@dataclass(frozen=True)
class Agregats:
    """What the aggregates tell the proof; None where a build has no micro-data.

    `singletons`: the cells of one contributor (`millesime, mesure_id, niveau, code, contributeur`), those of
    the same `contributeur` known together. `sensibles`: the cells that are hidden for themselves (`millesime,
    niveau, code, formule`): these alone must stay out of the reach of lone contributors, and are incidents
    where earlier releases give them away, for a cell hidden to protect another tells nothing of anybody to
    whoever finds it; None asks it of every masked cell. `maxima`: the cells where one contributor dominates
    (`millesime, mesure_id, niveau, code, max1`). `lues`: the communes that a register told of (`millesime,
    cog_millesime, mesure_id, atome`), of which a sum of theirs is the sum; None leaves it to the statuts.
    `apports`: what each gestionnaire, by name, receives in a commune (the same columns, `qui, valeur`).
    """

    singletons: pa.Table | None = None
    sensibles: pa.Table | None = None
    maxima: pa.Table | None = None
    lues: pa.Table | None = None
    apports: pa.Table | None = None


def lire_exigences(con: duckdb.DuckDBPyConnection) -> Exigences:
    """Return the rules in force, with the rounding and the registers that the seeds of this build tell."""
    lus = dict(con.execute("select parametre, valeur from seeds.parametres").fetchall())
    bas, haut = float(lus["arrondi_cafdata_bas"]), float(lus["arrondi_cafdata_haut"])
    return en_vigueur(bas, haut, mesures_des_registres(con))


def lire_agregats(con: duckdb.DuckDBPyConnection, exigences: Exigences) -> Agregats:
    """Read what a build tells of its micro-data, before anything was masked."""
    presente = con.execute(
        "select 1 from information_schema.tables"
        " where table_schema = 'intermediate' and table_name = 'int_secret_cellules'"
    ).fetchone()
    if not presente:
        return Agregats()

    def lire(requete: str, **valeurs: Any) -> pa.Table:
        return con.execute(requete, valeurs).to_arrow_table()

    return Agregats(
        singletons=lire(_SINGLETONS),
        sensibles=lire(
            _SENSIBLES,
            seuil=exigences.seuil,
            seuil_gestionnaires=exigences.seuil_gestionnaires,
            k=exigences.dominance_k,
            groupe=sorted(exigences.groupe),
        ),
        maxima=lire(_MAXIMA, k=exigences.dominance_k),
        lues=lire(_LUES),
        apports=lire(_APPORTS),
    )
