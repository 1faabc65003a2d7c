-- The canonical table: every indicateur of every territory of the scope, masked. The only model that may
-- read the cells.
select
    c.territoire_id,
    c.niveau,
    c.code,
    t.libelle,
    c.millesime,
    c.indicateur_id,
    i.theme,
    if(m.indicateur_id is null, c.valeur, null) as valeur,
    if(m.indicateur_id is null, c.valeur_texte, null) as valeur_texte,
    if(m.indicateur_id is null, c.numerateur, null) as numerateur,
    if(m.indicateur_id is null, c.denominateur, null) as denominateur,
    if(m.indicateur_id is null, c.borne_basse, null) as borne_basse,
    if(m.indicateur_id is null, c.borne_haute, null) as borne_haute,
    i.unite,
    if(m.indicateur_id is null, c.statut, 'secret') as statut,
    if(m.indicateur_id is null, c.motif_code, 'secret_statistique') as motif_code,
    if(m.indicateur_id is null, c.motif, 'secret statistique') as motif,
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
