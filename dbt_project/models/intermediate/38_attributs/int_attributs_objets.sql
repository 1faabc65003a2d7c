-- What a convention is about, in each year it holds: missions of the service public de la petite enfance, levels of the
-- youth policy, period of the schéma.
with objets as (
    select
        convention_id,
        'nb_missions_sppe' as indicateur_id,
        count(*) as valeur,
        cast(null as varchar) as valeur_texte
    from {{ ref('stg_ctg__missions_sppe') }}
    group by convention_id
    union all
    select
        convention_id,
        'nb_echelles_politique_jeunesse' as indicateur_id,
        count(distinct echelle) as valeur,
        null as valeur_texte
    from {{ ref('stg_ctg__politiques') }}
    where theme_id = 'enfance_jeunesse'
    group by convention_id
    union all
    select
        convention_id,
        'schema_petite_enfance_periode' as indicateur_id,
        null as valeur,
        min(annee_debut) || '-' || max(annee_fin) as valeur_texte
    from {{ ref('stg_ctg__calendrier') }}
    group by convention_id
)

select
    o.convention_id,
    a.annee as millesime,
    o.indicateur_id,
    o.valeur,
    o.valeur_texte
from objets as o
inner join {{ ref('int_ctg_annees') }} as a on o.convention_id = a.convention_id
