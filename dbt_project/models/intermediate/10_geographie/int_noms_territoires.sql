-- Every name of a territory of the geographies received, each with the territory whose figures answer for it: its own
-- name, then what communes were called before they merged or changed their name, and what has no figure of its own: an
-- arrondissement municipal counts with its commune, an établissement public territorial with the EPCI of its communes.
-- A postal code is a name of each commune that has it.
with reference as (
    select * from {{ ref('int_communes_reference') }}
),

territoires as (
    select
        'commune' as niveau,
        code,
        libelle,
        departement
    from reference
    union all
    select
        'epci' as niveau,
        epci as code,
        min(epci_libelle) as libelle,
        -- An EPCI over a border is in no single département.
        if(min(departement) = max(departement), min(departement), null) as departement
    from reference
    where epci is not null
    group by epci
    union all
    select
        'ctg' as niveau,
        convention_id as code,
        min(libelle) as libelle,
        if(min(departement) = max(departement), min(departement), null) as departement
    from {{ ref('int_ctg_communes') }}
    group by convention_id
    union all
    select
        'departement' as niveau,
        departement as code,
        libelle,
        departement
    from {{ ref('departements') }}
    union all
    select
        'region' as niveau,
        region as code,
        libelle,
        null as departement
    from {{ ref('regions') }}
    union all
    select
        'france' as niveau,
        'FR' as code,
        'France' as libelle,
        null as departement
),

-- Heirs of the codes that left, by the newest vintage that has them.
heritiers as (
    select
        code_origine,
        max_by(code_reference, cog_millesime) as code_reference
    from {{ ref('int_passage') }}
    where nb_heritiers = 1
    group by code_origine
),

anciens as (
    select
        p.code_origine as code,
        c.libelle,
        p.code_reference,
        p.nature = 'fusion' as reunie
    from {{ ref('stg_insee__cog_communes') }} as c
    inner join {{ ref('int_passage') }} as p on c.cog_millesime = p.cog_millesime and c.code = p.code_origine
    where p.nb_heritiers = 1
    union all
    select
        code,
        libelle,
        commune_parente as code_reference,
        true as reunie
    from {{ ref('stg_insee__cog_deleguees') }}
    union all
    -- Kinds of movements of which all goes to one commune: a name (10), a code (41, 50), mergers (31 to 34).
    select
        m.code_avant as code,
        m.libelle_avant as libelle,
        coalesce(r.code, h.code_reference) as code_reference,
        m.mod not in ('10', '41', '50') as reunie
    from {{ ref('stg_insee__cog_mouvements') }} as m
    left join reference as r on m.code_apres = r.code
    left join heritiers as h on m.code_apres = h.code_origine
    left join reference as a on m.code_avant = a.code and m.code_avant <> m.code_apres
    -- A commune that merged and was restored has its own name again.
    where m.mod in ('10', '31', '32', '33', '34', '41', '50') and a.code is null
),

-- Of the newest list, those of an arrondissement being its commune's.
postaux as (
    select
        p.code_postal,
        p.cog_millesime,
        coalesce(a.commune_parente, p.code) as code,
        count(distinct p.code_postal) over (partition by coalesce(a.commune_parente, p.code)) as nb_codes
    from {{ ref('stg_laposte__codes_postaux') }} as p
    left join {{ ref('stg_insee__cog_arrondissements') }} as a on p.code = a.code
    where p.millesime = (select max(d.millesime) from {{ ref('stg_laposte__codes_postaux') }} as d)
),

noms as (
    select
        niveau as nature,
        code,
        libelle,
        niveau || ':' || code as territoire_id,
        cast(null as varchar) as communes
    from territoires
    union all
    select
        if(bool_or(a.reunie), 'commune_reunie', 'ancien_nom') as nature,
        a.code,
        a.libelle,
        'commune:' || r.code as territoire_id,
        null as communes
    from anciens as a
    inner join reference as r on a.code_reference = r.code
    where a.libelle is not null and (a.code <> r.code or {{ cle_de_nom('a.libelle') }} <> {{ cle_de_nom('r.libelle') }})
    group by a.code, a.libelle, r.code
    union all
    select
        'arrondissement_municipal' as nature,
        code,
        libelle,
        'commune:' || commune_parente as territoire_id,
        null as communes
    from {{ ref('stg_insee__cog_arrondissements') }}
    union all
    select
        'etablissement_public_territorial' as nature,
        e.ept as code,
        any_value(e.ept_libelle) as libelle,
        'epci:' || min(r.epci) as territoire_id,
        array_to_string(list_sort(list(distinct r.libelle || ' (' || r.code || ')')), ', ') as communes
    from {{ ref('stg_insee__ept') }} as e
    inner join {{ ref('int_passage') }} as p on e.cog_millesime = p.cog_millesime and e.code = p.code_origine
    inner join reference as r on p.code_reference = r.code
    where e.millesime = (select max(d.millesime) from {{ ref('stg_insee__ept') }} as d)
    group by e.ept
    -- Where its communes are in two EPCI, no EPCI answers for it.
    having count(distinct r.epci) = 1
    union all
    select distinct
        'code_postal' as nature,
        c.code_postal as code,
        c.code_postal as libelle,
        'commune:' || p.code_reference as territoire_id,
        cast(null as varchar) as communes
    from postaux as c
    inner join {{ ref('int_passage') }} as p on c.cog_millesime = p.cog_millesime and c.code = p.code_origine
    -- Which of several codes each part of a divided commune has, the list does not say.
    where p.nb_heritiers = 1 or c.nb_codes = 1
)

select
    {{ cle_de_nom('n.libelle') }} as cle,
    if(
        n.nature in ('epci', 'ctg'), {{ cle_sans_niveau(cle_de_nom('n.libelle')) }}, {{ cle_de_nom('n.libelle') }}
    ) as cle_courte,
    n.nature,
    n.code,
    n.libelle,
    n.territoire_id,
    t.niveau,
    t.libelle as territoire_libelle,
    t.departement,
    n.communes
from noms as n
inner join territoires as t on n.territoire_id = t.niveau || ':' || t.code
