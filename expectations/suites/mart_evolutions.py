"""What `mart_evolutions` promises: two comparable ends, their difference, effects that add up to it.

An empty mart is judged too: a release of a single year has no figure that follows another.
"""

from expectations.suites.commun import STATUTS_CHIFFRES, Lot, Sujet, cite, comptages, comptes

_VIDE = "aucun indicateur n'a deux millésimes"


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    return [_profil(sujet), _series(sujet)]


def _profil(sujet: Sujet) -> Lot:
    """The two ends of each row beside the same figures in `fct_indicateurs`."""
    seuils = sujet.seuils
    eps = seuils.tolerance.valeur
    chiffree = f"m.statut in {STATUTS_CHIFFRES}"
    regles = {
        "bout_infidele": (
            "valeur_debut is distinct from a.valeur or valeur_debut_statut is distinct from a.statut"
            " or valeur_fin is distinct from b.valeur or valeur_fin_statut is distinct from b.statut",
            "''",
        ),
        "masque_avec_valeur": (
            f"m.statut not in {STATUTS_CHIFFRES} and {sujet.montre('statut', 'm')}",
            "' (' || m.statut || ')'",
        ),
        "refus_sans_motif": (
            f"m.statut not in {STATUTS_CHIFFRES} and coalesce(trim(m.motif), '') = ''",
            "' (' || m.statut || ')'",
        ),
        "bouts_incomparables": (
            f"{chiffree} and (a.source_ids <> b.source_ids and m.serie_commune is null"
            " or a.champ is distinct from b.champ)",
            "' (' || a.source_ids || ' puis ' || b.source_ids || ')'",
        ),
        "incertaine_lue": (
            f"{chiffree} and (m.lisibilite is distinct from case"
            " when 'trop_peu' in (a.lisibilite, b.lisibilite) then 'trop_peu'"
            " when 'intervalle' in (a.lisibilite, b.lisibilite) then 'intervalle' else 'point' end"
            " or m.lisibilite <> 'point' and evolution_lecture in ('favorable', 'defavorable'))",
            "concat(' (', m.lisibilite, ')')",
        ),
        "lecture_incoherente": (
            "evolution_lecture in ('favorable', 'defavorable') and (m.polarite = 'neutre'"
            " or ((evolution > 0) = (m.polarite = evolution_lecture)) is not true)",
            "concat(' (', m.polarite, ', ', evolution_lecture, ')')",
        ),
        "evolution_incoherente": (
            f"{chiffree} and (abs(evolution - (valeur_fin - valeur_debut)) <= {eps}) is not true",
            cite("evolution"),
        ),
        "decomposition_inexacte": (
            f"{chiffree} and methode = 'ratio' and (abs(effet_numerateur + effet_denominateur"
            f" - evolution) <= {eps} * greatest(1, abs(valeur_debut), abs(valeur_fin))) is not true",
            cite("evolution"),
        ),
    }
    profil = f"""
        select indicateur_id, niveau, millesime_fin as millesime, count(*) as lignes,
            {comptages(regles, seuils)}
        from marts.mart_evolutions as m
        left join (select territoire_id, indicateur_id, millesime as millesime_debut, valeur, statut,
                lisibilite, source_ids, champ from marts.fct_indicateurs) as a
            using (territoire_id, indicateur_id, millesime_debut)
        left join (select territoire_id, indicateur_id, millesime as millesime_fin, valeur, statut,
                lisibilite, source_ids, champ from marts.fct_indicateurs) as b
            using (territoire_id, indicateur_id, millesime_fin)
        group by indicateur_id, niveau, millesime_fin order by indicateur_id, niveau, millesime"""
    return Lot("profil", ("indicateur_id", "niveau", "millesime"), profil, comptes(regles), _VIDE)


def _series(sujet: Sujet) -> Lot:
    """Find the figures that follow another and have no row."""
    suivi = {
        "evolution_absente": (
            "methode in ('somme', 'ratio', 'publie', 'specifique') and valeur_texte is null"
            " and precedent is not null and statut is null",
            "concat(' (', indicateur_id, ' de ', precedent, ' à ', millesime_fin, ')')",
        ),
    }
    series = f"""
        with chiffres as (
            select territoire_id, niveau, indicateur_id, millesime as millesime_fin, valeur_texte, d.methode,
                lag(millesime) over serie as precedent
            from marts.fct_indicateurs join marts.dim_indicateur as d using (indicateur_id)
            window serie as (
                partition by territoire_id, indicateur_id, valeur_texte is null order by millesime
            )
        ),
        evolutions as (
            select territoire_id, indicateur_id, millesime_debut as precedent, millesime_fin,
                any_value(statut) as statut
            from marts.mart_evolutions group by all
        )
        select niveau, count(*) as lignes, {comptages(suivi, sujet.seuils)}
        from chiffres left join evolutions using (territoire_id, indicateur_id, precedent, millesime_fin)
        group by niveau order by niveau"""
    return Lot("series", ("niveau",), series, comptes(suivi))
