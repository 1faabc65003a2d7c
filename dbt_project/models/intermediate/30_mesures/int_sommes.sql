-- Additive mesures at every level, summed in exact types over the parts of each territory of the reference
-- geography, with what is missing counted beside what was read.
with series as (
    select distinct
        source_id,
        mesure_id,
        millesime,
        cog_millesime,
        couverture,
        champ
    from {{ ref('int_parts') }}
),

ensembles as (
    -- The files that hold one mesure of one year cover it together: one per région, for instance.
    select
        source_id,
        mesure_id,
        millesime,
        cog_millesime,
        list_sort(list(distinct couverture)) as couvertures
    from series
    group by all
),

absentes as (
    -- The territories with a commune left out of what the files cover. A file without Mayotte still gives France: its
    -- field is said beside the figure.
    select
        s.couvertures,
        s.cog_millesime,
        r.niveau,
        r.code
    from (
        select distinct
            couvertures,
            cog_millesime
        from ensembles
    ) as s
    inner join {{ ref('int_rattachement') }} as r on s.cog_millesime = r.cog_millesime
    inner join {{ ref('int_cog_annuel') }} as a on r.cog_millesime = a.cog_millesime and r.code_origine = a.code
    anti join (
        select
            e.couvertures,
            k.cog_millesime,
            k.code
        from (
            select distinct
                couvertures,
                unnest(couvertures) as couverture
            from ensembles
        ) as e
        inner join {{ ref('int_couverture') }} as k on e.couverture = k.couverture
    ) as k
        on s.couvertures = k.couvertures and s.cog_millesime = k.cog_millesime and r.code_origine = k.code
    where
        r.niveau <> 'commune'
        and not (r.niveau = 'france' and s.couvertures = ['france_hors_mayotte'] and a.departement = '976')
    group by all
),

hors_couverture as (
    select distinct
        s.source_id,
        s.mesure_id,
        s.millesime,
        a.niveau,
        a.code,
        true as hors_couverture
    from ensembles as s
    inner join absentes as a on s.couvertures = a.couvertures and s.cog_millesime = a.cog_millesime
),

rattachees as not materialized (
    select
        p.source_id,
        p.mesure_id,
        p.millesime,
        r.niveau,
        r.code,
        p.code as code_origine,
        p.etat,
        p.arrondi,
        p.amplitude,
        p.retenue,
        p.motif_code,
        p.motif,
        p.valeur,
        p.enveloppe_basse,
        p.enveloppe_haute,
        p.milieu_basse,
        p.milieu_haute,
        p.variance,
        p.lacunaire,
        p.arrondissement,
        r.nature,
        r.unique_a_ce_niveau
    from {{ ref('int_parts') }} as p
    inner join {{ ref('int_rattachement') }} as r on p.cog_millesime = r.cog_millesime and p.code = r.code_origine
),

non_attribuables as (
    -- The few communes that split between territories, told by their codes.
    select
        source_id,
        mesure_id,
        millesime,
        niveau,
        code,
        string_agg(distinct code_origine, ', ' order by code_origine) as codes_non_attribuables
    from rattachees
    where not unique_a_ce_niveau
    group by all
),

sommes as (
    select
        source_id,
        mesure_id,
        millesime,
        niveau,
        code,
        bool_or(arrondi) as arrondi,
        max(amplitude) as amplitude,
        bool_or(retenue) as retenue,
        sum(valeur) filter (where unique_a_ce_niveau) as valeur,
        {{ incertitude_de_la_somme(seules='unique_a_ce_niveau') }},
        count(*) filter (where unique_a_ce_niveau and etat = 'lu') as nb_lues,
        count(*) filter (
            where unique_a_ce_niveau and etat = 'absent' and not arrondissement
        ) as nb_communes_absentes,
        count(*) filter (
            where unique_a_ce_niveau and etat = 'absent' and arrondissement
        ) as nb_arrondissements_absents,
        count(*) filter (where unique_a_ce_niveau and etat = 'secret') as nb_secretes,
        count(*) filter (where etat = 'lu' and lacunaire) as nb_lacunaires,
        count(*) filter (where not unique_a_ce_niveau) as nb_non_attribuables,
        max(motif_code) as motif_code_des_parts,
        max(motif) as motif_des_parts,
        -- Where all parts read are zero and others have no upper bound, a sum of 0 would say that there is nothing.
        sum(valeur) = 0 and bool_or(etat = 'absent' and enveloppe_haute is null) as muette
    from rattachees
    group by all
),

