"""What every wide mart promises: the figures of the long table, none silent, every territoire there."""

from expectations.suites.commun import (
    STATUTS_CHIFFRES,
    Lot,
    Sujet,
    absents,
    comptages,
    comptes,
)
from socle.affichage import MARQUES, STATUTS_MARQUES
from socle.sql import liste_sql

_MARQUES = liste_sql(sorted(set(MARQUES.values())))


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils, mart = sujet.seuils, sujet.mart
    indicateurs = [c for c in sujet.masquees if f"{c}_statut" in sujet.types]
    # A mart of last figures has no year of its own: each of its figures has one.
    par_annee = "millesime" in sujet.types
    longue = "fct_indicateurs" if par_annee else "mart_derniers_chiffres"
    cases = " union all by name ".join(
        f"""select territoire_id, niveau, {"" if par_annee else f'"{i}_millesime" as '}millesime,
                '{i}' as indicateur_id,
                {"null::double" if sujet.types[i] == "VARCHAR" else f'"{i}"'} as valeur,
                {f'"{i}"' if sujet.types[i] == "VARCHAR" else "null::varchar"} as valeur_texte,
                {"null::varchar" if par_annee else f'"{i}_affichee"'} as valeur_affichee,
                "{i}_statut" as statut
            from marts."{mart}" """
        for i in indicateurs
    )
    statut = "coalesce(' (' || m.statut || ')', '')"
    regles = {
        "silence": ("m.territoire_id is not null and m.statut is null", "''"),
        "masque_avec_valeur": (
            f"m.statut in {STATUTS_MARQUES} and (m.valeur is not null or m.valeur_texte is not null)",
            statut,
        ),
        "chiffre_sans_valeur": (
            f"m.statut in {STATUTS_CHIFFRES} and m.valeur is null and m.valeur_texte is null",
            statut,
        ),
        "ecart_avec_fct": (
            "(f.territoire_id is not null and (m.territoire_id is null"
            " or m.valeur is distinct from f.valeur or m.valeur_texte is distinct from f.valeur_texte"
            " or m.statut is distinct from f.statut"
            # A mart of last figures also holds the printed texts.
            f" or m.valeur_affichee is distinct from {'null' if par_annee else 'f.valeur_affichee'}))"
            " or (f.territoire_id is null and coalesce(m.valeur::varchar, m.valeur_texte,"
            f" if(m.valeur_affichee in {_MARQUES}, null, m.valeur_affichee)) is not null)",
            f"concat(' (', coalesce(f.statut, 'absente'), ' dans {longue}, ',"
            " coalesce(m.statut, 'absente'), ' ici)')",
        ),
    }
    profil = f"""
        with m as ({cases}),
        f as (select * from marts.{longue} where indicateur_id in {liste_sql(indicateurs)})
        select indicateur_id, niveau, millesime, count(*) as lignes, {comptages(regles, seuils)}
        from m full join f using (territoire_id, niveau, millesime, indicateur_id)
        group by indicateur_id, niveau, millesime order by indicateur_id, niveau, millesime"""
    return [
        # A mart of which no column is declared masked has nothing to measure, and fails.
        Lot(
            "profil",
            ("indicateur_id", "niveau", "millesime"),
            profil if indicateurs else None,
            comptes(regles),
        ),
        Lot("territoires", ("niveau",), absents(mart, seuils), comptes(["absents"])),
    ]
