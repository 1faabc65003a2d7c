-- The extract of allocataires, one line per foyer of a December, without its pseudonym: what a foyer has, in the terms
-- of the mesures. December of N is millésime N; the other months feed nothing.
with foyers as (
    select
        *,
        montant_apl + montant_alf + montant_als as montant_aide_logement,
        -- Resources besides the housing benefits, other benefits included: what a rent is paid with.
        ressources_mensuelles + prestations_mensuelles - montant_apl - montant_alf - montant_als
            as ressources_hors_aide_logement
    from {{ source('micro', 'foyers') }}
    where substring(mois, 6, 2) = '12'
)

select
    millesime,
    fichier_sha256,
    cog_millesime,
    -- Paris, Lyon and Marseille are one commune each.
    case
        when code_commune between '75101' and '75120' then '75056'
        when code_commune between '69381' and '69389' then '69123'
        when code_commune between '13201' and '13216' then '13055'
        else code_commune
    end as code,
    droit_versable,
    population_reference,
    situation_familiale = 'isole' as isole,
    nb_personnes,
    enfants_0_2,
    enfants_6_11,
    enfants_12_17,
    enfants_0_2 + enfants_3_5 + enfants_6_11 + enfants_12_17 + enfants_18_plus as enfants,
    enfants_aeeh,
    ruc,
    ruc_hors_prestations,
    quotient_familial,
    ressources_mensuelles,
    prestations_mensuelles,
    loyer,
    charges,
    impaye_loyer,
    courriel_connu,
    montant_rsa,
    montant_prime_activite,
    montant_aah,
    montant_paje_naissance + montant_paje_base + montant_paje_cmg + montant_paje_prepare as montant_paje,
    montant_paje_cmg as montant_cmg,
    montant_af,
    montant_asf,
    montant_apl,
    montant_aide_logement,
    annuel_aides_logement,
    annuel_precarite,
    annuel_familiales,
    annuel_handicap,
    -- In percent, of the foyers that a housing benefit is paid to; nothing can be said of one without resources.
    case
        when droit_versable and montant_aide_logement > 0 and ressources_hors_aide_logement > 0
            then
                cast(100 * (loyer + charges - montant_aide_logement) as double)
                / cast(ressources_hors_aide_logement as double)
    end as taux_effort
from foyers
