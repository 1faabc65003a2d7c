-- One value per territory, millésime and mesure: where several sources were received, the first of the
-- dictionary's order wins, unless it has nothing to say there.
with candidates as (
    select * from {{ ref('int_sommes') }}
    union all by name
    select * from {{ ref('int_valeurs_publiees') }}
),

classees as (
    select
        c.*,
        {{ rang_statut('c.statut') }} as rang_statut,
        row_number() over (
            partition by c.niveau, c.code, c.mesure_id, c.millesime
            order by
                c.statut = 'non_disponible',
                -- A source that the dictionary does not name comes after those it names.
                list_position(string_split(m.sources, ' > '), c.source_id) nulls last,
                c.source_id
        ) as choix
    from candidates as c
    inner join {{ ref('mesures') }} as m on c.mesure_id = m.mesure_id
)

select
    niveau,
    code,
    mesure_id,
    millesime,
    source_id,
    champ,
    statut,
    rang_statut,
    motif_code,
    motif,
    case when rang_statut <= 2 then valeur end as valeur,
    case when rang_statut <= 2 then borne_basse end as borne_basse,
    case when rang_statut <= 2 then borne_haute end as borne_haute
from classees
where choix = 1
