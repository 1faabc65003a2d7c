"""Outlines by level, as GeoJSON: of communes, and of the territories whose communes are all there."""

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from publication.api import modeles
from publication.api.documents import CONTOURS, CONTOURS_DES_COMMUNES, Document
from publication.lecture.citation import sources_dites
from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts
from publication.lecture.membres import membres

_DECIMALES = 5
"""Those of the outlines of communes: about a metre."""

_COMMUNES = """
    select t.departement, t.territoire_id, t.libelle, c.geometrie, c.source_id, c.edition
    from contours_communes as c
    inner join dim_territoire as t on t.niveau = 'commune' and c.code = t.code
    where t.departement is not null
    order by t.departement, t.territoire_id
"""
# A scope keeps its EPCI and its conventions whole. France has no outline: no map needs it.
_ENSEMBLES = f"""
    select t.niveau, t.territoire_id, t.libelle, list(c.geometrie order by m.code) as geometries
    from ({membres()}) as m
    inner join dim_territoire as t on t.territoire_id = m.territoire_id
    left join contours_communes as c on c.code = m.code
    where t.niveau in ('epci', 'ctg')
        or t.niveau in ('departement', 'region') and $perimetre in ('france', t.territoire_id)
    group by all
    having count(*) = count(c.geometrie)
    order by t.niveau, t.territoire_id
"""


def contours(marts: Marts, perimetre: str) -> Iterator[tuple[Document, str, modeles.Contours]]:
    """Yield the outlines of communes by département, then of each wider level; none if there is none."""
    communes = marts.lignes(_COMMUNES)
    if not communes:
        return
    # Only a release with outlines needs it.
    import shapely

    ids = "+".join(sorted({c["source_id"] for c in communes}))
    source = sources_dites(
        {"source_ids": ids, "champ": None}, marts.sources, str(max(c["edition"] for c in communes))
    )
    for departement, siennes in groupby(communes, itemgetter("departement")):
        traces = [_trace(c, json.loads(c["geometrie"])) for c in siennes]
        yield CONTOURS_DES_COMMUNES, departement, modeles.Contours(source=source, features=traces)
    ensembles = marts.lignes(_ENSEMBLES, {"perimetre": perimetre})
    for niveau, lus in groupby(ensembles, itemgetter("niveau")):
        traces = []
        for e in lus:
            uni = shapely.union_all(shapely.from_geojson(e["geometries"]))
            arrondi = shapely.transform(uni, lambda points: points.round(_DECIMALES))
            traces.append(_trace(e, json.loads(shapely.to_geojson(arrondi))))
        yield CONTOURS, niveau, modeles.Contours(source=source, features=traces)


def _trace(ligne: Ligne, geometrie: dict[str, Any]) -> modeles.Trace:
    nom = modeles.Nom(territoire_id=ligne["territoire_id"], libelle=ligne["libelle"])
    return modeles.Trace(id=ligne["territoire_id"], properties=nom, geometry=geometrie)
