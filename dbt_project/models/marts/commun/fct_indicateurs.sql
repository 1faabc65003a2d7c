-- The canonical table: every indicateur of every territory of the scope, and how it is printed.
with cellules as (
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
        c.borne_basse,
        c.borne_haute,
        c.enveloppe_basse,
        c.enveloppe_haute,
        c.ecart_type_arrondi,
        i.unite,
        i.decimales,
        c.statut,
        c.motif_code,
        c.motif,
        i.methode,
        c.champ,
        c.millesime_base,
        c.millesime_denominateur,
        t.cog_millesime,
        c.source_ids,
        t.demonstration
    from {{ ref('int_cellules_indicateurs') }} as c
    inner join {{ ref('dim_territoire') }} as t on c.territoire_id = t.territoire_id
    inner join {{ ref('indicateurs') }} as i on c.indicateur_id = i.indicateur_id
)

select
    m.* exclude (decimales), -- noqa: RF02
    {{ valeur_affichee('m.valeur', 'm.valeur_texte', 'm.statut', 'm.decimales', 'u') }} as valeur_affichee
from cellules as m
inner join {{ ref('unites') }} as u on m.unite = u.unite
