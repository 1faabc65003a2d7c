{#- One row per year of the territory and of those it is set beside. A line goes from one break to the next, so
    that nothing is drawn across one: its name says the year from which it is read. -#}
select
    {{ etiquette('t') }} as territoire,
    f.indicateur_libelle as indicateur,
    c.role,
    concat(
        {{ mot('c.role', roles) }},
        case
            when (
                select count(*) from marts.fct_indicateurs as a
                where a.territoire_id = f.territoire_id and a.indicateur_id = f.indicateur_id
                    and a.millesime < coalesce(r.depuis, 0)
            ) > 0 then concat(' dès ', r.depuis)
        end
    ) as serie,
    make_date(f.millesime, 1, 1) as annee,
    f.millesime,
    -- What is no point has none on a chart.
    case when f.lisibilite = 'point' then f.valeur end as valeur,
    f.valeur_affichee,
    {{ mot('f.statut', statuts) }} as statut,
    coalesce(f.motif, '') as motif,
    case when r.depuis = f.millesime then 'rupture' else '' end as rupture,
    f.unite,
    f.source_ids,
    f.demonstration,
    f.territoire_id,
    f.indicateur_id
from marts.dim_territoire as t
cross join lateral (
    values
    ('territoire', t.territoire_id),
    ('departement', case when t.niveau <> 'departement' then concat('departement:', t.departement) end),
    ('region', case when t.niveau <> 'region' then concat('region:', t.region) end),
    ('france', case when t.niveau <> 'france' then 'france:FR' end)
) as c (role, territoire_id)
inner join marts.fct_indicateurs as f on f.territoire_id = c.territoire_id
inner join marts.dim_indicateur as i on i.indicateur_id = f.indicateur_id
left join lateral (
    -- The perimeter of an EPCI is that of the figures of one year: a line goes on from the next.
    select max(
            b.millesime + case when b.nature = 'perimetre_epci' and b.millesime < f.millesime then 1 else 0 end
        ) as depuis
    from marts.ruptures_series as b
    where b.niveau = f.niveau
        and coalesce(b.territoire_id, f.territoire_id) = f.territoire_id
        and coalesce(b.indicateur_id, f.indicateur_id) = f.indicateur_id
        and b.millesime <= f.millesime
        -- Another layout of the same file, another series of its producer: told, and nothing to cut.
        and b.nature not in ('forme', 'serie')
) as r on true
where c.role = 'territoire'
    or i.comparable and exists (
        select 1 from marts.fct_indicateurs as m
        where m.territoire_id = c.territoire_id and m.indicateur_id = f.indicateur_id and m.valeur is not null
    )
