"""`geo/<niveau>.parquet`: outlines as GeoParquet 1.1, a layer for QGIS, DuckDB spatial, geopandas, GDAL.

`territoire_id` joins them to every table. The outlines are those of the API, and its sources.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from publication.api.modeles import Territoire, Trace
from socle.panne import en_ecrivant

DOSSIER = "geo"


def ecrire(dossier: Path, traces: Mapping[str, Sequence[Trace]], territoires: Sequence[Territoire]) -> None:
    """Write a layer per niveau: territoire_id, niveau, code, libelle, geometry (WKB, degrees, WGS84)."""
    import shapely

    connus = {t.territoire_id: t for t in territoires}
    for niveau, siennes in traces.items():
        dossier.mkdir(exist_ok=True)
        formes = shapely.from_geojson([json.dumps(t.geometry) for t in siennes])
        couche = pa.table(
            {
                **{
                    nom: pa.array([getattr(connus[t.id], nom) for t in siennes], pa.string())
                    for nom in ("territoire_id", "niveau", "code", "libelle")
                },
                "geometry": pa.array(shapely.to_wkb(formes), pa.binary()),
            }
        )
        geo = {
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": {
                "geometry": {
                    "encoding": "WKB",
                    "geometry_types": sorted({forme.geom_type for forme in formes}),
                    "bbox": shapely.total_bounds(formes).tolist(),
                }
            },
        }
        fichier = dossier / f"{niveau}.parquet"
        with en_ecrivant(fichier):
            parquet.write_table(
                couche.replace_schema_metadata({"geo": json.dumps(geo)}), fichier, compression="zstd"
            )
