-- The extract by commune, exact, one line per mesure, in the geography of its file. Counted apart, once per file:
-- the build of the night reads the rounded counts (`int_comptes_arrondis`), never these. One scan of the foyers
-- counts all mesures side by side, then each becomes a line. A mesure whose columns the Caf left out, or whose year
-- has no threshold, has no value and says why.
{% set mesures = mesures_extrait() %}
{% set comptes = mesures | selectattr('compte', 'defined') | list %}
{% set sommes = mesures | selectattr('somme', 'defined') | list %}
with foyers as (
    select
        f.*,
        s.seuil_mensuel
    from {{ ref('stg_caf__extrait_foyers') }} as f
    left join {{ ref('seuils_bas_revenus') }} as s on f.millesime = s.millesime
),

apports as (
    select
        millesime,
        fichier_sha256,
        cog_millesime,
        code,
        {% for colonne in colonnes_facultatives() %}
            {{ colonne }},
        {% endfor %}
        {% for m in comptes %}
            case
                when
                    {{ 'true' if m.annuelle else 'droit_versable' }}
                    and {{ m.compte }}
                    then 1
                else 0
            end as m_{{ m.id }},
        {% endfor %}
        {% for m in sommes %}
            -- A foyer that brings nothing is no contributor.
            case
                when
                    {{ 'true' if m.annuelle else 'droit_versable' }}
                    and {{ m.somme }} > 0
                    then {{ m.somme }}
            end as m_{{ m.id }},
        {% endfor %}
        seuil_mensuel
    from foyers
),

larges as (
    select
        millesime,
        fichier_sha256,
        cog_millesime,
        code,
        {% for colonne in colonnes_facultatives() %}
            count({{ colonne }}) as avec_{{ colonne }},
        {% endfor %}
        {% for m in mesures %}
            sum(m_{{ m.id }}) as v_{{ m.id }},
        {% endfor %}
        {% for m in sommes %}
            max(m_{{ m.id }}) as max_{{ m.id }},
        {% endfor %}
        max(seuil_mensuel) as seuil_mensuel
    from apports
    group by millesime, fichier_sha256, cog_millesime, code
),

fournies as (
    -- A column that no foyer of the whole file has was left out by the Caf.
    select
        {% for colonne in colonnes_facultatives() %}
            sum(avec_{{ colonne }}) over (partition by fichier_sha256) as fourni_{{ colonne }},
        {% endfor %}
        *
    from larges
),

longues as (
    select
        f.millesime,
        f.fichier_sha256,
        f.cog_millesime,
        f.code,
        k.mesure_id,
        case k.mesure_id
            {% for m in mesures %}
                when '{{ m.id }}' then cast(f.v_{{ m.id }} as decimal(18, 2))
            {% endfor %}
        end as valeur,
        case k.mesure_id
            {% for m in sommes %}
                when '{{ m.id }}' then cast(f.max_{{ m.id }} as decimal(18, 2))
            {% endfor %}
            {% for m in comptes %}
                when '{{ m.id }}' then case when f.v_{{ m.id }} > 0 then 1 end
            {% endfor %}
        end as max1,
        case
            {% for m in mesures %}
                {% for colonne in m.exige or [] %}
                    when
                        k.mesure_id = '{{ m.id }}'
                        and f.fourni_{{ colonne }} = 0
                        then 'non_fourni'
                {% endfor %}
                {% if m.seuil %}
                    when
                        k.mesure_id = '{{ m.id }}'
                        and f.seuil_mensuel is null
                        then 'sans_seuil'
                {% endif %}
            {% endfor %}
        end as marque
    from fournies as f
    cross join (
        values
        {% for m in mesures %}
            ('{{ m.id }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as k (mesure_id)
)

select
    millesime,
    fichier_sha256,
    cog_millesime,
    code,
    mesure_id,
    case when marque is null then coalesce(valeur, 0) end as valeur,
    case when marque is null then cast(coalesce(max1, 0) as decimal(18, 2)) end as max1,
    marque
from longues
