"""Reads a JSON-LD catalogue as RDF does, and says what DCAT-AP 3.0 asks of it that it has not.

Not a whole processor: its own context, compact names, one graph. A name that the context does not resolve, a
value that is none, a link that leads nowhere are told like a property that lacks.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
FOAF, SPDX = "http://xmlns.com/foaf/0.1/", "http://spdx.org/rdf/terms#"
TEXTE, LIEN, NOEUD = "a text", "an address", "a node"

OBLIGATOIRES: dict[str, dict[str, tuple[str, str | None]]] = {
    f"{DCAT}Catalog": {
        f"{DCT}title": (TEXTE, None),
        f"{DCT}description": (TEXTE, None),
        f"{DCT}publisher": (NOEUD, f"{FOAF}Agent"),
        f"{DCAT}dataset": (NOEUD, f"{DCAT}Dataset"),
    },
    f"{DCAT}Dataset": {f"{DCT}title": (TEXTE, None), f"{DCT}description": (TEXTE, None)},
    f"{DCAT}Distribution": {f"{DCAT}accessURL": (LIEN, None)},
    f"{FOAF}Agent": {f"{FOAF}name": (TEXTE, None)},
    f"{SPDX}Checksum": {f"{SPDX}algorithm": (LIEN, None), f"{SPDX}checksumValue": (TEXTE, None)},
}
"""Mandatory properties of each class (DCAT-AP 3.0.0), what their value is and, of a node, its class.

`dcat:dataset`, which 3.0 only recommends, was mandatory in 2.1: portals still ask for it.
"""

FORMES = {
    "http://www.w3.org/2001/XMLSchema#dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
    "http://www.w3.org/2001/XMLSchema#nonNegativeInteger": r"\d+",
    "http://www.w3.org/2001/XMLSchema#hexBinary": r"([0-9a-fA-F]{2})+",
}
IRI = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]+")


def manques(document: dict[str, Any], dossier: Path) -> list[str]:
    """What is wrong with a catalogue whose relative addresses are files of `dossier`."""
    contexte = document.get("@context")
    if not isinstance(contexte, dict):
        return ["@context is not in the document"]
    dits: list[str] = []
    noeuds = [
        _deplier(n, contexte, dits) for n in _noeuds({c: v for c, v in document.items() if c != "@context"})
    ]
    types = {n["@id"]: n.get("@type") for n in noeuds if "@id" in n and "@type" in n}
    for noeud in noeuds:
        ou = noeud.get("@id", "a node without @id")
        for propriete, (genre, classe) in OBLIGATOIRES.get(noeud.get("@type", ""), {}).items():
            valeurs = noeud.get(propriete, [])
            if not valeurs:
                dits.append(f"{ou}: {propriete} is mandatory")
            for valeur in valeurs:
                if genre == TEXTE and not str(valeur.get("@value", "")).strip():
                    dits.append(f"{ou}: {propriete} is not {TEXTE}")
                if genre != TEXTE and "@id" not in valeur:
                    dits.append(f"{ou}: {propriete} is not {genre}")
                if classe and valeur.get("@type", types.get(valeur.get("@id", ""))) != classe:
                    dits.append(f"{ou}: {propriete} is no {classe}")
        for propriete in (f"{DCAT}accessURL", f"{DCAT}downloadURL"):
            for valeur in noeud.get(propriete, []):
                adresse = valeur.get("@id", "")
                if not IRI.fullmatch(adresse) and not (dossier / adresse).is_file():
                    dits.append(f"{ou}: {adresse} is neither an address nor a file of the release")
    if [n.get("@type") for n in noeuds].count(f"{DCAT}Catalog") != 1:
        dits.append("there is not one catalogue")
    return dits


def _noeuds(valeur: Any) -> Iterator[dict[str, Any]]:
    """Each node of the graph, those within others too."""
    if isinstance(valeur, list):
        for element in valeur:
            yield from _noeuds(element)
    elif isinstance(valeur, dict) and "@value" not in valeur:
        if set(valeur) != {"@id"}:
            yield valeur
        for cle, dedans in valeur.items():
            if not cle.startswith("@"):
                yield from _noeuds(dedans)


def _deplier(noeud: dict[str, Any], contexte: dict[str, str], dits: list[str]) -> dict[str, Any]:
    """A node under whole names, each property a list of values."""
    plein: dict[str, Any] = {}
    for cle, valeur in noeud.items():
        if cle == "@id":
            plein["@id"] = valeur
        elif cle == "@type":
            plein["@type"] = _nom(valeur, contexte, dits)
        else:
            liste = valeur if isinstance(valeur, list) else [valeur]
            plein[_nom(cle, contexte, dits)] = [_valeur(v, cle, contexte, dits) for v in liste]
    return plein


def _valeur(valeur: Any, cle: str, contexte: dict[str, str], dits: list[str]) -> dict[str, Any]:
    if isinstance(valeur, str):
        return {"@value": valeur}
    if not isinstance(valeur, dict):
        dits.append(f"{cle}: {valeur!r} is no value of JSON-LD that this reader knows")
        return {}
    lue = dict(valeur)
    if "@type" in lue:
        lue["@type"] = _nom(lue["@type"], contexte, dits)
    forme = FORMES.get(lue.get("@type", "")) if "@value" in lue else None
    if forme and not re.fullmatch(forme, lue["@value"]):
        dits.append(f"{cle}: {lue['@value']!r} is no {lue['@type']}")
    return lue


def _nom(nom: str, contexte: dict[str, str], dits: list[str]) -> str:
    prefixe, _, reste = nom.partition(":")
    if prefixe not in contexte or not reste:
        dits.append(f"{nom}: the context does not say what it is")
        return nom
    return contexte[prefixe] + reste
