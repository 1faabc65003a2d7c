select
    i.libelle as indicateur,
    i.theme_libelle,
    i.description,
    coalesce(u.libelle_pluriel, u.suffixe, '') as unite_libelle,
    i.unite,
    i.indicateur_id
from marts.dim_indicateur as i
inner join marts.dim_unite as u on u.unite = i.unite
where i.disponible and u.nature = 'nombre'
