{# The cells of these territories, and how each is printed. `territoires`: a table, or a query between brackets, of
   territoire_id, libelle, cog_millesime and demonstration. #}
{% macro chiffres_des_territoires(territoires) %}
with seuils as (
    {{ seuils_de_lisibilite() }}
),

cellules as (
    select
        c.territoire_id,
        c.niveau,
        c.code,
        t.libelle,
        c.millesime,
        c.indicateur_id,
        i.libelle as indicateur_libelle,
        i.theme,
        c.valeur,
        c.valeur_texte,
        c.numerateur,
        c.denominateur,
        c.denominateur_haut,
        c.borne_basse,
        c.borne_haute,
        c.enveloppe_basse,
        c.enveloppe_haute,
        c.ecart_type_arrondi,
        i.unite,
        if(e.mesure_id is null, i.decimales, 0) as decimales,
        c.statut,
        c.motif_code,
        c.motif,
        i.methode,
        c.champ,
        c.millesime_base,
        c.millesime_denominateur,
        t.cog_millesime,
        c.source_ids,
        t.demonstration,
        -- Of few persons a share says nothing; a difference is no share of where it starts from.
        if(x.assise and i.methode <> 'difference', c.denominateur_haut, null) as assise_haute
    from {{ ref('int_cellules_indicateurs') }} as c
    inner join {{ territoires }} as t on c.territoire_id = t.territoire_id
    inner join {{ ref('indicateurs') }} as i on c.indicateur_id = i.indicateur_id
    inner join {{ ref('univers') }} as x on i.univers = x.univers
    left join {{ ref('entiers_publies') }} as e
        on i.methode = 'publie' and i.numerateur = e.mesure_id and c.source_ids = e.source_id and c.niveau = e.niveau
),

lisibles as (
    select
        m.*,
        {{ lisibilite(
            'm.valeur', 'm.borne_basse', 'm.borne_haute', 'm.assise_haute', 'm.statut', 'm.decimales', 'u', 'seuils'
        ) }} as lisibilite
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
    m.* exclude (decimales, assise_haute, ecrits), -- noqa: RF02
    {{ valeur_affichee('m.valeur', 'm.valeur_texte', 'm.statut', 'u', 'm.lisibilite', 'm.ecrits') }} as valeur_affichee
from lus as m
inner join {{ ref('unites') }} as u on m.unite = u.unite
{% endmacro %}
