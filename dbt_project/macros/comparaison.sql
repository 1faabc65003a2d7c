{# The levels that mart_comparaisons sets beside a figure, by the name that readers see. #}
{% macro niveaux_comparateurs() %}
    {{ return({'epci': 'EPCI', 'departement': 'département', 'region': 'région', 'france': 'France'}) }}
{% endmacro %}

{# All comparators of mart_comparaisons, in the order of the columns: these levels, then the median of the peers. #}
{% macro tous_les_comparateurs() %}
    {{ return(niveaux_comparateurs().keys() | list + ['pairs']) }}
{% endmacro %}

{# The id of the wider territory that a row `t` of dim_territoire is compared with; NULL where it lies in none, or several. #}
{% macro id_du_comparateur(niveau, t) -%}
    {%- set dans = {
        'epci': ['commune'],
        'departement': ['commune', 'epci', 'ctg'],
        'region': ['commune', 'epci', 'ctg', 'departement'],
        'france': ['commune', 'epci', 'ctg', 'departement', 'region'],
    }[niveau] -%}
    if(
        {{ t }}.niveau in ('{{ dans | join("', '") }}'),
        '{{ niveau }}:' || {{ "'FR'" if niveau == 'france' else t ~ '.' ~ niveau }},
        null
    )
{%- endmacro %}

{# The three middle values of a group: the median of the others depends on these alone, whoever is left out. #}
{% macro milieu(valeur) -%}
    {%- set triees = 'list(' ~ valeur ~ ' order by ' ~ valeur ~ ')' -%}
    struct_pack(
        bas := {{ triees }}[count(*) // 2],
        milieu := {{ triees }}[count(*) // 2 + 1],
        haut := {{ triees }}[count(*) // 2 + 2]
    )
{%- endmacro %}

{# The median of `nombre` values without `valeur`, one of them; of all of them where it is NULL. Those of 1, 2, 4, 9 and 10:
     without 1, of 2, 4, 9 and 10     6,5          without 4     5,5          without 9     3          of all     4 #}
{% macro mediane_des_autres(milieu, valeur, nombre) -%}
    case
        when {{ valeur }} is null
            then if({{ nombre }} % 2 = 0, ({{ milieu }}.bas + {{ milieu }}.milieu) / 2, {{ milieu }}.milieu)
        when {{ nombre }} % 2 = 0 then if({{ valeur }} <= {{ milieu }}.bas, {{ milieu }}.milieu, {{ milieu }}.bas)
        when {{ valeur }} < {{ milieu }}.milieu then ({{ milieu }}.milieu + {{ milieu }}.haut) / 2
        when {{ valeur }} > {{ milieu }}.milieu then ({{ milieu }}.bas + {{ milieu }}.milieu) / 2
        else ({{ milieu }}.bas + {{ milieu }}.haut) / 2
    end
{%- endmacro %}

{# One end of the interval of `a` - `b`, from theirs; `a` and `b` say where their columns are, as 'c.%s' does. Roundings are independent, so that their noises add up by their
   squares; what is left of an interval, an absent commune or the end of a chain, adds up as it is.
     25 ± 4 of standard error 1.5, less 20 ± 4 of 1.5   ->  5 ± 2.576 × 2.12 = 5 ± 5.5, and not ± 8
   An end that is not known leaves the difference without that end: `least` and `greatest` would pass over it. #}
{% macro bout_de_l_ecart(cote, a, b, z) -%}
    {%- set bout_a, bout_b = ('basse', 'haute') if cote == '-' else ('haute', 'basse') -%}
    if(
        {{ a % 'ecart_type' }} + {{ b % 'ecart_type' }} > 0 and {{ a % bout_a }} - {{ b % bout_b }} is not null,
        {{ a % 'valeur' }} - {{ b % 'valeur' }} {{ cote }} least(
            abs({{ a % bout_a }} - {{ a % 'valeur' }}) + abs({{ b % bout_b }} - {{ b % 'valeur' }}),
            greatest(abs({{ a % bout_a }} - {{ a % 'valeur' }}) - {{ z }} * {{ a % 'ecart_type' }}, 0)
            + greatest(abs({{ b % bout_b }} - {{ b % 'valeur' }}) - {{ z }} * {{ b % 'ecart_type' }}, 0)
            + {{ z }} * sqrt({{ a % 'ecart_type' }} * {{ a % 'ecart_type' }} + {{ b % 'ecart_type' }} * {{ b % 'ecart_type' }})
        ),
        {{ a % bout_a }} - {{ b % bout_b }}
    )
{%- endmacro %}

{# One end of the interval of `a` / `b`, never out of the quotient of their ends. The noise of each is weighed by what it moves (Fieller): of what falls to a
   third, that of the start weighs a third of that of the end. NULL where an end is not known, or `b` may be zero. #}
{% macro bout_du_rapport(cote, a, b, z) -%}
    {%- set bout_a, bout_b, autre = ('basse', 'haute', '+') if cote == '-' else ('haute', 'basse', '-') -%}
    {%- set reste = "greatest(abs(%s - %s) - " ~ z ~ " * %s, 0)" -%}
    {%- set n = '(' ~ a % 'valeur' ~ ' ' ~ cote ~ ' ' ~ reste % (a % bout_a, a % 'valeur', a % 'ecart_type') ~ ')' -%}
    {%- set d = '(' ~ b % 'valeur' ~ ' ' ~ autre ~ ' ' ~ reste % (b % bout_b, b % 'valeur', b % 'ecart_type') ~ ')' -%}
    {%- set sur = d ~ ' * ' ~ d ~ ' - ' ~ z ~ ' * ' ~ z ~ ' * ' ~ b % 'ecart_type' ~ ' * ' ~ b % 'ecart_type' -%}
    if(
        {{ b % bout_b }} > 0 and {{ a % bout_a }} is not null,
        {{ 'greatest' if cote == '-' else 'least' }}(
            {{ a % bout_a }} / {{ b % bout_b }},
            if(
                {{ sur }} > 0,
                (
                    {{ n }} * {{ d }}
                    {{ cote }} {{ z }} * sqrt(
                        {{ a % 'ecart_type' }} * {{ a % 'ecart_type' }} * ({{ sur }})
                        + {{ b % 'ecart_type' }} * {{ b % 'ecart_type' }} * {{ n }} * {{ n }}
                    )
                ) / ({{ sur }}),
                null
            )
        ),
        null
    )
{%- endmacro %}

{# How to read a difference between two figures, and its interval: where it may be zero, nothing is established. A neutral
   indicateur is never coloured, nor what is printed as zero, nor a share of too few people of the census (`de_peu`). #}
{% macro lecture(ecart, basse, haute, polarite, decimales, de_peu) -%}
    case
        when {{ ecart }} is null then null
        when not ({{ basse }} > 0 or {{ haute }} < 0) then 'non_significatif'
        when {{ polarite }} = 'neutre' or {{ comme_imprime(ecart, decimales) }} = 0 or {{ de_peu }} then 'neutre'
        when ({{ ecart }} > 0) = ({{ polarite }} = 'favorable') then 'favorable'
        else 'defavorable'
    end
{%- endmacro %}

{# The widest gap between two close figures: `ecart_minimal` of their unit, or so many percents of the larger one. It is the
   same from either side: A is close to B where B is close to A. #}
{% macro largeur_de_proche(a, b, minimal, relatif) -%}
    greatest(coalesce({{ minimal }}, 0), greatest(abs({{ a }}), abs({{ b }})) * {{ relatif }} / 100)
{%- endmacro %}

{# Whether two figures are close: their gap prints as zero, or is within the width above. #}
{% macro est_proche(ecart, decimales, largeur) -%}
    ({{ comme_imprime(ecart, decimales) }} = 0 or coalesce(abs(round({{ ecart }}, 9)) < {{ largeur }}, false))
{%- endmacro %}

{# The side of the other on which a figure is said to be; NULL where nothing may be said: where `muet`, or where a gap that
   is not close is not established by its interval. #}
{% macro place_dite(ecart, basse, haute, decimales, largeur, muet) -%}
    case
        when {{ ecart }} is null or {{ muet }} then null
        when {{ est_proche(ecart, decimales, largeur) }} then 'proche'
        when {{ basse }} > 0 then 'au_dessus'
        when {{ haute }} < 0 then 'au_dessous'
    end
{%- endmacro %}

{# Whether a figure rests on too few for anything to be said beside others: less than `assise_minimale` in its numerator or,
   of a share of a whole, in what it leaves. Three unemployed of 20 are no rate to be set above that of an EPCI. `f`: the
   alias of the figure, `i` that of dim_indicateur. A figure that is published alone has no numerator to judge. #}
{% macro repose_sur_peu(f, i) -%}
    coalesce(
        {{ i }}.assise_numerateur
        and least(
            {{ f }}.numerateur, if({{ i }}.part_d_un_tout, {{ f }}.denominateur - {{ f }}.numerateur, null)
        ) < {{ i }}.assise_minimale,
        false
    )
{%- endmacro %}

{# The reason why two ends may not be compared, for the codes that any two figures may have. `sources`, as lists,
   and `champs`: of the first end, then of the second. `definition`: a struct of the year and what changed then. #}
{% macro motif_du_refus(code, sources, champs, definition, perimetre_inconnu, perimetre_modifie_en) -%}
    case {{ code }}
        when 'sources_differentes'
            then concat(
                'sources différentes : ', {{ nommer_sources(sources[0]) }}, ' puis ', {{ nommer_sources(sources[1]) }}
            )
        when 'champ_different'
            then concat(
                'champ différent : ', coalesce({{ champs[0] }}, 'entier'), ' puis ', coalesce({{ champs[1] }}, 'entier')
            )
        when 'liste_incomplete' then 'liste incomplète à l''un des bouts : il peut y en avoir davantage'
        when 'definition_modifiee'
            then 'définition modifiée en ' || {{ definition }}['millesime'] || ' : ' || {{ definition }}['detail']
        when 'recensements_trop_proches' then {{ motif_des_recensements() }}
        when 'perimetre_inconnu' then {{ perimetre_inconnu }}
        when 'perimetre_modifie' then 'périmètre modifié, constaté en ' || {{ perimetre_modifie_en }}
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
