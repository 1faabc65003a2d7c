{#-
Kendall's test of a series of `n` years, its ties being years of one value: S is how many pairs of years rise less how many
fall, and its variance when the years come in no order is

    18 var(S) = n (n - 1) (2 n + 5) - sum of t (t - 1) (2 t + 5), over the groups of t years of one value.

Integers alone decide, by the normal law with its continuity correction: S of 5 years must be 10, of 6 years 13. On
every series of 5 to 18 years this is the verdict of the exact law, but for a few patterns of ties where it is more
cautious (tests/dbt/test_kendall.py, ADR 37).
-#}

{# Whether S is beyond chance, by `quantile` standard deviations. #}
{% macro tendance_etablie(s, dix_huit_variances, quantile) -%}
    {{ s }} <> 0 and 18 * (abs({{ s }}) - 1) * (abs({{ s }}) - 1) >= {{ quantile }} * {{ quantile }} * {{ dix_huit_variances }}
{%- endmacro %}

{# How often chance alone would go as far either way: Abramowitz and Stegun 26.2.17, exact to 7 decimals, of which 4 are kept. #}
{% macro valeur_p(s, dix_huit_variances) -%}
    {%- set z = 'sqrt(18.0 / ' ~ dix_huit_variances ~ ') * (abs(' ~ s ~ ') - 1)' -%}
    {%- set k = '(1 / (1 + 0.2316419 * ' ~ z ~ '))' -%}
    case
        when {{ dix_huit_variances }} is null then null
        when {{ s }} = 0 then 1
        else round(
            2 * 0.3989422804014327 * exp(-0.5 * pow({{ z }}, 2)) * {{ k }} * (
                0.319381530 + {{ k }} * (
                    -0.356563782 + {{ k }} * (1.781477937 + {{ k }} * (-1.821255978 + {{ k }} * 1.330274429))
                )
            ), 4
        )
    end
{%- endmacro %}
