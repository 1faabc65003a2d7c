-- A BPE received whose types no line of seeds/bpe_types.csv names for its year: it gives no figure, and its source
-- reads as received. Its codes are not those of another year, and are read in its own metadata.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_insee__bpe'}}}) }}
select distinct millesime
from {{ ref('stg_insee__bpe') }}
where millesime not in (select t.millesime from {{ ref('bpe_types') }} as t)
