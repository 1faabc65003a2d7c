"""Figures of registers whose contributors nobody names: whole levels of them are masked, none cell by cell.

Belongs here: what other rows give back of such a row, and what narrow territories leave of a wide one, read
from the marts alone. Does not: mesures with contributors and micro-data, which the checks of `controles/`
judge in one system.

    EPCI X, hidden: hours billed / hours realised. Shown: realised / capacity, billed / capacity
        both terms of the hidden row are printed: a finding
    département 139 vacant posts, the EPCI it holds whole 100 and 37, all shown
        139 - 137 = 2 is below a threshold of 5: a finding
    EPCI 6 and 133 and their 139 in a release; today the EPCI are hidden, and 135 is shown
        135 - 133 = 2: a finding
"""

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from confidentialite.memoire.lecture import REGLES, des_registres, schema_des_marts
from confidentialite.preuve.constats import Cellule, Constat, Nature
from confidentialite.preuve.exigences import Exigences

# What sums and differences of doubles leave is no count.
_RIEN = 1e-6

_SOUS_REGLE = """
    create or replace temp table sous_regle as
    select f.*, i.numerateur as formule, i.denominateur as formule_du_tout
    from {schema}.fct_indicateurs as f
    inner join {schema}.dim_indicateur as i on f.indicateur_id = i.indicateur_id
    where
        list_contains($regles, i.secret) and i.methode in ('somme', 'ratio')
        and not list_contains($suivis, f.indicateur_id)
        and exists (
            from {schema}.dim_source as s
            where list_contains(string_split(f.source_ids, '+'), s.source_id) and s.diffusion = 'interne'
        )
        and not exists (
            from {schema}.dim_source as s
            where list_contains(string_split(f.source_ids, '+'), s.source_id) and s.diffusion = 'micro'
        )
"""

_RENDUES = """
    -- The year of a denominator is its own.
    with termes as (
        select
            f.territoire_id,
            unnest([i.numerateur, i.denominateur]) as formule,
            unnest([f.millesime, coalesce(f.millesime_denominateur, f.millesime)]) as annee
        from {schema}.fct_indicateurs as f
        inner join {schema}.dim_indicateur as i on f.indicateur_id = i.indicateur_id
        where f.valeur is not null and i.methode in ('somme', 'ratio')
    )
    select distinct m.territoire_id, m.indicateur_id, m.millesime
    from sous_regle as m
    semi join termes as t
        on m.territoire_id = t.territoire_id and m.formule = t.formule and m.millesime = t.annee
    left join termes as d
        on
            m.territoire_id = d.territoire_id and m.formule_du_tout = d.formule
            and coalesce(m.millesime_denominateur, m.millesime) = d.annee
    where m.statut = 'secret' and (m.formule_du_tout is null or d.formule is not null)
"""

# The wide row may be public: whoever reads it subtracts from it.
_RESTES = """
    with situees as (
        select
            q.*,
            unnest(
                ['epci:' || t.epci, 'departement:' || t.departement, 'region:' || t.region, 'france:FR']
            ) as large_id
        from sous_regle as q
        inner join {schema}.dim_territoire as t on q.territoire_id = t.territoire_id
        where q.valeur is not null and q.niveau <> 'ctg'
    ),
    ecarts as (
        select
            w.territoire_id, w.indicateur_id, w.millesime,
            unnest([
                any_value(coalesce(w.numerateur, w.valeur)) - sum(coalesce(e.numerateur, e.valeur)),
                any_value(w.denominateur) - sum(e.denominateur),
                any_value(w.denominateur - w.numerateur) - sum(e.denominateur - e.numerateur)
            ]) as ecart
        from {schema}.fct_indicateurs as w
        inner join situees as e
            on
                w.territoire_id = e.large_id and w.indicateur_id = e.indicateur_id
                and w.millesime = e.millesime
        where w.valeur is not null and list_position($rangs, e.niveau) < list_position($rangs, w.niveau)
        group by w.territoire_id, w.indicateur_id, w.millesime, e.niveau
    )
    select distinct territoire_id, indicateur_id, millesime
    from ecarts
    where ecart > $rien and ecart < $seuil
"""

