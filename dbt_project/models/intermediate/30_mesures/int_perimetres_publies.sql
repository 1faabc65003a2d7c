-- The published figures whose territory is another than in the reference, or is unknown; those whose territory is
-- deduced (`deduit`): their vintage was not received, and the vintages around it are alike; and those whose territory
-- the producer's own totals prove (`preuve`). Other figures have no line, nor have sums, which are on the reference.
--   compositions received 2020 and 2023, EPCI with a commune less since 2023, reference 2025:
--   drawn in 2018  ->  unknown       drawn in 2020  ->  known, another
--   drawn in 2021  ->  unknown       drawn in 2024  ->  deduced, 2023 and 2025 being alike
with ctg as (
    select distinct
        convention_id,
        epci_identique
    from {{ ref('int_ctg_communes') }}
),

perimetres as (
    -- `liste`: the list received that holds these communes.
    select
        niveau,
        code,
        millesime,
        millesime as liste,
        ecart,
        cast(null as varchar) as preuve
    from {{ ref('int_perimetres') }}
    union all
    select
        'epci' as niveau,
        epci as code,
        geographie as millesime,
        liste,
        ecart,
        concat(
            'périmètre prouvé au 1er janvier ', geographie, ' : ', {{ nombre_affiche('menages_fiscaux', 0, 'false') }},
            ' ménages fiscaux publiés en ', millesime, ', la somme exacte de ses ', nb_communes, ' communes de ', liste
        ) as preuve
    from {{ ref('int_perimetres_prouves') }}
),

publies as (
    select
        c.niveau,
        c.code,
        c.mesure_id,
        c.millesime,
        c.geographie,
        if(c.niveau = 'ctg', 'epci', c.niveau) as niveau_trace,
        if(c.niveau = 'ctg', t.epci_identique, c.code) as code_trace
    from {{ ref('int_cellules_mesures') }} as c
    left join ctg as t on c.niveau = 'ctg' and c.code = t.convention_id
    where c.geographie is not null and c.niveau in ('ctg', 'epci', 'departement', 'region')
),

traces as (
    select distinct
        niveau_trace as niveau,
        code_trace as code,
        geographie
    from publies
),

encadres as (
    -- The known vintages before and after the figure's own, which may be one of them.
    select
        t.niveau,
        t.code,
        t.geographie,
        avant.millesime as avant,
        avant.ecart as ecart_avant,
        avant.liste,
        if(avant.millesime = t.geographie, avant.preuve, null) as preuve,
        apres.millesime as apres,
        apres.liste as liste_apres,
        apres.ecart as ecart_apres
    from traces as t
    asof left join perimetres as avant
        on t.niveau = avant.niveau and t.code = avant.code and t.geographie >= avant.millesime
    asof left join perimetres as apres
        on t.niveau = apres.niveau and t.code = apres.code and t.geographie <= apres.millesime
),

autres as (
    select distinct
        niveau,
        code,
        avant,
        ecart_avant
    from encadres
    where ecart_avant is not null
),

populations as (
    select
        niveau,
        code,
        arg_max(valeur, millesime) as population
    from {{ ref('int_cellules_mesures') }}
    where mesure_id = 'population_municipale' and niveau in ('commune', 'epci', 'departement', 'region') and valeur > 0
    group by all
),

deplacees as (
    -- The communes that set each apart: of the reference for an EPCI, of the vintage for wider territories.
    select
        niveau,
        code,
        avant,
        unnest(string_split(ecart_avant, ',')) as commune
    from autres
),

parts as (
    -- The part of the territory's inhabitants of today in these communes; NULL where one has no population.
    select
        d.niveau,
        d.code,
        d.avant,
        if(count(c.population) = count(*), sum(c.population) / any_value(t.population), null) as part_deplacee
    from deplacees as d
    left join {{ ref('int_passage') }} as g
        on d.niveau <> 'epci' and d.avant = g.cog_millesime and d.commune = g.code_origine
    left join populations as c on c.niveau = 'commune' and coalesce(g.code_reference, d.commune) = c.code
    left join populations as t on d.niveau = t.niveau and d.code = t.code
    group by all
),

suites as (
    -- When each perimeter that differs from the reference ended.
    select
        a.niveau,
        a.code,
        a.avant,
        min(p.millesime) as modifie_en
    from autres as a
    inner join perimetres as p
        on
            a.niveau = p.niveau
            and a.code = p.code
            and a.avant < p.millesime
            and a.ecart_avant is distinct from p.ecart
    group by all
),

etats as (
    select
        e.niveau,
        e.code,
        e.geographie,
        -- Past the last vintage, the reference stands until a newer one is received.
        e.avant is not null and (e.apres is null or e.ecart_avant is not distinct from e.ecart_apres) as connu,
        connu and e.avant < e.geographie and e.apres > e.geographie as deduit,
        e.preuve,
        if(connu, e.ecart_avant, null) as ecart,
        if(connu, s.modifie_en, null) as modifie_en,
        case
            when connu and e.ecart_avant is null then 0
            when connu then cast(p.part_deplacee as double)
        end as part_deplacee,
        case
            when e.avant is null
                then
                    'périmètre inconnu au 1er janvier ' || e.geographie
                    || coalesce(' : la première liste de communes reçue est de ' || e.liste_apres, '')
            when not connu
                then
                    'périmètre inconnu au 1er janvier ' || e.geographie
                    || ' : modifié entre ' || e.avant || ' et ' || e.apres
            when e.ecart_avant is null and e.preuve is not null then e.preuve
            when e.ecart_avant is null
                then
                    'périmètre déduit au 1er janvier ' || e.geographie
                    || ' : le même en ' || e.avant || ' et en ' || e.apres
            when e.niveau = 'epci'
                then concat(
                    'périmètre différent de la composition de ', e.liste,
                    ' (entrées : ', coalesce(c.entrees, 'aucune'), ' ; sorties : ', coalesce(c.sorties, 'aucune'), ')'
                )
            else 'périmètre différent de celui de ' || e.avant || ' (communes : ' || e.ecart_avant || ')'
        end as detail
    from encadres as e
    left join suites as s on e.niveau = s.niveau and e.code = s.code and e.avant = s.avant
    left join parts as p on e.niveau = p.niveau and e.code = p.code and e.avant = p.avant
    left join {{ ref('int_epci_changements') }} as c on e.niveau = 'epci' and e.code = c.epci and e.liste = c.millesime
)

select
    p.niveau,
    p.code,
    p.mesure_id,
    p.millesime,
    e.connu,
    coalesce(e.deduit, false) as deduit,
    e.preuve,
    e.ecart,
    e.modifie_en,
    e.part_deplacee,
    e.detail
from publies as p
inner join etats as e on p.niveau_trace = e.niveau and p.code_trace = e.code and p.geographie = e.geographie
where not e.connu or e.ecart is not null or e.deduit or e.preuve is not null
