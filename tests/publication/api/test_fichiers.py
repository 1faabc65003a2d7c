"""`api/v1/` of a release: what is in it, held to the mart, to its own schemas, and to its bytes."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import schemathesis
import shapely
from pyarrow import parquet

from publication.api import lecture
from publication.api.documents import FICHIERS, Document
from publication.api.ecriture import ecrire
from publication.lecture import lots
from publication.lecture.chiffres import mot_du_chiffre
from publication.releases.magasin import montrer
from socle.affichage import Unite
from tests.publication.api import egalite

COMMUNE, EPCI = "commune:26220", "epci:200068229"


def lire(release: Path, adresse: str) -> Any:
    return json.loads((release / "api/v1" / adresse).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("valeur", "lisibilite", "mot"),
    [(1.96, "point", "places"), (1.94, "point", "place"), (1, "intervalle", "places"), (3, "trop_peu", "")],
)
def test_what_is_counted_agrees_with_what_is_printed(valeur: float, lisibilite: str, mot: str) -> None:
    places = Unite("places", "nombre", "", "", "", "place", "places")
    assert mot_du_chiffre({"valeur": valeur, "lisibilite": lisibilite}, places, 1) == mot


def test_figures_are_those_of_the_mart_for_every_territory(release: Path) -> None:
    assert egalite.des_territoires(release) == egalite.du_mart(release, egalite.AU_DESSUS)
    assert egalite.des_indicateurs(release) == egalite.du_mart(release, egalite.AU_DESSUS, serres=True)
    assert egalite.des_communes(release) == egalite.du_mart(release, egalite.DES_COMMUNES, serres=True)


def test_every_file_is_in_the_manifest_and_reached_by_links(release: Path) -> None:
    api = release / "api/v1"
    presents = {f.relative_to(api).as_posix() for f in api.rglob("*") if f.is_file()}
    assert {f"api/v1/{f}" for f in presents} <= montrer(release.parent, release.name)["files"].keys()
    ressources = {r["adresse"] for r in lire(release, "index.json")["ressources"]}
    suivis = [
        *lire(release, "territoires.json")["territoires"],
        *lire(release, "indicateurs.json")["indicateurs"],
    ]
    menes = ressources | {lien["chiffres"] for lien in suivis if lien["chiffres"]}
    assert presents == menes | {"index.json"} | {f for f in presents if f.startswith("schemas/")}


def test_each_document_is_what_its_schema_says(release: Path) -> None:
    for document in FICHIERS:
        schema = lire(release, f"schemas/{document.modele.__name__}.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        fichiers = sorted((release / "api/v1").glob(document.chemin("*")))
        assert fichiers, document.adresse
        for fichier in fichiers:
            jsonschema.validate(json.loads(fichier.read_text()), schema, jsonschema.Draft202012Validator)


def test_their_description_is_openapi(release: Path) -> None:
    contrat = schemathesis.openapi.from_dict(lire(release, "openapi.json"))
    contrat.validate()
    assert contrat.raw_schema["openapi"] == "3.1.0"
    assert set(contrat.raw_schema["paths"]) == {f"/{document.adresse}" for document in FICHIERS}


@pytest.mark.parametrize("document", FICHIERS, ids=lambda d: d.adresse)
def test_a_document_says_what_release_it_is_of(release: Path, document: Document) -> None:
    (fichier, *_) = sorted((release / "api/v1").glob(document.chemin("*")))
    lu = json.loads(fichier.read_text())
    if document.adresse.startswith("contours"):
        assert lu["source"]
    else:
        assert lu["publication"]["release_id"] == release.name
        assert lu["publication"]["licences"] == ["Licence Ouverte 2.0"]
        assert release.name in lu["publication"]["citation"]


def test_the_same_release_has_the_same_bytes(release: Path, tmp_path: Path) -> None:
    copie = tmp_path / release.name
    copie.mkdir()
    shutil.copy(release / "ctg.duckdb", copie)
    ecrire(copie)
    for fichier in sorted((release / "api").rglob("*.*")):
        if fichier.is_file():
            assert (copie / fichier.relative_to(release)).read_bytes() == fichier.read_bytes(), fichier


def test_a_territory_has_its_parents_and_where_its_figures_are(release: Path) -> None:
    territoires = {t["territoire_id"]: t for t in lire(release, "territoires.json")["territoires"]}
    # Its département and its région are not in this release.
    assert territoires[COMMUNE]["parents"] == [EPCI]
    assert territoires["commune:01001"]["parents"] == ["departement:01"]
    assert territoires[COMMUNE]["chiffres"] == "chiffres/communes/26.json"
    assert territoires[EPCI]["chiffres"] == "chiffres/territoires/epci-200068229.json"


def test_an_indicateur_says_its_universe_and_what_may_be_added_up(release: Path) -> None:
    dits = {i["indicateur_id"]: i for i in lire(release, "indicateurs.json")["indicateurs"]}
    rsa = dits["part_allocataires_rsa"]
    assert rsa["univers"]["libelle"] and rsa["unite"]["suffixe"] == "%"
    assert rsa["aggregation"]["territoires"] == "never"
    assert dits["nb_foyers_allocataires"]["aggregation"]["territoires"] == "sum"
    absent = dits["nb_eaje"]
    assert (absent["disponible"], absent["chiffres"]) == (False, None) and absent["motif"]


def test_outlines_are_of_territories_whose_communes_are_all_there(release: Path) -> None:
    epci = lire(release, "contours/epci.geojson")
    assert [f["id"] for f in epci["features"]] == [EPCI]
    assert epci["features"][0]["geometry"]["type"] == "Polygon"
    # The scope is another département: of the Ain, one commune is there.
    assert not (release / "api/v1/contours/departement.geojson").exists()
    assert [f["id"] for f in lire(release, "contours/communes/26.geojson")["features"]] == [COMMUNE]


def test_it_is_read_in_sets(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many statements for fifty territories as for five."""
    copie = tmp_path / release.name
    copie.mkdir()
    shutil.copy(release / "ctg.duckdb", copie)
    (copie / "ctg.duckdb").chmod(0o600)
    demandes: list[str] = []
    de_tables, de_chiffres = lots.lignes, lecture.paquets
    monkeypatch.setattr(lots, "lignes", lambda c, r, p=None: demandes.append(r) or de_tables(c, r, p))
    monkeypatch.setattr(lecture, "paquets", lambda m, r, p=(): demandes.append(r) or de_chiffres(m, r, p))
    ecrire(copie)
    avant = len(demandes)
    with duckdb.connect(str(copie / "ctg.duckdb")) as con:
        con.execute("set schema = 'marts'")
        con.execute(
            "insert into dim_territoire select 'epci:' || n, 'epci', n::varchar, 'CC ' || n, '26', '84',"
            " n::varchar, 'CC ' || n, 2025, false from range(100, 145) r(n)"
        )
        con.execute(
            "insert into fct_indicateurs select f.* replace ('epci:' || n as territoire_id)"
            f" from fct_indicateurs f, range(100, 145) r(n) where territoire_id = '{EPCI}'"
        )
    demandes.clear()
    ecrire(copie)
    assert len([*(copie / "api/v1/chiffres/territoires").iterdir()]) == 48
    assert len(demandes) == avant < 15


