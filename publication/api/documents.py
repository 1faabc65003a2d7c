"""Where each document of the API is, and of what model: what writes, serves and describes it reads this."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from publication.api import modeles
from publication.lecture.citation import OBSERVATOIRE
from publication.site.adresses import nom as nom

DOSSIER = "api/v1"
"""The folder of the API in a release, and the start of its addresses."""

_NOMS = {
    "territoire": ("L'identifiant, deux-points remplacé par un tiret", "epci-200068229"),
    "departement": ("Le code d'un département", "26"),
    "indicateur": ("Un identifiant du dictionnaire", "population_municipale"),
    "niveau": ("epci, ctg, departement, region ou france", "epci"),
}


@dataclass(frozen=True)
class Document:
    """A kind of document: `adresse` has the name of its only parameter, if any, in braces."""

    adresse: str
    titre: str
    modele: type[BaseModel]
    type_mime: str = "application/json"

    def chemin(self, valeur: str = "") -> str:
        """Return the address of one of its kind."""
        return self.adresse.format_map(dict.fromkeys(_NOMS, valeur))

    @property
    def parametres(self) -> list[str]:
        """The names in braces."""
        return [n for n in _NOMS if f"{{{n}}}" in self.adresse]


GEOJSON = "application/geo+json"
INDEX = Document("index.json", "Ce que contient l'API", modeles.Index)
TERRITOIRES = Document("territoires.json", "Les territoires et ce qui les contient", modeles.Territoires)
INDICATEURS = Document("indicateurs.json", "Le dictionnaire des indicateurs", modeles.Indicateurs)
SOURCES = Document("sources.json", "Les sources et leurs licences", modeles.Sources)
DU_TERRITOIRE = Document(
    "chiffres/territoires/{territoire}.json",
    "Tous les chiffres d'un territoire plus grand que la commune",
    modeles.ChiffresDuTerritoire,
)
DES_COMMUNES = Document(
    "chiffres/communes/{departement}.json",
    "Les derniers chiffres des communes d'un département",
    modeles.ChiffresDesCommunes,
)
DE_L_INDICATEUR = Document(
    "chiffres/indicateurs/{indicateur}.json",
    "Les chiffres d'un indicateur, communes exceptées",
    modeles.ChiffresDeLIndicateur,
)
CONTOURS = Document(
    "contours/{niveau}.geojson", "Les contours d'un niveau de territoires", modeles.Contours, GEOJSON
)
CONTOURS_DES_COMMUNES = Document(
    "contours/communes/{departement}.geojson",
    "Les contours des communes d'un département",
    modeles.Contours,
    GEOJSON,
)
FICHIERS = (
    *(INDEX, TERRITOIRES, INDICATEURS, SOURCES, DU_TERRITOIRE, DES_COMMUNES, DE_L_INDICATEUR),
    *(CONTOURS, CONTOURS_DES_COMMUNES),
)
"""What a release holds."""

OPENAPI, SCHEMAS = "openapi.json", "schemas"


def descriptions() -> Iterator[tuple[str, str]]:
    """Yield address and text of what describes the API: OpenAPI 3.1, then a JSON Schema by model."""
    yield OPENAPI, _json(openapi())
    for modele in dict.fromkeys(d.modele for d in FICHIERS):
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **modele.model_json_schema(mode="serialization"),
        }
        yield f"{SCHEMAS}/{modele.__name__}.json", _json(schema)


def openapi() -> dict[str, Any]:
    """The API as OpenAPI 3.1, every schema being that of the model that writes."""
    cles = [*dict.fromkeys((d.modele, "serialization") for d in FICHIERS)]
    _, definitions = models_json_schema(cles, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": OBSERVATOIRE,
            "version": "1",
            "summary": "Les chiffres d'une publication, en lecture seule",
            "description": "Fichiers JSON d'une publication, servis par n'importe quel serveur web ou lus du"
            " disque.",
        },
        "servers": [{"url": ".", "description": "Le dossier de ce fichier"}],
        "paths": {f"/{d.adresse}": {"get": _operation(d)} for d in FICHIERS},
        "components": {"schemas": definitions["$defs"]},
    }


def _operation(document: Document) -> dict[str, Any]:
    return {
        "summary": document.titre,
        "operationId": document.modele.__name__
        if document is not CONTOURS_DES_COMMUNES
        else "ContoursDesCommunes",
        "parameters": [_du_chemin(nom) for nom in document.parametres],
        "responses": {
            "200": _reponse(document.titre, document.modele, document.type_mime),
            "404": {"description": "Rien n'est là"},
        },
    }


def _reponse(titre: str, modele: type[BaseModel], type_mime: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{modele.__name__}"}
    return {"description": titre, "content": {type_mime: {"schema": schema}}}


def _du_chemin(nom_: str) -> dict[str, Any]:
    description, exemple = _NOMS[nom_]
    return {
        **{"name": nom_, "in": "path", "required": True, "description": description, "example": exemple},
        "schema": {"type": "string"},
    }


def _json(contenu: dict[str, Any]) -> str:
    return json.dumps(contenu, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
