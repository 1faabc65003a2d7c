-- What breaks a series, each break once: on a territory for all its indicateurs (a merger, a split), on an
-- indicateur for all the territories of a level (another source, for those alone that changed), or on one figure (a
-- published rate whose EPCI has changed since, or was drawn before the oldest composition received).
with remuees as (
    select distinct code_reference
    from {{ ref('int_passage') }}
    where nature <> 'identique'
),

etats as (
    -- What each commune of the reference was made of, vintage by vintage.
    select
        p.code_reference,
        p.cog_millesime,
        max(p.nature) as nature,
        string_agg(p.code_origine, ', ' order by p.code_origine) as origines,
        count(*) as nb_origines
    from {{ ref('int_passage') }} as p
    inner join remuees as r on p.code_reference = r.code_reference
    group by all
),

suivis as (
    select
        code_reference,
        nature,
        origines,
        nb_origines,
        lead(nature) over suite as nature_suivante,
        lead(origines) over suite as origines_suivantes,
        lead(nb_origines) over suite as nb_suivantes,
        lead(cog_millesime) over suite as millesime
    from etats
    window suite as (partition by code_reference order by cog_millesime)
),

evenements as (
    select
        code_reference,
        millesime,
        origines,
        -- Communes that merged, then split: the first event is the merger.
        if(nature = 'scission' and nb_origines > nb_suivantes, 'fusion', nature) as nature
    from suivis
    where
        millesime is not null
        and nature <> 'identique'
        and (nature <> nature_suivante or origines <> origines_suivantes)
),

communes as (
    select
        t.territoire_id,
        t.niveau,
        cast(null as varchar) as indicateur_id,
        e.millesime,
        e.nature,
        case e.nature
            when 'fusion' then 'réunit depuis ' || e.millesime || ' les communes ' || e.origines
            when 'scission' then 'issue en ' || e.millesime || ' du partage de ' || e.origines || ', non réparti'
            else 'code ' || e.origines || ' avant ' || e.millesime
        end as detail
    from evenements as e
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and e.code_reference = t.code
),

ctg as (
    select
        t.territoire_id,
        t.niveau,
        cast(null as varchar) as indicateur_id,
        t.cog_millesime as millesime,
        'perimetre_ctg' as nature,
        'une fusion a étendu des communes au-delà du périmètre signé : '
        || string_agg(c.code, ', ' order by c.code) as detail
    from {{ ref('int_ctg_communes') }} as c
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'ctg' and c.convention_id = t.code
    where not c.entiere
    group by all
),

publiees as (
    select distinct
        p.source_id,
        p.mesure_id,
        p.niveau,
        p.millesime,
        p.cog_millesime,
        f.ressource
    from {{ ref('int_mesures_publiees') }} as p
    inner join {{ source('nuit', 'fichiers') }} as f
        on
            p.source_id = f.source
            and p.fichier_sha256 = f.sha256
            and p.millesime_fichier = f.millesime
            and p.niveau = f.niveau
),

epci as (
    -- Figures published for another territory, or for an unknown one, which wins where the two terms differ.
    select
        f.territoire_id,
        f.niveau,
        f.indicateur_id,
        f.millesime,
        'perimetre_epci' as nature,
        coalesce(min(p.detail) filter (where not p.connu), min(p.detail)) as detail
    from {{ ref('fct_indicateurs') }} as f
    inner join {{ ref('int_perimetres_cotes') }} as p
        on
            f.niveau = p.niveau
            and f.code = p.code
            and f.indicateur_id = p.indicateur_id
            and p.millesime = if(p.cote = 'numerateur', f.millesime, coalesce(f.millesime_denominateur, f.millesime))
    where f.niveau in ('epci', 'ctg') and f.statut <> 'non_disponible' and (not p.connu or p.ecart is not null)
    group by f.territoire_id, f.niveau, f.indicateur_id, f.millesime
),

