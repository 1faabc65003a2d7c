"""What search engines of data sets read in a page (schema.org, JSON-LD): an indicateur, and the release.

That of the release is its DCAT in other words: nothing is said here that the catalogue does not say.
"""

from collections.abc import Mapping
from typing import Any

from publication.lecture.citation import INVENTES, OBSERVATOIRE
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.site import rendu

_TYPES = "https://www.iana.org/assignments/media-types/"
"""What DCAT writes before a media type."""


def indicateur(marts: MartsEntiers, ligne: Ligne, contenu: Mapping[str, Any]) -> dict[str, Any]:
    """An indicateur as a data set; `contenu`: what its page says of it."""
    sources = [marts.sources[s["source_id"]] for s in contenu["sources"] if s["utilisee"]]
    annees = sorted(marts.comptes.get(ligne["indicateur_id"], {}))
    dite = f"{ligne['description']}. Univers : {ligne['univers_libelle']}. {contenu['methode']}"
    jeu = {
        **_commun(marts),
        "name": ligne["libelle"],
        "description": f"{dite} {INVENTES}." if marts.demonstration else dite,
        "identifier": ligne["indicateur_id"],
        "version": rendu.marque("release_id"),
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": OBSERVATOIRE,
            "identifier": rendu.marque("release_id"),
        },
        "license": [_licence(nom) for nom in sorted({s["licence"] for s in sources if s["licence"]})],
        "isBasedOn": [_source(s["producteur"], s["titre"], s["page"]) for s in sources],
        "about": {
            "@type": "StatisticalPopulation",
            "name": ligne["univers_libelle"],
            "description": ligne["univers_definition"],
        },
        "variableMeasured": {
            "@type": "PropertyValue",
            "name": ligne["libelle"],
            "propertyID": ligne["indicateur_id"],
            "unitText": contenu["unite_dite"],
            "measurementTechnique": contenu["methode"],
        },
    }
    if annees:
        jeu["temporalCoverage"] = f"{annees[0]}/{annees[-1]}"
    if contenu["groupes"]:
        jeu["distribution"] = {
            "@type": "DataDownload",
            "contentUrl": contenu["valeurs"].rpartition("/")[2],
            "encodingFormat": "text/csv",
        }
    return jeu


def publication(marts: MartsEntiers, dcat: Mapping[str, Any]) -> dict[str, Any]:
    """The release as a data set made of its tables; `dcat`: its catalogue."""
    sources = [s for s in marts.sources.values() if s["etat"] == "recue"]
    return {
        **_commun(marts),
        "name": dcat["dct:title"]["@value"],
        "description": dcat["dct:description"]["@value"],
        "identifier": dcat["dct:identifier"],
        "version": dcat["dct:identifier"],
        "datePublished": dcat["dct:issued"]["@value"],
        "license": [_licence(nom) for nom in sorted({s["licence"] for s in sources if s["licence"]})],
        "isBasedOn": [
            {"@type": "CreativeWork", "name": s["dct:title"]["@value"], "url": s["@id"]}
            for s in dcat["dct:source"]
        ],
        "variableMeasured": [
            {"@type": "PropertyValue", "name": i["libelle"], "propertyID": i["indicateur_id"]}
            for i in marts.dictionnaire.values()
            if i["disponible"]
        ],
        "distribution": [_fichier(jeu) for jeu in dcat["dcat:dataset"]],
    }


def _commun(marts: MartsEntiers) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "inLanguage": "fr",
        "publisher": {"@type": "Organization", "name": OBSERVATOIRE},
        "creator": {"@type": "Organization", "name": OBSERVATOIRE},
        "spatialCoverage": {"@type": "Place", "identifier": marts.release["perimetre"]},
    }


def _licence(nom: str) -> dict[str, str]:
    return {"@type": "CreativeWork", "name": nom}


def _source(producteur: str, titre: str, page: str) -> dict[str, str]:
    return {"@type": "CreativeWork", "name": f"{producteur}, {titre}", "url": page}


def _fichier(jeu: Mapping[str, Any]) -> dict[str, Any]:
    fichier = jeu["dcat:distribution"]
    return {
        "@type": "DataDownload",
        "name": jeu["dct:identifier"],
        # A page of the site is one folder below the release.
        "contentUrl": f"../{fichier['dcat:downloadURL']['@id']}",
        "encodingFormat": [
            fichier[champ]["@id"].removeprefix(_TYPES)
            for champ in ("dcat:mediaType", "dcat:compressFormat")
            if champ in fichier
        ],
        "contentSize": f"{fichier['dcat:byteSize']['@value']} B",
        "sha256": fichier["spdx:checksum"]["spdx:checksumValue"]["@value"],
    }
