-- Medians computed on the foyers of each territory, never rebuilt from those of its communes. Rounded here: an exact
-- median is one person's own figure.
select
    f.millesime,
    f.fichier_sha256,
    f.cog_millesime,
    r.niveau,
    r.code,
    'taux_effort_logement_net_median' as mesure_id,
    cast(round(percentile_cont(0.5) within group (order by f.taux_effort), 1) as decimal(18, 2)) as valeur
from {{ ref('stg_caf__extrait_foyers') }} as f
inner join {{ ref('int_rattachement') }} as r
    on
        f.cog_millesime = r.cog_millesime
        and f.code = r.code_origine
        and r.unique_a_ce_niveau
        and r.niveau in ('epci', 'departement', 'region')
where f.taux_effort is not null
group by f.millesime, f.fichier_sha256, f.cog_millesime, r.niveau, r.code
