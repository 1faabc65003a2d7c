{#-
How a figure is printed in French: what `socle/affichage.py` writes, in SQL. A test compares the two.

    31.45, pourcent, 1 decimal    31,5 %          under secret, non_disponible, sans_objet    s, nd, na

`decimales` is that of the indicateur; `u` is the alias of `unites`, whose columns say what stands after the number.
-#}

{% macro espace_fine() %}{{ '\u202f' }}{% endmacro %}

{% macro espace_insecable() %}{{ '\u00a0' }}{% endmacro %}

{# A number, rounded half away from zero on the decimals that write it shortest: hence through its text. Beyond the ninth
   decimal there is nothing but what sums and quotients of doubles leave: 68.74999999999997 is 68.75. A figure has at
   most fifteen digits before the comma; one that nine hold is read into 64 bits, forty times as fast as into 128. #}
{% macro arrondi_exact(valeur, decimales) -%}
    {%- set texte = "cast(" ~ valeur ~ " as varchar)" -%}
    {%- set type = "decimal(" ~ (15 + decimales) ~ ", " ~ decimales ~ ")" -%}
    if(
        abs({{ valeur }}) < 1e9,
        cast(cast({{ texte }} as decimal(18, 9)) as {{ type }}),
        cast(cast({{ texte }} as decimal(24, 9)) as {{ type }})
    )
{%- endmacro %}

{# A number as a reader sees it, to be compared: what a page prints alike is alike. Beyond the ninth decimal is noise. #}
{% macro comme_imprime(valeur, decimales) -%}
    round(round({{ valeur }}, 9), {{ decimales }})
{%- endmacro %}

{# One branch for each number of decimals that the dictionary may ask for (its `decimales`, in seeds/_seeds.yml): a type
   has its scale before any row is read. #}
{% macro selon_les_decimales(decimales, branches) -%}
    case {{ decimales }}
        {%- for branche in branches %}
            when {{ loop.index0 }} then {{ branche }}
        {%- endfor %}
        else error(concat('macros/affichage.sql prints at most {{ branches | length - 1 }} decimals, not ', {{ decimales }}))
    end
{%- endmacro %}

{# How many decimals an interval knows, at most `decimales`; under zero, tens (-1), hundreds (-2). The last digit of a point is
   of the largest power of ten that half its interval reaches: 4 478,16 € between 4 462 and 4 495 prints as 4 480 €, and
   12,5 % between 12,1 and 12,9 stays. A bound has one digit more (`de_plus`): between 2 941 and 7 692, 2 900 and 7 700.
   An exact figure, or one with an unknown end, keeps all its decimals. #}
{% macro decimales_connues(basse, haute, decimales, de_plus=0) -%}
    cast(
        coalesce(
            least({{ decimales }}, {{ de_plus }} - floor(log10(nullif(round({{ haute }} - {{ basse }}, 9), 0) / 2))),
            {{ decimales }}
        ) as integer
    )
{%- endmacro %}

{# A number to the nearest of so many tens, hundreds (`decimales` under zero); as it is where there are decimals to print. #}
{% macro a_la_dizaine(valeur, decimales) -%}
    if(
        {{ decimales }} < 0,
        round(round({{ valeur }}, 9) / pow(10, -{{ decimales }})) * pow(10, -{{ decimales }}),
        {{ valeur }}
    )
{%- endmacro %}

{# A bound on so many decimals, or tens, `floor` or `ceil` (`sens`): through its text, as arrondi_exact. #}
{% macro vers_l_exterieur(valeur, decimales, sens) -%}
    {%- set exact = "cast(cast(round(" ~ valeur ~ ", 9) as varchar) as decimal(24, 9))" -%}
    case
        when {{ decimales }} > 1 then cast({{ sens }}({{ exact }} * 100) as double) / 100
        when {{ decimales }} = 1 then cast({{ sens }}({{ exact }} * 10) as double) / 10
        else
            {{ sens }}(cast({{ sens }}({{ exact }}) as double) / pow(10, -{{ decimales }})) * pow(10, -{{ decimales }})
    end
{%- endmacro %}

{# `signe`: SQL, whether a positive number has its sign. #}
{% macro nombre_affiche(valeur, decimales, signe) -%}
    {%- set branches = [] -%}
    {%- for d in range(3) -%}
        {%- set exact = arrondi_exact(valeur, d) -%}
        {%- set entier = "replace(format('{:,}', cast(trunc(abs(" ~ exact ~ ")) as bigint)), ',', '" ~ espace_fine() ~ "')" -%}
        {%- set plus = "if(" ~ signe ~ " and " ~ exact ~ " > 0, '+', '')" -%}
        {%- set fraction = " || ',' || right(cast(" ~ exact ~ " as varchar), " ~ d ~ ")" if d else "" -%}
        {%- set _ = branches.append("if(" ~ exact ~ " < 0, '−', " ~ plus ~ ") || " ~ entier ~ fraction) -%}
    {%- endfor -%}
    {{ selon_les_decimales(decimales, branches) }}
{%- endmacro %}

{# The mark in place of a figure that its statut hides; NULL where the statut shows one. A row without a statut has no
   figure. #}
{% macro marque_du_statut(statut) -%}
    case coalesce({{ statut }}, 'non_disponible')
        when 'secret' then 's'
        when 'non_disponible' then 'nd'
        when 'sans_objet' then 'na'
        when 'refusee' then 'na'
    end
{%- endmacro %}

{# Two bounds: `entre 31 et 84 %`, `au plus 14,3 %` from nothing up, `au moins 1 240` where one is unknown. `signe`: SQL,
   whether they have their sign, as the bounds of an evolution do: zero is then a bound like another. #}
{% macro intervalle_affiche(basse, haute, decimales, signe, apres) -%}
    {%- set bas = nombre_affiche(basse, decimales, signe) -%}
    {%- set haut = nombre_affiche(haute, decimales, signe) -%}
    case
        when {{ haute }} is null then 'au moins ' || {{ bas }}
        when {{ basse }} is null or (not {{ signe }} and {{ bas }} in ('0', '0,0', '0,00')) then 'au plus ' || {{ haut }}
        else 'entre ' || {{ bas }} || ' et ' || {{ haut }}
    end || {{ apres }}
{%- endmacro %}

{# The numbers that a figure prints, with their decimals, as a struct: the point, or its bounds rounded outwards, so that no
   range is narrower than the truth. They are computed first, for a text names each of its numbers many times. #}
{% macro nombres_ecrits(valeur, decimales, lisibilite, basse, haute) -%}
    {%- set du_point = decimales_connues(basse, haute, decimales) -%}
    {%- set des_bornes = decimales_connues(basse, haute, decimales, 1) -%}
    if(
        {{ lisibilite }} = 'intervalle',
        struct_pack(
            valeur := cast(null as double),
            basse := {{ vers_l_exterieur(basse, des_bornes, 'floor') }},
            haute := {{ vers_l_exterieur(haute, des_bornes, 'ceil') }},
            decimales := greatest({{ des_bornes }}, 0)
        ),
        struct_pack(
            valeur := {{ a_la_dizaine(valeur, du_point) }},
            basse := cast(null as double),
            haute := cast(null as double),
            decimales := greatest({{ du_point }}, 0)
        )
    )
{%- endmacro %}

{# `lisibilite`: SQL, that of the figure (macros/lisibilite.sql); what is not a point is printed by its bounds, or not at all.
   `ecrits`: its nombres_ecrits. #}
{% macro valeur_affichee(valeur, texte, statut, u, lisibilite, ecrits) -%}
    {%- set apres = "coalesce('" ~ espace_fine() ~ "' || " ~ u ~ ".suffixe, '')" -%}
    {%- set ecrites = ecrits ~ "['decimales']" -%}
    coalesce(
        {{ marque_du_statut(statut) }},
        case {{ lisibilite }}
            when 'trop_peu' then 'trop peu'
            when 'intervalle' then {{ intervalle_affiche(
                ecrits ~ "['basse']", ecrits ~ "['haute']", ecrites, u ~ '.signee', apres
            ) }}
        end,
        case {{ u }}.nature
            when 'date' then {{ date_longue('cast(' ~ texte ~ ' as date)') }}
            when 'booleen' then coalesce({{ texte }}, if({{ valeur }} <> 0, 'oui', 'non'))
            when 'annee' then cast({{ arrondi_exact(valeur, 0) }} as varchar)
            when 'texte' then {{ texte }}
            else {{ nombre_affiche(ecrits ~ "['valeur']", ecrites, u ~ '.signee') }} || {{ apres }}
        end
    )
{%- endmacro %}

{# The text after a difference: a word that agrees with it, the sign of its unit, or nothing. #}
{% macro apres_l_ecart(ecart, decimales, u) -%}
    {%- set au_singulier = [] -%}
    {%- for d in range(3) -%}
        {%- set _ = au_singulier.append("abs(" ~ arrondi_exact(ecart, d) ~ ") < 2") -%}
    {%- endfor -%}
    coalesce(
        case
            when {{ u }}.ecart_pluriel = {{ u }}.suffixe then '{{ espace_fine() }}' || {{ u }}.suffixe
            when {{ selon_les_decimales(decimales, au_singulier) }} then '{{ espace_insecable() }}' || {{ u }}.ecart_singulier
            else '{{ espace_insecable() }}' || {{ u }}.ecart_pluriel
        end,
        ''
    )
{%- endmacro %}

{# A difference, signed: `+3,4 points`, `−1 250 €`, `+12`; of figures that are no points, `entre +1,2 et +9,8 points`. #}
{% macro ecart_affiche(ecart, statut, decimales, u, lisibilite, basse, haute) -%}
    coalesce(
        {{ marque_du_statut(statut) }},
        case {{ lisibilite }}
            when 'trop_peu' then 'trop peu'
            when 'intervalle' then {{ intervalle_affiche(
                basse, haute, decimales, 'true', apres_l_ecart('coalesce(' ~ haute ~ ', ' ~ basse ~ ')', decimales, u)
            ) }}
        end,
        {{ nombre_affiche(ecart, decimales, 'true') }} || {{ apres_l_ecart(ecart, decimales, u) }}
    )
{%- endmacro %}

{# How much a figure moved between two points: in percents of its start (`-4,7 %`), where SQL `en_pourcentage` says so,
   else as any difference, on the decimals that its interval knows (`decimales`, of either). #}
{% macro evolution_imprimee(evolution, relative, en_pourcentage, decimales, u) -%}
    {%- set lue = a_la_dizaine('if(' ~ en_pourcentage ~ ', ' ~ relative ~ ', ' ~ evolution ~ ')', decimales) -%}
    {%- set ecrites = 'greatest(' ~ decimales ~ ', 0)' -%}
    {{ nombre_affiche(lue, ecrites, 'true') }}
    || if({{ en_pourcentage }}, '{{ espace_fine() }}%', {{ apres_l_ecart(lue, ecrites, u) }})
{%- endmacro %}

{% macro date_longue(jour) -%}
    if(day({{ jour }}) = 1, '1er', cast(day({{ jour }}) as varchar))
    || ' '
    || [
        'janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre',
        'décembre'
    ][month({{ jour }})]
    || ' ' || year({{ jour }})
{%- endmacro %}
