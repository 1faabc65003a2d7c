-- The mesures each indicateur is made of, read from the dictionary: one line per term and sign.
with cotes as (
    select
        indicateur_id,
        'numerateur' as cote,
        numerateur as formule
    from {{ ref('indicateurs') }}
    where numerateur is not null
    union all
    select
        indicateur_id,
        'denominateur' as cote,
        denominateur as formule
    from {{ ref('indicateurs') }}
    where denominateur is not null
),

termes as (
    select
        indicateur_id,
        cote,
        regexp_extract_all(formule, '[+-]?\s*[a-z0-9_]+') as ecrits,
        trim(unnest(ecrits)) as terme,
        generate_subscripts(ecrits, 1) as rang
    from cotes
)

select
    t.indicateur_id,
    t.cote,
    t.rang,
    trim(ltrim(t.terme, '+-')) as mesure_id,
    case when t.terme like '-%' then -1 else 1 end as signe,
    m.univers,
    m.additive,
    m.sources
from termes as t
left join {{ ref('mesures') }} as m on trim(ltrim(t.terme, '+-')) = m.mesure_id
