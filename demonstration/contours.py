"""Outlines of the demonstration's communes, generalised once from the producer's files."""

import json
from pathlib import Path

from ingestion.contrats import charger_contrats

_FICHIER = Path(__file__).parent / "contours.geojson"
_SOURCE = "ign_contours_communes"


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
            collection = {"type": "FeatureCollection", "features": siens}
            contenus[edition.mirror] = json.dumps(
                collection, ensure_ascii=False, separators=(",", ":")
            ).encode()
    return contenus
