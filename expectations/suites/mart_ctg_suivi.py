"""What `mart_ctg_suivi` promises: targets judged on published figures, and never without a ground."""

from expectations.suites.commun import Lot, Sujet, comptages, comptes, conventions


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    eps = seuils.tolerance.valeur
    # Above 0, the figure is better than the target. A neutral indicateur gives 0: no side of it is better.
    sens = (
        "case polarite when 'favorable' then 1 when 'defavorable' then -1"
        " else sign(cible - valeur_depart) end"
    )
    regles = {
        "valeur_infidele": (
            "m.millesime is not null and"
            " (m.valeur is distinct from f.valeur or m.valeur_statut is distinct from f.statut)",
            "concat(' (', coalesce(f.statut, 'absente'), ' dans fct_indicateurs, ', valeur_statut, ' ici)')",
        ),
        "juge_sans_cible": (
            "situation <> 'nd' and (cible is null or valeur_depart is null or m.valeur is null)"
            " or situation = 'nd' and coalesce(trim(motif), '') = ''",
            "' (' || situation || ')'",
        ),
        "situation_contraire": (
            "case"
            f" when {sens} = 0 and m.valeur = cible or {sens} * (m.valeur - cible) >= {eps}"
            " then situation in ('en_retard', 'non_atteinte')"
            f" when {sens} = 0 and abs(m.valeur - cible) >= {eps} or {sens} * (m.valeur - cible) <= -{eps}"
            " then situation = 'atteinte' end",
            "' (' || situation || ')'",
        ),
    }
    profil = f"""
        select {conventions()} as convention_id, count(*) as lignes, {comptages(regles, seuils)}
        from marts.mart_ctg_suivi as m
        left join (
            select territoire_id, indicateur_id, millesime, valeur, statut from marts.fct_indicateurs
        ) as f using (territoire_id, indicateur_id, millesime)"""
    return [Lot("profil", ("convention_id",), profil, comptes(regles))]
