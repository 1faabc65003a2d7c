select
    {{ etiquette('t') }} as territoire,
    cles.rubrique,
    cles.rang_cle,
    d.indicateur_libelle as indicateur,
    d.millesime,
    d.valeur_affichee,
    {{ mot('d.statut', statuts) }} as statut,
    d.valeur_departement_affichee,
    d.valeur_region_affichee,
    d.valeur_france_affichee,
    e.millesime_debut,
    coalesce(e.evolution_affichee, '') as evolution_affichee,
    coalesce(e.reserve, '') as evolution_reserve,
    d.reserve,
    d.motif,
    d.demonstration,
    d.territoire_id,
    d.indicateur_id
from marts.mart_derniers_chiffres as d
inner join marts.dim_territoire as t on t.territoire_id = d.territoire_id
left join marts.mart_evolutions_dites as e
    on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.choisie
inner join (
    values
    {%- for rubrique, indicateur_id in cles %}
    ({{ loop.index }}, '{{ rubrique | replace("'", "''") }}', '{{ indicateur_id }}'){{ "," if not loop.last }}
    {%- endfor %}
) as cles (rang_cle, rubrique, indicateur_id) on cles.indicateur_id = d.indicateur_id
