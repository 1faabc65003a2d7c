"""schema.org in pages: whole, of the figures of the release, and with the values of its DCAT catalogue."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.publication.site import pages
from tests.publication.site.conftest import Publier

REQUISES = {
    "Dataset": {"name", "description", "identifier", "license", "publisher", "inLanguage", "spatialCoverage"},
    "DataDownload": {"contentUrl", "encodingFormat"},
    "PropertyValue": {"name", "propertyID"},
    "StatisticalPopulation": {"name", "description"},
    "DataCatalog": {"name", "identifier"},
    "CreativeWork": {"name"},
    "Organization": {"name"},
    "Place": {"identifier"},
}


def manques(valeur: Any) -> list[str]:
    """What each thing that is told lacks of what its type asks for; a type that is not known is one too."""
    if isinstance(valeur, list):
        return [manque for v in valeur for manque in manques(v)]
    if not isinstance(valeur, dict):
        return []
    dits = {cle for cle, v in valeur.items() if v}
    absents = REQUISES.get(valeur["@type"], {"a known type"}) - dits
    return [f"{valeur['@type']}: {a}" for a in sorted(absents)] + manques([*valeur.values()])


def lire(page: Path) -> dict[str, Any]:
    (texte,) = pages.lire(page).xpath("//script[@type='application/ld+json']/text()")
    lu: dict[str, Any] = json.loads(texte)
    assert lu["@context"] == "https://schema.org"
    return lu


def telechargements(jeu: dict[str, Any]) -> list[dict[str, Any]]:
    dits = jeu.get("distribution", [])
    return dits if isinstance(dits, list) else [dits]


@pytest.fixture
def release(publier_site: Publier) -> Path:
    return publier_site(
        "update marts.dim_indicateur set libelle = 'Eaje <\"&> 3' where theme = 'petite_enfance';"
    ).dossier


def test_each_indicateur_is_a_data_set(release: Path) -> None:
    dcat = json.loads((release / "dcat.jsonld").read_text(encoding="utf-8"))
    lus = {}
    for page in sorted((release / "site" / "indicateurs").glob("*.html")):
        lu = lus[page.stem] = lire(page)
        sans_source = {"Dataset: license"} if "temporalCoverage" not in lu else set()
        assert set(manques(lu)) <= sans_source, page
        assert lu["identifier"] == page.stem and lu["variableMeasured"]["propertyID"] == page.stem
        assert lu["includedInDataCatalog"]["identifier"] == lu["version"] == dcat["dct:identifier"]
        assert lu["publisher"]["name"] == dcat["dct:publisher"]["foaf:name"]["@value"]
        for s in lu["isBasedOn"]:
            assert {"@id": s["url"], "dct:title": {"@value": s["name"], "@language": "fr"}} in dcat[
                "dct:source"
            ]
        for licence in lu["license"]:
            assert licence["name"] in dcat["dct:rights"]["rdfs:label"]["@value"]
        for t in telechargements(lu):
            assert (page.parent / t["contentUrl"]).is_file()
    assert lus["nb_eaje"]["name"] == 'Eaje <"&> 3', "text is data, whatever it holds"
    assert lus["part_allocataires_rsa"]["temporalCoverage"] == "2022/2022"
    assert {nom for nom, lu in lus.items() if telechargements(lu)} == {
        "mediane_niveau_vie",
        "nb_foyers_allocataires",
    }, "those whose page has a CSV"


def test_the_release_says_what_its_catalogue_says(release: Path) -> None:
    dcat = json.loads((release / "dcat.jsonld").read_text(encoding="utf-8"))
    lu = lire(release / "site" / "publication.html")
    assert manques(lu) == []
    assert (lu["name"], lu["description"], lu["identifier"], lu["datePublished"]) == (
        dcat["dct:title"]["@value"],
        dcat["dct:description"]["@value"],
        dcat["dct:identifier"],
        dcat["dct:issued"]["@value"],
    )
    dits = {
        (t["name"], t["contentUrl"].removeprefix("../"), t["contentSize"], t["sha256"])
        for t in telechargements(lu)
    }
    fichiers = {jeu["dct:identifier"]: jeu["dcat:distribution"] for jeu in dcat["dcat:dataset"]}
    assert dits == {
        (
            nom,
            f["dcat:downloadURL"]["@id"],
            f"{f['dcat:byteSize']['@value']} B",
            f["spdx:checksum"]["spdx:checksumValue"]["@value"],
        )
        for nom, f in fichiers.items()
    }
    for t in telechargements(lu):
        assert (release / "site" / t["contentUrl"]).is_file()


def test_what_lacks_a_property_is_told() -> None:
    jeu = {"@type": "Dataset", "name": "x", "about": {"@type": "Chose"}}
    assert {"Dataset: license", "Chose: a known type"} <= set(manques(jeu))
