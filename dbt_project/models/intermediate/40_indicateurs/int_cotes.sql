-- Numerator and denominator of each indicateur, at every level and millésime: the signed sum of its terms,
-- with the worst of their statuts. A term that is missing altogether makes the side non_disponible.
with nombres as (
    select
        indicateur_id,
        cote,
        count(*) as nb_attendus
    from {{ ref('int_termes') }}
    group by all
),

sommes as (
    select
        t.indicateur_id,
        t.cote,
        c.niveau,
        c.code,
        c.millesime,
        sum(t.signe * c.valeur) as valeur,
        case
            when bool_and(if(t.signe > 0, c.borne_basse, c.borne_haute) is not null)
                then sum(if(t.signe > 0, c.borne_basse, -c.borne_haute))
        end as borne_basse,
        case
            when bool_and(if(t.signe > 0, c.borne_haute, c.borne_basse) is not null)
                then sum(if(t.signe > 0, c.borne_haute, -c.borne_basse))
        end as borne_haute,
        max(c.rang_statut) as rang_statut,
        -- The reason of the worst term; the last in alphabetical order where two are as bad.
        max(struct_pack(rang := c.rang_statut, motif := c.motif, code := c.motif_code)) filter (
            where c.motif is not null
        ) as pire,
        min(c.champ) as champ,
        -- Nearly every side has one source: the list is only built where it has several.
        case
            when min(c.source_id) = max(c.source_id) then [min(c.source_id)]
            else list_sort(list_distinct(list(c.source_id)))
        end as sources,
        count(*) as nb_termes
    from {{ ref('int_termes') }} as t
    inner join {{ ref('int_cellules_mesures') }} as c on t.mesure_id = c.mesure_id
    group by all
)

select
    s.indicateur_id,
    s.cote,
    s.niveau,
    s.code,
    s.millesime,
    s.champ,
    s.sources,
    case when s.nb_termes < n.nb_attendus then 4 else s.rang_statut end as rang_statut,
    case when s.nb_termes < n.nb_attendus then 'terme_manquant' else s.pire['code'] end as motif_code,
    case when s.nb_termes < n.nb_attendus then 'un terme de la formule manque' else s.pire['motif'] end as motif,
    case when s.nb_termes = n.nb_attendus and s.rang_statut <= 2 then s.valeur end as valeur,
    case when s.nb_termes = n.nb_attendus and s.rang_statut <= 2 then s.borne_basse end as borne_basse,
    case when s.nb_termes = n.nb_attendus and s.rang_statut <= 2 then s.borne_haute end as borne_haute
from sommes as s
inner join nombres as n on s.indicateur_id = n.indicateur_id and s.cote = n.cote
