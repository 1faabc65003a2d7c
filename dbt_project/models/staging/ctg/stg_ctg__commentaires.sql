-- What authors write in portraits.
select
    territoire_id,
    numero,
    section,
    place,
    texte,
    auteur,
    date as jour,
    indicateur_id,
    chiffre_territoire,
    chiffre_annee,
    chiffre_valeur
from {{ dernier_etat('commentaires') }}
