"""What `mart_comparaisons` promises: the figures of `fct_indicateurs`, the gaps and ranks they give."""

from expectations.suites.commun import Lot, Sujet, cite, comptages, comptes
from socle.affichage import STATUTS_MARQUES
from socle.sql import nom_sql

_COMPARATEURS = ("epci", "departement", "region", "france", "pairs")


def un_des(condition: str) -> str:
    """Return, in SQL, whether this holds of one of the comparators, `{x}` in its columns."""
    return " or ".join(f"coalesce({condition.format(x=x)}, false)" for x in _COMPARATEURS)


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils, eps = sujet.seuils, sujet.seuils.tolerance.valeur
    regles = {
        "ecart_avec_fct": (
            "f.territoire_id is null or m.territoire_id is null"
            " or m.valeur is distinct from f.valeur or m.statut is distinct from f.statut"
            " or m.lisibilite is distinct from f.lisibilite",
            "concat(' (', coalesce(f.statut, 'absente'), ' dans fct_indicateurs, ',"
            " coalesce(m.statut, 'absente'), ' ici)')",
        ),
        "masque_avec_valeur": (
            # A gap or a rank says as much as the figure it was made from.
            f"m.statut in {STATUTS_MARQUES}"
            f" and (rang_au_mieux is not null or {un_des('ecart_{x} is not null')}) or "
            + " or ".join(
                f"m.{nom_sql(statut)} in {STATUTS_MARQUES} and {sujet.montre(statut, 'm')}"
                for statut in sorted(set(sujet.masquees.values()))
            ),
            "' (' || m.statut || ')'",
        ),
        "ecart_incoherent": (
            un_des(f"abs(ecart_{{x}} - (m.valeur - valeur_{{x}})) > {eps} * greatest(1, abs(m.valeur))")
            + " or methode in ('somme', 'difference') and ("
            + un_des("ecart_{x} is not null")
            + ")",
            cite("m.valeur"),
        ),
        "lecture_incoherente": (
            un_des(
                "ecart_{x}_lecture in ('favorable', 'defavorable') and (m.polarite = 'neutre'"
                " or (ecart_{x} > 0) <> (m.polarite = ecart_{x}_lecture))"
            ),
            "' (' || m.polarite || ')'",
        ),
        "incertain_compare": (
            "m.lisibilite <> 'point' and (rang_au_mieux is not null or "
            + un_des("ecart_{x}_lecture in ('favorable', 'defavorable')")
            + ")",
            "' (' || m.lisibilite || ')'",
        ),
        "rang_hors_pairs": (
            "coalesce(rang not between 1 and nb_pairs, false)"
            " or coalesce(rang_au_mieux not between 1 and rang_au_pire or rang_au_pire > nb_pairs, false)"
            " or coalesce(rang not between rang_au_mieux and rang_au_pire, rang is not null)"
            " or rang is null and m.valeur is not null and nb_pairs > 1 and rang_motif is null"
            " or rang is not null and rang_motif is not null",
            "concat(' : rang ', rang, ' sur ', nb_pairs)",
        ),
    }
    profil = f"""
        with f as (
            select territoire_id, niveau, millesime, indicateur_id, valeur, statut, lisibilite, d.methode
            from marts.fct_indicateurs join marts.dim_indicateur as d using (indicateur_id)
            where d.methode <> 'attribut' and valeur_texte is null
        )
        select indicateur_id, niveau, millesime, count(*) as lignes, {comptages(regles, seuils)}
        from marts.mart_comparaisons as m full join f using (territoire_id, niveau, millesime, indicateur_id)
        group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
    return [Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, comptes(regles))]
