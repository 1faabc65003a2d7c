{#- Its EPCI, or the one of the same communes, among its peers, in the year of its last figure, under the ranks of
    the marts, the best and the worst where intervals allow several: those of a figure that is not shown have none. -#}
select
    {{ etiquette('t') }} as territoire,
    f.indicateur_libelle as indicateur,
    concat(
        lpad(cast(m.rang_au_mieux as text), 3, ' '),
        case when m.rang_au_pire > m.rang_au_mieux then concat(' à ', cast(m.rang_au_pire as text)) else '' end,
        '. ',
        p.libelle
    ) as pair,
    case when p.territoire_id = e.territoire_id then 'Ce territoire' else 'Les autres' end as lequel,
    f.millesime,
    f.valeur,
    f.valeur_affichee,
    {{ mot('f.statut', statuts) }} as statut,
    m.rang_au_mieux,
    m.rang_au_pire,
    e.groupe_libelle,
    f.demonstration,
    t.territoire_id,
    f.indicateur_id
from marts.dim_territoire as t
inner join marts.pairs_territoires as e
    on e.territoire_id = case when t.niveau = 'ctg' then concat('epci:', t.epci) else t.territoire_id end
inner join marts.pairs_territoires as p on p.groupe_id = e.groupe_id
inner join marts.mart_derniers_chiffres as d on d.territoire_id = e.territoire_id
inner join marts.fct_indicateurs as f
    on f.territoire_id = p.territoire_id and f.indicateur_id = d.indicateur_id and f.millesime = d.millesime
inner join marts.mart_comparaisons as m
    on m.territoire_id = f.territoire_id and m.indicateur_id = f.indicateur_id and m.millesime = f.millesime
where m.rang_au_mieux is not null
