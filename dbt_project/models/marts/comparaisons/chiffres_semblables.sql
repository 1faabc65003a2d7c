-- The figures of the EPCI that are like one of the scope and are not in it: what a reader needs to make its medians and
-- its ranks again. Empty where the scope is the whole build. Of public sources alone: what a Caf or a département gave
-- of a territory is not for the readers of another.
{% set hors_du_perimetre %}
(
    select distinct
        'epci:' || s.semblable as territoire_id,
        s.semblable_libelle as libelle,
        t.cog_millesime,
        t.demonstration
    from {{ ref('int_semblables') }} as s
    inner join {{ ref('dim_territoire') }} as t on 'epci:' || s.code = t.territoire_id
    left join {{ ref('dim_territoire') }} as d on 'epci:' || s.semblable = d.territoire_id
    where d.territoire_id is null
)
{% endset %}
with chiffres as (
    {{ chiffres_des_territoires(hors_du_perimetre) | indent(4) }}
)

select *
from chiffres
where
    list_has_all(
        (select list(s.source_id) filter (s.diffusion = 'publique') from {{ source('nuit', 'sources') }} as s),
        string_split(source_ids, '+')
    )
