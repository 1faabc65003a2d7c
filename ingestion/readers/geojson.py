"""A GeoJSON collection of territories as columns of text: its properties, and each geometry as it stands.

{"type": "Feature", "properties": {"code": "26220", "nom": "Nyons"}, "geometry": {…}}   is the row
code 26220, nom Nyons, geometry {"type":"Polygon","coordinates":[[[5.1,44.3],…]]}, on line 1
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from ingestion.erreurs import ErreurSource, Lieu, sans_citation
from ingestion.readers import gz
from ingestion.readers.csv import Colonnes

GEOMETRIE = "geometry"
"""Header of the geometries, beside those of the properties."""

TAILLE_MAX = 512 * 1024**2
"""Most bytes read, once inflated: the communes of France at 5 metres."""

FENETRES = (
    ("métropole", -5.5, 41.0, 10.0, 51.5),
    ("Antilles et Guyane", -64.0, 2.0, -51.0, 19.0),
    ("Saint-Pierre-et-Miquelon", -57.0, 46.5, -56.0, 47.5),
    ("Réunion et Mayotte", 44.5, -22.0, 56.5, -12.0),
    ("Pacifique", -180.0, -28.0, -134.0, -7.0),
    ("Nouvelle-Calédonie", 163.0, -23.5, 169.0, -18.0),
)
"""Where France is, in degrees (west, south, east, north): swapped or projected coordinates fall in none."""

_GEOMETRIES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class _Territoire:
    """A feature once read: its properties, and its geometry as text."""

    proprietes: dict[str, str]
    geometrie: str


def lire(chemin: Path, lieu: Lieu) -> Colonnes:
    """Return (headers, columns, number of each feature, from 1), from a file in gzip or not.

    A property that a feature lacks is an empty cell. Raises `ErreurSource`: `zip_tronque`, `zip_bombe`,
    `encodage`, `geojson_illisible`, `geometrie_refusee`.
    """
    lus = _territoires(_texte(chemin, lieu), lieu)
    entete = list(dict.fromkeys(nom for t in lus for nom in t.proprietes))
    colonnes = [pa.array([t.proprietes.get(nom, "") for t in lus], pa.string()) for nom in entete]
    geometries = pa.array([t.geometrie for t in lus], pa.string())
    return [*entete, GEOMETRIE], [*colonnes, geometries], pa.array(range(1, len(lus) + 1), pa.int32())


def _texte(chemin: Path, lieu: Lieu) -> str:
    try:
        octets = gz.octets(chemin, TAILLE_MAX)
    except gz.GzipTronque as e:
        raise lieu.erreur(
            "zip_tronque",
            observe=str(e),
            attendu="a complete gzip file",
            que_faire="fetch the file again; if it comes back the same, tell the producer",
        ) from e
    if len(octets) > TAILLE_MAX:
        raise lieu.erreur(
            "zip_bombe",
            observe=f"more than {TAILLE_MAX} bytes",
            attendu=f"at most {TAILLE_MAX} bytes, once inflated",
            que_faire="fetch a more generalised edition: a map of a commune needs a point every 50 metres",
        )
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise lieu.erreur(
            "encodage",
            observe=f"byte 0x{octets[e.start]:02x} at byte {e.start + 1}",
            attendu="text in utf-8, as every GeoJSON",
            que_faire="fetch the file again; if it comes back the same, tell the producer",
        ) from e


def _territoires(texte: str, lieu: Lieu) -> list[_Territoire]:
    """Decode the collection; the points of a feature go as soon as it is read."""
    rang = 0

    def objet(paires: list[tuple[str, Any]]) -> Any:
        nonlocal rang
        lu = dict(paires)
        if len(lu) < len(paires):
            _illisible(lieu, rang or None, "an object with a member twice", "each member once")
        if lu.get("type") != "Feature":
            return lu
        rang += 1
        return _feature(lu, rang, lieu)

    def pas_un_nombre(nom: str) -> NoReturn:
        _illisible(lieu, rang + 1, f"{nom} in feature {rang + 1}", "numbers")

    try:
        collection = json.loads(texte, object_pairs_hook=objet, parse_constant=pas_un_nombre)
    except json.JSONDecodeError as e:
        raise lieu.erreur(
            "geojson_illisible",
            ligne=rang or None,
            observe=f"{e.msg}, at character {e.pos} of {len(texte)}, after feature {rang}",
            attendu="one complete JSON object",
            que_faire="open the file at that place; if it was cut on its way, fetch it again",
        ) from e
    except (RecursionError, ValueError) as e:
        # Brackets nested without end, a number of thousands of digits: Python gives up before JSON does.
        raise _refus(lieu, rang + 1, f"feature {rang + 1}: {str(e)[:80]}", "a GeoJSON geometry") from e
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        _illisible(lieu, None, f"a {type(collection).__name__.strip('_')}", "a FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        _illisible(lieu, None, "a collection without a feature", "one feature per territory")
    for n, feature in enumerate(features, 1):
        if not isinstance(feature, _Territoire):
            _illisible(lieu, n, f"feature {n} is none", "an object of type Feature")
    # The norm has one system; an older file may say that it is in another.
    if (crs := collection.get("crs")) and not re.search(r"CRS84|EPSG:+4326", json.dumps(crs)):
        _illisible(lieu, None, "coordinates in another system", "longitude and latitude (WGS84)")
    return features


def _feature(objet: dict[str, Any], rang: int, lieu: Lieu) -> _Territoire:
    if set(objet) - {"type", GEOMETRIE, "properties", "id", "bbox"}:
        _illisible(lieu, rang, f"feature {rang} has other members", "type, properties and geometry")
    proprietes = _proprietes(objet.get("properties"), rang, lieu)
    geometrie = json.dumps(objet.get(GEOMETRIE), separators=(",", ":"))
    _verifier(geometrie, rang, lieu)
    return _Territoire(proprietes, geometrie)


def _proprietes(lues: Any, rang: int, lieu: Lieu) -> dict[str, str]:
    if not isinstance(lues, dict) or any(isinstance(v, dict | list | float) for v in lues.values()):
        _illisible(lieu, rang, f"properties of feature {rang}", "names with a text under each")
    return {nom: _cellule(valeur) for nom, valeur in lues.items()}


def _cellule(valeur: Any) -> str:
    if valeur is None:
        return ""
    return valeur if isinstance(valeur, str) else json.dumps(valeur)


def _verifier(geometrie: str, rang: int, lieu: Lieu) -> None:
    """Refuse a geometry that is not one or several polygons of closed rings, somewhere in France."""
    import shapely

    qui, attendu = f"feature {rang}", "a Polygon or a MultiPolygon of closed rings"
    try:
        forme = shapely.from_geojson(geometrie)
    except shapely.errors.GEOSException as e:
        raise _refus(lieu, rang, f"{qui}: {sans_citation(str(e))}", attendu) from e
    if forme.geom_type not in _GEOMETRIES or forme.is_empty or forme.has_z:
        comment = ", empty" if forme.is_empty else ", with heights" if forme.has_z else ""
        raise _refus(lieu, rang, f"{qui}: a {forme.geom_type}{comment}", attendu)
    for partie in shapely.get_parts(forme):
        ouest, sud, est, nord = partie.bounds
        if not any(o <= ouest and est <= e and s <= sud and nord <= n for _, o, s, e, n in FENETRES):
            raise _refus(
                lieu,
                rang,
                f"{qui}: longitudes {ouest} to {est} and latitudes {sud} to {nord}",
                f"degrees (longitude first, WGS84) in one of {', '.join(nom for nom, *_ in FENETRES)}",
            )


def _illisible(lieu: Lieu, rang: int | None, observe: str, attendu: str) -> NoReturn:
    raise lieu.erreur(
        "geojson_illisible",
        ligne=rang,
        observe=observe,
        attendu=attendu,
        que_faire="open the file at that feature; if the producer changed what it publishes, choose another "
        f"file in {lieu.contrat}",
    )


def _refus(lieu: Lieu, rang: int, observe: str, attendu: str) -> ErreurSource:
    return lieu.erreur(
        "geometrie_refusee",
        colonne=GEOMETRIE,
        ligne=rang,
        observe=observe,
        attendu=attendu,
        que_faire="look at that feature on a map and tell the producer; the last accepted file stays in use",
    )
