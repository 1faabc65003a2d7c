-- The communes that lack childcare, criterion by criterion (seeds/criteres_zones.csv): the newest figure that is
-- legible, of the commune or, where the criterion may be read there, of its EPCI; of one year, that of the commune. A
-- commune that left the producer's list would keep its last rate for ever. What lies on both sides of the threshold, as
-- far as its bounds go, is not judged.
with communes as (
    select *
    from {{ ref('dim_territoire') }}
    where niveau = 'commune'
),

porteurs as (
    select
        territoire_id,
        territoire_id as porteur_id,
        'commune' as niveau
    from communes
    union all
    select
        territoire_id,
        'epci:' || epci as porteur_id,
        'epci' as niveau
    from communes
    where epci is not null
),

chiffres as (
    select
        p.territoire_id,
        k.critere,
        k.sens,
        k.seuil,
        p.niveau,
        f.millesime,
        f.valeur,
        -- As they are printed: a reader judges « 10 » again from the page.
        {{ comme_imprime('f.borne_basse', 'i.decimales') }} as borne_basse,
        {{ comme_imprime('f.borne_haute', 'i.decimales') }} as borne_haute,
        f.valeur_affichee,
        f.lisibilite,
        f.statut,
        f.motif_code as motif_du_chiffre,
        f.motif,
        f.source_ids,
        f.lisibilite in ('point', 'intervalle') as lisible
    from porteurs as p
    inner join {{ ref('criteres_zones') }} as k on list_contains(string_split(k.niveaux, '+'), p.niveau)
    inner join {{ ref('fct_indicateurs') }} as f
        on p.porteur_id = f.territoire_id and k.indicateur_id = f.indicateur_id
    inner join {{ ref('dim_indicateur') }} as i on f.indicateur_id = i.indicateur_id
    qualify row_number() over (partition by p.territoire_id, k.critere, p.niveau order by f.millesime desc) = 1
),

retenus as (
    select
        *,
        lisible and case sens
            when 'au_moins' then borne_basse >= seuil
            when 'plus_de' then borne_basse > seuil
            when 'moins_de' then borne_haute < seuil
        end as rempli,
        lisible and case sens
            when 'au_moins' then borne_haute < seuil
            when 'plus_de' then borne_haute <= seuil
            when 'moins_de' then borne_basse >= seuil
        end as manque
    from chiffres
    qualify
        row_number() over (
            partition by territoire_id, critere order by lisible desc nulls last, millesime desc, niveau asc
        ) = 1
)

select
    c.territoire_id,
    c.code,
    c.libelle,
    c.epci,
    k.critere,
    k.ordre,
    replace(k.libelle, '{seuil}', cast(k.seuil as varchar)) as critere_libelle,
    k.indicateur_id,
    cast(k.seuil as double) as seuil,
    case when r.rempli then 'oui' when r.manque then 'non' else 'non jugé' end as verdict,
    case
        when r.rempli or r.manque then null
        when r.statut is null then 'aucune_valeur'
        when r.lisible then 'seuil_dans_l_intervalle'
        when r.lisibilite = 'trop_peu' then 'trop_peu'
        else r.motif_du_chiffre
    end as motif_code,
    case motif_code
        when 'aucune_valeur' then 'aucune valeur dans les sources reçues'
        when 'seuil_dans_l_intervalle' then 'de part et d''autre du seuil : ' || r.valeur_affichee
        when 'trop_peu' then 'trop peu pour être classé'
        else if(motif_code is null, null, r.motif)
    end as motif,
    r.valeur,
    coalesce(r.statut, 'non_disponible') as statut,
    coalesce(r.valeur_affichee, 'nd') as valeur_affichee,
    r.millesime,
    r.niveau as niveau_lu,
    r.source_ids,
    c.demonstration
from communes as c
cross join {{ ref('criteres_zones') }} as k
left join retenus as r on c.territoire_id = r.territoire_id and k.critere = r.critere
