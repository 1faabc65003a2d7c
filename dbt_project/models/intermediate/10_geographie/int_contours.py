"""The outline of each commune of the reference COG: what merged joined, then generalised for a map.

Belongs here: joining, generalising, rounding and writing outlines. Which of them make a commune is
`int_contours_origines`.
"""

import json

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
    import shapely

    unies = [shapely.union_all(shapely.make_valid(shapely.from_geojson(textes))) for textes in communes]
    return [
        _ecrire(_arrondir(simple) or _arrondir(unie) or unie)
        for simple, unie in zip(shapely.coverage_simplify(unies, TOLERANCE), unies, strict=True)
    ]


def _arrondir(forme):
    """Round an outline; None where nothing is left of one that is thinner than what rounding moves."""
    import shapely

    arrondie = shapely.set_precision(forme, 10**-DECIMALES, mode="pointwise")
    surfaces = [
        p
        for p in shapely.get_parts(shapely.get_parts(shapely.make_valid(arrondie))).tolist()
        if p.geom_type == "Polygon" and p.area > 0
    ]
    return shapely.union_all(surfaces) if surfaces else None


def _ecrire(forme) -> str:
    import shapely

    normale = shapely.orient_polygons(shapely.normalize(forme))
    polygones = [
        [
            [[round(x, DECIMALES), round(y, DECIMALES)] for x, y in anneau.coords]
            for anneau in (p.exterior, *p.interiors)
        ]
        for p in shapely.get_parts(normale).tolist()
    ]
    geometrie = (
        {"type": "Polygon", "coordinates": polygones[0]}
        if len(polygones) == 1
        else {"type": "MultiPolygon", "coordinates": polygones}
    )
    return json.dumps(geometrie, separators=(",", ":"))
