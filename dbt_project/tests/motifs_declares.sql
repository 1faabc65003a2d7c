-- Every motif of a mart has its code, every code its line in seeds/motifs.csv, and the text says what that line says it
-- does. Each pair once: a mart repeats few of them, details apart.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_indicateurs'}}}) }}
{%- set marts = [
    'fct_indicateurs', 'fct_indicateurs_origine', 'dim_indicateur', 'dim_disponibilite', 'mart_evolutions',
    'mart_ctg_suivi', 'mart_sppe_schema', 'mart_tendances', 'zones_sous_dotees'
] %}
with motifs as (
    {%- for mart in marts %}
        select distinct
            '{{ mart }}' as mart,
            motif_code,
            motif
        from {{ ref(mart) }}
        where motif is not null or motif_code is not null
        union all
    {%- endfor %}
    select distinct
        'mart_comparaisons' as mart,
        rang_motif_code as motif_code,
        rang_motif as motif
    from {{ ref('mart_comparaisons') }}
    where rang_motif is not null or rang_motif_code is not null
)

select m.*
from motifs as m
left join {{ ref('motifs') }} as d on m.motif_code = d.motif_code
where not coalesce(m.motif like '%' || d.patron || '%', false)
