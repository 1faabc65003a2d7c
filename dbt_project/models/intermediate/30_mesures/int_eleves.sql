-- Pupils and classes by commune of the école and rentrée: missing where one of its écoles does not say, or may be in
-- another commune of that name. The list of pupils has no code of commune. The annuaire has one for each école that is
-- open; one that closed since is in the commune of its name, in the COG of the annuaire or in one of before, in its
-- département.
with communes as (
    select
        cog_millesime,
        departement,
        code,
        {{ nom_de_commune('libelle') }} as nom,
        cog_millesime = (select max(a.cog_millesime) from {{ ref('stg_men__annuaire') }} as a) as actuelle
    from {{ ref('stg_insee__cog_communes') }}
),

noms as (
    select
        departement,
        nom,
        code
    from communes
    where actuelle
    union
    -- A former name leads to the commune's only heir.
    select
        c.departement,
        c.nom,
        n.code
    from communes as c
    inner join {{ ref('int_passage') }} as p
        on c.cog_millesime = p.cog_millesime and c.code = p.code_origine and p.nb_heritiers = 1
    inner join communes as n on n.actuelle and p.code_reference = n.code
    anti join communes as k on k.actuelle and c.departement = k.departement and c.nom = k.nom
),

places as (
    select
        *,
        count(*) over (partition by departement, nom) > 1 as incertaine
    from noms
),

placees as (
    select
        e.fichier_sha256,
        e.millesime_fichier,
        e.millesime,
        coalesce(a.code, n.code) as code,
        (select max(o.cog_millesime) from {{ ref('stg_men__annuaire') }} as o) as cog_millesime,
        if(n.incertaine, null, e.eleves) as eleves_premier_degre,
        if(n.incertaine, null, e.eleves_maternelle) as eleves_maternelle,
        -- The pupils of Ulis are older than six: they are in no nursery class.
        if(n.incertaine, null, e.eleves - e.eleves_maternelle) as eleves_elementaire,
        if(n.incertaine, null, e.classes) as classes_premier_degre
    from {{ ref('stg_men__effectifs') }} as e
    left join {{ ref('stg_men__annuaire') }} as a on e.numero_ecole = a.numero_ecole
    left join places as n
        on
            a.code is null
            and regexp_replace(e.departement, '^0(..)$', '\1') = n.departement
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
