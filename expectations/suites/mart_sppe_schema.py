"""What `mart_sppe_schema` promises: scenarios anyone can work out again, places counted once."""

from expectations.suites.commun import Lot, Sujet, cite, comptages, comptes, conventions
from socle.affichage import STATUTS_MARQUES


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    eps = seuils.tolerance.valeur
    sans_prive = "(f.valeur + 100 * (places_planifiees - coalesce(o.planifiees, 0)) / e.valeur)"
    prive = "100 * (places_annoncees_privees - coalesce(o.privees, 0)) / e.valeur"
    regles = {
        "scenario_inexact": (
            f"abs(taux_scenario_sans_prive - {sans_prive}) > {eps}"
            f" or abs(taux_scenario - {sans_prive} - {prive}) > {eps}",
            cite("taux_scenario"),
        ),
        "scenario_sans_base": (
            "taux_scenario is not null and (f.valeur is null or e.valeur is null or annee < millesime_base)"
            f" or taux_scenario_statut in {STATUTS_MARQUES}"
            " and (taux_scenario is not null or coalesce(trim(motif), '') = '')",
            "' (' || taux_scenario_statut || ')'",
        ),
        # What may become of the number of children is said, or why nothing is.
        "bornes_inexactes": (
            "taux_scenario not between taux_scenario_borne_basse and taux_scenario_borne_haute"
            " or (taux_scenario_borne_basse is null) <> (taux_scenario_borne_haute is null)"
            " or (taux_scenario is not null and annee > millesime_base) <> (prevision is not null)",
            "concat(' : ', taux_scenario_borne_basse, ' à ', taux_scenario_borne_haute)",
        ),
        "etude_comptee": (
            "places_visees <> places_maintenues + places_planifiees + places_annoncees_privees"
            " or places_ouvertes > places_planifiees + places_annoncees_privees",
            "concat(' : ', places_visees)",
        ),
    }
    valeurs = (
        "(select territoire_id as t, millesime, valeur from marts.fct_indicateurs where indicateur_id = '{}')"
    )
    profil = f"""
        select {conventions()} as convention_id, count(*) as lignes, {comptages(regles, seuils)}
        from marts.mart_sppe_schema as m
        left join {valeurs.format("taux_couverture_petite_enfance")} as f
            on m.territoire_id = f.t and m.millesime_base = f.millesime
        left join {valeurs.format("nb_enfants_moins_3_ans")} as e
            on m.territoire_id = e.t and m.millesime_enfants = e.millesime
        -- What had opened in the year of the rate, which holds it already.
        left join (
            select b.convention_id as c, b.millesime_base as base,
                max(b.places_planifiees) as planifiees, max(b.places_annoncees_privees) as privees
            from marts.mart_sppe_schema as b where b.annee <= b.millesime_base group by all
        ) as o on m.convention_id = o.c and m.millesime_base = o.base"""
    return [Lot("profil", ("convention_id",), profil, comptes(regles))]
