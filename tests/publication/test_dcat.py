"""`dcat.jsonld`: a DCAT-AP catalogue of the data package, and a check of it that can fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from publication.exports import dcat, exporter, signer
from tests.publication.lecture_dcat import manques
from tests.publication.petits_marts import MASQUEES, RELEASE, construire_base


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("release")
    base = construire_base(tmp_path_factory.mktemp("build") / "nuit.duckdb")
    signer(exporter(base, dossier, MASQUEES), RELEASE)
    return dossier


@pytest.fixture
def catalogue(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "dcat.jsonld").read_text(encoding="utf-8")))


def test_it_has_all_that_dcat_ap_asks_for(release: Path, catalogue: dict[str, Any]) -> None:
    assert manques(catalogue, release) == []


def test_it_tells_each_table_of_the_package_and_its_bytes(release: Path, catalogue: dict[str, Any]) -> None:
    ressources = json.loads((release / "datapackage.json").read_text())["resources"]
    dits = {
        d["dct:identifier"]: (
            d["dcat:distribution"]["dcat:accessURL"]["@id"],
            int(d["dcat:distribution"]["dcat:byteSize"]["@value"]),
            "sha256:" + d["dcat:distribution"]["spdx:checksum"]["spdx:checksumValue"]["@value"],
        )
        for d in catalogue["dcat:dataset"]
    }
    assert dits == {r["name"]: (r["path"], r["bytes"], r["hash"]) for r in ressources}
    assert catalogue["dct:identifier"] == RELEASE["release_id"]
    assert "departement:26" in catalogue["dct:description"]["@value"]


def test_a_compressed_file_says_so(release: Path) -> None:
    paquet = json.loads((release / "datapackage.json").read_text())
    paquet["resources"] = [{**paquet["resources"][0], "compression": "gz"}, paquet["resources"][1]]
    serree, autre = (d["dcat:distribution"] for d in dcat.catalogue(paquet, RELEASE)["dcat:dataset"])
    assert serree["dcat:compressFormat"]["@id"].endswith("/application/gzip")
    assert "dcat:compressFormat" not in autre


def _sans(*chemin: str) -> Callable[[dict[str, Any]], None]:
    def retirer(document: dict[str, Any]) -> None:
        ici: Any = document
        for cle in chemin[:-1]:
            ici = ici[cle][0] if isinstance(ici[cle], list) else ici[cle]
        del ici[chemin[-1]]

    return retirer


def _avec(valeur: Any, *chemin: str) -> Callable[[dict[str, Any]], None]:
    def poser(document: dict[str, Any]) -> None:
        ici: Any = document
        for cle in chemin[:-1]:
            ici = ici[cle][0] if isinstance(ici[cle], list) else ici[cle]
        ici[chemin[-1]] = valeur

    return poser


JEU, FICHIER = "dcat:dataset", "dcat:distribution"
