-- The sources whose figures of an indicateur are one series of their producer, though they come in several files
-- (seeds/series.csv). Where two of them give the same figures of one year, nearly all are equal, or none of the series
-- is: then each source stays its own.
--   FILO2019 and the comparateur, medians of 2019: 31 355 equal of 31 357  ->  one series
--   a source that says 1 % otherwise                                       ->  no line: its evolutions are refused
with declarees as (
    select * from {{ ref('series') }}
),

valeurs as (
    select
        d.serie,
        m.mesure_id,
        m.source_id,
        m.niveau,
        m.code,
        m.millesime,
        any_value(m.valeur) as valeur
    from {{ ref('stg_mesures_declarees') }} as m
    inner join declarees as d on m.mesure_id = d.mesure_id and m.source_id = d.source_id
    where m.valeur is not null
    group by all
    having min(m.valeur) = max(m.valeur)
),

recoupements as (
    select
        a.serie,
        a.mesure_id,
        a.source_id,
        b.source_id as autre,
        count(*) as communs,
        count(*) filter (where a.valeur = b.valeur) as egaux
    from valeurs as a
    inner join valeurs as b
        on
            a.serie = b.serie
            and a.mesure_id = b.mesure_id
            and a.niveau = b.niveau
            and a.code = b.code
            and a.millesime = b.millesime
            and a.source_id < b.source_id
    group by all
),

contredites as (
    select distinct
        r.serie,
        r.mesure_id
    from recoupements as r
    inner join {{ ref('parametres') }} as p on p.parametre = 'accord_de_serie'
    where 100 * r.egaux < p.valeur * r.communs
)

select
    i.indicateur_id,
    d.source_id,
    d.serie
from declarees as d
inner join {{ ref('indicateurs') }} as i on d.mesure_id = i.numerateur and i.methode = 'publie'
anti join contredites as c on d.serie = c.serie and d.mesure_id = c.mesure_id
