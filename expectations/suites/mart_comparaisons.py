"""What `mart_comparaisons` promises: the figures of `fct_indicateurs`, the gaps and ranks they give."""

from expectations.suites.commun import (
    COMPARATEURS,
    NIVEAUX_COMPARES,
    STATUTS_CHIFFRES,
    Lot,
    Sujet,
    cite,
    comptages,
    comptes,
)
from socle.affichage import STATUTS_MARQUES
from socle.sql import liste_sql, nom_sql


def un_des(condition: str) -> str:
    """Return, in SQL, whether one of the comparators (`{x}` in the condition) meets a condition."""
    return " or ".join(f"coalesce({condition.format(x=x)}, false)" for x in COMPARATEURS)


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    return [_profil(sujet), _rangs(sujet)]


def _mal_placee(x: str) -> str:
    """Return, in SQL, whether a figure is said to be on the wrong side of a comparator."""
    largeur = (
        "greatest(coalesce(d_ecart_minimal, 0),"
        f" greatest(abs(m.valeur), abs(valeur_{x})) * d_ecart_minimal_relatif / 100)"
    )
    proche = f"(abs(round(ecart_{x}, 9)) < {largeur} or round(ecart_{x}, d_decimales) = 0)"
    return (
        f"ecart_{x}_dit is not null and (ecart_{x} is null or m.lisibilite <> 'point'"
        f" or reserve_{x}_code is not null or"
        f" ecart_{x}_dit <> if({proche}, 'proche', if(ecart_{x} > 0, 'au_dessus', 'au_dessous'))"
        f" or ecart_{x}_dit <> 'proche' and ecart_{x}_lecture = 'non_significatif')"
    )


def _regles(sujet: Sujet) -> dict[str, tuple[str, str]]:
    """Return the conditions that make a row wrong, and what a message cites of such a row."""
    eps = sujet.seuils.tolerance.valeur
    return {
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
            + ") or "
            + un_des(f"ecart_{{x}}_statut in {STATUTS_CHIFFRES} and ecart_{{x}} is null"),
            cite("m.valeur"),
        ),
        "comparateur_infidele": (
            "m.territoire_id is not null and ("
            + " or ".join(
                f"m.valeur_{x} is distinct from {x}.valeur"
                f" or m.valeur_{x}_affichee <> coalesce({x}.valeur_affichee, m.valeur_{x}_affichee)"
                for x in NIVEAUX_COMPARES
            )
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
        "place_incoherente": (
            # The figures alone give the side, and a colour needs a side.
            un_des(_mal_placee("{x}"))
            + " or "
            + un_des(
                "ecart_{x}_lecture in ('favorable', 'defavorable') and reserve_{x}_code is null"
                " and ecart_{x}_dit is distinct from if(ecart_{x} > 0, 'au_dessus', 'au_dessous')"
                + " and ('{x}' <> 'pairs' or rang_au_mieux is not null)"
            ),
            cite("m.valeur"),
        ),
        "dit_de_trop_peu": (
            "sans_assise and (rang_au_mieux is not null or "
            + un_des("ecart_{x}_dit is not null or ecart_{x}_lecture in ('favorable', 'defavorable')")
            + ")",
            cite("m.valeur"),
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


def _profil(sujet: Sujet) -> Lot:
    """Each row beside the figures that it compares."""
    regles = _regles(sujet)
    larges = " ".join(
        f"""
        left join reperes as {x} on {x}.territoire_id = liens.{x}
            and {x}.indicateur_id = m.indicateur_id and {x}.millesime = m.millesime"""
        for x in NIVEAUX_COMPARES
    )
    profil = f"""
        with f as (
            select territoire_id, niveau, millesime, indicateur_id, valeur, statut, lisibilite, d.methode,
                d.ecart_minimal as d_ecart_minimal, d.ecart_minimal_relatif as d_ecart_minimal_relatif,
                d.decimales as d_decimales,
                coalesce(
                    d.assise_numerateur and (f.numerateur < d.assise_minimale
                        or d.part_d_un_tout and f.denominateur - f.numerateur < d.assise_minimale), false
                ) as sans_assise
            from marts.fct_indicateurs as f join marts.dim_indicateur as d using (indicateur_id)
            where d.methode <> 'attribut' and valeur_texte is null
        ), reperes as materialized (
            select territoire_id, indicateur_id, millesime, valeur, valeur_affichee
            from marts.fct_indicateurs where niveau in {liste_sql(NIVEAUX_COMPARES)}
        ), liens as (
            select territoire_id as lie, if(niveau = 'commune', 'epci:' || epci, null) as epci,
                if(niveau in ('commune', 'epci', 'ctg'), 'departement:' || departement, null) as departement,
                if(niveau in ('commune', 'epci', 'ctg', 'departement'), 'region:' || region, null) as region,
                if(niveau <> 'france', 'france:FR', null) as france
            from marts.dim_territoire
        )
        select indicateur_id, niveau, millesime, count(*) as lignes, {comptages(regles, sujet.seuils)}
        from marts.mart_comparaisons as m full join f using (territoire_id, niveau, millesime, indicateur_id)
        left join liens on liens.lie = m.territoire_id {larges}
        group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
    return Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, comptes(regles))


def _rangs(sujet: Sujet) -> Lot:
    """Ranks of one group go down as its figures do; an EPCI has peers of its own, and is in no such group."""
    regle = {
        "rang_contraire": (
            "round(valeur, 9) > round(avant, 9)",
            "concat(' (', indicateur_id, ', rang ', rang, ')')",
        )
    }
    rangs = f"""
        with classes as (
            select m.territoire_id, m.niveau, m.indicateur_id, m.rang, m.valeur,
                lag(m.valeur) over (
                    partition by m.niveau, p.groupe_id, m.indicateur_id, m.millesime order by m.rang
                ) as avant
            from marts.mart_comparaisons as m
            join marts.pairs_territoires as p on m.territoire_id = p.territoire_id and p.est_le_sien
            where m.rang is not null and m.niveau <> 'epci'
        )
        select niveau, count(*) as lignes, {comptages(regle, sujet.seuils)}
        from classes group by niveau order by niveau"""
    return Lot("rangs", ("niveau",), rangs, comptes(regle), "aucun territoire n'a de rang")
