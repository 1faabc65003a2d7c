-- The original geography, beside the constant one of fct_indicateurs: communes with their code of then, and the
-- EPCI of that year. Counts only: the two terms of a ratio may come from files of different COG.
with seuils as (
    {{ seuils_de_lisibilite() }}
),

communes_retenues as (
    select distinct
        p.cog_millesime,
        p.code_origine as code
    from {{ ref('int_passage') }} as p
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and p.code_reference = t.code
),

territoires as (
    select
        'commune' as niveau,
        cog_millesime,
        code
    from communes_retenues
    union all
    select distinct
        'epci' as niveau,
        e.cog_millesime,
        e.epci as code
    from {{ ref('int_epci_annuel') }} as e
    inner join communes_retenues as c on e.cog_millesime = c.cog_millesime and e.code = c.code
),

cellules as (
    select
        v.niveau || ':' || v.code as territoire_id,
        v.niveau,
        v.code,
        v.libelle,
        v.millesime,
        i.indicateur_id,
        i.libelle as indicateur_libelle,
        i.theme,
        cast(v.valeur as double) as valeur,
        cast(v.borne_basse as double) as borne_basse,
        cast(v.borne_haute as double) as borne_haute,
        i.unite,
        i.decimales,
        v.statut,
        v.motif_code,
        v.motif,
        v.cog_millesime,
        v.epci,
        v.source_id as source_ids,
        c.demonstration
    from {{ ref('int_valeurs_origine') }} as v
    inner join territoires as t on v.niveau = t.niveau and v.cog_millesime = t.cog_millesime and v.code = t.code
    inner join {{ ref('indicateurs') }} as i
        on
            v.mesure_id = i.numerateur
            and i.methode = 'somme'
            and list_contains({{ niveaux_indicateur('i.niveaux') }}, v.niveau)
    cross join {{ source('nuit', 'contexte') }} as c
),

lisibles as (
    select
        m.*,
        {{ lisibilite('m.valeur', 'm.borne_basse', 'm.borne_haute', 'null', 'm.statut', 'm.decimales', 'u', 'seuils') }}
            as lisibilite
    from cellules as m
    inner join {{ ref('unites') }} as u on m.unite = u.unite
    cross join seuils
),

lus as (
    select
        *,
        {{ nombres_ecrits('valeur', 'decimales', 'lisibilite', 'borne_basse', 'borne_haute') }} as ecrits
    from lisibles
)

select
    m.* exclude (decimales, ecrits), -- noqa: RF02
    {{ valeur_affichee('m.valeur', 'null', 'm.statut', 'u', 'm.lisibilite', 'm.ecrits') }} as valeur_affichee
from lus as m
inner join {{ ref('unites') }} as u on m.unite = u.unite
