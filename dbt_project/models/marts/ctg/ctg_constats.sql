-- What the evaluation of each convention of the scope observed, theme by theme, and whether the series of this release
-- says the same of the figures it states: contradicted where nothing within the bounds of the series rounds to them.
with series as (
    select
        territoire_id,
        indicateur_id,
        millesime,
        -- A partial figure has only a floor or a ceiling: a statement beyond it is not contradicted.
        coalesce(borne_basse, if(borne_haute is null, valeur, cast('-infinity' as double))) as basse,
        coalesce(borne_haute, if(borne_basse is null, valeur, cast('infinity' as double))) as haute,
        valeur_affichee,
        max(millesime) over (partition by territoire_id, indicateur_id) as derniere
    from {{ ref('fct_indicateurs') }}
    where valeur is not null
),

enonces as (
    select
        s.*,
        c.territoire_id,
        i.libelle as indicateur_libelle,
        -- What rounding to the printed decimals may move.
        0.5 / pow(10, i.decimales) + 1e-9 as arrondi,
        s.valeur_fin is not null or s.ecart is not null as enonce_la_fin
    from {{ ref('int_ctg_constats') }} as s
    inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
    left join {{ ref('indicateurs') }} as i on s.indicateur_id = i.indicateur_id
),

reconnues as (
    -- A last value without its year is that of the newest year whose figure rounds to it: « passé de 46,2 à 57,2 »,
    -- said while the series went on to 64,3.
    select
        e.convention_id,
        e.ordre,
        max(s.millesime) as millesime
    from enonces as e
    inner join series as s on e.territoire_id = s.territoire_id and e.indicateur_id = s.indicateur_id
    where
        e.annee_fin is null
        and e.valeur_fin between s.basse - e.arrondi and s.haute + e.arrondi
        and s.millesime > coalesce(e.annee_debut, 0)
    group by all
),

lus as (
    select
        e.*,
        d.millesime as millesime_debut,
        f.millesime as millesime_fin,
        d.valeur_affichee as debut_affiche,
        f.valeur_affichee as fin_affichee,
        (e.valeur_debut is not null or e.ecart is not null) and d.millesime is null as sans_debut,
        e.enonce_la_fin and f.millesime is null as sans_fin,
        e.valeur_debut < d.basse - e.arrondi or e.valeur_debut > d.haute + e.arrondi as contredit_debut,
        e.valeur_fin < f.basse - e.arrondi or e.valeur_fin > f.haute + e.arrondi as contredit_fin,
        -- Both ends of a difference may have been rounded before it was taken; of whole numbers, neither was.
        e.ecart <= f.basse - d.haute - 2 * e.arrondi + 4e-9
        or e.ecart >= f.haute - d.basse + 2 * e.arrondi - 4e-9 as contredit_ecart
    from enonces as e
    left join reconnues as r on e.convention_id = r.convention_id and e.ordre = r.ordre
    left join series as d
        on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.annee_debut = d.millesime
    left join series as f
        on
            e.territoire_id = f.territoire_id
            and e.indicateur_id = f.indicateur_id
            and coalesce(e.annee_fin, r.millesime, f.derniere) = f.millesime
            and e.enonce_la_fin
)

select
    convention_id,
    cast(ordre as integer) as ordre,
    theme_id as theme,
    rubrique,
    nature,
    texte,
    indicateur_id,
    case
        when indicateur_id is null and coalesce(valeur_debut, valeur_fin, ecart) is null then null
        when
            indicateur_id is null
            or coalesce(valeur_debut, valeur_fin, ecart) is null
            or (coalesce(valeur_debut, ecart) is not null and annee_debut is null)
            then 'incomplet'
        when indicateur_libelle is null then 'indicateur_inconnu'
        when contredit_debut or contredit_fin or contredit_ecart then 'contredit'
        when sans_debut or sans_fin then 'sans_chiffre'
        else 'conforme'
    end as verification,
    case
        when verification = 'contredit'
            then
                indicateur_libelle
                || ' dans cette publication : '
                || concat_ws(
                    ', ', debut_affiche || ' en ' || millesime_debut, fin_affichee || ' en ' || millesime_fin
                )
    end as note,
    clauses
from lus
