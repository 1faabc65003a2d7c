{# Staging columns to one line per mesure. #}
{% macro mesures_en_long(relation, mesures, source_id=none, arrondi=false) %}
    {%- for mesure in mesures %}
    select
        {{ "'" ~ source_id ~ "'" if source_id else 'source_id' }} as source_id,
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        millesime,
        '{{ mesure }}' as mesure_id,
        cast({{ mesure }} as decimal(30, 15)) as valeur,
        cast(null as varchar) as marque,
        {{ arrondi | lower }} as arrondi
    from {{ relation }}
    where {{ mesure }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# Whether a file gives a declared mesure: a column that its layout lacks was not published, and is neither secret nor
   missing. #}
{% macro mesure_publiee(mesure) -%}
    ({{ mesure.nom }} is not null{{ ' or ' ~ mesure.nom ~ '__marque is not null' if mesure.marque }})
{%- endmacro %}

{# Why a declared mesure is empty. Where its source does not go, a blank hides nothing. #}
{% macro marque_de_la_mesure(mesure, niveau) -%}
    {%- set departement = departement_du_code('code') if niveau == 'commune' else 'code' -%}
    {%- if mesure.hors_champ -%}
        if(
            {{ mesure.nom }}__marque = 'secret' and {{ departement }} in ('{{ mesure.hors_champ | join("', '") }}'),
            'hors_champ', {{ mesure.nom }}__marque
        )
    {%- else -%}
        {{ mesure.nom ~ '__marque' if mesure.marque else 'cast(null as varchar)' }}
    {%- endif -%}
{%- endmacro %}

{# The statuts, from the best to the worst. The rang of a statut is its place here: the worse of two terms wins. #}
{% macro statuts() %}
    {{ return(['observe', 'arrondi', 'partiel', 'secret', 'non_disponible', 'sans_objet']) }}
{% endmacro %}

{# The rang of a statut that SQL names; one that does not exist does not compile. #}
{% macro rang_de(statut) %}
    {{ return(statuts().index(statut)) }}
{% endmacro %}

{# Whether a figure of this rang is shown. #}
{% macro montre(rang) -%}
    {{ rang }} <= {{ rang_de('partiel') }}
{%- endmacro %}

{% macro rang_statut(colonne) -%}
    case {{ colonne }}
        {%- for statut in statuts() %}
        when '{{ statut }}' then {{ rang_de(statut) }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro statut_du_rang(colonne) -%}
    case {{ colonne }}
        {%- for statut in statuts() %}
        when {{ rang_de(statut) }} then '{{ statut }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Why a sum of parts is not whole, in French, in the geography of today or of then: communes are missing, or arrondissements
   of a city that its file gives by arrondissement, or both. #}
{% macro motif_d_une_somme(code, communes_absentes, arrondissements_absents) -%}
    case {{ code }}
        when 'hors_couverture' then 'hors couverture'
        when 'secret_producteur' then 'secret du producteur'
        when 'ligne_absente' then 'ligne absente du fichier'
        when 'liste_incomplete' then 'liste incomplète : il peut y en avoir davantage'
        when 'arrondissements_absents' then {{ arrondissements_en_moins(arrondissements_absents) }} || ' du fichier'
        when 'communes_absentes'
            then
                {{ communes_absentes }} || if({{ communes_absentes }} = 1, ' commune absente', ' communes absentes')
                || if({{ arrondissements_absents }} > 0, ' et ' || {{ arrondissements_en_moins(arrondissements_absents) }}, '')
                || ' du fichier'
    end
{%- endmacro %}

{# Why a count of persons is not given, in French: what its file or the rule of confidentiality marked it with. #}
{% macro motif_de_la_marque(marque) -%}
    case {{ marque }}
        when 'non_fourni' then 'non fourni dans l''extrait des allocataires'
        when 'sans_seuil' then 'seuil de bas revenus inconnu pour ce millésime'
        when 'departement_trop_petit' then 'effectif trop faible dans le département'
        when 'imprime_par_la_cnaf' then 'imprimé commune par commune par la Cnaf : donné ici à partir de l''EPCI'
        when 'commune_trop_petite' then 'commune trop petite'
        when 'trop_precis' then 'effectif que d''autres chiffres de la commune diraient'
    end
{%- endmacro %}

{% macro arrondissements_en_moins(nombre) -%}
    {{ nombre }} || if({{ nombre }} = 1, ' arrondissement absent', ' arrondissements absents')
{%- endmacro %}

{# The levels where an indicateur exists, as a list. A CTG is a group of communes, as an EPCI is: what exists for
   one of the two exists for it, without the dictionary having to say so line by line. #}
{% macro niveaux_indicateur(colonne) -%}
    list_concat(
        string_split({{ colonne }}, '+'),
        if(
            list_has_any(string_split({{ colonne }}, '+'), ['commune', 'epci'])
            and not list_contains(string_split({{ colonne }}, '+'), 'ctg'),
            ['ctg'],
            []
        )
    )
{%- endmacro %}

{# A ratio in the unit it is shown in, `facteur` of its row. Multiplied first: 115 over 400 is exactly 28.75 %, and prints 28,8; divided first,
   it lies a little below. Equal terms are exactly the whole. #}
{% macro quotient(numerateur, denominateur) -%}
    if({{ numerateur }} = {{ denominateur }}, facteur, (facteur * {{ numerateur }}) / {{ denominateur }})
{%- endmacro %}

{# One end of the interval at 99 % of a quotient whose two terms were rounded apart (Fieller): the root of
   (N - r D)² = z² (V(N) + r² V(D)) on that side. NULL where the divisor may be anything. #}
{% macro quotient_probable(cote, numerateur, denominateur) -%}
    (
        if(
            {{ denominateur }} * {{ denominateur }} > z * z * den_variance,
            (
                {{ numerateur }} * {{ denominateur }}
                {{ cote }} z * sqrt(
                    num_variance * ({{ denominateur }} * {{ denominateur }} - z * z * den_variance)
                    + den_variance * {{ numerateur }} * {{ numerateur }}
                )
            )
            / ({{ denominateur }} * {{ denominateur }} - z * z * den_variance),
            null
        )
    )
{%- endmacro %}

{# One end of the interval of a figure at 99 %, from the middles of its terms on that side; NULL where nothing was rounded
   apart. A count is whole, so is the distance. #}
{% macro borne_probable(cote, numerateur, denominateur) -%}
    case
        when num_variance + den_variance = 0 then null
        when methode = 'ratio' then facteur * {{ quotient_probable(cote, numerateur, denominateur) }}
        when methode = 'evolution' then facteur * ({{ quotient_probable(cote, numerateur, denominateur) }} - 1)
        when methode = 'difference'
            then {{ numerateur }} - {{ denominateur }} {{ cote }} z * sqrt(num_variance + den_variance)
        else {{ numerateur }} {{ cote }} ceil(z * sqrt(num_variance))
    end
{%- endmacro %}

{# The numerator of a share, at most the whole: two terms that were rounded apart may be 15 of 10. #}
{% macro numerateur_dit(bout) -%}
    if(facteur = 100 and {{ bout }}['valeur'] = 100, {{ bout }}['denominateur'], {{ bout }}['numerateur'])
{%- endmacro %}

{# What rounding to a multiple of 5 says of the true count: how far it may be, and the variance of the distance where
   every count that prints so is as likely. A printed 10 is one of 8 to 12, variance 2; a printed 0 one of 0 to 2. #}
{% macro arrondi_du_producteur() -%}
    select
        cast((valeur - 1) / 2 as decimal(30, 15)) as demi,
        cast((valeur * valeur - 1) / 12 as decimal(18, 6)) as variance,
        cast((valeur - 1) / 4 as decimal(30, 15)) as zero_moyen,
        cast((pow((valeur + 1) / 2, 2) - 1) / 12 as decimal(18, 6)) as variance_d_un_zero
    from {{ ref('parametres') }}
    where parametre = 'pas_cafdata'
{%- endmacro %}

{# What is known of a figure that a file gives, beside `p`, the above. The envelope holds the true count, whatever the
   roundings; `milieu` is where it would be without their noise, and `variance` that of the noise. #}
{% macro incertitude_lue(ligne) -%}
    case
        when {{ ligne }}.amplitude is not null then greatest({{ ligne }}.valeur - {{ ligne }}.amplitude, 0)
        when {{ ligne }}.arrondi then greatest({{ ligne }}.valeur - p.demi, 0)
        else {{ ligne }}.valeur
    end as enveloppe_basse,
    case
        when {{ ligne }}.amplitude is not null then {{ ligne }}.valeur + {{ ligne }}.amplitude
        when {{ ligne }}.arrondi then {{ ligne }}.valeur + p.demi
        else {{ ligne }}.valeur
    end as enveloppe_haute,
    if({{ ligne }}.amplitude is null, {{ ligne }}.valeur, enveloppe_basse) as milieu_basse,
    case
        when {{ ligne }}.amplitude is not null then enveloppe_haute
        -- A printed 0 may be 1 or 2: it counts as 0 at the low end, and as one on average at the high end.
        when {{ ligne }}.arrondi and {{ ligne }}.valeur = 0 then p.zero_moyen
        else {{ ligne }}.valeur
    end as milieu_haute,
    case
        when {{ ligne }}.amplitude is not null or not {{ ligne }}.arrondi then 0
        when {{ ligne }}.valeur = 0 then p.variance_d_un_zero
        else p.variance
    end as variance
{%- endmacro %}

{# What is known of a sum, of what is known of its parts: one part without an upper bound, or left out of `seules`, leaves it
   without one. #}
{% macro incertitude_de_la_somme(parts='', seules='true') -%}
    {%- set bornee = 'count(' ~ parts ~ 'enveloppe_haute) filter (where ' ~ seules ~ ') = count(*)' -%}
    sum({{ parts }}enveloppe_basse) filter (where {{ seules }}) as enveloppe_basse,
    if({{ bornee }}, sum({{ parts }}enveloppe_haute), null) as enveloppe_haute,
    sum({{ parts }}milieu_basse) filter (where {{ seules }}) as milieu_basse,
    if({{ bornee }}, sum({{ parts }}milieu_haute), null) as milieu_haute,
    sum({{ parts }}variance) filter (where {{ seules }}) as variance
{%- endmacro %}

{# The interval of a count at 99 %: as far as the noise of its roundings goes, and never out of the envelope. A count is
   whole, so is the distance. #}
{% macro borne_basse_probable(z) -%}
    greatest(enveloppe_basse, milieu_basse - cast(ceil({{ z }} * sqrt(variance)) as bigint))
{%- endmacro %}

{% macro borne_haute_probable(z) -%}
    if(enveloppe_haute is null, null, least(enveloppe_haute, milieu_haute + cast(ceil({{ z }} * sqrt(variance)) as bigint)))
{%- endmacro %}
