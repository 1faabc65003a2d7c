"""What the proof reads of a build beside its marts, and why each of these figures may be believed.

Belongs here: the queries, each with its reason. Does not: what is done of their answers. The proof believes
nobody who decides: it never reads a mask, nor why a cell was masked. What it asks of the zones behind are
counts of the micro-data, frozen before anything was decided, and the parameters that people wrote:

- *singletons*: cells of one contributor, with their figure. Whoever it is knows it: an attacker holds it, so
  the proof must, for what is left of the others depends on how much is one's own. Read from the aggregates,
  because the marts hide them; it goes no further than the programs of `contributeurs.py`.
- *sensibles*: cells hidden for themselves. Only these disclose somebody; the rest are hidden to protect them.
  The law is applied here again, in SQL, from the parameters: a second writing of it, on purpose.
- *maxima*: what the largest contributors bring to the amounts that are hidden for themselves. A bound must
  not come near the first. *seconds*, *parts*: who is second there, and what it knows of its own.
- *fines*: the figures of today by commune. What an earlier release said is held against them: of a figure
  that was revised since, it says nothing.
- *zeros*: communes where a mesure counts nobody. Zeros are shown, so that an attacker is taken to know those
  that are hidden with something else.
- *lues*: the communes that each register told of. The statuts of communes say it of a mesure that some row
  shows by commune; of the others (all subsidies) an attacker guesses it from those, and is taken to know.
- *apports*: who is behind a subsidy in a commune, and what each receives there: what is of few is read of it,
  and where a whole is its parts and nothing else.
- the rounding of the producer, the mesures of registers and the sensitive ones, the units that are money:
  seeds, which people write and no decision changes.

An error in these aggregates would mislead engine and proof alike; tests of the models of the extract guard
them.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from confidentialite.memoire.lecture import termes
from confidentialite.memoire.registre import mesures_des_registres
from confidentialite.preuve.exigences import Exigences, en_vigueur
from socle.erreurs import ErreurPublication

# What the dictionary counts in money: an amount is judged by who makes it, not by how much it is.
_MONTANTS = """
    select m.mesure_id
    from seeds.mesures as m
    inner join seeds.unites as u on m.unite = u.unite
    where u.monnaie
"""
# A lone contributor knows its own cell; foyers of one commune are taken to be one, a gestionnaire is itself.
# The one foyer of a CTG of communes A and B lives in one of them, and knows in which: it is the one of A.
_SINGLETONS = """
    with lieux as (
        select a.niveau, a.code, c.millesime, c.mesure_id, c.atome, c.cog_millesime, c.contributions
        from intermediate.int_secret_communes as c
        inner join intermediate.int_secret_atomes as a
            on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
    ),
    contributeurs as (
        select
            niveau, code, millesime, mesure_id, contributions is not null as nomme,
            unnest(
                if(
                    contributions is null,
                    ['foyers ' || atome || ' (' || cog_millesime || ') ' || millesime],
                    list_transform(contributions, lambda x: 'gestionnaire ' || x.qui)
                )
            ) as contributeur
        from lieux
    )
    select distinct
        c.millesime, c.mesure_id, c.niveau, c.code, cast(c.valeur as double) as valeur,
        -- A median is no sum of communes.
        coalesce(q.contributeur, c.niveau || ':' || c.code || ' ' || c.millesime) as contributeur,
        coalesce(q.nomme, false) as nomme
    from intermediate.int_secret_cellules as c
    left join contributeurs as q using (niveau, code, millesime, mesure_id)
    where c.micro and c.n = 1
    order by all
"""
# Few contributors, one who makes nearly all, a share that leaves few or is everybody's. For example, under a
# threshold of 5: 3 foyers with RSA of 40 are few; 38 of 40 leave 2; 40 of 40 say of each that it has the RSA.
_SENSIBLES = f"""
    with montants as ({_MONTANTS}),
    cellules as (
        select
            c.millesime, c.niveau, c.code, c.mesure_id, c.valeur, c.n, c.max1, c.max2,
            m.mesure_id is not null as montant,
            if(c.contributeurs = 'gestionnaires', $seuil_gestionnaires, $seuil) as seuil
        from intermediate.int_secret_cellules as c
        left join montants as m on c.mesure_id = m.mesure_id
    ),
    couples as (
        select numerateur, denominateur from marts.dim_indicateur where methode = 'ratio' and part_d_un_tout
        union
        -- Of amounts, what one leaves of another is judged by who contributes to it, not by its euros.
        select c.part, c.tout
        from (select unnest($parts) as part, unnest($touts) as tout) as c
        anti join montants as m on c.part = m.mesure_id
    ),
    parts as (
        select
            n.millesime, n.niveau, n.code, i.numerateur, i.denominateur, n.valeur,
            d.valeur - n.valeur as laisses, d.n - n.n as contributeurs_laisses
        from couples as i
        inner join cellules as n on i.numerateur = n.mesure_id
        inner join cellules as d
            on
                i.denominateur = d.mesure_id and n.millesime = d.millesime and n.niveau = d.niveau
                and n.code = d.code
    )
    select millesime, niveau, code, mesure_id as formule
    from cellules
    where
        n between 1 and seuil - 1 or max1 > $k * valeur
        or (max1 is null and valeur between 1 and $seuil - 1)
        or (montant and max1 * $p / 100 > greatest(valeur - max1 - max2, 0))
    union
    select millesime, niveau, code, denominateur || '-' || numerateur as formule
    from parts
    where laisses between 1 and $seuil - 1 or contributeurs_laisses between 1 and $seuil - 1
    union
    -- Of a whole that no row shows, nobody is told that it is the same; what bounds it may tell.
    select millesime, niveau, code, unnest([numerateur, denominateur || '-' || numerateur]) as formule
    from parts
    where
        laisses = 0 and valeur > 0 and list_contains($groupe, numerateur)
        and denominateur in (
            select unnest([i.numerateur, i.denominateur]) from marts.dim_indicateur as i
        )
    order by all
