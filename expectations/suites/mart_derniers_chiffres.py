"""What `mart_derniers_chiffres` promises: the last figure shown of each series, as other marts have it."""

from expectations.suites.commun import COMPARATEURS, STATUTS_CHIFFRES, Lot, Sujet, cite, comptages, comptes
from socle.affichage import STATUTS_MARQUES
from socle.sql import nom_sql


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    eps = seuils.tolerance.valeur
    departs = ("precedent", "base_ctg")
    regles = {
        "pas_le_dernier": (
            "d.territoire_id is null or m.millesime is distinct from coalesce(d.montre, d.recent)",
            "concat(' (', coalesce(d.montre, d.recent), ' dans fct_indicateurs, ', m.millesime, ' ici)')",
        ),
        "chiffre_infidele": (
            "m.territoire_id is not null and (m.valeur is distinct from f.valeur"
            " or m.statut is distinct from f.statut or m.valeur_affichee is distinct from f.valeur_affichee"
            " or m.lisibilite is distinct from f.lisibilite)",
            "concat(' (', f.statut, ' dans fct_indicateurs, ', m.statut, ' ici)')",
        ),
        "masque_avec_valeur": (
            " or ".join(
                f"m.{nom_sql(statut)} in {STATUTS_MARQUES} and {sujet.montre(statut, 'm')}"
                for statut in sorted(set(sujet.masquees.values()))
            ),
            "' (' || m.statut || ')'",
        ),
        "evolution_infidele": (
            " or ".join(
                f"coalesce(abs(evolution_{x} - (m.valeur - valeur_{x})) > {eps}, false)"
                f" or evolution_{x}_statut in {STATUTS_CHIFFRES} and evolution_{x} is null"
                f" or evolution_{x} is distinct from e_{x}.evolution"
                f" or evolution_{x}_lecture is distinct from e_{x}.evolution_lecture"
                f" or evolution_{x}_affichee is distinct from"
                f" if(m.territoire_id is null, null, coalesce(e_{x}.evolution_affichee, 'na'))"
                for x in departs
            ),
            cite("m.valeur"),
        ),
        "comparateur_infidele": (
            "m.territoire_id is not null and (m.rang is distinct from c.rang or "
            + " or ".join(
                f"m.valeur_{x} is distinct from c.valeur_{x}"
                f" or m.valeur_{x}_affichee is distinct from coalesce(c.valeur_{x}_affichee, 'na')"
                f" or m.ecart_{x} is distinct from c.ecart_{x}"
                f" or m.ecart_{x}_lecture is distinct from c.ecart_{x}_lecture"
                f" or m.ecart_{x}_dit is distinct from c.ecart_{x}_dit"
                for x in COMPARATEURS
            )
            + ")",
            cite("m.valeur"),
        ),
    }
    profil = f"""
        with derniers as (
            select territoire_id, niveau, indicateur_id, max(millesime) as recent,
                max(millesime) filter (statut in {STATUTS_CHIFFRES}) as montre
            from marts.fct_indicateurs group by all
        )
        select indicateur_id, niveau, count(*) as lignes, {comptages(regles, seuils)}
        from marts.mart_derniers_chiffres as m
        full join derniers as d using (territoire_id, niveau, indicateur_id)
        left join (
            select territoire_id, indicateur_id, millesime, valeur, statut, valeur_affichee, lisibilite
            from marts.fct_indicateurs
        ) as f using (territoire_id, indicateur_id, millesime)
        left join (select * exclude (niveau) from marts.mart_comparaisons) as c
            using (territoire_id, indicateur_id, millesime)
        {" ".join(_evolutions(x) for x in departs)}
        group by indicateur_id, niveau order by indicateur_id, niveau"""
    return [Lot("profil", ("indicateur_id", "niveau"), profil, comptes(regles))]


def _evolutions(depart: str) -> str:
    """Return the join to the evolution that ends on the last figure and begins there."""
    return f"""
        left join (
            select territoire_id, indicateur_id, millesime_debut as millesime_{depart},
                millesime_fin as millesime, evolution, evolution_lecture, evolution_affichee
            from marts.mart_evolutions {"where base_ctg" if depart == "base_ctg" else ""}
        ) as e_{depart} using (territoire_id, indicateur_id, millesime, millesime_{depart})"""
