{# How a name is compared with what a person types: what publication/lecture/lieux.py does of a demand, which a test
   holds to it. Letters and digits alone, without accents; the words of `vides` (vocabulaire.yml) left out, unless they
   are all that there is; « saint » is « st ». #}
{% macro cle_de_nom(nom) -%}
    {%- set vides = (
        "a ai au aux avec c ce ces chez combien comment connaitre d dans de des dire donne donner du elle en entre est"
        " et il j je l la le les leur ma mon montre moi n ne nombre nos notre on ont ou par pas pour qu que quel"
        " quelle quelles quels qui s sa se selon ses signifie son sont sous sur t ta tel ton un une veut veux voir vos"
        " votre y chiffre chiffres donnee donnees indicateur indicateurs statistique statistiques"
    ).split() -%}
    {%- set plat -%}
        trim(regexp_replace(strip_accents(replace(replace(lower({{ nom }}), 'œ', 'oe'), 'æ', 'ae')), '[^a-z0-9]+', ' ', 'g'))
    {%- endset -%}
    regexp_replace(
        regexp_replace(
            coalesce(
                nullif(
                    list_aggregate(list_filter(
                        string_split({{ plat }}, ' '),
                        lambda mot: mot not in ('{{ vides | join("', '") }}')
                    ), 'string_agg', ' '),
                    ''
                ),
                {{ plat }}
            ),
            '\bsainte\b', 'ste', 'g'
        ),
        '\bsaint\b', 'st', 'g'
    )
{%- endmacro %}

{# The key of the name of an EPCI or of a convention, without the words that say its level; whole where none is left. #}
{% macro cle_sans_niveau(cle) -%}
    {%- set niveaux = (
        "commune ville village mairie municipalite epci cc ca cu interco intercommunalite communaute comcom agglo"
        " agglomeration metropole ctg convention departement dept dpt region national nationale pay"
    ).split() -%}
    coalesce(
        nullif(
            list_aggregate(list_filter(
                string_split({{ cle }}, ' '),
                lambda mot: regexp_replace(mot, '^(.{3,})[sx]$', '\1') not in ('{{ niveaux | join("', '") }}')
            ), 'string_agg', ' '),
            ''
        ),
        {{ cle }}
    )
{%- endmacro %}
