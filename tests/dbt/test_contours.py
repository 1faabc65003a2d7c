"""The outlines of a release: what merged is joined, neighbours still touch, the bytes are always the same."""

import importlib.util
import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
import shapely
from banc_dbt import DBT_DU_DEPOT

# What each merger since the edition took in (INSEE, movements of the COG).
FUSIONS = {
    "26210": {"26184", "26210", "26297"},
    "26086": {"26086", "26354"},
    "26216": {"26216", "26219"},
    "26289": {"26289", "26371"},
}


@pytest.fixture(scope="module")
def modele() -> ModuleType:
    chemin = DBT_DU_DEPOT / "models/intermediate/10_geographie/int_contours.py"
    forme = importlib.util.spec_from_file_location("int_contours", chemin)
    assert forme and forme.loader
    module = importlib.util.module_from_spec(forme)
    forme.loader.exec_module(module)
    return module


def origines(*lignes: tuple[str, str, Any]) -> pa.Table:
    textes = [
        (code, origine, g if isinstance(g, str) else json.dumps(g), 2018, "s") for code, origine, g in lignes
    ]
    noms = ["code", "code_origine", "geometrie", "edition", "source_id"]
    return pa.Table.from_pylist([dict(zip(noms, t, strict=True)) for t in sorted(textes)])


def carre(ouest: float, sud: float, cote: float = 0.1) -> dict[str, Any]:
    return json.loads(shapely.to_geojson(shapely.box(ouest, sud, ouest + cote, sud + cote)))


def formes(table: pa.Table) -> dict[str, Any]:
    lues = shapely.from_geojson(table["geometrie"].to_pylist())
    return dict(zip(table["code"].to_pylist(), lues, strict=True))


def test_what_merged_is_one_outline_and_what_does_not_touch_is_several(modele: ModuleType) -> None:
    table = modele.contours(
        origines(
            ("26289", "26289", carre(5, 44)),
            ("26289", "26371", carre(5.1, 44)),
            ("26001", "26001", carre(6, 44)),
            ("26001", "26002", carre(6.5, 44)),
        )
    )
    unies = formes(table)
    assert {c: g.geom_type for c, g in unies.items()} == {"26001": "MultiPolygon", "26289": "Polygon"}
    assert unies["26289"].equals(shapely.box(5, 44, 5.2, 44.1))
    assert table.select(["code", "edition", "source_id"]).to_pylist() == [
        {"code": code, "edition": 2018, "source_id": "s"} for code in ("26001", "26289")
    ]


def test_a_village_thinner_than_the_tolerance_keeps_an_outline(modele: ModuleType) -> None:
    mince = formes(modele.contours(origines(("26001", "26001", carre(5, 44, 0.0005)))))["26001"]
    assert mince.is_valid and mince.area > 0
    poussiere = formes(modele.contours(origines(("26001", "26001", carre(5, 44, 0.000001)))))
    assert list(poussiere) == ["26001"]


def test_an_outline_that_crosses_itself_is_mended(modele: ModuleType) -> None:
    noeud = {"type": "Polygon", "coordinates": [[[5, 44], [5.1, 44.1], [5.1, 44], [5, 44.1], [5, 44]]]}
    forme = formes(modele.contours(origines(("26001", "26001", noeud))))["26001"]
    assert forme.is_valid and forme.geom_type == "MultiPolygon"


def test_without_the_source_there_is_a_table_and_no_outline(modele: ModuleType) -> None:
    vide = modele.contours(origines(("26001", "26001", carre(5, 44))).slice(0, 0))
    assert vide.num_rows == 0
    assert [(c.name, str(c.type)) for c in vide.schema] == [
        *(("code", "string"), ("geometrie", "string"), ("edition", "int32"), ("source_id", "string"))
    ]


@pytest.fixture(scope="module")
def reelles(reel: Path) -> list[tuple[str, str, Any]]:
    """The communes of five départements, under the codes of today."""
    heritieres = {origine: code for code, fusionnees in FUSIONS.items() for origine in fusionnees}
    return [
        (
            heritieres.get(t["properties"]["code"], t["properties"]["code"]),
            t["properties"]["code"],
            t["geometry"],
        )
        for fichier in sorted((reel / "geo").glob("*.geojson"))
        for t in json.loads(fichier.read_bytes())["features"]
    ]


def test_the_real_communes_keep_their_place_and_their_neighbours(
    modele: ModuleType, reelles: list[tuple[str, str, Any]]
) -> None:
    table = modele.contours(origines(*reelles))
    lues = formes(table)
    assert len(lues) == len(reelles) - 5
    assert all(g.is_valid for g in lues.values()) and shapely.coverage_is_valid([*lues.values()])
    avant = {origine: shapely.from_geojson(json.dumps(g)) for _, origine, g in reelles}
    for code, fusionnees in FUSIONS.items():
        somme = sum(avant[origine].area for origine in fusionnees)
        assert lues[code].geom_type == "Polygon" and lues[code].area == pytest.approx(somme, rel=0.02)
    # In all, nothing is lost nor gained; one by one, an outline moves by no more than a map shows.
    assert sum(g.area for g in lues.values()) == pytest.approx(sum(g.area for g in avant.values()), rel=1e-3)
    for code, origine, _ in reelles:
        if code not in FUSIONS:
            assert lues[code].hausdorff_distance(avant[origine]) < 4 * modele.TOLERANCE, code
    # A release of France stays under 15 MB: its table is two fifths of this text, its Parquet three tenths.
    octets = sum(map(len, table["geometrie"].to_pylist()))
    assert octets / len(lues) * 34_900 * 0.7 < 15e6


def test_the_same_outlines_are_the_same_bytes(
    modele: ModuleType, reelles: list[tuple[str, str, Any]]
) -> None:
    """Whatever the order in which communes are read, and the point from which each ring is written."""

    def tourner(anneau: list[Any]) -> list[Any]:
        depart = len(anneau) // 3
        return [*anneau[depart:-1], *anneau[: depart + 1]]

    drome = [r for r in reelles if r[1].startswith("26")]
    autres = [
        (code, origine, g | {"coordinates": [tourner(a) for a in g["coordinates"]]})
        for code, origine, g in drome
        if g["type"] == "Polygon"
    ]
    assert len(autres) == len(drome)
    random.Random(26).shuffle(autres)
    attendue = modele.contours(origines(*drome))
    assert modele.contours(origines(*drome)).equals(attendue)
    assert modele.contours(origines(*autres))["code"].equals(attendue["code"])
    egales = formes(modele.contours(origines(*autres)))
    assert all(g.equals(egales[c]) for c, g in formes(attendue).items())
