"""Catalogues of Opendatasoft portals (API v2.1), asked for the dataset and fields of an address first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ValidationError

from ingestion.contrats import Contrat
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.reseau import Muets
from ingestion.telechargement import lire_octets

_EXPORT = re.compile(r"(https?://[^/]+/.*/catalog/datasets)/([^/]+)/exports/\w+")
# A field that a condition of the address names: sexe="Total".
_FILTRE = re.compile(r"(\w+)\s*=")
_PAGE = 100


class _Champ(BaseModel):
    name: str


class Jeu(BaseModel):
    """A dataset in a catalogue: its fields, and its metadata (`modified`, …)."""

    dataset_id: str = ""
    fields: list[_Champ] = []
    metas: dict[str, dict[str, Any]] = {}


class _Page(BaseModel):
    results: list[Jeu]
    total_count: int = 0


def verifier(url: str, lieu: Lieu, muets: Muets | None = None) -> Jeu | None:
    """Ask the catalogue for the dataset and the fields of an export address; None for any other address.

    Raises `ErreurSource`: `jeu_inconnu`, `champ_inconnu`, `catalogue_illisible`, or those of `lire_octets`.
    """
    export = _EXPORT.match(url)
    if export is None:
        return None
    catalogue, jeu = export.groups()
    condition = quote(f'dataset_id="{jeu}"')
    trouves = _page(f"{catalogue}?where={condition}&limit=1", lieu, muets).results
    if not trouves:
        proches = get_close_matches(jeu, _identifiants(catalogue, lieu, muets), n=5, cutoff=0.5)
        raise lieu.erreur(
            "jeu_inconnu",
            observe=f"no dataset {jeu} at {catalogue}"
            + (f"; the nearest: {', '.join(proches)}" if proches else ""),
            attendu="the dataset of the contract's address",
            que_faire="look at the portal for the dataset that replaced it, and change the address in "
            f"{lieu.contrat}",
        )
    connus = {champ.name for champ in trouves[0].fields}
    demande = parse_qs(urlsplit(url).query)
    choisis = [champ for champ in demande.get("select", [""])[0].split(",") if champ]
    filtres = _FILTRE.findall(demande.get("where", [""])[0])
    absents = [champ for champ in dict.fromkeys([*choisis, *filtres]) if champ not in connus]
    if absents:
        renommes = {a: get_close_matches(a, sorted(connus - set(choisis)), n=1) for a in absents}
        raise lieu.erreur(
            "champ_inconnu",
            observe=f"{jeu} has no field "
            + ", ".join(a + (f" (renamed {p[0]}?)" if (p := renommes[a]) else "") for a in absents)
            + f"; it has {', '.join(sorted(connus))}",
            attendu=f"the fields that the address asks for: {', '.join([*choisis, *filtres])}",
            que_faire=f"add a layout with the new fields in {lieu.contrat}, and name it under `rolling`",
        )
    return trouves[0]


def adresses_de(contrats: Iterable[Contrat]) -> list[tuple[str, Lieu]]:
    """List every address that contracts name with its place, as often as it is named."""
    return [
        (url, Lieu(r.source, r.nom, millesime))
        for contrat in contrats
        for r in contrat.ressources.values()
        for millesime, url in [*((m, e.url) for m, e in r.millesimes.items()), (None, r.adresse_glissante)]
        if url
    ]


def verifier_tous(contrats: dict[str, Contrat]) -> tuple[int, list[ErreurSource]]:
    """Ask for every dataset that the contracts name; return how many, and the refusals."""
    adresses = [(url, lieu) for url, lieu in adresses_de(contrats.values()) if _EXPORT.match(url)]
    refus, muets = [], Muets()
    for url, lieu in adresses:
        try:
            verifier(url, lieu, muets)
        except ErreurSource as erreur:
            refus.append(erreur)
    return len(adresses), refus


def _identifiants(catalogue: str, lieu: Lieu, muets: Muets | None) -> list[str]:
    jeux: list[str] = []
    while True:
        page = _page(f"{catalogue}?select=dataset_id&limit={_PAGE}&offset={len(jeux)}", lieu, muets)
        jeux += [j.dataset_id for j in page.results]
        if not page.results or len(jeux) >= page.total_count:
            return jeux


def _page(url: str, lieu: Lieu, muets: Muets | None) -> _Page:
    octets = lire_octets(url, lieu, muets)
    try:
        return _Page.model_validate_json(octets)
    except ValidationError as e:
        raise lieu.erreur(
            "catalogue_illisible",
            observe=f"{octets[:200].decode('utf-8', 'replace')} from {url}",
            attendu="the datasets that the catalogue of an Opendatasoft portal (API v2.1) lists",
            que_faire=f"open the address: the portal is down, or has moved; then change it in {lieu.contrat}",
        ) from e
