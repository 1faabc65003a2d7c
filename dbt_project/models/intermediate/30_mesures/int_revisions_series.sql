-- The step that a change of series alone makes, where a source publishes a figure in two series: their difference in
-- the first year they share, from which the preferred one is in use.
with series as (
    select *
    from {{ ref('stg_mesures_declarees') }}
    where source_id in ({{ "'" ~ sources_a_plusieurs_series() | join("', '") ~ "'" }})
),

carries as (
    -- A commune whose territory changed has no published figure in the reference geography.
    select
        s.* exclude (code),
        p.code_reference as code
    from series as s
    inner join {{ ref('int_passage') }} as p on s.cog_millesime = p.cog_millesime and s.code = p.code_origine
    where s.niveau = 'commune' and p.nature in ('identique', 'changement_code')
    union all by name
    select *
    from series
    where niveau <> 'commune'
),

lues as (
    select
        source_id,
        niveau,
        code,
        mesure_id,
        millesime,
        rang,
        -- A figure that the newest file hides is unknown: no older one takes its place.
        arg_max_null(valeur, millesime_fichier) as valeur
    from carries
    group by all
),

communs as (
    select
        source_id,
        niveau,
        code,
        mesure_id,
        millesime,
        arg_min_null(valeur, rang) - arg_max_null(valeur, rang) as ecart
    from lues
    group by all
    having count(*) > 1
)

select *
from communs
where ecart is not null
qualify row_number() over (partition by source_id, niveau, code, mesure_id order by millesime) = 1
