-- The conventions, with the years they hold, prolongations included, and the territory their figures are read on: the
-- EPCI where they are the same communes, since some figures are published for EPCI alone. A renewed convention is read
-- against the first year of the one it follows, which is what its evaluation measured.
with prolongations as (
    select
        convention_id,
        max(annee_effet) as annee_prolongation,
        sum(duree_annees) as duree_prolongation,
        max(coalesce(year(nouvelle_date_fin), annee_effet)) as annee_fin
    from {{ ref('stg_ctg__avenants') }}
    where objet = 'prolongation'
    group by convention_id
),

perimetres as (
    select
        convention_id,
        min(epci_identique) as epci_identique,
        list(code order by code) as communes
    from {{ ref('int_ctg_communes') }}
    group by convention_id
),

signataires as (
    select
        s.convention_id,
        string_agg(coalesce(a.nom, s.acteur_id), ' ; ' order by s.ordre) as signataires
    from {{ ref('stg_ctg__signataires') }} as s
    left join {{ ref('stg_ctg__acteurs') }} as a on s.acteur_id = a.acteur_id
    group by s.convention_id
),

datees as (
    select
        c.*,
        coalesce(c.annee_signature, year(c.date_signature)) as signature,
        coalesce(year(c.date_debut), c.annee_signature, year(c.date_signature)) as annee_debut,
        p.epci_identique,
        p.communes
    from {{ ref('stg_ctg__conventions') }} as c
    inner join perimetres as p on c.convention_id = p.convention_id
)

select
    d.convention_id,
    d.version,
    d.statut,
    d.libelle,
    d.signature as annee_signature,
    d.date_debut,
    d.date_fin,
    d.duree_annees,
    d.anciennete_annees,
    d.periodes_evaluees,
    d.millesime,
    d.epci_identique,
    coalesce('epci:' || d.epci_identique, 'ctg:' || d.convention_id) as territoire_id,
    d.annee_debut,
    greatest(coalesce(year(d.date_fin), d.annee_debut + d.duree_annees - 1), a.annee_fin) as annee_fin,
    -- To an asof join, an unknown year is after all others.
    if(d.annee_debut is null, null, coalesce(b.annee_debut, d.annee_debut)) as annee_base,
    a.annee_prolongation,
    a.duree_prolongation,
    s.signataires
from datees as d
left join prolongations as a on d.convention_id = a.convention_id
left join signataires as s on d.convention_id = s.convention_id
-- The last earlier convention of the same communes.
asof left join datees as b on d.communes = b.communes and d.annee_debut > b.annee_debut
