{# What the sources of a figure have in common, one line for each list of sources in `tables`: the families
   of files (a producer has one file per level for the same figures: not another source), whether all of them are the
   census, the levels their producers draw themselves. #}
{% macro sources_des_chiffres(tables=['fct_indicateurs']) %}
    select
        l.source_ids,
        string_agg(distinct s.famille, '+' order by s.famille) as familles,
        -- What a census counts alone: births by inhabitant move by the births of each year.
        bool_and(s.recensement) as recensement,
        list_distinct(flatten(list(s.niveaux))) as niveaux
    from (
        select
            source_ids,
            unnest(string_split(source_ids, '+')) as source_id
        from (
            {%- for table in tables %}
            select distinct source_ids from {{ ref(table) }}
            {{- ' union' if not loop.last }}
            {%- endfor %}
        )
    ) as l
    inner join {{ ref('int_sources') }} as s on l.source_id = s.source_id
    group by all
{% endmacro %}

{# Where each territory stands in each file of these ressources: one line per row read, with the year its figures are of,
   the COG its code is of and the first physical line of the record. A row that holds several years (three censuses side by side) is of none. #}
{% macro lignes_des_fichiers(ressources) %}
    {%- for r in ressources %}
        {%- set datees = r.mesures | selectattr('datee') | list %}
    select
        fichier_sha256 as sha256,
        '{{ r.ressource }}' as ressource,
        {{ "'FR' as code" if r.niveau == 'france' else 'code' }},
        {{ 'cast(null as integer)' if datees else r.annee or 'millesime_fichier' }} as millesime,
        cog_millesime,
        ligne
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# The sources of each indicateur, one line each, in the order in which they are written: preferred first, whichever term of a
   ratio they give. #}
{% macro sources_des_indicateurs(dictionnaire) %}
    select
        indicateur_id,
        source_id,
        min(rang) as rang
    from (
        select
            indicateur_id,
            unnest(regexp_extract_all(sources, '[a-z0-9_]+')) as source_id,
            generate_subscripts(regexp_extract_all(sources, '[a-z0-9_]+'), 1) as rang
        from {{ dictionnaire }}
        where sources is not null
    )
    group by all
{% endmacro %}

{# Whether a figure is of the census: what a source of the census takes from Filosofi counts ménages fiscaux. #}
{% macro du_recensement(origines, indicateur) -%}
    {{ origines }}.recensement and {{ indicateur }}.univers <> 'MF'
{%- endmacro %}

{# Whether two vintages of the census, the older one first, have a survey in common. One is of the five surveys around its
   year; none was held in `sans_enquete`, and the vintages around it reach one year further back:
       2018: 2016 to 2020    2019: 2016 to 2020    2022: 2019, 2020, 2022, 2023, 2024    2024: 2022 to 2026
   so 2017 and 2022 share that of 2019, and 2019 and 2024 none. #}
{% macro enquete_en_commun(avant, apres, sans_enquete) -%}
    {{ avant }} + 2 - cast({{ avant }} + 2 = {{ sans_enquete }} as integer)
    >= {{ apres }} - 2 - cast({{ sans_enquete }} between {{ apres }} - 2 and {{ apres }} + 2 as integer)
{%- endmacro %}

{# Why two censuses are not compared, in French. #}
{% macro motif_des_recensements() -%}
    'les deux recensements reposent en partie sur les mêmes enquêtes'
{%- endmacro %}

{# Sources as people know them, of a list of their ids: « Filosofi 2 », « Comparateur de territoires ». A program reads the
   ids themselves, in `source_ids`. #}
{% macro nommer_sources(ids) -%}
    array_to_string(list_transform({{ ids }}, lambda s: '« ' || {{ titre_de_la_source('s') }} || ' »'), ', ')
{%- endmacro %}

{# The title of one, given by its contract. #}
{% macro titre_de_la_source(id) -%}
    case {{ id }}
        {%- for source, titre in titres_des_sources().items() %}
            when '{{ source }}' then '{{ titre | replace("'", "''") }}'
        {%- endfor %}
        else {{ id }}
    end
{%- endmacro %}
