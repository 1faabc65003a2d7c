-- The EPCI nearest to each EPCI of the build, whatever its scopes, and what each criterion adds to their distance: the
-- root of the weighted mean of squared differences, in spreads of each criterion over all EPCI, none counted for more
-- than `ecart_de_critere`. Whole numbers add up alike in any order; equal distances are in the order of codes.
with seuils as (
    select
        cast(max(valeur) filter (where parametre = 'semblables') as integer) as combien,
        cast(1000 * max(valeur) filter (where parametre = 'ecart_de_critere') as bigint) as plafond,
        max(valeur) filter (where parametre = 'critere_connu') as connu,
        max(valeur) filter (where parametre = 'poids_des_criteres_communs') as commun
    from {{ ref('parametres') }}
),

epci as (
    select
        r.epci as code,
        min(r.epci_libelle) as libelle,
        string_agg(distinct d.libelle, ', ' order by d.libelle) as departements
    from {{ ref('int_communes_reference') }} as r
    left join {{ ref('departements') }} as d on r.departement = d.departement
    where r.epci is not null
    group by r.epci
),

chiffres as (
    -- A partial sum is too low: two such EPCI would be alike by what they lack.
    select
        c.code,
        c.indicateur_id,
        c.millesime,
        c.valeur,
        k.poids,
        if(k.transformation = 'log', if(c.valeur > 0, ln(c.valeur), null), c.valeur) as mesure
    from {{ ref('int_cellules_indicateurs') }} as c
    inner join {{ ref('criteres_semblables') }} as k on c.indicateur_id = k.indicateur_id
    inner join epci on c.code = epci.code
    where
        c.niveau = 'epci' and c.statut in ('observe', 'arrondi') and mesure is not null
        -- A distance would tell the readers of one scope of what a Caf gave of the territory of another.
        and not coalesce(
            list_has_any(
                string_split(c.source_ids, '+'),
                (select list(s.source_id) filter (s.diffusion <> 'publique') from {{ source('nuit', 'sources') }} as s)
            ),
            false
        )
),

criteres as (
    -- All are compared in the newest year that nearly all have. 1.349 standard deviations lie between the quartiles of
    -- a normal law. A criterion on which half of them are alike sets none apart.
    select
        c.indicateur_id,
        c.millesime,
        c.poids,
        (quantile_cont(c.mesure, 0.75) - quantile_cont(c.mesure, 0.25)) / 1.349 as etendue
    from chiffres as c
    cross join seuils as s
    group by c.indicateur_id, c.millesime, c.poids, s.connu
    having 100 * count(*) >= s.connu * (select count(*) from epci) and etendue > 0
    qualify c.millesime = max(c.millesime) over (partition by c.indicateur_id)
),

places as materialized (
    select
        c.code,
        c.indicateur_id,
        c.millesime,
        c.poids,
        cast(round(1000 * c.mesure / k.etendue) as bigint) as place
    from chiffres as c
    inner join criteres as k on c.indicateur_id = k.indicateur_id and c.millesime = k.millesime
),

distances as (
    select
        a.code,
        b.code as semblable,
        cast(sum(a.poids * pow(least(abs(a.place - b.place), s.plafond), 2)) as bigint) as carres,
        cast(sum(a.poids) as bigint) as poids
    from places as a
    inner join places as b on a.indicateur_id = b.indicateur_id and a.code <> b.code
    cross join seuils as s
    group by a.code, b.code
),

proches as (
    select
        d.*,
        row_number() over (partition by d.code order by d.carres / d.poids, d.semblable) as rang,
        count(*) over (partition by d.code) as candidats,
        s.combien,
        s.plafond
    from distances as d
    cross join seuils as s
    where 100 * d.poids >= s.commun * (select sum(k.poids) from criteres as k)
)

select
    p.code,
    p.semblable,
    e.libelle as semblable_libelle,
    e.departements as semblable_departements,
    p.rang,
    p.candidats,
    round(sqrt(p.carres / p.poids) / 1000, 2) as distance,
    a.indicateur_id,
    a.millesime,
    (a.place - b.place) / 1000 as ecart,
    if(
        p.carres = 0, 0, 100 * a.poids * pow(least(abs(a.place - b.place), p.plafond), 2) / p.carres
    ) as part
from proches as p
inner join epci as e on p.semblable = e.code
inner join places as a on p.code = a.code
inner join places as b on p.semblable = b.code and a.indicateur_id = b.indicateur_id
-- Never more than half of the candidates: with nearly all of them, the nearest would mean nothing.
where p.rang <= least(p.combien, p.candidats // 2)
