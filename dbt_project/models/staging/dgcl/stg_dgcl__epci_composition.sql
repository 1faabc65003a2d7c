-- Members of each EPCI on 1 January of the file's year.
select
    millesime_fichier as millesime,
    cog_millesime,
    code,
    epci,
    epci_libelle,
    population_municipale as population_municipale_controle
from {{ source('normalised', 'dgcl_epci_composition__composition') }}
