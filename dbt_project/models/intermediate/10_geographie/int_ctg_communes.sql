-- The communes of each CTG in the reference geography. A perimeter is dated: the one kept is the last, in force on the
-- last day of the convention, prolongations included, or on the last day any commune is in it where that is before. A
-- merged commune follows the commune that received the others, whether or not they were all in the perimeter
-- (`entiere` is false where they were not).
with conventions as (
    select
        c.convention_id,
        c.libelle,
        -- An avenant that says no day prolongs to the end of its year, as int_ctg_conventions reads it.
        greatest(c.date_fin, max(coalesce(a.nouvelle_date_fin, make_date(a.annee_effet, 12, 31)))) as dernier_jour
    from {{ ref('stg_ctg__conventions') }} as c
    left join {{ ref('stg_ctg__avenants') }} as a
        on c.convention_id = a.convention_id and a.objet = 'prolongation'
    group by c.convention_id, c.libelle, c.date_fin
),

datees as (
    select
        p.convention_id,
        p.cog_millesime,
        p.code,
        c.libelle,
        c.dernier_jour,
        coalesce(p.date_fin, c.dernier_jour, date '9999-12-31') as jusqu_au
    from {{ ref('stg_ctg__perimetres') }} as p
    inner join conventions as c on p.convention_id = c.convention_id
),

dernieres as (
    select *
    from datees
    qualify jusqu_au >= least(dernier_jour, max(jusqu_au) over (partition by convention_id))
),

touchees as (
    select distinct
        d.convention_id,
        d.libelle,
        d.cog_millesime,
        p.code_reference
    from dernieres as d
    inner join {{ ref('int_passage') }} as p on d.cog_millesime = p.cog_millesime and d.code = p.code_origine
),

origines as (
    -- Every origin of each commune the perimeter touches, in the perimeter or not.
    select
        t.convention_id,
        t.libelle,
        t.code_reference as code,
        bool_and(d.code is not null) as entiere,
        bool_or(o.code_origine = o.code_reference) as receveuse_connue,
        bool_or(o.code_origine = o.code_reference and d.code is not null) as receveuse_presente
    from touchees as t
    inner join {{ ref('int_passage') }} as o
        on t.cog_millesime = o.cog_millesime and t.code_reference = o.code_reference
    left join dernieres as d
        on t.convention_id = d.convention_id and t.cog_millesime = d.cog_millesime and o.code_origine = d.code
    group by all
),

membres as (
    select
        convention_id,
        libelle,
        code,
        entiere
    from origines
    where receveuse_presente or (entiere and not receveuse_connue)
),

effectifs as (
    select
        epci,
        count(*) as communes
    from {{ ref('int_communes_reference') }}
    where epci is not null
    group by all
)

select
    m.convention_id,
    m.libelle,
    m.code,
    r.departement,
    r.region,
    r.epci,
    m.entiere,
    -- The EPCI the CTG is, commune for commune: what is published for one holds for the other.
    case
        when
            min(r.epci) over ctg = max(r.epci) over ctg
            and count(r.epci) over ctg = count(*) over ctg
            and count(*) over ctg = e.communes
            then r.epci
    end as epci_identique
from membres as m
inner join {{ ref('int_communes_reference') }} as r on m.code = r.code
left join effectifs as e on r.epci = e.epci
window ctg as (partition by m.convention_id)