lues as (
    -- Shown figures alone: another source for a secret breaks nothing.
    select distinct
        niveau,
        indicateur_id,
        millesime,
        source_ids,
        champ
    from {{ ref('fct_indicateurs') }}
    where {{ montre(rang_statut('statut')) }} and methode in ('somme', 'ratio', 'publie')
),

changeants as (
    select
        niveau,
        indicateur_id
    from lues
    group by niveau, indicateur_id
    having count(distinct source_ids) > 1 or count(distinct coalesce(champ, '')) > 1
),

suites as (
    -- Each territory is judged apart: one commune may change of source in a year, and its neighbour not.
    select
        f.territoire_id,
        f.niveau,
        f.indicateur_id,
        f.millesime,
        f.source_ids as sources,
        coalesce(f.champ, 'France entière') as champ,
        lag(f.source_ids) over suite as sources_avant,
        lag(coalesce(f.champ, 'France entière')) over suite as champ_avant,
        lag(f.millesime) over suite as millesime_avant
    from {{ ref('fct_indicateurs') }} as f
    inner join changeants as c on f.niveau = c.niveau and f.indicateur_id = c.indicateur_id
    where {{ montre(rang_statut('f.statut')) }} and f.methode in ('somme', 'ratio', 'publie')
    window suite as (partition by f.territoire_id, f.indicateur_id order by f.millesime)
    qualify millesime_avant is not null
),

suivis_par_niveau as (
    select
        niveau,
        indicateur_id,
        millesime,
        count(*) as territoires
    from suites
    group by all
),

changements as (
    select
        territoire_id,
        niveau,
        indicateur_id,
        millesime,
        millesime_avant,
        'source' as nature,
        {{ nommer_sources("string_split(sources_avant, '+')") }} as avant,
        {{ nommer_sources("string_split(sources, '+')") }} as apres
    from suites
    where sources <> sources_avant
    union all
    select
        territoire_id,
        niveau,
        indicateur_id,
        millesime,
        millesime_avant,
        'champ' as nature,
        champ_avant as avant,
        champ as apres
    from suites
    where champ <> champ_avant
),

changements_communs as (
    select
        niveau,
        indicateur_id,
        millesime,
        nature,
        avant,
        apres,
        list(territoire_id) as territoires,
        list(millesime_avant) as jusquen
    from changements
    group by niveau, indicateur_id, millesime, nature, avant, apres
),

changements_dits as (
    -- One row where all the territories of a level that have figures before and then changed alike.
    select
        unnest(if(len(c.territoires) = s.territoires, [null], c.territoires)) as territoire_id,
        unnest(if(len(c.territoires) = s.territoires, [list_max(c.jusquen)], c.jusquen)) as millesime_avant,
        c.niveau,
        c.indicateur_id,
        c.millesime,
        c.nature,
        c.avant,
        c.apres
    from changements_communs as c
    inner join suivis_par_niveau as s using (niveau, indicateur_id, millesime)
),

ressources as (
    -- A source may publish one figure in several series, the old and the current one.
    select
        p.source_id,
        p.niveau,
        i.indicateur_id,
        p.millesime,
        string_agg(distinct p.ressource, ', ' order by p.ressource) as ressource
    from publiees as p
    inner join {{ ref('indicateurs') }} as i on i.methode = 'publie' and p.mesure_id = i.numerateur
    group by all
),

suites_de_ressources as (
    select
        *,
        lag(ressource) over suite as ressource_avant,
        lag(millesime) over suite as millesime_avant
    from ressources
    window suite as (partition by source_id, niveau, indicateur_id order by millesime)
),

series_publiees as (
    select
        niveau,
        indicateur_id,
        millesime,
        'fichier « ' || ressource_avant || ' » de la source jusqu''en ' || millesime_avant || ', puis fichier « '
        || ressource || ' »' as detail
    from suites_de_ressources
    where ressource <> ressource_avant
),

