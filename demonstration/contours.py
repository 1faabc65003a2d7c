"""Outlines of the demonstration's communes, generalised once from the producer's files.

To derive them again: `python -m demonstration.contours <folder of the producer's files>`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from demonstration import faits
from ingestion.contrats import charger_contrats

_FICHIER = Path(__file__).parent / "contours.geojson"
_SOURCE = "ign_contours_communes"
# In degrees: what stays under 300 kB, and as fine as a release keeps.
_TOLERANCE = 0.003


def fichiers() -> dict[str, bytes]:
    """Every file of outlines: path in the mirror to content. Each holds its département's communes."""
    territoires = json.loads(_FICHIER.read_bytes())["features"]
    contenus = {}
    for ressource in charger_contrats()[_SOURCE].ressources.values():
        genre, _, departement = ressource.couverture.partition(":")
        if genre == "departement":
            siens = [t for t in territoires if t["properties"]["code"].startswith(departement)]
            (edition,) = ressource.millesimes.values()
            assert edition.mirror
            contenus[edition.mirror] = _collection(siens)
    return contenus


def _collection(territoires: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {"type": "FeatureCollection", "features": territoires}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def deriver(dossier: Path) -> bytes:
    """Return `contours.geojson` from the producer's files, generalised; neighbours keep their common edges.

    A commune that merged since the producer's edition has its code of then.
    """
    import shapely

    notres = {c.code for cog in range(2017, 2027) for c in faits.communes(cog)}
    notres |= {m["code_avant"] for m in faits.mouvements(2026) if m["typecom_avant"] == "COM"}
    lus = [t for f in dossier.glob("*.geojson") for t in json.loads(f.read_bytes())["features"]]
    gardes = sorted(
        (t for t in lus if t["properties"]["code"] in notres), key=lambda t: t["properties"]["code"]
    )
    formes = shapely.coverage_simplify(
        shapely.from_geojson([json.dumps(t["geometry"]) for t in gardes]), _TOLERANCE
    )
    return _collection(
        [
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(forme)),
                "properties": {nom: t["properties"][nom] for nom in ("code", "nom")},
            }
            for t, forme in zip(gardes, formes, strict=True)
        ]
    )


if __name__ == "__main__":
    _FICHIER.write_bytes(deriver(Path(sys.argv[1])))
