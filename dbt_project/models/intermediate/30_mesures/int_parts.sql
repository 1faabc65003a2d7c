-- One line per part of a sum: what a file says, or owes, of one commune of its own COG. A covered commune
-- without a line is a part too: zero in an exhaustive register, unknown elsewhere.
with fichiers as (
    select * from {{ source('nuit', 'fichiers') }}
),

lues as (
    -- Paris, Lyon and Marseille once: where the file holds the commune and its arrondissements, the
    -- commune's own line; where it holds arrondissements only, their sum.
    select
        m.source_id,
        m.fichier_sha256,
        m.millesime_fichier,
        m.mesure_id,
        m.millesime,
        m.cog_millesime,
        coalesce(a.commune_parente, m.code) as code,
        m.code as code_lu,
        m.valeur,
        m.marque,
        m.arrondi,
        m.amplitude,
        coalesce(m.retenue, false) as retenue,
        f.couverture,
        f.champ,
        f.absence
    from {{ ref('int_mesures_additives') }} as m
    inner join fichiers as f
        on
            m.source_id = f.source
            and m.fichier_sha256 = f.sha256
            and m.millesime_fichier = f.millesime
            -- One file may hold every level.
            and f.niveau = 'commune'
    left join {{ ref('stg_insee__cog_arrondissements') }} as a on m.code = a.code
    left join {{ ref('int_couverture') }} as k
        on f.couverture = k.couverture and m.cog_millesime = k.cog_millesime and m.code = k.code
    where
        not (f.paris_lyon_marseille = 'les_deux' and a.code is not null)
        -- A blank line outside what the file covers (Mayotte in a census) is not a part that is missing.
        and not (m.marque is not distinct from 'manquant' and k.code is null)
),

-- A commune that a file leaves out may have been rounded to zero on as many lines as another one has: one for each
-- class of the quotient familial.
series as (
    select
        * exclude (code_lu, lignes),
        max(lignes) as lignes
    from (
        select
            source_id,
            fichier_sha256,
            millesime_fichier,
            mesure_id,
            millesime,
            cog_millesime,
            couverture,
            champ,
            absence,
            code_lu,
            count(*) as lignes
        from lues
        group by all
    ) as par_code
    group by all
),

villes as (
    select distinct
        source_id,
        fichier_sha256,
        mesure_id,
        millesime,
        code
    from lues
    where code <> code_lu
),

attendues as (
    -- What a file owes: each commune that it covers, and of a city that it gives by arrondissement, all of these.
    select
        s.*,
        c.code,
        c.code as code_attendu
    from series as s
    inner join {{ ref('int_couverture') }} as c
        on s.couverture = c.couverture and s.cog_millesime = c.cog_millesime
    where s.absence <> 'sans_objet'
    union all
    select
        s.*,
        v.code,
        a.code as code_attendu
    from series as s
    inner join villes as v
        on
            s.source_id = v.source_id
            and s.fichier_sha256 = v.fichier_sha256
            and s.mesure_id = v.mesure_id
            and s.millesime = v.millesime
    inner join {{ ref('stg_insee__cog_arrondissements') }} as a on v.code = a.commune_parente
    -- In a register the other communes are zero; in a list that is not whole, the lines read already say so.
    where s.absence in ('inconnu', 'arrondie')
),

rendues as (
    -- A city is there as soon as one of its arrondissements is. Two lines, for a join on equalities alone: on either of
    -- two codes, DuckDB compares every line of one side with every line of the other.
    select
        source_id,
        fichier_sha256,
        mesure_id,
        millesime,
        code
    from lues
    union all
    select
        source_id,
        fichier_sha256,
        mesure_id,
        millesime,
        code_lu as code
    from lues
    where code <> code_lu
),

dues as (
    select a.*
    from attendues as a
    anti join rendues as r
        on
            a.source_id = r.source_id
            and a.fichier_sha256 = r.fichier_sha256
            and a.mesure_id = r.mesure_id
            and a.millesime = r.millesime
            and a.code_attendu = r.code
),

p as (
    {{ arrondi_du_producteur() }}
),

connues as (
    select
        l.source_id,
        l.mesure_id,
        l.millesime,
        l.cog_millesime,
        l.couverture,
        l.champ,
        l.code,
        case when l.marque = 'secret' then 'secret' when l.marque is not null then 'absent' else 'lu' end as etat,
        if({{ motif_de_la_marque('l.marque') }} is not null, l.marque, null) as motif_code,
        {{ motif_de_la_marque('l.marque') }} as motif,
        l.arrondi,
        l.valeur,
        l.amplitude,
        l.retenue,
        {{ incertitude_lue('l') }},
        l.absence = 'lacunaire' as lacunaire,
        l.code <> l.code_lu as arrondissement
    from lues as l
    cross join p
)

-- A list that is not whole gives a minimum.
select
    * replace (
        if(lacunaire, null, enveloppe_haute) as enveloppe_haute,
        if(lacunaire, null, milieu_haute) as milieu_haute
    )
from connues
union all
select
    d.source_id,
    d.mesure_id,
    d.millesime,
    d.cog_millesime,
    d.couverture,
    d.champ,
    d.code,
    case d.absence when 'zero' then 'lu' else 'absent' end as etat,
    null as motif_code,
    null as motif,
    false as arrondi,
    case d.absence when 'zero' then cast(0 as decimal(30, 15)) end as valeur,
    null as amplitude,
    false as retenue,
    cast(0 as decimal(30, 15)) as enveloppe_basse,
    case d.absence when 'zero' then 0 when 'arrondie' then d.lignes * p.demi end as enveloppe_haute,
    cast(0 as decimal(30, 15)) as milieu_basse,
    case d.absence when 'zero' then 0 when 'arrondie' then d.lignes * p.zero_moyen end as milieu_haute,
    if(d.absence = 'arrondie', d.lignes * p.variance_d_un_zero, 0) as variance,
    d.absence = 'lacunaire' as lacunaire,
    d.code <> d.code_attendu as arrondissement
from dues as d
cross join p