_REVISEES = """
    with dites as (
        select distinct niveau || ':' || code as territoire_id, indicateur_id, millesime
        from inscrites
        where valeur is not null
    ),
    cachees as (
        select m.territoire_id, m.indicateur_id, m.millesime, unnest(
            ['epci:' || t.epci, 'departement:' || t.departement, 'region:' || t.region, 'france:FR']
        ) as large_id
        from sous_regle as m
        semi join dites as d
            on
                m.territoire_id = d.territoire_id and m.indicateur_id = d.indicateur_id
                and m.millesime = d.millesime
        inner join {schema}.dim_territoire as t on m.territoire_id = t.territoire_id
        -- A CTG is masked for what it cuts, whatever was shown while it was an EPCI.
        where m.statut = 'secret' and m.niveau <> 'ctg'
    )
    select distinct c.territoire_id, c.indicateur_id, c.millesime
    from cachees as c
    semi join sous_regle as w
        on
            c.large_id = w.territoire_id and c.territoire_id <> w.territoire_id
            and c.indicateur_id = w.indicateur_id and c.millesime = w.millesime and w.valeur is not null
"""

_REMANIEES = """
    with communes as (
        select epci, list_sort(list(distinct code)) as codes
        from {schema}.dim_territoire
        where niveau = 'commune'
        group by epci
    )
    select distinct m.territoire_id, m.indicateur_id, m.millesime
    from sous_regle as m
    inner join inscrites as d
        on
            m.territoire_id = d.niveau || ':' || d.code and m.indicateur_id = d.indicateur_id
            and m.millesime = d.millesime
    left join communes as c on m.code = c.epci
    where
        m.niveau = 'epci' and m.valeur is not null and d.valeur is not null
        and list_sort(d.atomes) is distinct from c.codes
        and (
            abs(coalesce(m.numerateur, m.valeur) - coalesce(d.numerateur, d.valeur)) between $rien and $seuil
            or abs(m.denominateur - d.denominateur) between $rien and $seuil
        )
"""

_DEMASQUEES = """
    select distinct m.territoire_id, m.indicateur_id, m.millesime
    from sous_regle as m
    semi join inscrites as d
        on
            m.territoire_id = d.niveau || ':' || d.code and m.indicateur_id = d.indicateur_id
            and m.millesime = d.millesime and d.statut = 'secret'
    where m.valeur is not null and m.niveau <> 'ctg'
"""

_QUESTIONS: tuple[tuple[Nature, str, str, tuple[str, ...]], ...] = (
    ("exacte", "other rows print its terms", _RENDUES, ()),
    ("exacte", "what other territories leave of it is small", _RESTES, ("rangs", "rien", "seuil")),
    ("exacte", "an earlier release showed it, and a wider territory is shown", _REVISEES, ()),
    ("exacte", "an earlier release showed it with a few more or less", _REMANIEES, ("rien", "seuil")),
    ("demasquee", "", _DEMASQUEES, ()),
)


def niveaux_rendus(
    con: duckdb.DuckDBPyConnection, exigences: Exigences, inscrites: pa.Table
) -> Iterator[Constat]:
    """Yield the rows masked by whole levels that other rows or earlier releases give back, the wide ones that
    leave too few, and those that an earlier release masked.

    `inscrites`: the register of what was released.
    """
    schema = schema_des_marts(con)
    parametres = {
        "rangs": ["commune", "epci", "departement", "region", "france"],
        "rien": _RIEN,
        "seuil": exigences.seuil,
    }
    suivis = sorted(des_registres(con, schema, exigences.registres))
    con.execute(_SOUS_REGLE.format(schema=schema), {"suivis": suivis, "regles": REGLES})
    con.register("inscrites", inscrites)
    for nature, detail, question, noms in _QUESTIONS:
        donnes = {nom: parametres[nom] for nom in noms}
        for cle in con.execute(question.format(schema=schema), donnes).fetchall():
            yield Constat(nature, Cellule(*cle), detail)
    con.unregister("inscrites")
