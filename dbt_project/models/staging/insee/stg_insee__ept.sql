-- Members of the établissements publics territoriaux of the Grand Paris.
select
    millesime_fichier as millesime,
    cog_millesime,
    code,
    ept,
    ept_libelle
from {{ source('normalised', 'insee_ept__composition') }}
where ept is not null
