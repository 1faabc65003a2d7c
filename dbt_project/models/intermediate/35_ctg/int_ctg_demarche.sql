-- What the documents tell of the making of each convention, with the name of who decides or acts.
select
    d.convention_id,
    d.numero as ordre,
    d.nature,
    d.texte,
    d.jour,
    d.periode,
    d.etat,
    coalesce(a.nom, d.acteur_id) as acteur
from {{ ref('stg_ctg__demarche') }} as d
left join {{ ref('stg_ctg__acteurs') }} as a on d.acteur_id = a.acteur_id
