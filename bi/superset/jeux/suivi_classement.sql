{#- Its EPCI, or the one of the same communes, among its peers, in the year of its last figure, under the ranks that
    intervals allow, the best and the worst: those of a figure that is not shown have none. The marts give a rank among
    one's own peers: those of an EPCI have others, and are placed here, by the intervals of the same group. -#}
{%- set chiffres -%}
    (
        select territoire_id, indicateur_id, indicateur_libelle, millesime, valeur, valeur_affichee, lisibilite,
            statut, borne_basse, borne_haute, demonstration
        from marts.fct_indicateurs
        union all
        select territoire_id, indicateur_id, indicateur_libelle, millesime, valeur, valeur_affichee, lisibilite,
            statut, borne_basse, borne_haute, demonstration
        from marts.chiffres_semblables
    )
{%- endset %}
{%- set autres -%}
    from marts.pairs_territoires as q
    inner join {{ chiffres }} as o on o.territoire_id = q.territoire_id
    where q.groupe_id = p.groupe_id and q.territoire_id <> p.territoire_id
        and o.indicateur_id = f.indicateur_id and o.millesime = f.millesime and o.lisibilite <> 'trop_peu'
{%- endset %}
select
    {{ etiquette('t') }} as territoire,
    f.indicateur_libelle as indicateur,
    concat(
        lpad(cast(r.au_mieux as text), 3, ' '),
        case when r.au_pire > r.au_mieux then concat(' à ', cast(r.au_pire as text)) else '' end,
        '. ',
        p.libelle
    ) as pair,
    case when p.territoire_id = e.territoire_id then 'Ce territoire' else 'Les autres' end as lequel,
    f.millesime,
    f.valeur,
    f.valeur_affichee,
    {{ mot('f.statut', statuts) }} as statut,
    r.au_mieux as rang_au_mieux,
    r.au_pire as rang_au_pire,
    e.groupe_libelle,
    f.demonstration,
    t.territoire_id,
    f.indicateur_id
from marts.dim_territoire as t
inner join marts.pairs_territoires as e
    on e.territoire_id = case when t.niveau = 'ctg' then concat('epci:', t.epci) else t.territoire_id end
    and e.est_le_sien
inner join marts.pairs_territoires as p on p.groupe_id = e.groupe_id
inner join marts.mart_derniers_chiffres as d on d.territoire_id = e.territoire_id and d.rang_au_mieux is not null
inner join {{ chiffres }} as f
    on f.territoire_id = p.territoire_id and f.indicateur_id = d.indicateur_id and f.millesime = d.millesime
left join marts.mart_comparaisons as m
    on p.est_le_sien and m.territoire_id = f.territoire_id and m.indicateur_id = f.indicateur_id
    and m.millesime = f.millesime
cross join lateral (
    select
        case when p.est_le_sien then m.rang_au_mieux
            else 1 + (select count(*) {{ autres }} and o.borne_basse > f.borne_haute) end as au_mieux,
        case when p.est_le_sien then m.rang_au_pire
            else 1 + (select count(*) {{ autres }} and o.borne_haute > f.borne_basse) end as au_pire
) as r
where f.lisibilite = 'point' and r.au_mieux is not null
