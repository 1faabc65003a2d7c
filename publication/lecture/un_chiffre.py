"""One figure of a release, and what surrounds it: its years, what its communes add, the year before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from publication.lecture.alphabet import NOM
from publication.lecture.lignes import lignes
from publication.lecture.marts import Marts
from publication.lecture.membres import membres
from socle.sql import texte_sql
from socle.statuts import MONTRENT

Cle = dict[str, Any]
"""`territoire_id`, `indicateur_id` and `millesime` of a figure."""

# Of a CTG, a commune that the scope does not hold is called by its code.
MEMBRES = f"""
    membres as (
        select m.code, coalesce(t.libelle, m.code) as libelle
        from ({membres()}) as m
        left join dim_territoire as t on t.niveau = 'commune' and m.code = t.code
        where m.territoire_id = $territoire_id
    )
"""
_LE_CHIFFRE = "territoire_id = $territoire_id and indicateur_id = $indicateur_id and millesime = $millesime"


def annee_du_dernier(marts: Marts, territoire_id: str, indicateur_id: str) -> int | None:
    """Return the newest year that shows a figure, else the newest that has a row."""
    (trouve,) = marts.lignes(
        "select coalesce(max(millesime) filter (where statut in (select unnest($montrent))),"
        " max(millesime)) as annee from fct_indicateurs where territoire_id = $t and indicateur_id = $i",
        {"t": territoire_id, "i": indicateur_id, "montrent": list(MONTRENT)},
    )
    annee: int | None = trouve["annee"]
    return annee


def annees(marts: Marts, territoire_id: str, indicateur_id: str) -> list[int]:
    """Return the years that have a row, in order."""
    lues = marts.lignes(
        "select distinct millesime from fct_indicateurs where territoire_id = ? and indicateur_id = ?"
        " order by millesime",
        [territoire_id, indicateur_id],
    )
    return [ligne["millesime"] for ligne in lues]


def cellule(con: duckdb.DuckDBPyConnection, cle: Cle, colonnes: Sequence[str]) -> dict[str, Any] | None:
    """Return these columns of a figure; None where the release has no row of it."""
    lues = lignes(con, f"select {', '.join(colonnes)} from fct_indicateurs where {_LE_CHIFFRE}", cle)
    return lues[0] if lues else None


def alors(con: duckdb.DuckDBPyConnection, release: Path, cle: Cle) -> dict[str, Any] | None:
    """Return the whole row of a figure in a release that is not the one opened."""
    fichier = texte_sql(release / "parquet" / "fct_indicateurs.parquet")
    lues = lignes(con, f"from read_parquet({fichier}) where {_LE_CHIFFRE}", cle)
    return lues[0] if lues else None


def anterieurs(con: duckdb.DuckDBPyConnection, cle: Cle) -> list[dict[str, Any]]:
    """Return the same figure in the years before, the newest first."""
    return lignes(
        con,
        "select millesime, valeur, valeur_affichee, lisibilite, statut, motif from fct_indicateurs"
        " where territoire_id = $territoire_id and indicateur_id = $indicateur_id and millesime < $millesime"
        " order by millesime desc",
        cle,
    )


def depuis_l_an_dernier(con: duckdb.DuckDBPyConnection, cle: Cle) -> dict[str, Any] | None:
    """Return the evolution from the year before, with what it is made of; None where there is none."""
    lues = lignes(
        con,
        """
        select
            millesime_debut, statut, motif, evolution_affichee, lisibilite, effet_numerateur,
            effet_denominateur, effet_perimetre, effet_revision, effets_motif
        from mart_evolutions
        where territoire_id = $territoire_id and indicateur_id = $indicateur_id
            and millesime_fin = $millesime and consecutifs
        """,
        cle,
    )
    return lues[0] if lues else None


def termes_des_communes(
    con: duckdb.DuckDBPyConnection,
    territoire_id: str,
    mesures: list[str],
    sources: list[str],
    millesimes: list[int],
) -> list[dict[str, Any]]:
    """Return what each commune of a territory has of these mesures, of one source and year at a time."""
    return lignes(
        con,
        f"""
        with {MEMBRES}
        select m.code, i.numerateur, f.millesime, f.valeur, f.statut, f.motif_code
        from fct_indicateurs as f
        inner join dim_indicateur as i on f.indicateur_id = i.indicateur_id
        inner join membres as m on f.territoire_id = 'commune:' || m.code
        where i.methode = 'somme' and list_contains($mesures, i.numerateur)
            and list_contains($sources, f.source_ids) and list_contains($millesimes, f.millesime)
        order by all
        """,
        {
            "territoire_id": territoire_id,
            "mesures": mesures,
            "sources": sources,
            "millesimes": millesimes,
        },
    )


def chiffres_des_communes(con: duckdb.DuckDBPyConnection, cle: Cle) -> list[dict[str, Any]]:
    """Return the same figure of each commune of a territory, by name; empty columns where there is none."""
    return lignes(
        con,
        f"""
        with {MEMBRES}
        select
            m.code, m.libelle, f.statut, f.motif_code, f.valeur, f.numerateur, f.denominateur, f.source_ids
        from membres as m
        left join fct_indicateurs as f
            on f.territoire_id = 'commune:' || m.code
            and f.millesime = $millesime and f.indicateur_id = $indicateur_id
        order by {NOM.format("m.libelle")}, m.code
        """,
        cle,
    )
