-- What each gestionnaire receives in a commune, by year and mesure. One name written two ways would count for two:
-- letters and digits alone are compared.
with equipements as (
    {{ structures_equipements() }}
),

structures as (
    select
        *,
        regexp_replace(lower(strip_accents(coalesce(gestionnaire, ''))), '[^a-z0-9]', '', 'g') as qui
    from equipements
),

montants as (
    {% for mesure, types, apport in subventions_caf() %}
        select
            code,
            cog_millesime,
            annee,
            qui,
            '{{ mesure }}' as mesure_id,
            {{ apport }} as montant
        from structures
        where type in ('{{ types | join("', '") }}')
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    annee as millesime,
    cog_millesime,
    code,
    mesure_id,
    qui as gestionnaire,
    cast(sum(montant) as decimal(30, 15)) as valeur
from montants
group by all
having sum(montant) > 0
