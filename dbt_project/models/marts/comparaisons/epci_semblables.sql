-- The EPCI like each EPCI of the scope, and why: what each criterion adds to the distance.
with chiffres as (
    select
        territoire_id,
        indicateur_id,
        millesime,
        valeur_affichee
    from {{ ref('fct_indicateurs') }}
    where niveau = 'epci'
    union all
    select
        territoire_id,
        indicateur_id,
        millesime,
        valeur_affichee
    from {{ ref('chiffres_semblables') }}
)

select
    t.territoire_id,
    t.libelle,
    s.rang,
    'epci:' || s.semblable as semblable_id,
    s.semblable_libelle,
    s.semblable_departements,
    s.candidats,
    s.distance,
    s.indicateur_id,
    i.libelle as indicateur_libelle,
    s.millesime,
    sien.valeur_affichee,
    autre.valeur_affichee as semblable_valeur_affichee,
    s.ecart,
    s.part,
    t.demonstration
from {{ ref('int_semblables') }} as s
inner join {{ ref('dim_territoire') }} as t on 'epci:' || s.code = t.territoire_id
inner join {{ ref('indicateurs') }} as i on s.indicateur_id = i.indicateur_id
inner join chiffres as sien
    on
        t.territoire_id = sien.territoire_id
        and s.indicateur_id = sien.indicateur_id
        and s.millesime = sien.millesime
inner join chiffres as autre
    on
        'epci:' || s.semblable = autre.territoire_id
        and s.indicateur_id = autre.indicateur_id
        and s.millesime = autre.millesime
