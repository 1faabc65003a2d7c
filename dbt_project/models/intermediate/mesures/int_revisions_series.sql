-- Where two series of a published figure follow each other, what the change of series alone adds: the difference
-- between the two in the first year they share, which is the year from which the current one is in use.
with series as (
    unpivot (
        select
            niveau,
            code,
            cog_millesime,
            serie,
            millesime_fichier,
            millesime,
            columns('^taux_couverture_.*')
        from {{ ref('stg_cnaf__taux_couverture_series') }}
    )
    on columns('^taux_couverture_.*')
    into name mesure_id value valeur
),

carries as (
    -- A commune whose territory changed has no published figure in the reference geography.
    select
        s.niveau,
        p.code_reference as code,
        s.* exclude (niveau, code, cog_millesime)
    from series as s
    inner join {{ ref('int_passage') }} as p on s.cog_millesime = p.cog_millesime and s.code = p.code_origine
    where s.niveau = 'commune' and p.nature in ('identique', 'changement_code')
    union all by name
    select * exclude (cog_millesime)
    from series
    where niveau <> 'commune'
),

communs as (
    select
        niveau,
        code,
        mesure_id,
        millesime,
        arg_max(valeur, millesime_fichier) filter (where serie = 'courant')
        - arg_max(valeur, millesime_fichier) filter (where serie = 'historique') as ecart
    from carries
    group by all
)

select *
from communs
where ecart is not null
qualify row_number() over (partition by niveau, code, mesure_id order by millesime) = 1