"""
_FINES = """
    select millesime, cog_millesime, mesure_id, atome, cast(valeur as double) as valeur
    from intermediate.int_secret_communes
    order by all
"""
_SANS_REPONSE = """
    select distinct c.mesure_id
    from intermediate.int_secret_cellules as c
    left join seeds.mesures as m on c.mesure_id = m.mesure_id
    where c.micro and coalesce(m.sensible not in ('oui', 'non'), true)
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
# Amounts that the law hides: of few, nearly one's own, or of which the second contributor tells the first.
_PROTEGES = f"""
    select
        c.millesime, c.mesure_id, c.niveau, c.code, c.contributeurs, c.valeur, c.n, c.max1, c.max2,
        c.max1 * $p / 100 - greatest(c.valeur - c.max1 - c.max2, 0) as manque
    from intermediate.int_secret_cellules as c
    inner join ({_MONTANTS}) as m on c.mesure_id = m.mesure_id
    where
        c.micro and c.max1 > 0
        and (
            c.n between 1 and if(c.contributeurs = 'gestionnaires', $seuil_gestionnaires, $seuil) - 1
            or c.max1 > $k * c.valeur
            or manque > 0
        )
"""
_MAXIMA = f"""
    select millesime, mesure_id, niveau, code, valeur, n, max1, max2 from ({_PROTEGES}) order by all
"""
# Who is second there, where others bring too little to keep it from the first. A gestionnaire has its name.
# A foyer has none: it is in a commune where the second contribution was found, and may be anybody there.
_SECONDS = f"""
    with proteges as (from ({_PROTEGES}) where manque > 0 and n > 1),
    nommees as (
        select a.niveau, a.code, c.millesime, c.mesure_id, p.qui, sum(p.valeur) as valeur
        from intermediate.int_secret_communes as c
        inner join intermediate.int_secret_atomes as a
            on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
        cross join unnest(c.contributions) as u(p)
        where p.qui <> ''
        group by all
    ),
    seconds as (
        select niveau, code, millesime, mesure_id, qui
        from nommees
        qualify row_number() over (
            partition by niveau, code, millesime, mesure_id order by valeur desc, qui asc
        ) = 2
    )
    select millesime, mesure_id, niveau, code, 'gestionnaire ' || s.qui as contributeur
    from proteges inner join seconds as s using (millesime, mesure_id, niveau, code)
    union all
    select millesime, mesure_id, niveau, code, concat_ws(' ', 'foyer', niveau, code, millesime, mesure_id)
    from proteges
    where contributeurs = 'foyers'
    order by all
"""
# What a second contributor knows: its parts, and the whole of what it has alone (`haut`).
_PARTS = f"""
    with proteges as (from ({_PROTEGES}) where manque > 0 and n > 1),
    communes as (
        select c.*
        from intermediate.int_secret_communes as c
        inner join ({_MONTANTS}) as m on c.mesure_id = m.mesure_id
    ),
    sommes as (select unnest($totaux) as total, unnest($parties) as partie),
    lieux as (
        select
            concat_ws(' ', 'foyer', p.niveau, p.code, p.millesime, p.mesure_id) as contributeur,
            p.millesime, p.mesure_id, p.max2, a.cog_millesime, a.atome
        from proteges as p
        inner join intermediate.int_secret_atomes as a using (millesime, niveau, code)
        inner join communes as c
            on
                c.mesure_id = p.mesure_id and c.millesime = p.millesime and c.cog_millesime = a.cog_millesime
                and c.atome = a.atome and p.max2 in (c.max1, c.max2)
        where p.contributeurs = 'foyers'
    ),
    foyers as (
        select
            l.contributeur, c.millesime, c.mesure_id, c.atome, c.cog_millesime, c.valeur, c.n,
            if(
                c.mesure_id = l.mesure_id
                or (l.mesure_id, c.mesure_id) in (select (total, partie) from sommes),
                least(c.max1, l.max2),
                c.max1
            ) as bas
        from lieux as l
        inner join communes as c
            on c.millesime = l.millesime and c.cog_millesime = l.cog_millesime and c.atome = l.atome
        where c.contributions is null and c.mesure_id not in (select total from sommes)
    )
    select
        'gestionnaire ' || p.qui as contributeur, c.millesime, c.mesure_id, c.atome, c.cog_millesime,
        p.valeur as bas, if(len(c.contributions) = 1, c.valeur, null) as haut
    from communes as c
    cross join unnest(c.contributions) as u(p)
    union all
    select
        contributeur, millesime, mesure_id, atome, cog_millesime, bas,
        if(n = 1 and bas = valeur, valeur, null)
    from foyers
    order by all
"""


