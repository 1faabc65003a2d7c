-- Pupils and classes by commune of the école and rentrée: missing where one of its écoles does not say. The list of
-- pupils has no code of commune. The annuaire has one for each école that is open; one that closed since is in the
-- commune of its name, where its département has one alone.
with noms as (
    select
        departement,
        {{ nom_de_commune('libelle') }} as nom,
        any_value(code) as code
    from {{ ref('stg_insee__cog_communes') }}
    where cog_millesime = (select max(a.cog_millesime) from {{ ref('stg_men__annuaire') }} as a)
    group by all
    having count(*) = 1
),

placees as (
    select
        e.fichier_sha256,
        e.millesime_fichier,
        e.millesime,
        coalesce(a.code, n.code) as code,
        (select max(o.cog_millesime) from {{ ref('stg_men__annuaire') }} as o) as cog_millesime,
        e.eleves as eleves_premier_degre,
        e.eleves_maternelle,
        -- The pupils of Ulis are older than six: they are in no nursery class.
        e.eleves - e.eleves_maternelle as eleves_elementaire,
        e.classes as classes_premier_degre
    from {{ ref('stg_men__effectifs') }} as e
    left join {{ ref('stg_men__annuaire') }} as a on e.numero_ecole = a.numero_ecole
    left join noms as n
        on
            regexp_replace(e.departement, '^0(..)$', '\1') = n.departement
            and {{ nom_de_commune('e.commune') }} = n.nom
)

{% for mesure in ['eleves_premier_degre', 'eleves_maternelle', 'eleves_elementaire', 'classes_premier_degre'] %}
    select
        'men_ecoles' as source_id,
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        millesime,
        '{{ mesure }}' as mesure_id,
        cast(if(bool_and({{ mesure }} is not null), sum({{ mesure }}), null) as decimal(30, 15)) as valeur,
        if(bool_or({{ mesure }} is null), 'manquant', null) as marque,
        false as arrondi
    from placees
    where code is not null
    group by all
    {{ 'union all' if not loop.last }}
{% endfor %}