champs as (
    select
        source_id,
        mesure_id,
        millesime,
        min(champ) as champ,
        -- The COG of such a file may itself stop at those EPCI: counting the communes left out would find none.
        bool_or(couverture like 'epci_de_departement:%') as partielle
    from series
    group by all
),

couvertes as (
    select
        source_id,
        mesure_id,
        millesime,
        niveau,
        code,
        c.champ,
        s.valeur,
        s.enveloppe_basse,
        s.enveloppe_haute,
        s.milieu_basse,
        s.milieu_haute,
        s.variance,
        s.arrondi,
        s.retenue,
        s.amplitude * t.troncons as amplitude,
        s.muette,
        s.nb_lues,
        s.nb_communes_absentes,
        s.nb_arrondissements_absents,
        s.nb_secretes,
        s.nb_lacunaires,
        s.nb_non_attribuables,
        na.codes_non_attribuables,
        s.motif_code_des_parts,
        s.motif_des_parts,
        h.hors_couverture is not null or (c.partielle and niveau in ('region', 'france')) as hors_couverture
    from sommes as s
    full outer join hors_couverture as h using (source_id, mesure_id, millesime, niveau, code)
    left join non_attribuables as na using (source_id, mesure_id, millesime, niveau, code)
    left join champs as c using (source_id, mesure_id, millesime)
    left join {{ ref('int_troncons') }} as t using (source_id, millesime, niveau, code)
)

select
    niveau,
    code,
    source_id,
    mesure_id,
    millesime,
    if(niveau = 'france', champ, null) as champ,
    case
        when hors_couverture then 'non_disponible'
        when nb_secretes > 0 then 'secret'
        when nb_lues = 0 or muette then 'non_disponible'
        when
            nb_communes_absentes > 0 or nb_arrondissements_absents > 0 or nb_lacunaires > 0 or nb_non_attribuables > 0
            then 'partiel'
        when arrondi then 'arrondi'
        else 'observe'
    end as statut,
    case
        when hors_couverture then 'hors_couverture'
        when nb_secretes > 0 then 'secret_producteur'
        when nb_non_attribuables > 0 then 'scission'
        when nb_lues = 0 then coalesce(motif_code_des_parts, 'ligne_absente')
        when muette then 'non_renseigne'
        when nb_lacunaires > 0 then 'liste_incomplete'
        when nb_communes_absentes > 0 then 'communes_absentes'
        when nb_arrondissements_absents > 0 then 'arrondissements_absents'
    end as motif_code,
    case motif_code
        when 'scission' then 'scission non répartie : ' || codes_non_attribuables
        when 'non_renseigne' then 'non renseigné dans le fichier'
        when motif_code_des_parts then motif_des_parts
        else {{ motif_d_une_somme('motif_code', 'nb_communes_absentes', 'nb_arrondissements_absents') }}
    end as motif,
    valeur,
    -- A sum of a chain is as uncertain as the ends of its runs, not as all its communes together.
    {%- for bout in ['enveloppe', 'milieu'] %}
        if(amplitude is null, {{ bout }}_basse, greatest(valeur - amplitude, 0)) as {{ bout }}_basse,
        if(amplitude is null or {{ bout }}_haute is null, {{ bout }}_haute, valeur + amplitude) as {{ bout }}_haute,
    {%- endfor %}
    variance,
    retenue
from couvertes
