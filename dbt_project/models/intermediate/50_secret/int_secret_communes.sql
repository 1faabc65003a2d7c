-- What the secrecy engine protects, at its finest: the mesures of the extract, and those of the registers that have
-- contributors, by commune of the COG they are coded in. No line is 0.
with gestionnaires as (
    select
        s.millesime,
        s.cog_millesime,
        s.mesure_id,
        coalesce(a.commune_parente, s.code) as code,
        s.gestionnaire,
        sum(s.valeur) as valeur
    from {{ ref('stg_caf__subventions') }} as s
    left join {{ ref('stg_insee__cog_arrondissements') }} as a on s.code = a.code
    group by all
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
        r.atome as code,
        'personnes' as contributeurs,
        r.valeur,
        cast(r.valeur as bigint) as n,
        1 as max1,
        if(r.valeur > 1, 1, 0) as max2
    from {{ ref('int_secret_lues') }} as r
    where r.contributeurs = 'personnes' and r.valeur > 0
    union all by name
    select
        r.millesime,
        r.cog_millesime,
        r.mesure_id,
        r.atome as code,
        'gestionnaires' as contributeurs,
        sum(g.valeur) as valeur,
        count(*) as n,
        max(g.valeur) as max1,
        coalesce(max(g.valeur, 2)[2], 0) as max2,
        list({ 'qui': g.gestionnaire, 'valeur': g.valeur } order by g.gestionnaire) as contributions
    from {{ ref('int_secret_lues') }} as r
    inner join gestionnaires as g
        on
            r.millesime = g.millesime
            and r.cog_millesime = g.cog_millesime
            and r.mesure_id = g.mesure_id
            and r.atome = g.code
    group by all
)

select
    millesime,
    cog_millesime,
    mesure_id,
    code as atome,
    contributeurs,
    valeur,
    n,
    max1,
    max2,
    contributions
from reunies
