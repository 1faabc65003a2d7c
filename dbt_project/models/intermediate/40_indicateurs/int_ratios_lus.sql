-- Ratios with communes missing by an unknown amount: both terms over the communes read on both sides, and the share of
-- inhabitants there. They replace a bound that may be zero, and two terms of two fields.
--   allocataires of A, B, C; amounts of A and B alone  ->  amounts of A and B over allocataires of A and B, 2 of 3
with ratios as (
    select
        t.indicateur_id,
        t.cote,
        t.mesure_id,
        t.signe,
        if(t.cote = 'denominateur', coalesce(i.decalage_denominateur, 0), 0) as decalage
    from {{ ref('int_termes') }} as t
    inner join {{ ref('indicateurs') }} as i on t.indicateur_id = i.indicateur_id
    where i.methode = 'ratio'
),

incomplets as (
    select distinct
        r.indicateur_id,
        c.niveau,
        c.code,
        c.millesime - r.decalage as millesime
    from {{ ref('int_cellules_mesures') }} as c
    inner join ratios as r on c.mesure_id = r.mesure_id
    where
        c.niveau <> 'commune'
        and c.rang_statut = {{ rang_de('partiel') }}
        and c.enveloppe_haute is null
        and c.motif_code in ('communes_absentes', 'arrondissements_absents')
),

communes as (
    select
        niveau,
        code,
        code_origine as commune
    from {{ ref('int_rattachement') }}
    where
        cog_millesime = (select max(r.cog_millesime) from {{ ref('int_rattachement') }} as r)
        and niveau <> 'commune'
        and unique_a_ce_niveau
),

habitants as (
    select
        code,
        arg_max(valeur, millesime) as habitants
    from {{ ref('int_cellules_mesures') }}
    where niveau = 'commune' and mesure_id = 'population_municipale' and {{ montre('rang_statut') }}
    group by code
),

termes as (
    select
        x.indicateur_id,
        x.niveau,
        x.code,
        x.millesime,
        k.commune,
        {%- for cote, nom in [('numerateur', 'num'), ('denominateur', 'den')] %}
            {%- for colonne, a, b in [
                ('valeur', 'valeur', 'valeur'),
                ('enveloppe_basse', 'enveloppe_basse', 'enveloppe_haute'),
                ('enveloppe_haute', 'enveloppe_haute', 'enveloppe_basse'),
                ('milieu_basse', 'milieu_basse', 'milieu_haute'),
                ('milieu_haute', 'milieu_haute', 'milieu_basse'),
            ] %}
                sum(r.signe * if(r.signe > 0, c.{{ a }}, c.{{ b }})) filter (
                    where r.cote = '{{ cote }}'
                ) as {{ nom }}_{{ colonne }},
            {%- endfor %}
            sum(c.variance) filter (where r.cote = '{{ cote }}') as {{ nom }}_variance,
        {%- endfor %}
        -- A commune that a file neither gives nor owes adds nothing; a city that lacks an arrondissement is not read.
        bool_and(c.code is null or ({{ montre('c.rang_statut') }} and c.enveloppe_haute is not null)) as lue
    from incomplets as x
    inner join communes as k on x.niveau = k.niveau and x.code = k.code
    inner join ratios as r on x.indicateur_id = r.indicateur_id
    left join {{ ref('int_cellules_mesures') }} as c
        on
            c.niveau = 'commune'
            and k.commune = c.code
            and r.mesure_id = c.mesure_id
            and x.millesime + r.decalage = c.millesime
    group by all
),

lus as (
    select
        t.indicateur_id,
        t.niveau,
        t.code,
        t.millesime,
        {%- for nom in ['num', 'den'] %}
            {%- for colonne in [
                'valeur', 'enveloppe_basse', 'enveloppe_haute', 'milieu_basse', 'milieu_haute', 'variance'
            ] %}
                sum(t.{{ nom }}_{{ colonne }}) filter (where t.lue) as {{ nom }}_{{ colonne }},
            {%- endfor %}
        {%- endfor %}
        count(*) as nb_communes,
        count(*) filter (where t.lue) as nb_lues,
        -- Unknown where that of one of them is.
        if(
            count(h.habitants) = count(*),
            cast(100 * coalesce(sum(h.habitants) filter (where t.lue), 0) / sum(h.habitants) as double),
            null
        ) as part_habitants
    from termes as t
    left join habitants as h on t.commune = h.code
    group by t.indicateur_id, t.niveau, t.code, t.millesime
),

juges as (
    select
        l.*,
        coalesce(l.part_habitants > 100 - p.valeur, false) as assez,
        -- Never more than was read, nor less than is missing.
        if(assez, floor(l.part_habitants * 10), ceil((100 - l.part_habitants) * 10)) / 10 as part_dite,
        l.nb_communes - l.nb_lues as manquent
    from lus as l
    inner join {{ ref('parametres') }} as p on p.parametre = 'habitants_manquants'
)

select
    * exclude (manquent, part_dite),
    if(assez, 'communes_lues', 'communes_manquantes') as motif_code,
    concat_ws(
        ', ',
        case
            when assez then cast(nb_lues as varchar)
            when manquent = 1 then 'il manque une'
            else 'il manque ' || manquent
        end || ' des ' || nb_communes || ' communes',
        {{ nombre_affiche('part_dite', 1, 'false') }} || '{{ espace_fine() }}% des habitants'
    ) as motif
from juges
