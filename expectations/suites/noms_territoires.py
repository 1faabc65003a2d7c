"""What `noms_territoires` promises: each territory has its name, and what is elsewhere is not here."""

from expectations.suites.commun import Lot, Sujet, comptages, comptes


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    regles = {
        "nom_infidele": (
            "territoire is not null and nom is distinct from territoire",
            "concat(' (', nom, ')')",
        ),
        "present_ailleurs": ("coalesce(ici, false) <> (territoire is not null)", "''"),
        "population_infidele": ("ici and population is distinct from coalesce(chiffre, population)", "''"),
    }
    profil = f"""
        with chiffres as (
            select territoire_id, cast(max_by(valeur, millesime) as bigint) as chiffre
            from marts.fct_indicateurs
            where indicateur_id = 'population_municipale' and statut = 'observe'
            group by territoire_id
        ),
        noms as (
            select territoire_id, niveau, any_value(libelle) as nom, bool_or(dans_la_publication) as ici,
                any_value(population) as population
            from marts.noms_territoires where nature = niveau and forme = 'entiere'
            group by territoire_id, niveau
        ),
        compares as (
            select territoire_id, coalesce(n.niveau, t.niveau) as niveau, n.nom, n.ici, n.population,
                t.libelle as territoire, c.chiffre
            from noms as n
            full join marts.dim_territoire as t using (territoire_id)
            left join chiffres as c using (territoire_id)
        )
        select niveau, count(*) as lignes, {comptages(regles, sujet.seuils)}
        from compares group by niveau order by niveau"""
    return [Lot("profil", ("niveau",), profil, comptes(regles))]
