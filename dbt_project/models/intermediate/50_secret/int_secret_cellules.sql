-- Every cell, at every level, of the mesures that micro-data or a register gives somewhere that millésime, with its
-- contributors where that is the retained source. What a public source gives, everybody knows: exactly, or within its
-- bounds.
with retenues as (
    select
        c.*,
        if(s.diffusion = 'micro', 'foyers', m.contributeurs) as contributeurs,
        m.effectif
    from {{ ref('int_cellules_mesures') }} as c
    inner join {{ ref('mesures') }} as m on c.mesure_id = m.mesure_id
    left join {{ ref('int_sources') }} as s on c.source_id = s.source_id
),

series as (
    select distinct
        mesure_id,
        millesime
    from retenues
    where contributeurs is not null and valeur is not null
),

cellules as (
    select
        c.*,
        c.contributeurs is not null and c.valeur is not null as micro
    from retenues as c
    inner join series as s on c.mesure_id = s.mesure_id and c.millesime = s.millesime
),

communes as (
    select
        a.niveau,
        a.code,
        c.*
    from {{ ref('int_secret_communes') }} as c
    inner join {{ ref('int_secret_atomes') }} as a
        on c.millesime = a.millesime and c.cog_millesime = a.cog_millesime and c.atome = a.atome
),

contributions as (
    -- The two largest of a whole are among the two largest of its communes.
    select
        niveau,
        code,
        millesime,
        mesure_id,
        unnest([n, 0]) as n,
        unnest([max1, max2]) as contribution
    from communes
    where contributions is null
    union all
    select
        niveau,
        code,
        millesime,
        mesure_id,
        1 as n,
        -- Who is not named may be anybody: with what is not named, each brings the most it may.
        sum(contribution.valeur) + if(
            contribution.qui = '',
            0,
            coalesce(sum(sum(contribution.valeur)) filter (where contribution.qui = '') over (
                partition by niveau, code, millesime, mesure_id
            ), 0)
        ) as contribution
    from (
        select
            * exclude (contributions),
            unnest(contributions) as contribution
        from communes
        where contributions is not null
    ) as gestionnaires
    group by niveau, code, millesime, mesure_id, contribution.qui
    -- Alone, who is not named counts for one; beside others, for none.
    qualify contribution.qui <> '' or count(*) over (partition by niveau, code, millesime, mesure_id) = 1
),

contributeurs as (
    select
        niveau,
        code,
        mesure_id,
        millesime,
        cast(sum(n) as bigint) as n,
        max(contribution, 2) as plus_grandes
    from contributions
    group by all
)

select
    c.niveau,
    c.code,
    c.mesure_id,
    c.millesime,
    c.source_id,
    c.contributeurs,
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
        c.effectif = m.mesure_id
        and c.niveau = m.niveau
        and c.code = m.code
        and c.millesime = m.millesime
