-- From a commune of any vintage to the communes of the reference COG, following Insee's movements as facts:
-- mergers have one heir, a split has several. A code that left and came back is flagged.
with recursive reference as (
    select max(cog_millesime) as cog_reference from {{ ref('stg_insee__cog_communes') }}
),

evenements as (
    -- One line per code and date at which something happened to it, with the date before.
    select
        code_avant,
        date_effet,
        lag(date_effet) over (partition by code_avant order by date_effet) as date_precedente
    from (
        select distinct
            code_avant,
            date_effet
        from {{ ref('stg_insee__cog_mouvements') }}
        where date_effet > make_date((select min(c.cog_millesime) from {{ ref('int_cog_annuel') }} as c), 1, 1)
    )
),

marche as (
    select
        cog_millesime,
        code as code_origine,
        code,
        make_date(cog_millesime, 1, 1) as depuis,
        false as par_transfert
    from {{ ref('int_cog_annuel') }}
    -- Nine communes in ten never moved: only the others have to be followed.
    where code in (select e.code_avant from evenements as e)
    union
    select
        p.cog_millesime,
        p.code_origine,
        m.code_apres as code,
        e.date_effet as depuis,
        m.mod in ('41', '50') and m.code_avant <> m.code_apres as par_transfert
    from marche as p
    inner join evenements as e
        on
            p.code = e.code_avant
            -- The next thing that happened to the code. Events of one day are simultaneous, except that a
            -- commune may take a new code (a transfer) and merge under it on the same day.
            and case
                when p.par_transfert
                    then p.depuis <= e.date_effet and coalesce(e.date_precedente, date '1900-01-01') < p.depuis
                else p.depuis < e.date_effet and coalesce(e.date_precedente, date '1900-01-01') <= p.depuis
            end
    inner join {{ ref('stg_insee__cog_mouvements') }} as m
        on e.code_avant = m.code_avant and e.date_effet = m.date_effet
    where e.date_effet <= make_date((select r.cog_reference from reference as r), 1, 1)
),

arrivees as (
    select
        p.cog_millesime,
        p.code_origine,
        p.code as code_reference,
        p.depuis > make_date(p.cog_millesime, 1, 1) as a_bouge
    from marche as p
    left join evenements as e
        on
            p.code = e.code_avant
            and if(p.par_transfert, p.depuis <= e.date_effet, p.depuis < e.date_effet)
            and e.date_effet <= make_date((select r.cog_reference from reference as r), 1, 1)
    where e.code_avant is null
    union all
    select
        cog_millesime,
        code as code_origine,
        code as code_reference,
        false as a_bouge
    from {{ ref('int_cog_annuel') }}
    where code not in (select e.code_avant from evenements as e)
),

presences as (
    -- A code that is absent from a vintage between two where it is present came back.
    select code
    from (
        select
            c.code,
            count(*) as presents,
            min(v.rang) as premier,
            max(v.rang) as dernier
        from {{ ref('int_cog_annuel') }} as c
        inner join (
            select
                cog_millesime,
                row_number() over (order by cog_millesime) as rang
            from (select distinct cog_millesime from {{ ref('int_cog_annuel') }})
        ) as v on c.cog_millesime = v.cog_millesime
        group by all
    )
    where presents < dernier - premier + 1
),

heritiers as (
    select
        *,
        count(*) over (partition by cog_millesime, code_origine) as nb_heritiers,
        count(*) over (partition by cog_millesime, code_reference) as nb_origines
    from arrivees
)

select
    h.cog_millesime,
    h.code_origine,
    h.code_reference,
    h.nb_heritiers,
    case
        when h.nb_heritiers > 1 then 'scission'
        when
            h.a_bouge
            and (
                h.code_origine in (select p.code from presences as p)
                or h.code_reference in (select p.code from presences as p)
            )
            then 'code_repris'
        when h.nb_origines > 1 then 'fusion'
        when h.code_origine <> h.code_reference then 'changement_code'
        else 'identique'
    end as nature
from heritiers as h
