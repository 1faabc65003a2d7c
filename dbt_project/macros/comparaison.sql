{# Whether two territories of different size may be set side by side: a share, a rate, an amount for one, a published
   median. A count or a sum of money may not: the gap would only say which one is larger. #}
{% macro est_comparable(methode, unite) -%}
    (
        {{ methode }} = 'ratio'
        or (
            {{ methode }} not in ('somme', 'difference')
            and (
                {{ unite }} in ('pourcent', 'rapport')
                or {{ unite }} like '% pour %'
                or {{ unite }} like '% par %'
            )
        )
        or ({{ methode }} = 'publie' and {{ unite }} = 'EUR')
    )
{%- endmacro %}

{# How to read a difference between two figures, given as the columns `<a>.<valeur>` and their intervals: where these
   overlap nothing is established; a neutral indicateur is never coloured. #}
{% macro lecture(ecart, basse, haute, polarite) -%}
    case
        when {{ ecart }} is null then null
        when not ({{ basse }} > 0 or {{ haute }} < 0) then 'non_significatif'
        when {{ polarite }} = 'neutre' then 'neutre'
        when ({{ ecart }} > 0) = ({{ polarite }} = 'favorable') then 'favorable'
        else 'defavorable'
    end
{%- endmacro %}

{# Sources that publish one level in several ressources: two series of the same figures. #}
{% macro sources_a_plusieurs_series() %}
    {%- set niveaux = [] -%}
    {%- set sources = [] -%}
    {%- for r in ressources_declarees() if r.mesures -%}
        {%- if (r.source, r.niveau) in niveaux and r.source not in sources -%}
            {%- do sources.append(r.source) -%}
        {%- endif -%}
        {%- do niveaux.append((r.source, r.niveau)) -%}
    {%- endfor -%}
    {{ return(sources) }}
{% endmacro %}
