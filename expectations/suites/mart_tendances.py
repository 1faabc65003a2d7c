"""What `mart_tendances` promises: a rise or a fall is of five printed points or more, and not by chance.

Pairs of points are counted again; their probability is the mart's own, held under one in twenty (ADR 37).
"""

from expectations.suites.commun import STATUTS_CHIFFRES, Lot, Sujet, comptages, comptes

_DIT = "m.tendance in ('hausse', 'baisse')"


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    regles = {
        "points_infideles": (
            "m.tendance is not null and (p.points is distinct from m.nb_points or p.incertains > 0"
            " or m.nb_points < 5)",
            "concat(' (', p.points, ' points dans fct_indicateurs, ', m.nb_points, ' ici)')",
        ),
        "tendance_contraire": (
            f"{_DIT} and ((m.tendance = 'hausse') = (p.s > 0) and sign(p.s) = sign(m.tau)"
            " and (m.tendance = 'hausse') = (m.evolution > 0) and m.valeur_p < 0.05) is not true",
            "concat(' (', m.tendance, ', S = ', p.s, ', p = ', round(m.valeur_p, 4), ')')",
        ),
        "intervalle_recouvrant": (
            f"{_DIT} and (m.evolution_borne_basse > 0 or m.evolution_borne_haute < 0) is not true",
            "' (' || m.tendance || ')'",
        ),
        "lecture_incoherente": (
            "m.tendance_lecture in ('favorable', 'defavorable') and (m.polarite = 'neutre'"
            " or ((m.tendance = 'hausse') = (m.polarite = m.tendance_lecture)) is not true)",
            "concat(' (', m.tendance, ', ', m.polarite, ')')",
        ),
        "silence_sans_motif": (
            f"({_DIT}) is not true and coalesce(trim(m.motif), '') = ''",
            "' (' || m.indicateur_id || ')'",
        ),
    }
    profil = f"""
        with points as (
            select m.territoire_id, m.indicateur_id, f.millesime, f.lisibilite,
                round(round(f.valeur, 9), i.decimales) as valeur
            from marts.mart_tendances as m
            inner join marts.dim_indicateur as i using (indicateur_id)
            inner join marts.fct_indicateurs as f using (territoire_id, indicateur_id)
            where m.tendance is not null and f.statut in {STATUTS_CHIFFRES}
                and list_contains(string_split(m.annees, ', '), cast(f.millesime as varchar))
        ),
        tests as (
            select a.territoire_id, a.indicateur_id, count(distinct a.millesime) as points,
                count(*) filter (a.lisibilite <> 'point') as incertains,
                sum(sign(b.valeur - a.valeur)) filter (a.millesime < b.millesime) as s
            from points as a inner join points as b using (territoire_id, indicateur_id)
            group by all
        )
        select indicateur_id, niveau, count(*) as lignes, {comptages(regles, seuils)}
        from marts.mart_tendances as m left join tests as p using (territoire_id, indicateur_id)
        group by indicateur_id, niveau order by indicateur_id, niveau"""
    vide = "aucun indicateur n'a de chiffre au-dessus de la commune"
    return [Lot("profil", ("indicateur_id", "niveau"), profil, comptes(regles), vide)]