def test_outlines_are_layers_that_join_every_table(release: Path) -> None:
    """GeoParquet 1.1: the metadata its readers look for, and the shapes of the GeoJSON."""
    vus = {}
    for fichier in sorted((release / "geo").glob("*.parquet")):
        table = parquet.read_table(fichier)
        geo = json.loads(table.schema.metadata[b"geo"])
        colonne = geo["columns"][geo["primary_column"]]
        assert (geo["version"], colonne["encoding"]) == ("1.1.0", "WKB")
        formes = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
        assert colonne["geometry_types"] == sorted({f.geom_type for f in formes})
        assert colonne["bbox"] == list(shapely.total_bounds(formes))
        assert set(table["niveau"].to_pylist()) == {fichier.stem}
        vus |= dict(zip(table["territoire_id"].to_pylist(), formes, strict=True))
    dessines = [
        t
        for f in (release / "api/v1/contours").rglob("*.geojson")
        for t in lire(release, f"contours/{f.relative_to(release / 'api/v1/contours')}")["features"]
    ]
    assert vus.keys() == {t["id"] for t in dessines} and COMMUNE in vus
    assert all(vus[t["id"]].equals(shapely.from_geojson(json.dumps(t["geometry"]))) for t in dessines)
    fichiers = {f"geo/{f.name}" for f in (release / "geo").iterdir()}
    assert fichiers <= montrer(release.parent, release.name)["files"].keys()
