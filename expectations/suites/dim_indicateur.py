"""What `dim_indicateur` promises: a dictionary that says everything, silent on no level it announces."""

from expectations.suites.commun import Attente, Lot, Sujet, attentes


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    dictionnaire = """
        select i.indicateur_id as identifiant, i.indicateur_id as identifiant_unique, polarite,
            (coalesce(trim(description), '') = '')::integer as description_absente,
            (plage_min is null)::integer as unite_sans_plage, unite as unite_sans_plage_exemples,
            (disponible and methode = 'ratio' and (numerateur is null or denominateur is null))::integer
                as formule_absente,
            (not disponible and coalesce(trim(motif), '') = '')::integer as motif_absent
        from marts.dim_indicateur as i left join plages using (indicateur_id)
        order by i.indicateur_id"""
    niveaux = """
        with annonces as (
            select indicateur_id as identifiant,
                unnest(regexp_split_to_array(niveaux, '\\s*\\+\\s*')) as niveau
            from marts.dim_indicateur where disponible
        ), connus as (
            select indicateur_id as identifiant, niveau from marts.fct_indicateurs
            union select indicateur_id, niveau from marts.dim_disponibilite where motif is not null
        )
        select identifiant, niveau, (connus.identifiant is null)::integer as silencieux
        from annonces left join connus using (identifiant, niveau)
        where niveau in (select niveau from marts.dim_territoire)
        order by identifiant, niveau"""
    controles = ("description_absente", "unite_sans_plage", "formule_absente", "motif_absent")
    return [
        Lot(
            "dictionnaire",
            ("identifiant",),
            dictionnaire,
            (
                Attente("identifiant_unique", "identifiant_unique", "unique"),
                Attente("polarite_connue", "polarite", "liste"),
                *attentes(controles),
            ),
        ),
        Lot("niveaux", ("identifiant", "niveau"), niveaux, attentes(["silencieux"])),
    ]
