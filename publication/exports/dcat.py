"""`dcat.jsonld`: the release as a DCAT-AP 3.0 catalogue, made from its data package, for data portals.

JSON-LD with its own context and relative addresses: true wherever the release is put. Tables have no licence
of their own: those of their sources are told as rights.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from publication.exports.format import Export, Tache
from publication.lecture.citation import OBSERVATOIRE
from socle.disque import ecrire_texte

NOM = "dcat.jsonld"
CONTEXTE = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FRANCAIS = "http://publications.europa.eu/resource/authority/language/FRA"
SOCIETE = "http://publications.europa.eu/resource/authority/data-theme/SOCI"
TYPES_DE_MEDIA = "https://www.iana.org/assignments/media-types/"


def taches(export: Export) -> Iterator[Tache]:
    """Yield the only task."""
    yield lambda _: _ecrire(export)


def _ecrire(export: Export) -> None:
    paquet = json.loads((export.dossier / "datapackage.json").read_text(encoding="utf-8"))
    assert export.release is not None
    contenu = catalogue(paquet, export.release)
    ecrire_texte(export.dossier / NOM, json.dumps(contenu, ensure_ascii=False, indent=1) + "\n")


def catalogue(paquet: Mapping[str, Any], release: Mapping[str, Any]) -> dict[str, Any]:
    """The catalogue of a data package; `release` is what the row of `dim_release` says."""
    editeur = {"@id": "#editeur", "@type": "foaf:Agent", "foaf:name": _fr(OBSERVATOIRE)}
    licences = ", ".join(licence["title"] for licence in paquet.get("licenses", ())) or "non précisées"
    commun: dict[str, Any] = {
        "dct:publisher": {"@id": "#editeur"},
        "dct:language": {"@id": FRANCAIS},
        "dct:rights": {
            "@type": "dct:RightsStatement",
            "rdfs:label": _fr(f"Licences des sources : {licences}."),
        },
        "dct:issued": {
            "@value": f"{release['publiee_le']:%Y-%m-%dT%H:%M:%SZ}",
            "@type": "xsd:dateTime",
        },
    }
    return {
        "@context": CONTEXTE,
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _fr(paquet["title"]),
        "dct:description": _fr(
            f"Publication {release['release_id']} de l'observatoire, périmètre {release['perimetre']} :"
            " les tables de ses indicateurs, secret statistique appliqué."
        ),
        "dct:identifier": release["release_id"],
        **commun,
        "dct:publisher": editeur,
        "dct:source": [{"@id": s["path"], "dct:title": _fr(s["title"])} for s in paquet["sources"]],
        "dcat:dataset": [_jeu(ressource, commun) for ressource in paquet["resources"]],
    }


def _jeu(ressource: Mapping[str, Any], commun: Mapping[str, Any]) -> dict[str, Any]:
    nom = ressource["name"]
    return {
        "@id": f"#{nom}",
        "@type": "dcat:Dataset",
        "dct:title": _fr(nom),
        "dct:description": _fr(ressource.get("description") or nom),
        "dct:identifier": nom,
        **commun,
        "dcat:theme": {"@id": SOCIETE},
        "dcat:distribution": {
            "@id": f"#{nom}-fichier",
            "@type": "dcat:Distribution",
            "dcat:accessURL": {"@id": ressource["path"]},
            "dcat:downloadURL": {"@id": ressource["path"]},
            "dcat:mediaType": {"@id": TYPES_DE_MEDIA + ressource["mediatype"]},
            **(
                {"dcat:compressFormat": {"@id": f"{TYPES_DE_MEDIA}application/gzip"}}
                if ressource.get("compression") == "gz"
                else {}
            ),
            "dcat:byteSize": {"@value": str(ressource["bytes"]), "@type": "xsd:nonNegativeInteger"},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": {
                    "@value": ressource["hash"].removeprefix("sha256:"),
                    "@type": "xsd:hexBinary",
                },
            },
        },
    }


def _fr(texte: str) -> dict[str, str]:
    return {"@value": texte, "@language": "fr"}
