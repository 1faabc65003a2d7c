-- What happened to communes, from the newest file only: past rows are revised, so files do not add up.
-- A merger is four lines in the source; only the one from commune to commune moves a figure. A territory that joins
-- France has no code before, one that leaves it none after.
with mouvements as (
    select
        date_effet,
        mod,
        code_avant,
        libelle_avant,
        code_apres,
        libelle_apres
    from {{ source('normalised', 'insee_cog_mouvements__mouvements') }}
    where
        coalesce(typecom_avant, 'COM') = 'COM'
        and coalesce(typecom_apres, 'COM') = 'COM'
        and millesime_fichier = (
            select max(m.millesime_fichier) from {{ source('normalised', 'insee_cog_mouvements__mouvements') }} as m
        )
),

transferts as (
    select distinct
        date_effet,
        code_apres as code,
        libelle_apres as libelle
    from mouvements
    where mod in ('41', '50') and code_avant <> code_apres
)

select
    m.date_effet,
    m.mod,
    m.code_avant,
    m.code_apres,
    min(m.libelle_avant) as libelle_avant,
    -- Events of one day are simultaneous, but for what befalls a commune under a code it took that very day: its name
    -- tells it from the commune that bore the code until then.
    max(if(t.code is null, m.date_effet, m.date_effet + interval 12 hours)) as instant
from mouvements as m
left join transferts as t
    on m.date_effet = t.date_effet and m.code_avant = t.code and m.libelle_avant = t.libelle
group by m.date_effet, m.mod, m.code_avant, m.code_apres
