{#- What an axis without an action has not is left empty. The start and the target are printed as the plan states them; the last value as the release prints it. -#}
{%- macro enonce(valeur, statut) -%}
case {{ statut }}{% for code, marque in marques.items() %} when '{{ code }}' then '{{ marque }}'{% endfor %}
        else concat(replace(cast(trim_scale(cast({{ valeur }} as numeric)) as text), '.', ','), chr(8239), u.suffixe) end
{%- endmacro -%}
select
    {{ etiquette('t') }} as territoire,
    h.theme_libelle,
    concat(p.axe_numero, '. ', p.axe_libelle) as axe_libelle,
    coalesce(p.action_intitule, '') as action_intitule,
    coalesce(p.action_pilote, '') as action_pilote,
    coalesce(p.action_statut, '') as action_statut,
    case when p.action_en_retard then 'oui' when not p.action_en_retard then 'non' else '' end as action_en_retard,
    coalesce(p.indicateur_libelle, '') as indicateur_libelle,
    case when p.indicateur_id is not null then {{ enonce('p.valeur_depart', 'p.valeur_depart_statut') }} else '' end as valeur_depart,
    case when p.indicateur_id is not null then {{ enonce('p.cible', 'p.cible_statut') }} else '' end as cible,
    coalesce(cast(p.echeance as text), '') as echeance,
    coalesce(f.valeur_affichee, '') as valeur_affichee,
    coalesce(cast(p.millesime as text), '') as millesime,
    case when p.indicateur_id is not null then {{ mot('p.situation', situations) }} else '' end as situation,
    coalesce(p.motif, '') as motif,
    p.axe_numero,
    p.action_id,
    p.demonstration,
    h.theme_ordre,
    t.territoire_id,
    p.convention_id,
    p.indicateur_id
from {{ concernes() }} as s
inner join marts.mart_ctg_suivi as p on p.convention_id = s.convention_id
inner join marts.dim_territoire as t on t.territoire_id = s.territoire_id
left join {{ themes() }} as h on h.theme = p.theme
left join marts.dim_unite as u on u.unite = p.unite
left join marts.fct_indicateurs as f
    on f.territoire_id = p.territoire_id and f.indicateur_id = p.indicateur_id and f.millesime = p.millesime
