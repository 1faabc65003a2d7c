-- One coverage rate per territory and year: where the historical and the current series disagree, the
-- current one wins (the test taux_couverture_series_concordantes tells by how much).
select *
from {{ ref('stg_cnaf__taux_couverture_series') }}
qualify row_number() over (
    partition by niveau, code, millesime
    order by serie asc, millesime_fichier desc
) = 1
