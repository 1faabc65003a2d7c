"""The outline of each commune of the reference COG: what merged joined, then generalised for a map.

Belongs here: joining, generalising, rounding and writing outlines. Which of them make a commune is
`int_contours_origines`.
"""

import pyarrow as pa

# In degrees, some 250 m: what a map of a page shows of an EPCI. France is then some 14 MB of a release, its
# table and its Parquet.
TOLERANCE = 0.0025
# Of a degree: one metre.
DECIMALES = 5


def model(dbt, session):
    dbt.config(materialized="table")
    lus = (
        dbt.ref("int_contours_origines")
        .to_arrow_table()
        .sort_by([("code", "ascending"), ("code_origine", "ascending")])
    )
    return contours(lus)


def contours(origines: pa.Table) -> pa.Table:
    """Return one outline per code, from rows sorted by code and origin.

    Neighbours are generalised together and keep their common edges; each is then rounded, its rings in
    one order and from one point, so that the same files give the same bytes.
    """
    communes = {}
    for code, geometrie, edition, source in zip(
        *(origines[nom].to_pylist() for nom in ("code", "geometrie", "edition", "source_id")), strict=True
    ):
        communes.setdefault(code, (edition, source, []))[2].append(geometrie)
    return pa.table(
        {
            "code": pa.array(communes, pa.string()),
            "geometrie": pa.array(_generaliser([textes for _, _, textes in communes.values()]), pa.string()),
            "edition": pa.array([edition for edition, _, _ in communes.values()], pa.int32()),
            "source_id": pa.array([source for _, source, _ in communes.values()], pa.string()),
        }
    )


def _generaliser(communes: list[list[str]]) -> list[str]:
    if not communes:
        return []
    # Heavy, and of no use to a night without the source.
    import numpy as np
    import shapely

    lues = shapely.make_valid(shapely.from_geojson([texte for textes in communes for texte in textes]))
    fins = np.cumsum([len(textes) for textes in communes])
    unies = np.array(
        [
            lues[fin - 1] if len(textes) == 1 else shapely.union_all(lues[fin - len(textes) : fin])
            for textes, fin in zip(communes, fins, strict=True)
        ]
    )
    formes = _arrondir(shapely.coverage_simplify(unies, TOLERANCE))
    # What rounding leaves nothing of is thinner than it moves: an islet, at its own resolution.
    for fines in (_arrondir(unies), unies):
        perdues = shapely.is_empty(formes)
        formes[perdues] = fines[perdues]
    return shapely.to_geojson(shapely.orient_polygons(shapely.normalize(formes))).tolist()


def _arrondir(formes):
    """Round outlines, and mend those that it makes cross themselves; empty where no surface is left."""
    import shapely

    arrondies = shapely.set_precision(formes, 10**-DECIMALES, mode="pointwise")
    for rang in (~shapely.is_valid(arrondies) | (shapely.area(arrondies) == 0)).nonzero()[0]:
        parties = shapely.get_parts(shapely.get_parts(shapely.make_valid(arrondies[rang])))
        arrondies[rang] = shapely.union_all(parties[shapely.area(parties) > 0])
    return arrondies
