-- The published figures that are not known to be about the territory as the reference has it: drawn where it was
-- another, or where nobody knows what it was. No line for the others, nor for sums, which are on the reference.
--   compositions received 2020 and 2023, EPCI with a commune less since 2023, reference 2025:
--   drawn in 2018  ->  unknown       drawn in 2020  ->  known, another
--   drawn in 2021  ->  unknown       drawn in 2024  ->  no line
with ctg as (
    select distinct
        convention_id,
        epci_identique
    from {{ ref('int_ctg_communes') }}
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
    -- The vintages known on either side of the one it was drawn in, which may be that one.
    select
        t.niveau,
        t.code,
        t.geographie,
        avant.millesime as avant,
        avant.ecart as ecart_avant,
        apres.millesime as apres,
        apres.ecart as ecart_apres
    from traces as t
    asof left join {{ ref('int_perimetres') }} as avant
        on t.niveau = avant.niveau and t.code = avant.code and t.geographie >= avant.millesime
    asof left join {{ ref('int_perimetres') }} as apres
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

suites as (
    -- When each perimeter that is not that of the reference gave way to another one.
    select
        a.niveau,
        a.code,
        a.avant,
        min(p.millesime) as modifie_en
    from autres as a
    inner join {{ ref('int_perimetres') }} as p
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
        if(connu, e.ecart_avant, null) as ecart,
        if(connu, s.modifie_en, null) as modifie_en,
        case
            when e.avant is null
                then
                    'périmètre inconnu au 1er janvier ' || e.geographie
                    || coalesce(', avant le premier découpage reçu (' || e.apres || ')', '')
            when not connu
                then
                    'périmètre inconnu au 1er janvier ' || e.geographie
                    || ' : modifié entre ' || e.avant || ' et ' || e.apres
            when e.niveau = 'epci'
                then concat(
                    'périmètre différent de la composition de ', e.avant,
                    ' (entrées : ', coalesce(c.entrees, 'aucune'), ' ; sorties : ', coalesce(c.sorties, 'aucune'), ')'
                )
            else 'périmètre différent de celui de ' || e.avant || ' (communes : ' || e.ecart_avant || ')'
        end as detail
    from encadres as e
    left join suites as s on e.niveau = s.niveau and e.code = s.code and e.avant = s.avant
    left join {{ ref('int_epci_changements') }} as c on e.niveau = 'epci' and e.code = c.epci and e.avant = c.millesime
)

select
    p.niveau,
    p.code,
    p.mesure_id,
    p.millesime,
    e.connu,
    e.ecart,
    e.modifie_en,
    e.detail
from publies as p
inner join etats as e on p.niveau_trace = e.niveau and p.code_trace = e.code and p.geographie = e.geographie
where not e.connu or e.ecart is not null
