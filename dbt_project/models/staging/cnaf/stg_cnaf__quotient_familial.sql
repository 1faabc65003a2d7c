-- Foyers by commune and class of quotient familial, under the mesures each class belongs to. One line per class, each
-- a part of the sum with its own rounding; a class without any line in a commune that has others is a rounded zero.
with tranches as (
    select unnest([
        'Moins de 400 euros', 'Entre 400 et 799 euros', 'Entre 800 et 1199 euros', 'Entre 1200 et 1599 euros',
        'Entre 1600 et 1999 euros', 'Entre 2000 et 3999 euros', '4000 euros ou plus'
    ]) as tranche
),

lues as (
    -- A file carries several years: the newest file holding a year wins.
    select *
    from {{ source('normalised', 'cnaf_quotient_familial_communes__communes') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
),

communes as (
    select distinct
        fichier_sha256,
        millesime_fichier,
        annee,
        cog_millesime,
        code
    from lues
),

completes as (
    select
        c.*,
        t.tranche,
        coalesce(l.foyers, 0) as foyers
    from communes as c
    cross join tranches as t
    left join lues as l on c.annee = l.annee and c.code = l.code and t.tranche = l.tranche
)

select
    fichier_sha256,
    millesime_fichier,
    annee as millesime,
    cog_millesime,
    code,
    tranche,
    if(tranche = 'Moins de 400 euros', foyers, null) as foyers_qf_moins_400,
    if(tranche in ('Moins de 400 euros', 'Entre 400 et 799 euros'), foyers, null) as foyers_qf_moins_800,
    foyers as foyers_qf_connu
from completes
