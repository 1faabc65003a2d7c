-- The dictionary as readers see it, with what the warehouse can say of each indicateur tonight.
with recues as (
    select distinct source from {{ source('nuit', 'fichiers') }}
),

calcules as (
    select distinct indicateur_id
    from {{ ref('fct_indicateurs') }}
    where statut <> 'non_disponible'
),

-- Where the figures of an indicateur come from is a fact of its mesures, those of the numerator first:
--     part_maisons = maisons / logements: insee_rp_logement + (insee_rp_logement > insee_comparateur)
-- One that is made of no mesure says so in its own line.
apports as (
    select
        indicateur_id,
        sources,
        min((if(cote = 'numerateur', 1, 2), rang)) as rang
    from {{ ref('int_termes') }}
    group by all
),

origines as (
    select
        indicateur_id,
        if(
            count(*) = 1,
            any_value(sources),
            string_agg(if(contains(sources, '>'), '(' || sources || ')', sources), ' + ' order by rang)
        ) as sources
    from apports
    group by all
),

-- A formula is of persons as soon as one of its mesures is.
proteges as (
    select
        t.indicateur_id,
        if(bool_or(m.regle = 'chaine'), 'chaine', 'cnaf') as secret
    from {{ ref('int_termes') }} as t
    inner join {{ ref('mesures') }} as m on t.mesure_id = m.mesure_id
    where m.regle is not null
    group by all
),

-- Whether a share needs at least twenty units of what its numerator counts; places and structures need not.
numerateurs as (
    select
        t.indicateur_id,
        bool_and(u.assise) as assise
    from {{ ref('int_termes') }} as t
    inner join {{ ref('univers') }} as u on t.univers = u.univers
    where t.cote = 'numerateur'
    group by all
),

dictionnaire as (
    select i.* replace (coalesce(o.sources, i.sources) as sources)
    from {{ ref('indicateurs') }} as i
    left join origines as o on i.indicateur_id = o.indicateur_id
),

seuils as (
    {{ seuils_de_lisibilite() }}
),

largeurs as (
    select cast(max(valeur) as double) as ecart_minimal_relatif
    from {{ ref('parametres') }}
    where parametre = 'ecart_minimal_relatif'
),

sources as (
    {{ sources_des_indicateurs('dictionnaire') }}
),

manquantes as (
    select
        d.indicateur_id,
        list(d.source_id order by d.rang) filter (where s.en_attente is null) as jamais_recues,
        list(d.source_id order by d.rang) filter (where s.en_attente is not null) as en_attente
    from sources as d
    left join {{ source('nuit', 'sources') }} as s on d.source_id = s.source_id
    where d.source_id not in (select r.source from recues as r)
    group by all
)

select
    i.indicateur_id,
    i.theme,
    t.libelle as theme_libelle,
    t.ordre as theme_ordre,
    i.ordre,
    i.libelle,
    i.description,
    i.univers,
    u.libelle as univers_libelle,
    u.definition as univers_definition,
    i.unite,
    i.decimales,
    i.polarite,
    i.methode,
    i.numerateur,
    i.denominateur,
    i.facteur,
    i.decalage,
    i.decalage_denominateur,
    i.part_d_un_tout,
    i.prevu,
    -- Whether two territories of different size may be set side by side: a share, a rate, an amount for one, a median
    -- that is published. A count or a sum of money may not: the gap would only say which one is larger.
    i.methode = 'ratio'
    or (n.rapportee and i.methode not in ('somme', 'difference'))
    or (n.monnaie and i.methode = 'publie') as comparable,
    -- A difference is no share of where it starts from.
    if(u.assise and i.methode <> 'difference', seuils.assise_minimale, null) as assise_minimale,
    coalesce(i.methode = 'ratio' and u.assise and e.assise, false) as assise_numerateur,
    if(comparable, cast(n.ecart_minimal as double), null) as ecart_minimal,
    if(comparable, largeurs.ecart_minimal_relatif, null) as ecart_minimal_relatif,
    if(n.suffixe = '%', seuils.etendue_lisible, null) as etendue_lisible,
    if(
        n.nature = 'nombre' and not (coalesce(n.suffixe, '') = '%' and n.signee), seuils.etendue_lisible_relative, null
    )
        as etendue_lisible_relative,
    if(n.nature = 'nombre' and not n.signee, seuils.biais_lisible, null) as biais_lisible,
    array_to_string({{ niveaux_indicateur('i.niveaux') }}, '+') as niveaux,
    i.sources,
    coalesce(p.secret, 'aucun') as secret,
    c.indicateur_id is not null as disponible,
    case
        when c.indicateur_id is not null then null
        when i.methode = 'attribut' and i.sources is null then 'jamais_calcule'
        when s.jamais_recues is not null then 'source_jamais_recue'
        when s.en_attente is not null then 'source_en_attente'
        when i.methode in ('evolution', 'difference') then 'base_non_recue'
        else 'aucune_valeur'
    end as motif_code,
    case motif_code
        when 'jamais_calcule' then 'non calculé : aucune définition publiée'
        when 'source_jamais_recue' then 'source jamais reçue : ' || {{ nommer_sources('s.jamais_recues') }}
        when 'source_en_attente' then 'source en attente : ' || {{ nommer_sources('s.en_attente') }}
        when 'base_non_recue' then 'aucune paire d''années reçues ne se compare'
        when 'aucune_valeur' then 'aucune valeur dans les sources reçues'
    end as motif
from dictionnaire as i
inner join {{ ref('themes') }} as t on i.theme = t.theme
inner join {{ ref('unites') }} as n on i.unite = n.unite
left join {{ ref('univers') }} as u on i.univers = u.univers
left join calcules as c on i.indicateur_id = c.indicateur_id
left join proteges as p on i.indicateur_id = p.indicateur_id
left join manquantes as s on i.indicateur_id = s.indicateur_id
left join numerateurs as e on i.indicateur_id = e.indicateur_id
cross join seuils
cross join largeurs
