-- Why a figure is or is not there: one line per indicateur, level where it exists and millésime of the
-- warehouse. A row of the dictionary that was not received has no line in fct_indicateurs; its reason is here.
with millesimes as (
    select distinct millesime from {{ ref('fct_indicateurs') }}
),

niveaux as (
    select
        indicateur_id,
        methode,
        motif_code,
        motif,
        disponible,
        unnest(string_split(niveaux, '+')) as niveau
    from {{ ref('dim_indicateur') }}
),

sources as (
    {{ sources_des_indicateurs(ref('dim_indicateur')) }}
),

-- The levels at which a contract gives figures; a source without a contract has none.
portees as (
    {%- for r in ressources_declarees() %}
        select
            '{{ r.source }}' as source_id,
            '{{ r.niveau }}' as niveau
        {{ 'union distinct' if not loop.last }}
    {%- endfor %}
),

-- By level, the sources that can give the figure: those of the level, and where parts add up those of communes and, for
-- a région, of départements. A CTG reads what is published of the EPCI that is the same communes.
attendues as (
    select distinct
        n.indicateur_id,
        n.niveau,
        s.rang,
        s.source_id
    from niveaux as n
    inner join sources as s on n.indicateur_id = s.indicateur_id
    left join portees as p on s.source_id = p.source_id
    where
        p.niveau is null
        or p.niveau = case when n.niveau = 'ctg' then 'epci' else n.niveau end
        or (n.methode <> 'publie' and (p.niveau = 'commune' or (p.niveau = 'departement' and n.niveau = 'region')))
),

-- The levels at which some source can give it.
promis as (
    select distinct
        indicateur_id,
        niveau
    from attendues
),

manquantes as (
    select
        a.indicateur_id,
        a.niveau,
        if(bool_or(s.en_attente is null), 'source_jamais_recue', 'source_en_attente') as motif_code,
        coalesce(
            'source jamais reçue : '
            || {{ nommer_sources('list(a.source_id order by a.rang) filter (where s.en_attente is null)') }},
            'source en attente : ' || {{ nommer_sources('list(a.source_id order by a.rang)') }}
        ) as motif
    from attendues as a
    left join {{ source('nuit', 'sources') }} as s on a.source_id = s.source_id
    where a.source_id not in (select f.source from {{ source('nuit', 'fichiers') }} as f)
    group by all
),

par_motif as (
    select
        indicateur_id,
        niveau,
        millesime,
        {{ rang_statut('statut') }} as rang_statut,
        motif_code,
        motif,
        count(*) as nombre
    from {{ ref('fct_indicateurs') }}
    group by all
),

presents as (
    -- The best statut obtained, with its most frequent reason.
    select *
    from par_motif
    qualify row_number() over (
        partition by indicateur_id, niveau, millesime
        order by rang_statut asc, nombre desc, motif asc
    ) = 1
),

recus as (
    select
        indicateur_id,
        niveau,
        string_agg(distinct millesime, ', ' order by millesime) as millesimes
    from {{ ref('fct_indicateurs') }}
    group by all
),

-- The question is asked once: the word that tools read and the sentence that people read are one answer.
raisons as (
    select
        n.indicateur_id,
        n.niveau,
        m.millesime,
        coalesce({{ statut_du_rang('p.rang_statut') }}, 'non_disponible') as statut,
        case
            when p.indicateur_id is not null
                then struct_pack(code := p.motif_code, texte := p.motif)
            -- Every source that could give the figure at this level was received.
            when
                not n.disponible and f.motif is null
                and n.motif_code in ('source_jamais_recue', 'source_en_attente')
                then struct_pack(code := 'aucune_valeur', texte := 'aucune valeur dans les sources reçues')
            when not n.disponible and f.motif is null
                then struct_pack(code := n.motif_code, texte := n.motif)
            when r.millesimes is null and f.motif is not null
                then struct_pack(code := f.motif_code, texte := f.motif)
            when r.millesimes is null and a.niveau is not null
                then struct_pack(code := 'aucune_valeur', texte := 'aucune valeur dans les sources reçues')
            when r.millesimes is null
                then struct_pack(code := 'non_publie', texte := 'non publié à ce niveau')
            -- Whether its producer published that year is not known: what was received is.
            else struct_pack(
                code := 'non_recu_ce_millesime',
                texte := concat(
                    'non reçu pour ce millésime (millésimes reçus : ', concat_ws(' ; ', r.millesimes, f.motif), ')'
                )
            )
        end as raison
    from niveaux as n
    cross join millesimes as m
    left join presents as p
        on n.indicateur_id = p.indicateur_id and n.niveau = p.niveau and m.millesime = p.millesime
    left join manquantes as f on n.indicateur_id = f.indicateur_id and n.niveau = f.niveau
    left join recus as r on n.indicateur_id = r.indicateur_id and n.niveau = r.niveau
    left join promis as a on n.indicateur_id = a.indicateur_id and n.niveau = a.niveau
    -- A scope without any territory of a level (a CTG) has nothing to say of it.
    where n.niveau in (select t.niveau from {{ ref('dim_territoire') }} as t)
)

select
    indicateur_id,
    niveau,
    millesime,
    statut,
    raison['code'] as motif_code,
    raison['texte'] as motif
from raisons
