-- Every name that a person types for a territory, those out of the scope too: what is not in the release is then known
-- for what it is. One line per name, and a second where a name is also said without its level.
with habitants as (
    select
        niveau,
        code,
        cast(max_by(valeur, millesime) as bigint) as population
    from {{ ref('int_cellules_mesures') }}
    where mesure_id = 'population_municipale' and statut = 'observe'
    group by niveau, code
),

formes as (
    select
        *,
        unnest(list_distinct([cle, cle_courte])) as forme
    from {{ ref('int_noms_territoires') }}
)

select
    n.forme as cle,
    if(n.forme = n.cle, 'entiere', 'sans_niveau') as forme,
    n.nature,
    n.code,
    n.libelle,
    n.territoire_id,
    n.niveau,
    n.territoire_libelle,
    n.departement,
    h.population,
    t.territoire_id is not null as dans_la_publication,
    n.communes
from formes as n
left join {{ ref('dim_territoire') }} as t on n.territoire_id = t.territoire_id
left join habitants as h on n.territoire_id = h.niveau || ':' || h.code
-- A convention is known where its figures are.
where n.niveau <> 'ctg' or t.territoire_id is not null
