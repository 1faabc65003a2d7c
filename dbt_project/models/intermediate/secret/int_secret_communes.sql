-- What the secrecy engine protects, at its finest: the mesures of the extract by commune of its own COG. No line is 0.
select
    millesime,
    mesure_id,
    code as atome,
    valeur,
    n,
    max1,
    max2
from {{ ref('int_extrait_communes') }}
where valeur > 0
