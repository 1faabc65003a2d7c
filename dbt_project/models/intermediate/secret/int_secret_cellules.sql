-- Every cell, at every level, of the mesures that micro-data gives somewhere that millésime, with its contributors
-- where the extract is the retained source. What a public source gives, everybody knows: exactly, or within its bounds.
with series as (
    select distinct
        mesure_id,
        millesime
    from {{ ref('int_cellules_mesures') }}
    where source_id = 'caf_extrait_allocataires' and valeur is not null
),

cellules as (
    select
        c.*,
        c.source_id = 'caf_extrait_allocataires' and c.valeur is not null as micro
    from {{ ref('int_cellules_mesures') }} as c
    inner join series as s on c.mesure_id = s.mesure_id and c.millesime = s.millesime
),

contributions as (
    select
        millesime,
        mesure_id,
        atome,
        n,
        max1 as contribution
    from {{ ref('int_secret_communes') }}
    union all
    select
        millesime,
        mesure_id,
        atome,
        0 as n,
        max2 as contribution
    from {{ ref('int_secret_communes') }}
    where max2 > 0
),

contributeurs as (
    select
        a.niveau,
        a.code,
        c.mesure_id,
        c.millesime,
        cast(sum(c.n) as bigint) as n,
        max(c.contribution, 2) as plus_grandes
    from contributions as c
    inner join {{ ref('int_secret_atomes') }} as a on c.millesime = a.millesime and c.atome = a.atome
    group by all
)

select
    c.niveau,
    c.code,
    c.mesure_id,
    c.millesime,
    c.source_id,
    c.statut,
    -- Rounded by its producer, alone or in a sum that misses parts.
    not c.micro and (c.borne_basse is distinct from c.borne_haute) as arrondi,
    c.valeur,
    c.borne_basse,
    c.borne_haute,
    c.micro,
    case when c.micro then coalesce(k.n, cast(m.valeur as bigint), 0) end as n,
    case when c.micro and m.code is null then coalesce(k.plus_grandes[1], 0) end as max1,
    case when c.micro and m.code is null then coalesce(k.plus_grandes[2], 0) end as max2
from cellules as c
left join contributeurs as k
    on c.niveau = k.niveau and c.code = k.code and c.mesure_id = k.mesure_id and c.millesime = k.millesime
-- The foyers a median is made of are a count of their own; what each of them brings to it is not told.
left join {{ ref('int_cellules_mesures') }} as m
    on
        c.mesure_id = 'taux_effort_logement_net_median'
        and m.mesure_id = 'foyers_effort_logement'
        and c.niveau = m.niveau
        and c.code = m.code
        and c.millesime = m.millesime
