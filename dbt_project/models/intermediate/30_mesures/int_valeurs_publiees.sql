-- Published figures, carried to the reference geography without ever being rebuilt: a commune whose
-- territory changed since has none.
with fichiers as (
    select * from {{ source('nuit', 'fichiers') }}
),

lues as (
    select
        m.source_id,
        m.mesure_id,
        m.niveau,
        m.code,
        m.cog_millesime,
        m.millesime,
        m.valeur,
        m.marque,
        m.arrondi or e.mesure_id is not null as arrondi,
        cast(if(e.mesure_id is null, null, 0.5) as decimal(18, 2)) as amplitude,
        -- A commune is carried to the reference; a wider territory is as its producer drew it then.
        case
            when m.niveau = 'commune' then null
            when s.decoupage = 'janvier_suivant' then m.millesime + 1
            else m.cog_millesime
        end as geographie,
        if(m.niveau = 'france', f.champ, null) as champ,
        cast(null as varchar) as motif_code,
        cast(null as varchar) as motif
    from {{ ref('int_mesures_publiees') }} as m
    inner join fichiers as f
        on
            m.source_id = f.source
            and m.fichier_sha256 = f.sha256
            and m.millesime_fichier = f.millesime
            and m.niveau = f.niveau
    inner join {{ ref('int_sources') }} as s on m.source_id = s.source_id
    left join {{ ref('entiers_publies') }} as e
        on m.mesure_id = e.mesure_id and m.source_id = e.source_id and m.niveau = e.niveau
    union all by name
    -- Counts of persons made at this very level cannot be rebuilt from communes, as what a producer publishes cannot.
    select
        source_id,
        mesure_id,
        niveau,
        code,
        millesime,
        geographie,
        cast(valeur as decimal(30, 15)) as valeur,
        arrondi,
        amplitude,
        motif_code,
        motif
    from {{ ref('int_comptes_larges') }}
),

p as (
    {{ arrondi_du_producteur() }}
),

communes as (
    select
        l.source_id,
        l.mesure_id,
        l.millesime,
        l.champ,
        p.code_reference as code,
        min(p.nature) as nature,
        -- The codes of a merger are shown nowhere: the lowest is taken, so that two builds agree.
        min(l.valeur) as valeur,
        min(l.marque) as marque,
        bool_or(l.arrondi) as arrondi,
        max(l.amplitude) as amplitude
    from lues as l
    inner join {{ ref('int_passage') }} as p on l.cog_millesime = p.cog_millesime and l.code = p.code_origine
    where l.niveau = 'commune'
    group by all
),

ctg as (
    select distinct
        convention_id as code,
        epci_identique
    from {{ ref('int_ctg_communes') }}
),

valeurs as (
    select
        'commune' as niveau,
        code,
        source_id,
        mesure_id,
        millesime,
        champ,
        cast(null as integer) as geographie,
        nature,
        valeur,
        marque,
        arrondi,
        amplitude,
        cast(null as varchar) as motif_code,
        cast(null as varchar) as motif
    from communes
    union all
    -- Wider territories are taken as their producer draws them: nothing to carry.
    select
        niveau,
        code,
        source_id,
        mesure_id,
        millesime,
        champ,
        geographie,
        'identique' as nature,
        valeur,
        marque,
        arrondi,
        amplitude,
        motif_code,
        motif
    from lues
    where niveau <> 'commune'
    union all
    -- What is published for an EPCI holds for the CTG that has the same communes, and for no other.
    select
        'ctg' as niveau,
        c.code,
        l.source_id,
        l.mesure_id,
        l.millesime,
        l.champ,
        l.geographie,
        'identique' as nature,
        l.valeur,
        l.marque,
        l.arrondi,
        l.amplitude,
        l.motif_code,
        l.motif
    from lues as l
    inner join ctg as c on l.code = c.epci_identique
    where l.niveau = 'epci'
    union all
    select distinct
        'ctg' as niveau,
        c.code,
        l.source_id,
        l.mesure_id,
        l.millesime,
        l.champ,
        cast(null as integer) as geographie,
        'perimetre_ctg' as nature,
        cast(null as decimal(30, 15)) as valeur,
        cast(null as varchar) as marque,
        false as arrondi,
        cast(null as decimal(18, 2)) as amplitude,
        cast(null as varchar) as motif_code,
        cast(null as varchar) as motif
    from lues as l
    cross join ctg as c
    where l.niveau = 'epci' and c.epci_identique is null
)

select
    v.niveau,
    v.code,
    v.source_id,
    v.mesure_id,
    v.millesime,
    v.champ,
    v.geographie,
    case
        when v.nature not in ('identique', 'changement_code') then 'non_disponible'
        when v.marque = 'secret' then 'secret'
        when v.marque in ('manquant', 'hors_champ', 'non_servi') or v.motif is not null then 'non_disponible'
        when v.arrondi then 'arrondi'
        else 'observe'
    end as statut,
    case
        when v.nature in ('fusion', 'scission', 'perimetre_ctg') then v.nature
        when v.marque = 'secret' then 'secret_producteur'
        when v.marque = 'manquant' then 'valeur_absente'
        when v.marque = 'hors_champ' then 'hors_champ'
        when v.marque = 'non_servi' then 'zero_non_servi'
        else v.motif_code
    end as motif_code,
    case
        when v.nature = 'fusion' then 'fusion de communes : valeur publiée non cumulable'
        when v.nature = 'scission' then 'scission : valeur publiée non répartie'
        when v.nature = 'perimetre_ctg' then 'périmètre CTG différent d''un EPCI : valeur publiée non recalculable'
        when v.marque = 'secret' then 'secret du producteur'
        when v.marque = 'manquant' then 'valeur absente du fichier'
        when v.marque = 'hors_champ' then 'hors champ de la source'
        when v.marque = 'non_servi' then 'zéro du fichier, non servi cette année-là'
        else v.motif
    end as motif,
    v.valeur,
    {{ incertitude_lue('v') }}
from valeurs as v
cross join p
