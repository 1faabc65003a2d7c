"""Is anything new? What identifies the inputs of a build, and their comparison with the last release."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingestion.acquisition import FichierEnAttente, FichierRetenu
from publication.releases.magasin import courante, epinglee
from socle.disque import ecrire_json
from socle.etat import lire_ou_refaire

from .chemins import Chemins
from .code import empreinte_code
from .reglages import Reglages


def empreinte_entrees(
    fichiers: Iterable[FichierRetenu],
    micro: list[list[str]],
    reglages: Reglages,
    attentes: Iterable[FichierEnAttente] = (),
) -> str:
    """SHA-256 of all a release depends on: accepted files and their contracts, profile and scopes, code, what
    is printed.

    `attentes`: accepted files that are not read yet, which the release tells of.
    `micro`: what identifies the months of the allocataire extract in use (`Micro.empreintes`).
    """
    contenu = {
        "fichiers": sorted([f.source, f.ressource, f.millesime, f.parquet.name] for f in fichiers),
        "attentes": sorted([a.source, a.ressource, a.millesime] for a in attentes),
        "micro": micro,
        "profil": reglages.profil,
        "perimetres": reglages.perimetres,
        "imprimes": [reglages.imprimes_de(perimetre) for perimetre in reglages.perimetres],
        "code": empreinte_code(),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Derniere:
    """`derniere.json`: the digest of the inputs of the last release, its id, those of other scopes."""

    empreinte: str = ""
    release_id: str = ""
    autres: dict[str, str] = field(default_factory=dict)


def derniere(chemins: Chemins) -> Derniere:
    """Return what is remembered of the last release; nothing, with a warning, where it is lost."""
    return lire_ou_refaire(
        chemins.derniere,
        Derniere,
        Derniere(),
        "the inputs of the last release",
        "this night builds again what it may have published already",
    )


def deja_publiee(reglages: Reglages, empreinte: str) -> str | None:
    """Release of the first scope built from these very inputs; else None.

    Only if the release of every scope is in service, or a pin keeps another one in service there on purpose.
    """
    chemins = reglages.chemins
    connue = derniere(chemins)
    if connue.empreinte != empreinte:
        return None
    dites = {reglages.perimetre: connue.release_id, **connue.autres}
    for perimetre in reglages.perimetres:
        magasin, release_id = reglages.magasin(perimetre), dites.get(perimetre, "")
        if not (magasin / release_id / "SUCCESS").exists():
            return None
        en_service = courante(magasin)
        if epinglee(magasin) is None and (en_service is None or en_service.name != release_id):
            return None
    return dites[reglages.perimetre]


def memoriser(reglages: Reglages, empreinte: str, releases: Mapping[str, str]) -> None:
    """Remember the inputs of these releases, by scope, for the next night."""
    premiere = releases[reglages.perimetre]
    contenu: dict[str, object] = {"empreinte": empreinte, "release_id": premiere}
    if autres := {p: r for p, r in releases.items() if p != reglages.perimetre}:
        contenu["autres"] = autres
    ecrire_json(reglages.chemins.derniere, contenu)