_ZEROS = """
    select millesime, mesure_id, niveau, code
    from intermediate.int_secret_cellules
    where micro and niveau = 'commune' and valeur = 0
    order by all
"""


@dataclass(frozen=True)
class Agregats:
    """What the aggregates tell the proof; None is nothing told.

    `singletons`: the cells of one contributor (`millesime, mesure_id, niveau, code, valeur, contributeur,
    nomme`), those of the same `contributeur` known together; `nomme` where its part of each commune is known
    by its name, as that of a gestionnaire is. `sensibles`: the cells that are hidden for themselves
    (`millesime, niveau, code, formule`): these alone must stay out of the reach of lone contributors, and are
    incidents where earlier releases give them away, for a cell hidden to protect another tells nothing of
    anybody to whoever finds it; None asks it of every masked cell. `maxima`: the amounts that are hidden for
    themselves (`millesime, mesure_id, niveau, code, valeur, n, max1, max2`). `seconds`: those that the
    `contributeur` who is second in it may tell closely; `parts`: what each of these knows of the cells of
    communes (`contributeur, millesime, mesure_id, atome, cog_millesime, bas, haut`, where nobody else is in
    it). `fines`: the figures by commune (`millesime, cog_millesime, mesure_id, atome, valeur`); without them,
    old words are taken to hold wherever this release says no other. `zeros`: the cells of communes that count
    nobody (`millesime, mesure_id, niveau, code`). `lues`: the communes that a register told of (`millesime,
    cog_millesime, mesure_id, atome`), of which a sum of theirs is the sum; None leaves it to the statuts.
    `apports`: what each gestionnaire, by name, receives in a commune (the same columns, `qui, valeur`).
    """

    singletons: pa.Table | None = None
    sensibles: pa.Table | None = None
    maxima: pa.Table | None = None
    seconds: pa.Table | None = None
    parts: pa.Table | None = None
    fines: pa.Table | None = None
    zeros: pa.Table | None = None
    lues: pa.Table | None = None
    apports: pa.Table | None = None


def lire_exigences(con: duckdb.DuckDBPyConnection) -> Exigences:
    """Return the rules in force, with what the seeds tell: rounding, registers, attributes, money.

    Raises ErreurPublication where a mesure that micro-data or a register gives does not say whether it is
    sensitive.
    """
    lus = dict(con.execute("select parametre, valeur from seeds.parametres").fetchall())
    bas, haut = float(lus["arrondi_cafdata_bas"]), float(lus["arrondi_cafdata_haut"])
    monnaies = con.execute("select unite from seeds.unites where monnaie").fetchall()
    return en_vigueur(
        bas, haut, mesures_des_registres(con), _attributs(con), frozenset(unite for (unite,) in monnaies)
    )


def _attributs(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the mesures that the dictionary calls sensitive, once every protected one is seen to say."""
    if muettes := con.execute(_SANS_REPONSE).fetchall():
        raise ErreurPublication(
            f"The audit cannot tell whether these mesures are sensitive: {', '.join(m for (m,) in muettes)}. "
            "Write oui or non in the column sensible of their line of seeds/mesures.csv, then run the night "
            "again."
        )
    oui = con.execute("select mesure_id from seeds.mesures where sensible = 'oui'").fetchall()
    return frozenset(mesure for (mesure,) in oui)


def lire_agregats(con: duckdb.DuckDBPyConnection, exigences: Exigences) -> Agregats:
    """Read what a build tells of its micro-data, before anything was masked."""

    def lire(requete: str, **valeurs: Any) -> pa.Table:
        return con.execute(requete, valeurs).to_arrow_table()

    seuils = {
        "seuil": exigences.seuil,
        "seuil_gestionnaires": exigences.seuil_gestionnaires,
        "k": exigences.dominance_k,
        "p": exigences.p_pourcent,
    }
    sommes = [(total, partie) for total, f in exigences.relations.items() for partie in termes(f)]
    return Agregats(
        singletons=lire(_SINGLETONS),
        sensibles=lire(
            _SENSIBLES,
            **seuils,
            groupe=sorted(exigences.groupe),
            parts=[part for _, part in exigences.inclusions],
            touts=[tout for tout, _ in exigences.inclusions],
        ),
        maxima=lire(_MAXIMA, **seuils),
        seconds=lire(_SECONDS, **seuils),
        parts=lire(_PARTS, **seuils, totaux=[t for t, _ in sommes], parties=[p for _, p in sommes]),
        fines=lire(_FINES),
        # Where zeros are secret, nobody knows them.
        zeros=lire(_ZEROS) if exigences.zero_publiable else None,
        lues=lire(_LUES),
        apports=lire(_APPORTS),
    )
