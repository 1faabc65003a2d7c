-- Communes that the registers told of, zeros included, for the mesures that have contributors: what their sums are the
-- sums of. A commune that a file owes and leaves blank is in none; a city told by arrondissement is one.
with communes as (
    select
        p.millesime,
        p.cog_millesime,
        p.mesure_id,
        p.source_id,
        p.code,
        m.contributeurs,
        sum(p.valeur) as valeur,
        list_position(string_split(m.sources, ' > '), p.source_id) as rang
    from {{ ref('int_parts') }} as p
    inner join {{ ref('mesures') }} as m on p.mesure_id = m.mesure_id and m.contributeurs is not null
    where p.etat = 'lu'
    group by all
),

-- One COG for a mesure and a year: that of the register the dictionary prefers.
cogs as (
    select
        millesime,
        mesure_id,
        cog_millesime
    from communes
    qualify row_number() over (
        partition by millesime, mesure_id
        order by rang asc nulls last, source_id asc, cog_millesime desc
    ) = 1
)

-- Of two registers that hold a commune, the preferred one, its zeros included.
select
    a.millesime,
    a.cog_millesime,
    a.mesure_id,
    a.code as atome,
    a.contributeurs,
    a.valeur
from communes as a
inner join cogs as c
    on a.millesime = c.millesime and a.mesure_id = c.mesure_id and a.cog_millesime = c.cog_millesime
qualify row_number() over (
    partition by a.millesime, a.mesure_id, a.code
    order by a.rang asc nulls last, a.source_id asc
) = 1
