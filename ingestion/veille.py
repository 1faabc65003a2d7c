"""A watch of the addresses of the contracts: gone, replaced by a page, or changed since the last watch.

Receives nothing: a changed file is no error, the night receives it and its contract judges it.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ingestion import catalogue
from ingestion.contrats import Contrat
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.reseau import Muets
from ingestion.telechargement import interroger
from socle.disque import ecrire_json
from socle.etat import lire_ou_refaire

# Few at once: several addresses are of one producer, which should see no more than a reader.
_DE_FRONT = 4
_HTML = "text/html"


@dataclass(frozen=True)
class Repere:
    """State of an address, to be compared with a later one; None where its server does not say."""

    etag: str | None = None
    modifie: str | None = None
    octets: int | None = None
    champs: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Regard:
    """Result of a watch for one address: the change or the error; `pour`: the files that are read there."""

    etat: Literal["inchangee", "changee", "neuve", "refusee"]
    url: str
    pour: tuple[str, ...]
    quoi: str = ""
    erreur: ErreurSource | None = None


def veiller(memoire: Path, contrats: Iterable[Contrat]) -> list[Regard]:
    """Ask every address of the contracts once, and compare with the last watch.

    `memoire`: the file of the states seen; a refused address keeps its former one. The caller alone writes
    there.
    """
    lieux: dict[str, list[Lieu]] = {}
    for url, lieu in catalogue.adresses_de(contrats):
        lieux.setdefault(url, []).append(lieu)
    connus, muets = relire(memoire), Muets()
    with ThreadPoolExecutor(_DE_FRONT) as fils:
        vus = list(fils.map(lambda paire: _regarder(paire[0], paire[1][0], muets), lieux.items()))
    regards = []
    for (url, siens), vu in zip(lieux.items(), vus, strict=True):
        pour = tuple(
            f"{li.source}/{li.ressource}" + (f" {li.millesime}" if li.millesime else "") for li in siens
        )
        if isinstance(vu, ErreurSource):
            regards.append(Regard("refusee", url, pour, erreur=vu))
            continue
        avant, connus[url] = connus.get(url), vu
        if avant is None:
            regards.append(Regard("neuve", url, pour))
        elif ecarts := _comparer(avant, vu):
            regards.append(Regard("changee", url, pour, "; ".join(ecarts)))
        else:
            regards.append(Regard("inchangee", url, pour))
    ecrire_json(memoire, {url: asdict(repere) for url, repere in sorted(connus.items()) if url in lieux})
    return regards


def _regarder(url: str, lieu: Lieu, muets: Muets) -> Repere | ErreurSource:
    try:
        jeu = catalogue.verifier(url, lieu, muets)
        if jeu is None:
            return _de_l_adresse(url, lieu, muets)
    except ErreurSource as e:
        return e
    dits = jeu.metas.get("default", {})
    modifie = dits.get("data_processed") or dits.get("modified")
    return Repere(modifie=modifie, champs=tuple(sorted(champ.name for champ in jeu.fields)))


def _de_l_adresse(url: str, lieu: Lieu, muets: Muets) -> Repere:
    entetes = interroger(url, lieu, muets)
    longueur = entetes.get("Content-Length", "")
    octets = int(longueur) if longueur.isdecimal() else None
    if entetes.get("Content-Type", "").startswith(_HTML):
        raise lieu.erreur(
            "html",
            observe=f"{entetes['Content-Type']} at {url}",
            attendu="a file",
            que_faire=f"look for the new address on the producer's page, and change it in {lieu.contrat}",
        )
    return Repere(entetes.get("ETag"), entetes.get("Last-Modified"), octets)


def _comparer(avant: Repere, apres: Repere) -> list[str]:
    """Word the changes; an ETag alone counts only where neither date nor size moved."""
    ecarts = []
    if avant.champs is not None and apres.champs is not None:
        for signe, champs in (
            ("new fields", set(apres.champs) - set(avant.champs)),
            ("fields gone", set(avant.champs) - set(apres.champs)),
        ):
            if champs:
                ecarts.append(f"{signe}: {', '.join(sorted(champs))}")
    if avant.octets != apres.octets and None not in (avant.octets, apres.octets):
        ecarts.append(f"{avant.octets} bytes, now {apres.octets}")
    if avant.modifie != apres.modifie:
        ecarts.append(f"of {avant.modifie or 'no date'}, now {apres.modifie or 'no date'}")
    if not ecarts and avant.etag != apres.etag:
        ecarts.append("another ETag")
    return ecarts


def relire(chemin: Path) -> dict[str, Repere]:
    """Return the states seen by the last watch, by address; none where they are lost, which is logged."""
    return lire_ou_refaire(
        chemin,
        dict[str, Repere],
        {},
        "what the last watch saw",
        "this watch tells no change since the last one",
    )
