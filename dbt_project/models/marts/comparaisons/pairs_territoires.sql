-- The peers of each territory, the same for every millésime, so that ranks can be followed in time: one line per
-- territory that has some, in its group. Peers are those of the same group.
with populations as (
    select
        territoire_id,
        arg_max(valeur, millesime) as population
    from {{ ref('fct_indicateurs') }}
    where niveau = 'epci' and indicateur_id = 'population_municipale' and valeur is not null
    group by all
),

groupes as (
    select
        territoire_id,
        'epci:' || epci as groupe_id,
        'communes du même EPCI' as groupe_libelle
    from {{ ref('dim_territoire') }}
    where niveau = 'commune' and epci is not null
    union all
    select
        p.territoire_id,
        'strate:' || s.strate as groupe_id,
        'EPCI de ' || s.libelle as groupe_libelle
    from populations as p
    inner join {{ ref('strates') }} as s
        on p.population >= s.population_min and (s.population_max is null or p.population < s.population_max)
    union all
    select
        territoire_id,
        'departements' as groupe_id,
        'départements' as groupe_libelle
    from {{ ref('dim_territoire') }}
    where niveau = 'departement'
)

select
    g.groupe_id,
    g.groupe_libelle,
    g.territoire_id,
    t.libelle
from groupes as g
inner join {{ ref('dim_territoire') }} as t on g.territoire_id = t.territoire_id
