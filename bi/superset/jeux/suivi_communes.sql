select
    {{ etiquette('t') }} as territoire,
    d.indicateur_libelle as indicateur,
    d.libelle as commune,
    d.territoire_id as commune_id,
    d.millesime,
    case when d.lisibilite = 'point' then d.valeur end as valeur,
    d.valeur_affichee,
    {{ mot('d.statut', statuts) }} as statut,
    e.millesime_debut,
    coalesce(e.evolution_affichee, '') as evolution_affichee,
    -- Highest first, those without a figure, or of which it is no point, last.
    coalesce(-case when d.lisibilite = 'point' then d.valeur end, cast('infinity' as double precision)) as tri,
    d.demonstration,
    t.territoire_id,
    d.indicateur_id
from (
    select territoire_id, commune_id from marts.ctg_communes
    union
    select concat('epci:', epci), territoire_id from marts.dim_territoire
    where niveau = 'commune' and epci is not null
) as k
inner join marts.dim_territoire as t on t.territoire_id = k.territoire_id
inner join marts.mart_derniers_chiffres as d on d.territoire_id = k.commune_id
left join marts.mart_evolutions_dites as e
    on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.choisie
