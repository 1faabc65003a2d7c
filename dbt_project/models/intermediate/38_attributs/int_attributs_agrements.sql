-- What the register of the Caf dates: the next end of an agrément, of the structures of a territory.
with agrements as (
    select
        r.niveau,
        r.code,
        a.millesime,
        min(a.agrement_fin) as prochaine,
        count(*) filter (where a.agrement_fin is null) as inconnues
    from {{ ref('stg_caf__agrements') }} as a
    inner join {{ ref('int_rattachement') }} as r on a.cog_millesime = r.cog_millesime and a.code = r.code_origine
    where
        r.niveau in ('commune', 'epci', 'ctg') and r.unique_a_ce_niveau
        and (a.agrement_fin is null or a.agrement_fin >= make_date(a.millesime, 12, 31))
    group by all
)

select
    niveau,
    code,
    millesime,
    'prochaine_echeance_agrement' as indicateur_id,
    strftime(prochaine, '%Y-%m-%d') as valeur_texte,
    case when prochaine is null then 'non_disponible' when inconnues > 0 then 'partiel' else 'observe' end as statut,
    if(statut = 'observe', null, 'echeance_inconnue') as motif_code,
    case statut
        when 'non_disponible' then 'échéance non renseignée'
        when 'partiel' then 'échéance non renseignée pour ' || inconnues || ' structure(s)'
    end as motif
from agrements
