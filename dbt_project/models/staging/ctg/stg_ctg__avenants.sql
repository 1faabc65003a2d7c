-- What changed a convention since it was signed.
select
    convention_id,
    numero,
    objet,
    coalesce(annee_effet, year(date_effet)) as annee_effet,
    duree_annees,
    nouvelle_date_fin
from {{ dernier_etat('avenants') }}
