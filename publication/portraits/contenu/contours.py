"""Outlines of communes, projected in one plane, and of the whole."""

import math
from functools import lru_cache
from typing import Any

from publication.lecture.marts import Marts
from publication.portraits.contenu.contexte import Contexte
from publication.portraits.modele import Anneaux, Contours

_LARGEUR = 600.0
_DECIMALES = 1
POPULATION = "population_municipale"
"""How large a commune is."""


def contours(ctx: Contexte) -> Contours | None:
    """Return the outlines of the communes of the territory, None where the release has none of them."""
    return contours_de(ctx.marts, tuple(c.code for c in ctx.autour.communes))


# The map of a territory, its zones and the clauses of its schéma read the same ones.
@lru_cache(maxsize=4)
def contours_de(marts: Marts, codes: tuple[str, ...]) -> Contours | None:
    """Return the outlines of communes by their codes, None where the release has none of them."""
    if not codes:
        return None
    lus = marts.lignes(
        "select c.code, c.geometrie, c.source_id, t.epci, p.valeur as population from contours_communes as c"
        " left join dim_territoire as t on t.territoire_id = 'commune:' || c.code"
        " left join mart_derniers_chiffres as p on p.territoire_id = t.territoire_id and p.indicateur_id = ?"
        " where c.code in (select unnest(?)) order by c.code",
        [POPULATION, list(codes)],
    )
    if not lus:
        return None
    # Only a portrait with a map needs it.
    import shapely

    formes = {ligne["code"]: shapely.from_geojson(ligne["geometrie"]) for ligne in lus}
    tout = shapely.union_all(list(formes.values()))
    ouest, sud, est, nord = tout.bounds
    # Near enough for one département: a degree of longitude is shorter by the cosine of the latitude.
    serre = math.cos(math.radians((sud + nord) / 2))
    echelle = _LARGEUR / ((est - ouest) * serre)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x, y = point
        return round((x - ouest) * serre * echelle, _DECIMALES), round((nord - y) * echelle, _DECIMALES)

    def anneaux(forme: Any) -> Anneaux:
        polygones = getattr(forme, "geoms", [forme])
        return tuple(
            tuple(place(point) for point in anneau.coords)
            for polygone in polygones
            for anneau in _anneaux(polygone)
        )

    epci: dict[str, list[Any]] = {}
    for ligne in lus:
        epci.setdefault(ligne["epci"] or "", []).append(formes[ligne["code"]])
    ensembles = [shapely.union_all(membres) for membres in epci.values()] if len(epci) > 1 else []
    source = marts.sources[lus[0]["source_id"]]
    return Contours(
        largeur=_LARGEUR,
        hauteur=round((nord - sud) * echelle, _DECIMALES),
        communes={code: anneaux(forme) for code, forme in formes.items()},
        pourtour=anneaux(tout),
        epci=tuple(anneau for ensemble in ensembles for anneau in anneaux(ensemble)),
        principales=tuple(li["code"] for li in sorted(lus, key=lambda li: -(li["population"] or 0))),
        source=f"{source['producteur']}, {source['titre']}",
    )


def _anneaux(polygone: Any) -> list[Any]:
    return [polygone.exterior, *polygone.interiors]
