"""What `dim_territoire` promises: known levels, well-formed codes, each commune in its territories."""

from expectations.suites.commun import Attente, Lot, Sujet, comptages, comptes, lot_de_mouvement, proportion
from socle.sql import liste_sql

_DISPARAISSENT = ("commune", "epci", "ctg")
"""Levels of which a merger or the end of a convention takes a few territories, of however few there are."""

CODES = {
    "commune": r"^(\d{2}|2[AB])\d{3}$",
    "epci": r"^\d{9}$",
    "ctg": r"^[a-z0-9][a-z0-9_-]*$",
    "departement": r"^(\d{2,3}|2[AB])$",
    "region": r"^\d{2}$",
    "france": "^FR$",
}


def lots(sujet: Sujet) -> list[Lot]:
    """Return the lots of the suite."""
    seuils = sujet.seuils
    codes = " ".join(
        f"when '{niveau}' then regexp_matches(code, '{motif}')" for niveau, motif in CODES.items()
    )
    regles = {
        "identifiant_incoherent": ("territoire_id is distinct from niveau || ':' || code", "''"),
        "code_malforme": (f"not case niveau {codes} else true end", "''"),
        "libelle_absent": ("coalesce(trim(libelle), '') = ''", "''"),
        "rattachement_absent": ("niveau = 'commune' and (departement is null or region is null)", "''"),
        "epci_inconnu": (
            "niveau = 'commune' and epci is not null and 'epci:' || epci not in"
            " (select territoire_id from marts.dim_territoire where niveau = 'epci')",
            "' (epci ' || epci || ')'",
        ),
    }
    profil = f"""
        select niveau, count(*) as lignes, {comptages(regles, seuils)}
        from marts.dim_territoire group by niveau order by niveau"""
    mouvement = f"""
        with disparus as (
            select a.niveau, count(*) as lignes, count(*) filter (where m.territoire_id is null) as perdus,
                {proportion("part_territoires_perdus", "m.territoire_id is null", "true", "''", seuils)}
            from precedente_dim_territoire as a left join marts.dim_territoire as m using (territoire_id)
            group by a.niveau
        )
        -- One EPCI of thirteen is a large share, and is no truncated file.
        select * replace (
            if(niveau in {liste_sql(_DISPARAISSENT)}
                and perdus between 1 and {seuils.peu_de_territoires.valeur}, null, part_territoires_perdus)
            as part_territoires_perdus)
        from disparus order by niveau"""
    return [
        Lot("profil", ("niveau",), profil, (Attente("niveau_connu", "niveau", "liste"), *comptes(regles))),
        lot_de_mouvement(("niveau",), mouvement, ["part_territoires_perdus"], sujet.precedente),
    ]
