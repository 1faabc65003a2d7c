-- Figures of persons above the commune that are no sum of communes: those that Cnaf prints, rounded at their own
-- level as it does; those that it prints by commune that year in another form; medians, of enough foyers. Only
-- territories that the file covers whole have one.
with larges as (
    select
        *,
        -- The counts of a purged month are in the geography of the night that counted it.
        if(gele, cog_millesime, null) as geographie
    from {{ source('micro', 'arrondis') }}
    where niveau not in ('commune', 'part')
),

sommes as (
    select f.*
    from {{ ref('int_sommes') }} as f
    inner join {{ ref('int_sources') }} as s on f.source_id = s.source_id and s.diffusion = 'micro'
),

parametres as (
    select max(valeur) filter (where parametre = 'seuil_mediane_extrait') as seuil
    from {{ ref('parametres') }}
),

comptes as (
    select
        l.source_id,
        l.niveau,
        l.code,
        l.mesure_id,
        l.millesime,
        l.geographie,
        l.valeur,
        l.amplitude,
        true as arrondi,
        l.marque as motif_code
    from larges as l
    inner join sommes as f
        on
            l.source_id = f.source_id
            and l.niveau = f.niveau
            and l.code = f.code
            and l.millesime = f.millesime
            and f.mesure_id = 'foyers_extrait'
            and f.statut = 'arrondi'
    where l.regle <> 'mediane'
),

medianes as (
    select
        f.source_id,
        f.niveau,
        f.code,
        d.mesure_id,
        f.millesime,
        m.geographie,
        case when f.statut = 'arrondi' and f.valeur >= p.seuil then m.valeur end as valeur,
        cast(null as decimal(18, 2)) as amplitude,
        false as arrondi,
        case
            when f.statut <> 'arrondi' then f.motif_code
            when f.enveloppe_haute = 0 then 'aucun_foyer'
            when f.valeur < p.seuil then 'mediane_trop_petite'
            when m.valeur is null then 'aucun_foyer'
        end as motif_code
    from sommes as f
    inner join {{ ref('mesures') }} as d on f.mesure_id = d.effectif
    cross join parametres as p
    left join larges as m
        on
            m.regle = 'mediane'
            and d.mesure_id = m.mesure_id
            and f.niveau = m.niveau
            and f.code = m.code
            and f.millesime = m.millesime
    where f.niveau in ('epci', 'departement', 'region')
)

select
    t.*,
    case
        when t.motif_code = 'mediane_trop_petite'
            then 'moins de ' || cast(p.seuil as integer) || ' foyers : la médiane serait celle de quelques-uns'
        when t.motif_code = 'aucun_foyer' then 'aucun foyer concerné'
        when t.motif_code = 'hors_couverture' then 'hors couverture'
        else {{ motif_de_la_marque('t.motif_code') }}
    end as motif
from (
    from comptes
    union all by name
    from medianes
) as t
cross join parametres as p
