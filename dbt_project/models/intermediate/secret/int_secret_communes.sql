-- What the secrecy engine protects, at its finest: the mesures of the extract, and those of the registers that have
-- contributors, by commune of the COG they are coded in. No line is 0.
with arrondissements as (
    select
        code,
        any_value(commune_parente) as commune_parente
    from {{ ref('stg_insee__cog_arrondissements') }}
    group by all
),

gestionnaires as (
    select
        s.millesime,
        s.cog_millesime,
        s.mesure_id,
        coalesce(a.commune_parente, s.code) as code,
        s.gestionnaire,
        sum(s.valeur) as valeur
    from {{ ref('stg_caf__subventions') }} as s
    left join arrondissements as a on s.code = a.code
    group by all
),

registres as (
    -- Of two registers that hold a commune, the one the dictionary prefers.
    select
        p.millesime,
        p.cog_millesime,
        p.mesure_id,
        p.code,
        m.contributeurs,
        p.valeur
    from {{ ref('int_parts') }} as p
    inner join {{ ref('mesures') }} as m on p.mesure_id = m.mesure_id and m.contributeurs is not null
    where p.etat = 'lu' and p.valeur > 0
    qualify row_number() over (
        partition by p.millesime, p.mesure_id, p.code
        order by list_position(string_split(m.sources, ' > '), p.source_id) asc nulls last, p.source_id asc
    ) = 1
),

reunies as (
    select
        millesime,
        cog_millesime,
        mesure_id,
        code,
        'foyers' as contributeurs,
        valeur,
        n,
        max1,
        max2,
        cast(null as struct(qui varchar, valeur decimal(30, 15))[]) as contributions
    from {{ ref('int_extrait_communes') }}
    where valeur > 0
    union all by name
    select
        r.millesime,
        r.cog_millesime,
        r.mesure_id,
        r.code,
        'personnes' as contributeurs,
        r.valeur,
        cast(r.valeur as bigint) as n,
        1 as max1,
        if(r.valeur > 1, 1, 0) as max2
    from registres as r
    where r.contributeurs = 'personnes'
    union all by name
    select
        r.millesime,
        r.cog_millesime,
        r.mesure_id,
        r.code,
        'gestionnaires' as contributeurs,
        sum(g.valeur) as valeur,
        count(*) as n,
        max(g.valeur) as max1,
        coalesce(max(g.valeur, 2)[2], 0) as max2,
        list({ 'qui': g.gestionnaire, 'valeur': g.valeur } order by g.gestionnaire) as contributions
    from registres as r
    inner join gestionnaires as g
        on
            r.millesime = g.millesime
            and r.cog_millesime = g.cog_millesime
            and r.mesure_id = g.mesure_id
            and r.code = g.code
    group by all
),

-- One year may be told in two COG, by the extract and by a register: a code of another one carries it.
principaux as (
    select
        millesime,
        coalesce(max(cog_millesime) filter (where contributeurs = 'foyers'), max(cog_millesime)) as cog_millesime
    from reunies
    group by all
)

select
    r.millesime,
    r.cog_millesime,
    r.mesure_id,
    if(r.cog_millesime = p.cog_millesime, r.code, r.code || '@' || r.cog_millesime) as atome,
    r.contributeurs,
    r.valeur,
    r.n,
    r.max1,
    r.max2,
    r.contributions
from reunies as r
inner join principaux as p on r.millesime = p.millesime
