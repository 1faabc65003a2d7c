-- The years from which the evolution of each territory is read: the first year of every convention that covers it. A
-- convention covers its communes, the EPCI and the CTG that are wholly within it; the département, the région and
-- France take its year too, for comparison. `de_reference` is the year that documents cite: the one that the last
-- convention is read against (int_ctg_conventions decides it), and for a CTG, that of its own.
with conventions as (
    select
        convention_id,
        annee_debut as annee,
        annee_base
    from {{ ref('int_ctg_conventions') }}
    where annee_debut is not null
),

membres as (
    select
        v.convention_id,
        v.annee,
        v.annee_base,
        c.code,
        c.departement,
        c.region
    from conventions as v
    inner join {{ ref('int_ctg_communes') }} as c on v.convention_id = c.convention_id
),

groupes as (
    select
        'epci' as niveau,
        epci as code,
        code as commune,
        count(*) over (partition by epci) as communes
    from {{ ref('int_communes_reference') }}
    where epci is not null
    union all
    select
        'ctg' as niveau,
        convention_id as code,
        code as commune,
        count(*) over (partition by convention_id) as communes
    from {{ ref('int_ctg_communes') }}
),

couverts as (
    select
        'commune' as niveau,
        code,
        annee,
        annee_base,
        false as sienne
    from membres
    union all
    select
        g.niveau,
        g.code,
        m.annee,
        m.annee_base,
        g.niveau = 'ctg' and g.code = m.convention_id as sienne
    from membres as m
    inner join groupes as g on m.code = g.commune
    group by m.convention_id, g.niveau, g.code, m.annee, m.annee_base, g.communes
    having count(*) = g.communes
    union all
    select
        'departement' as niveau,
        departement as code,
        annee,
        annee_base,
        false as sienne
    from membres
    union all
    select
        'region' as niveau,
        region as code,
        annee,
        annee_base,
        false as sienne
    from membres
    union all
    select
        'france' as niveau,
        'FR' as code,
        annee,
        annee_base,
        false as sienne
    from membres
)

select
    niveau,
    code,
    cast(annee as integer) as annee,
    annee = arg_max(min(annee_base), row(bool_or(sienne), annee)) over territoire as de_reference
from couverts
group by niveau, code, annee
window territoire as (partition by niveau, code)
