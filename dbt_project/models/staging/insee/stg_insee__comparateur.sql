-- Key figures of the communes. A blank is a commune without census (Mayotte) for the counts; for the Filosofi
-- columns it is the producer's secrecy, except where Filosofi does not go (Guadeloupe, Guyane, Mayotte).
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    logements,
    logements__marque,
    residences_principales,
    residences_principales__marque,
    logements_residences_secondaires,
    logements_residences_secondaires__marque,
    logements_vacants,
    logements_vacants__marque,
    residences_principales_proprietaires,
    residences_principales_proprietaires__marque,
    chomeurs_15_64,
    chomeurs_15_64__marque,
    actifs_15_64,
    actifs_15_64__marque,
    mediane_niveau_vie,
    if(mediane_niveau_vie is null and left(code, 3) in ('971', '973', '976'), 'hors_champ', mediane_niveau_vie__marque)
        as mediane_niveau_vie__marque,
    mediane_niveau_vie__millesime,
    taux_pauvrete_60,
    if(taux_pauvrete_60 is null and left(code, 3) in ('971', '973', '976'), 'hors_champ', taux_pauvrete_60__marque)
        as taux_pauvrete_60__marque,
    taux_pauvrete_60__millesime
from {{ source('normalised', 'insee_comparateur__communes') }}
