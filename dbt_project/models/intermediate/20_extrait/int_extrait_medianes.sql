-- Medians computed on the foyers of each territory, never rebuilt from those of its communes. Rounded here: an exact
-- median is one person's own figure. In millionths first: between two whole numbers every engine finds the same middle,
-- and rounds it the same way, to the last bit.
{% for m in medianes_extrait() %}
    select
        f.millesime,
        f.fichier_sha256,
        f.cog_millesime,
        r.niveau,
        r.code,
        '{{ m.id }}' as mesure_id,
        cast(
            round(percentile_cont(0.5) within group (order by round(1000000 * f.{{ m.colonne }})) / 100000) / 10
            as decimal(18, 2)
        ) as valeur
    from {{ ref('stg_caf__extrait_foyers') }} as f
    inner join {{ ref('int_rattachement') }} as r
        on
            f.cog_millesime = r.cog_millesime
            and f.code = r.code_origine
            and r.unique_a_ce_niveau
            and r.niveau in ('epci', 'departement', 'region')
    where f.{{ m.colonne }} is not null
    group by f.millesime, f.fichier_sha256, f.cog_millesime, r.niveau, r.code
    {{ 'union all' if not loop.last }}
{% endfor %}
