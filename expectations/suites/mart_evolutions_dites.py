"""What `mart_evolutions_dites` promises: one start told unasked, no word that the other marts deny.

Movements are confronted with `mart_tendances`, numbers with `mart_evolutions`, the last year with
`mart_derniers_chiffres`.
"""

from expectations.suites.commun import STATUTS_CHIFFRES, Lot, Sujet, comptages, comptes

_DIT = "m.mouvement in ('hausse', 'baisse')"
_NETTE = (
    "evolution_lecture <> 'non_significatif' and lecture_motif_code is distinct from 'mouvement_trop_faible'"
)


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    regles = {
        "evolution_infidele": (
            "m.statut is distinct from e.statut or m.evolution is distinct from e.evolution"
            " or m.millesime_fin is distinct from d.millesime",
            "concat(' (', m.evolution, ' de ', m.millesime_debut, ' à ', m.millesime_fin, ')')",
        ),
        "depart_double": (
            "m.departs <> 1 or m.avant is distinct from m.depuis_de - 1",
            "concat(' (', m.indicateur_id, ', ', m.millesime_debut, ')')",
        ),
        "imprime_contraire": (
            "m.forme = 'mesuree' and"
            " (left(m.evolution_affichee, 1) = if(m.evolution > 0, '+', '−')) is not true"
            " or (m.forme = 'refusee') <> (m.evolution is null)",
            "concat(' (', m.evolution_affichee, ' pour ', m.evolution, ')')",
        ),
        "mouvement_non_etabli": (
            f"{_DIT} and (m.mouvement = t.tendance"
            " and (m.mouvement = 'hausse') = (m.evolution > 0)) is not true",
            "concat(' (', m.mouvement, ', ', t.tendance, ')')",
        ),
        "couleur_non_etablie": (
            f"m.couleur in ('favorable', 'defavorable') and ({_DIT} and m.polarite <> 'neutre'"
            " and (m.mouvement = 'hausse') = (m.polarite = m.couleur)) is not true",
            "concat(' (', m.couleur, ', ', m.mouvement, ', ', m.polarite, ')')",
        ),
        "stable_qui_bouge": (
            "m.stable_depuis <= m.bouge_en",
            "concat(' (depuis ', m.stable_depuis, ')')",
        ),
    }
    profil = f"""
        with nettes as (
            select territoire_id, indicateur_id, millesime_fin, max(millesime_debut) as bouge_en
            from marts.mart_evolutions where {_NETTE} group by all
        ),
        m as (
            select m.*, n.bouge_en,
                count(*) filter (where choisie) over (partition by territoire_id, indicateur_id) as departs,
                lag(depuis_a) over (
                    partition by territoire_id, indicateur_id order by millesime_debut
                ) as avant
            from marts.mart_evolutions_dites as m
            left join nettes as n using (territoire_id, indicateur_id, millesime_fin)
        )
        select m.indicateur_id, m.niveau, count(*) as lignes, {comptages(regles, seuils)}
        from m
        left join marts.mart_evolutions as e
            using (territoire_id, indicateur_id, millesime_debut, millesime_fin)
        left join marts.mart_derniers_chiffres as d using (territoire_id, indicateur_id)
        left join marts.mart_tendances as t using (territoire_id, indicateur_id)
        group by m.indicateur_id, m.niveau order by m.indicateur_id, m.niveau"""
    tue = {
        "evolution_tue": (
            "suivi and territoire_id not in (select territoire_id from marts.mart_evolutions_dites as m"
            " where m.indicateur_id = s.indicateur_id)",
            "concat(' (', s.indicateur_id, ')')",
        )
    }
    suivis = f"""
        with s as (
            select *, millesime_precedent is not null and not prevu and statut in {STATUTS_CHIFFRES}
                and exists (
                select 1 from marts.mart_evolutions as e
                where e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id
                    and e.millesime_fin = d.millesime and e.statut in {STATUTS_CHIFFRES}) as suivi
            from marts.mart_derniers_chiffres as d
        )
        select indicateur_id, niveau, count(*) as lignes, {comptages(tue, seuils)}
        from s group by indicateur_id, niveau order by indicateur_id, niveau"""
    vide = "aucun chiffre n'en suit un autre"
    return [
        Lot("profil", ("indicateur_id", "niveau"), profil, comptes(regles), vide),
        # Never empty: a first year alone is judged to have none to tell.
        Lot("suivis", ("indicateur_id", "niveau"), suivis, comptes(tue)),
    ]
