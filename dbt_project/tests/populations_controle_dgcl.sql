-- Reconciliation: the DGCL's pmun_YYYY is the legal population of RP(YYYY-3). It is never a source; a
-- disagreement of more than 0.1 % on an EPCI means that a file or the passage is wrong.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_sommes'}}}) }}
with dgcl as (
    select
        c.millesime - 3 as millesime,
        r.code as epci,
        sum(c.population_municipale_controle) as population
    from {{ ref('stg_dgcl__epci_composition') }} as c
    inner join {{ ref('int_rattachement') }} as r
        on c.cog_millesime = r.cog_millesime and c.code = r.code_origine and r.niveau = 'epci' and r.unique_a_ce_niveau
    group by all
)

select
    d.*,
    s.valeur as population_municipale
from dgcl as d
inner join {{ ref('int_sommes') }} as s
    on
        d.epci = s.code
        and d.millesime = s.millesime
        and s.niveau = 'epci'
        and s.mesure_id = 'population_municipale'
        and s.statut = 'observe'
where abs(d.population - s.valeur) > 0.001 * s.valeur
