"""What a figure adds up: its communes, and the structures that a register counts."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from publication.explication.lignes_du_fichier import PORTES
from publication.explication.modele import Comptee, Part, Structure, Sujet, Terme
from publication.lecture.lignes import lignes
from publication.lecture.un_chiffre import MEMBRES, chiffres_des_communes, termes_des_communes

# What a row of a structure adds may be told where no rule of secrecy protects the figure.


def parts_de(
    con: duckdb.DuckDBPyConnection,
    sujet: Sujet,
    millesimes: list[int],
    mesures: Iterable[str],
    source_ids: list[str],
    sommees: list[str],
    trouvees: Iterable[Mapping[str, Any]],
) -> tuple[Part, ...]:
    """Each commune of the territoire, by name, with its figure or what it adds, and its lines."""
    places: dict[str, list[tuple[tuple[str, str], str, tuple[int, ...]]]] = {}
    for t in trouvees:
        if t["commune"]:
            places.setdefault(t["commune"], []).append(
                ((t["fichier_id"], t["ressource"]), t["code"], tuple(t["lignes"]))
            )
    termes: dict[str, list[Terme]] = {}
    for t in termes_des_communes(con, sujet.territoire_id, sorted(mesures), sommees, millesimes):
        termes.setdefault(t["code"], []).append(
            Terme(t["numerateur"], t["millesime"], t["valeur"], t["statut"])
        )
    parts = []
    cellule = {nom: getattr(sujet, nom) for nom in ("territoire_id", "millesime", "indicateur_id")}
    for m in chiffres_des_communes(con, cellule):
        place = tuple(places.get(m["code"], ()))
        if m["source_ids"] is not None and m["source_ids"].split("+") == source_ids:
            chiffre = {nom: m[nom] for nom in ("statut", "valeur", "numerateur", "denominateur")}
            parts.append(Part(m["code"], m["libelle"], **chiffre, lignes=place))
        else:
            entres = tuple(termes.get(m["code"], ()))
            parts.append(Part(m["code"], m["libelle"], termes=entres, lignes=place))
    return tuple(parts)


def structures_de(
    con: duckdb.DuckDBPyConnection,
    trouvees: list[Structure],
    territoire_id: str,
) -> tuple[Comptee, ...]:
    """The structures of the figure, each in its commune of today."""
    if not trouvees:
        return ()
    communes = {
        (p["cog_millesime"], p["code"]): (p["commune"], p["libelle"])
        for p in lignes(
            con,
            f"""
            with {MEMBRES},
            cogs as (select unnest($cogs) as cog_millesime),
            {PORTES}
            from portes order by all
            """,
            {"territoire_id": territoire_id, "cogs": sorted({s.cog_millesime for s in trouvees})},
        )
    }
    comptees = []
    for s in trouvees:
        commune, libelle = communes.get((s.cog_millesime, s.code), (None, None))
        if commune:
            comptees.append(Comptee(s, f"{libelle} ({commune})"))
    return tuple(sorted(comptees, key=lambda c: (c.structure.millesime, c.commune, c.structure.ligne)))
