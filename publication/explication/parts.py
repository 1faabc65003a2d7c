"""What a figure adds up: its communes, and the structures that a register counts."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from publication.explication.lignes_du_fichier import MEMBRES, PORTES
from publication.explication.modele import Comptee, Part, Structure, Sujet, Terme
from publication.lecture.alphabet import NOM
from publication.lecture.lignes import lignes

# What a row of a structure adds may be told where no rule of secrecy protects the figure.

_TERMES = f"""
    with {MEMBRES}
    select m.code, i.numerateur, f.millesime, f.valeur, f.statut, f.motif_code
    from fct_indicateurs as f
    inner join dim_indicateur as i on f.indicateur_id = i.indicateur_id
    inner join membres as m on f.territoire_id = 'commune:' || m.code
    where i.methode = 'somme' and list_contains($mesures, i.numerateur)
        and list_contains($sources, f.source_ids) and list_contains($millesimes, f.millesime)
    order by all
"""

_FIGURES = f"""
    with {MEMBRES}
    select
        m.code, m.libelle, f.statut, f.motif_code, f.valeur, f.numerateur, f.denominateur, f.source_ids
    from membres as m
    left join fct_indicateurs as f
        on f.territoire_id = 'commune:' || m.code
        and f.millesime = $millesime and f.indicateur_id = $indicateur_id
    order by {NOM.format("m.libelle")}, m.code
"""


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
    for t in lignes(
        con,
        _TERMES,
        {
            "territoire_id": sujet.territoire_id,
            "mesures": sorted(mesures),
            "sources": sommees,
            "millesimes": millesimes,
        },
    ):
        termes.setdefault(t["code"], []).append(
            Terme(t["numerateur"], t["millesime"], t["valeur"], t["statut"])
        )
    parts = []
    cellule = {nom: getattr(sujet, nom) for nom in ("territoire_id", "millesime", "indicateur_id")}
    for m in lignes(con, _FIGURES, cellule):
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