series_nouvelles as (
    select
        null as territoire_id,
        *
    from series_publiees
    union all
    -- A CTG that is exactly an EPCI has what is published of it.
    select
        t.territoire_id,
        t.niveau,
        s.* exclude (niveau) -- noqa: RF02
    from series_publiees as s
    inner join {{ ref('dim_territoire') }} as t on s.niveau = 'epci' and t.niveau = 'ctg' and t.epci is not null
),

fichiers_recus as (
    select distinct
        source,
        millesime,
        if(forme = 'long', 'fichier d''observations', 'fichier en colonnes') as forme
    from {{ source('nuit', 'fichiers') }}
),

formes as (
    -- A source may lay its figures out otherwise from one year on: one observation a line, each level its own.
    select
        l.niveau,
        l.indicateur_id,
        l.millesime,
        string_agg(distinct f.forme, ', ' order by f.forme) as forme
    from lues as l
    inner join fichiers_recus as f
        on l.millesime = f.millesime and list_contains(string_split(l.source_ids, '+'), f.source)
    group by l.niveau, l.indicateur_id, l.millesime
),

suites_de_formes as (
    select
        *,
        lag(forme) over suite as forme_avant,
        lag(millesime) over suite as millesime_avant
    from formes
    window suite as (partition by niveau, indicateur_id order by millesime)
),

premieres as (
    select
        niveau,
        indicateur_id,
        min(millesime) as millesime
    from lues
    group by niveau, indicateur_id
),

declarees as (
    -- A definition is that of a source; a reform is of all of them, and is told where a figure is before it.
    select
        'definition' as nature,
        source_id,
        mesure_id,
        millesime,
        detail
    from {{ ref('ruptures') }}
    union all
    select
        'reforme' as nature,
        null as source_id,
        mesure_id,
        millesime,
        detail
    from {{ ref('reformes') }}
),

annonces as (
    -- A break is told in the first year received from its own on: a break of 2024, between 2021 and 2025, in 2025.
    select
        d.nature,
        l.niveau,
        l.indicateur_id,
        l.millesime,
        d.detail
    from lues as l
    inner join premieres as p on l.niveau = p.niveau and l.indicateur_id = p.indicateur_id
    inner join {{ ref('int_termes') }} as t on l.indicateur_id = t.indicateur_id
    inner join declarees as d
        on
            t.mesure_id = d.mesure_id
            and l.millesime >= d.millesime
            and (
                list_contains(string_split(l.source_ids, '+'), d.source_id)
                or (d.nature = 'reforme' and p.millesime < d.millesime)
            )
    qualify
        l.millesime
        = min(l.millesime)
            over (partition by d.nature, l.niveau, l.indicateur_id, d.source_id, d.mesure_id, d.millesime)
),

indicateurs as (
    select
        territoire_id,
        niveau,
        indicateur_id,
        millesime,
        nature,
        avant || ' jusqu''en ' || millesime_avant || ', puis ' || apres as detail
    from changements_dits
    union all
    select
        territoire_id,
        niveau,
        indicateur_id,
        millesime,
        'serie' as nature,
        detail
    from series_nouvelles
    union all
    select
        null as territoire_id,
        niveau,
        indicateur_id,
        millesime,
        'forme' as nature,
        forme_avant || ' jusqu''en ' || millesime_avant || ', puis ' || forme
        || if(niveau <> 'commune' and forme = 'fichier d''observations', ', chiffre publié à ce niveau', '') as detail
    from suites_de_formes
    where forme <> forme_avant
    union all
    select
        null as territoire_id,
        niveau,
        indicateur_id,
        millesime,
        nature,
        string_agg(distinct detail, ' ; ' order by detail) as detail
    from annonces
    group by nature, niveau, indicateur_id, millesime
),

ruptures as (
    select * from communes
    union all
    select * from ctg
    union all
    select * from epci
    union all
    select * from indicateurs
)

select
    r.territoire_id,
    r.niveau,
    r.indicateur_id,
    r.millesime,
    r.nature,
    r.detail,
    c.demonstration
from ruptures as r
cross join {{ source('nuit', 'contexte') }} as c
