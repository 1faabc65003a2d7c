"""Collections of outlines: what is read of them, and what no map could draw."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from petite_source import typer

from ingestion.contrats import charger_contrats
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.landing import examiner
from ingestion.readers import geojson

ICI = Lieu("source", "ressource", 2018, "fichier")
RESSOURCES = charger_contrats()["ign_contours_communes"].ressources
CARRE = [[5.1, 44.3], [5.2, 44.3], [5.2, 44.4], [5.1, 44.3]]


def commune(code: str, geometrie: Any = None, **autres: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometrie or polygone(CARRE),
        "properties": {"code": code, "nom": code} | autres,
    }


def polygone(*anneaux: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [*anneaux]}


def collection(*communes: Any, **autres: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": [*communes]} | autres)


Ecrire = Callable[[str | bytes], Path]


@pytest.fixture
def ecrire(tmp_path: Path) -> Ecrire:
    def faire(contenu: str | bytes) -> Path:
        chemin = tmp_path / "communes.geojson"
        chemin.write_bytes(contenu if isinstance(contenu, bytes) else contenu.encode())
        return chemin

    return faire


@pytest.mark.parametrize(
    "forme", [str.encode, lambda t: gzip.compress(t.encode()), lambda t: t.encode("utf-8-sig")]
)
def test_a_collection_is_a_row_per_feature(ecrire: Ecrire, forme: Callable[[str], bytes]) -> None:
    ile = {"type": "MultiPolygon", "coordinates": [[CARRE, CARRE], [CARRE]]}
    texte = collection(commune("26001", plm=True), commune("26002", ile, epci=None), name="communes")
    entete, colonnes, lignes = geojson.lire(ecrire(forme(texte)), ICI)
    assert entete == ["code", "nom", "plm", "epci", "geometry"] and lignes.to_pylist() == [1, 2]
    assert [c.to_pylist() for c in colonnes[:4]] == [["26001", "26002"]] * 2 + [["true", ""], ["", ""]]
    assert json.loads(colonnes[4][1].as_py()) == ile


nombres = st.floats(-1, 9.5).map(lambda x: round(x, 6))


@given(
    st.lists(st.lists(st.tuples(nombres, nombres), min_size=3, max_size=6), min_size=1, max_size=3),
    st.integers(0, 3),
)
def test_whatever_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, anneaux: list[list[tuple[float, float]]], marge: int
) -> None:
    """Whatever the spaces, and wherever `type` stands."""
    fermes = [[[x, y + 42] for x, y in [*a, a[0]]] for a in anneaux]
    objet = {"features": [commune("26002", polygone(*fermes)), commune("26001")], "type": "FeatureCollection"}
    chemin = tmp_path_factory.getbasetemp() / "lu.geojson"
    chemin.write_text(json.dumps(objet, indent=marge or None))
    _, colonnes, _ = geojson.lire(chemin, ICI)
    assert json.loads(colonnes[-1][0].as_py()) == objet["features"][0]["geometry"]


@pytest.mark.parametrize(
    ("geometrie", "observe"),
    [
        (None, "ParseException"),
        ({"type": "Point", "coordinates": [5.1, 44.3]}, "a Point"),
        ({"type": "GeometryCollection", "geometries": []}, "a GeometryCollection, empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "a MultiPolygon, empty"),
        (polygone(), "a Polygon, empty"),
        (polygone([*CARRE[:3], [5.1, 44.31]]), "do not form a closed linestring"),
        (polygone([[y, x] for x, y in CARRE]), "longitudes 44.3 to 44.4 and latitudes 5.1 to 5.2"),
        (polygone([[x * 1e5, y * 1e5] for x, y in CARRE]), "to 520000.0 and latitudes"),
        (polygone([*CARRE[:2], [5.2, 44.4, 180], CARRE[0]]), "a Polygon, with heights"),
        (polygone([*CARRE[:2], ["5.2", 44.4], CARRE[0]]), "ParseException"),
        (polygone([*CARRE[:2], [True, 44.4], CARRE[0]]), "ParseException"),
        (polygone([*CARRE[:2], [5.2, 10**400], CARRE[0]]), "ParseException"),
    ],
)
def test_a_geometry_that_no_map_could_draw_is_refused_with_its_place(
    ecrire: Ecrire, geometrie: Any, observe: str
) -> None:
    fautive = commune("26002") | {"geometry": geometrie}
    with pytest.raises(ErreurSource) as e:
        geojson.lire(ecrire(collection(commune("26001"), fautive)), ICI)
    assert (e.value.code, e.value.colonne, e.value.ligne) == ("geometrie_refusee", "geometry", 2)
    assert e.value.observe.startswith("feature 2: ") and observe in e.value.observe


DEUX = collection(commune("26001"), commune("26002"))
LAMBERT = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}


@pytest.mark.parametrize(
    ("contenu", "code", "ligne", "observe"),
    [
        (DEUX.replace("44.4", "NaN"), "geojson_illisible", 1, "NaN in feature 1"),
        (DEUX.replace("44.4", "1e999"), "geometrie_refusee", 1, "ParseException"),
        (DEUX[:-60], "geojson_illisible", 1, "after feature 1"),
        (DEUX[:-1], "geojson_illisible", 2, "delimiter, at character"),
        (DEUX + "x", "geojson_illisible", 2, "Extra data"),
        (collection(), "geojson_illisible", None, "without a feature"),
        (collection(CARRE), "geojson_illisible", 1, "feature 1 is none"),
        (
            collection(commune("26001") | {"style": "red"}),
            "geojson_illisible",
            1,
            "feature 1 has other members",
        ),
        (collection(commune("26001", plus={"a": 1})), "geojson_illisible", 1, "properties of feature 1"),
        (collection(commune("26001"), crs=LAMBERT), "geojson_illisible", None, "in another system"),
        (json.dumps(commune("26001")), "geojson_illisible", None, "a Territoire"),
        (json.dumps([commune("26001")]), "geojson_illisible", None, "a list"),
        ('{"features": [], "features": []}', "geojson_illisible", None, "a member twice"),
        ('{"features": [' + "[" * 100_000, "geometrie_refusee", 1, "recursion"),
        (DEUX.replace("44.4", "9" * 5000), "geometrie_refusee", 1, "4300 digits"),
        ("<html>Page introuvable</html>", "geojson_illisible", None, "Expecting value"),
        (DEUX.encode().replace(b'"nom": "26001"', b'"nom": "N\xe9"'), "encodage", None, "byte 0xe9"),
        (gzip.compress(DEUX.encode())[:-12], "zip_tronque", None, ""),
    ],
)
def test_what_is_no_collection_is_refused_with_its_place(
    ecrire: Ecrire, contenu: str | bytes, code: str, ligne: int | None, observe: str
) -> None:
    with pytest.raises(ErreurSource) as e:
        geojson.lire(ecrire(contenu), ICI)
    assert (e.value.code, e.value.ligne) == (code, ligne)
    assert observe in e.value.observe and e.value.attendu and e.value.que_faire


def test_a_file_that_inflates_without_end_is_not_read_whole(
    ecrire: Ecrire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojson, "TAILLE_MAX", 1000)
    with pytest.raises(ErreurSource, match="zip_bombe"):
        geojson.lire(ecrire(gzip.compress(b" " * 100_000)), ICI)


def test_a_page_in_place_of_the_file_never_lands(ecrire: Ecrire) -> None:
    with pytest.raises(ErreurSource, match="html"):
        examiner(ecrire("<!DOCTYPE html><html></html>"), RESSOURCES["departement_26"], None, None, ICI)


@pytest.mark.parametrize(
    ("communes", "code", "observe"),
    [
        ([commune("26001", population=3)], "colonne_inconnue", "unknown 'population'"),
        ([commune("26001"), commune("26002"), commune("26001")], "cle_dupliquee", "26001 (also line 3)"),
        ([commune("Nyons")], "valeur_illisible", "line 1: 'Nyons'"),
        ([commune("26001"), commune("26002", nom="")], "valeur_absente", "line 2: ''"),
    ],
)
def test_the_contract_says_which_properties_there_are(
    ecrire: Ecrire, communes: list[dict[str, Any]], code: str, observe: str
) -> None:
    with pytest.raises(ErreurSource) as e:
        typer(ecrire(collection(*communes)), RESSOURCES["departement_26"], 2018)
    assert e.value.code == code and observe in e.value.observe


def test_of_the_country_the_arrondissements_are_left_to_their_commune(ecrire: Ecrire) -> None:
    paris = {"type": "Polygon", "coordinates": [[[2.2, 48.8], [2.4, 48.8], [2.4, 48.9], [2.2, 48.8]]]}
    communs = {"departement": "75", "region": "11"}
    texte = collection(
        commune("75056", paris, plm=True, epci="200054781", **communs),
        commune("75101", paris, commune="75056", **communs),
    )
    table = typer(ecrire(gzip.compress(texte.encode())), RESSOURCES["france"], 2025).table
    assert table["code"].to_pylist() == ["75056"] and table["cog_millesime"].to_pylist() == [2025]
