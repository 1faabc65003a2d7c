-- What authors write in the portraits of the scope, signed, with the figure that each quotes.
select
    s.territoire_id,
    cast(s.ordre as integer) as ordre,
    s.section,
    s.place,
    s.texte,
    s.auteur,
    s.jour,
    s.indicateur_id,
    s.chiffre_territoire,
    cast(s.chiffre_annee as integer) as chiffre_annee,
    cast(s.chiffre_valeur as double) as chiffre_valeur
from {{ ref('int_ctg_commentaires') }} as s
inner join {{ ref('dim_territoire') }} as t on s.territoire_id = t.territoire_id
