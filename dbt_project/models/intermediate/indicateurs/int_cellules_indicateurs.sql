-- The cells: every indicateur at every level, before the masks. Only fct_indicateurs may read them.
with indicateurs as (
    select * from {{ ref('indicateurs') }}
),

paires as (
    -- A ratio pairs equal millésimes unless the dictionary declares a lag; an evolution pairs two ends of the
    -- same series, at the same geography.
    select
        i.indicateur_id,
        i.methode,
        i.facteur,
        i.part_d_un_tout,
        n.niveau,
        n.code,
        n.millesime,
        n.champ,
        b.millesime as millesime_base,
        d.millesime as millesime_denominateur,
        n.valeur as num,
        n.borne_basse as num_bas,
        n.borne_haute as num_haut,
        coalesce(d.valeur, b.valeur) as den,
        coalesce(d.borne_basse, b.borne_basse) as den_bas,
        coalesce(d.borne_haute, b.borne_haute) as den_haut,
        greatest(n.rang_statut, coalesce(d.rang_statut, 0), coalesce(b.rang_statut, 0)) as rang_termes,
        case
            when n.rang_statut >= coalesce(d.rang_statut, b.rang_statut, 0) then n.motif
            else coalesce(d.motif, b.motif)
        end as motif,
        list_sort(list_distinct(list_concat(n.sources, coalesce(d.sources, b.sources, [])))) as sources
    from indicateurs as i
    inner join {{ ref('int_cotes') }} as n on i.indicateur_id = n.indicateur_id and n.cote = 'numerateur'
    left join {{ ref('int_cotes') }} as d
        on
            i.methode = 'ratio'
            and i.indicateur_id = d.indicateur_id
            and d.cote = 'denominateur'
            and n.niveau = d.niveau
            and n.code = d.code
            and n.millesime + coalesce(i.decalage_denominateur, 0) = d.millesime
    left join {{ ref('int_cotes') }} as b
        on
            i.methode in ('evolution', 'difference')
            and i.indicateur_id = b.indicateur_id
            and b.cote = 'numerateur'
            and n.niveau = b.niveau
            and n.code = b.code
            and n.millesime - i.decalage = b.millesime
    where
        n.niveau in (select unnest(string_split(i.niveaux, '+')))
        and (i.methode <> 'ratio' or d.code is not null)
        and (i.methode not in ('evolution', 'difference') or b.code is not null)
),

statuts as (
    select
        *,
        case when methode in ('ratio', 'evolution') and rang_termes <= 2 and den = 0 then 5 else rang_termes end as rang
    from paires
),

valeurs as (
    select
        *,
        case methode
            when 'ratio' then facteur * num / den
            when 'evolution' then facteur * (num / den - 1)
            when 'difference' then num - den
            else num
        end as v,
        case methode
            when 'ratio' then facteur * num_bas / nullif(den_haut, 0)
            when 'evolution' then facteur * (num_bas / nullif(den_haut, 0) - 1)
            when 'difference' then num_bas - den_haut
            else num_bas
        end as v_bas,
        case methode
            when 'ratio' then facteur * num_haut / nullif(den_bas, 0)
            when 'evolution' then facteur * (num_haut / nullif(den_bas, 0) - 1)
            when 'difference' then num_haut - den_bas
            else num_haut
        end as v_haut
    from statuts
    where rang <= 2
)

select
    s.niveau || ':' || s.code as territoire_id,
    s.niveau,
    s.code,
    s.millesime,
    s.indicateur_id,
    cast(v.v as double) as valeur,
    cast(if(s.methode in ('ratio', 'evolution', 'difference'), v.num, null) as double) as numerateur,
    cast(if(s.methode in ('ratio', 'evolution', 'difference'), v.den, null) as double) as denominateur,
    cast(v.v_bas as double) as borne_basse,
    -- A share of a whole cannot exceed it, whatever the intervals of its terms say.
    cast(if(s.part_d_un_tout, least(coalesce(v.v_haut, 100), 100), v.v_haut) as double) as borne_haute,
    {{ statut_du_rang('s.rang') }} as statut,
    case when s.rang = 5 then 'dénominateur nul' else s.motif end as motif,
    s.champ,
    s.millesime_base,
    s.millesime_denominateur,
    array_to_string(s.sources, '+') as source_ids
from statuts as s
left join valeurs as v using (indicateur_id, niveau, code, millesime)
