-- The peers of each territory, the same for every millésime, so that ranks can be followed in time: one line per
-- member of a group. A territory has one group of its own (`est_le_sien`), where it stands with its peers. Those of a
-- commune and of a département are each other's; an EPCI may be in the group of another that is not in its own.
with epci_entames as (
    -- Of an EPCI that the release holds in part, the communes are compared with those it holds: readers are told.
    select distinct r.epci
    from {{ ref('int_communes_reference') }} as r
    left join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and r.code = t.code
    where r.epci is not null and t.code is null
),

semblables as (
    select distinct
        code,
        semblable,
        semblable_libelle
    from {{ ref('int_semblables') }}
),

groupes as (
    select
        'epci:' || epci as groupe_id,
        'communes du même EPCI'
        || if(epci in (select e.epci from epci_entames as e), ' dans cette publication', '') as groupe_libelle,
        territoire_id,
        libelle,
        true as est_le_sien
    from {{ ref('dim_territoire') }}
    where niveau = 'commune' and epci is not null
    union all
    select
        'departements' as groupe_id,
        'départements'
        || if(
            (select count_if(t.niveau = 'departement') from {{ ref('dim_territoire') }} as t)
            < (select count(*) from {{ ref('departements') }}),
            ' de cette publication', ''
        ) as groupe_libelle,
        territoire_id,
        libelle,
        true as est_le_sien
    from {{ ref('dim_territoire') }}
    where niveau = 'departement'
    union all
    select
        'semblables:' || t.code as groupe_id,
        'EPCI semblables' as groupe_libelle,
        'epci:' || s.semblable as territoire_id,
        s.semblable_libelle as libelle,
        false as est_le_sien
    from {{ ref('dim_territoire') }} as t
    inner join semblables as s on t.code = s.code
    where t.niveau = 'epci'
    union all
    select
        'semblables:' || t.code as groupe_id,
        'EPCI semblables' as groupe_libelle,
        t.territoire_id,
        t.libelle,
        true as est_le_sien
    from {{ ref('dim_territoire') }} as t
    where t.niveau = 'epci' and t.code in (select s.code from semblables as s)
)

select
    groupe_id,
    groupe_libelle,
    territoire_id,
    libelle,
    est_le_sien
from groupes
