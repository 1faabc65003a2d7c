-- The canonical table: every indicateur of every territory of the scope, masked, then printed. The only model that may
-- read the cells.
with masquees as (
    select
        c.territoire_id,
        c.niveau,
        c.code,
        t.libelle,
        c.millesime,
        c.indicateur_id,
        i.libelle as indicateur_libelle,
        i.theme,
        {{ chiffres_sous_masque('c', 'm.indicateur_id is null') }}
        i.unite,
        i.decimales,
        {{ statut_sous_masque('c', 'm.indicateur_id is null') }}
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
    left join {{ ref('int_masques') }} as m
        on
            c.territoire_id = m.territoire_id
            and c.millesime = m.millesime
            and c.indicateur_id = m.indicateur_id
)

select
    m.* exclude (decimales), -- noqa: RF02
    {{ valeur_affichee('m.valeur', 'm.valeur_texte', 'm.statut', 'm.decimales', 'u') }} as valeur_affichee
from masquees as m
inner join {{ ref('unites') }} as u on m.unite = u.unite
