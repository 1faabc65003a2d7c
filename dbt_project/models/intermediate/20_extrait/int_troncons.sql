-- In how many runs of consecutive communes of a chain a territory is: the sum of a run is as near the true one as one
-- commune is, whatever its length.
--   EPCI of ranks 3 4 5 of one département            -> 1 run: the true sum is within one amplitude
--   convention of ranks 3 4 9 and of another's 1      -> 3 runs: within three
with membres as (
    select distinct
        a.source_id,
        a.millesime,
        a.departement,
        a.rang,
        r.niveau,
        r.code
    from {{ ref('int_comptes_arrondis') }} as a
    inner join {{ ref('int_rattachement') }} as r
        on a.cog_millesime = r.cog_millesime and a.code = r.code_origine and r.unique_a_ce_niveau
),

debuts as (
    select
        *,
        coalesce(
            rang - lag(rang) over (partition by source_id, millesime, departement, niveau, code order by rang),
            0
        ) <> 1 as debut
    from membres
)

select
    source_id,
    millesime,
    niveau,
    code,
    count_if(debut) as troncons
from debuts
group by all
