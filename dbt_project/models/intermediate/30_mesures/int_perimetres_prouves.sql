-- EPCI in the vintages that no list tells, where the producer's own figures prove what they held: the total that it
-- publishes for the EPCI is the sum of what it publishes for each commune of a list received for another vintage.
-- Fiscal households are the count that is published exact at both levels.
--   published for the EPCI, drawn in 2017    7 665
--   its communes of the list of 2019         5 000 + 2 665          proved
--   one of them hidden, or another total                            not proved
with composees as (
    select distinct millesime from {{ ref('int_epci_annuel') }}
),

publiees as (
    select
        m.*,
        if(s.decoupage = 'janvier_suivant', m.millesime + 1, m.cog_millesime) as geographie
    from {{ ref('int_mesures_publiees') }} as m
    inner join {{ ref('int_sources') }} as s on m.source_id = s.source_id
    where m.mesure_id = 'menages_fiscaux' and not m.arrondi
),

parutions as (
    select distinct
        source_id,
        millesime,
        cog_millesime
    from publiees
    where niveau = 'commune'
),

communes as (
    -- A commune of the reference is counted where each commune that became it is, and became no other.
    select
        a.source_id,
        a.millesime,
        p.code_reference as code,
        sum(c.valeur) as valeur,
        count(c.valeur) = count(*) and max(p.nb_heritiers) = 1 as entiere
    from parutions as a
    inner join {{ ref('int_passage') }} as p on a.cog_millesime = p.cog_millesime
    left join publiees as c
        on
            c.niveau = 'commune'
            and a.source_id = c.source_id
            and a.millesime = c.millesime
            and a.cog_millesime = c.cog_millesime
            and p.code_origine = c.code
    group by all
),

annees as (
    select distinct
        source_id,
        millesime
    from communes
),

membres as (
    select distinct
        millesime as liste,
        epci,
        code_reference as code
    from {{ ref('int_epci_annuel') }}
),

sommes as (
    select
        a.source_id,
        a.millesime,
        m.liste,
        m.epci,
        sum(c.valeur) as somme,
        count(*) as nb_communes
    from membres as m
    cross join annees as a
    left join communes as c on m.code = c.code and a.source_id = c.source_id and a.millesime = c.millesime
    group by all
    having bool_and(coalesce(c.entiere, false))
)

select
    p.code as epci,
    p.geographie,
    s.liste,
    d.ecart,
    p.millesime,
    s.nb_communes,
    cast(p.valeur as integer) as menages_fiscaux
from publiees as p
inner join sommes as s
    on p.source_id = s.source_id and p.millesime = s.millesime and p.code = s.epci and p.valeur = s.somme
inner join {{ ref('int_perimetres') }} as d on d.niveau = 'epci' and p.code = d.code and s.liste = d.millesime
anti join composees as r on p.geographie = r.millesime
where p.niveau = 'epci'
-- Several lists are nearly always the same communes: the nearest one is named.
qualify row_number() over (
    partition by p.code, p.geographie
    order by abs(s.liste - p.geographie) asc, s.liste asc, p.millesime asc, p.source_id asc
) = 1
