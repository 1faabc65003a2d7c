"""Is anything new? The one place where a night decides that it has nothing to build.

Belongs here: what identifies the inputs of a build (files in use, profile and scope, code) and their
comparison with the last release. Does not belong here: which files are in use (`ingestion`), what is done
when there is something new (`orchestration.assets`).
"""

import hashlib
import json
from collections.abc import Iterable

from ingestion.acquisition import Attente, FichierRetenu

from .chemins import Chemins
from .code import empreinte_code
from .reglages import Reglages


def empreinte_entrees(
    fichiers: Iterable[FichierRetenu],
    micro: list[list[str]],
    reglages: Reglages,
    attentes: Iterable[Attente] = (),
) -> str:
    """SHA-256 of all a release depends on: accepted files and their contracts, profile and scope, code, what
    is printed.

    `attentes`: accepted files that are not read yet, which the release tells of.
    `micro`: what identifies the months of the allocataire extract in use (`Micro.empreintes`).
    """
    contenu = {
        "fichiers": sorted([f.source, f.ressource, f.millesime, f.parquet.name] for f in fichiers),
        "attentes": sorted([a.source, a.ressource, a.millesime] for a in attentes),
        "micro": micro,
        "profil": reglages.profil,
        "perimetre": reglages.perimetre,
        "imprimes": reglages.imprimes,
        "code": empreinte_code(),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


def deja_publiee(chemins: Chemins, empreinte: str) -> str | None:
    """Release built from these very inputs, when it is in service or a pin holds another; else None."""
    if not chemins.derniere.exists():
        return None
    connue = json.loads(chemins.derniere.read_text())
    release_id = str(connue["release_id"])
    if connue["empreinte"] != empreinte or not (chemins.releases / release_id / "SUCCESS").exists():
        return None
    # Imported late: what writes releases is heavy, and a first night has none.
    from publication.releases.magasin import courante, epinglee

    en_service = courante(chemins.releases)
    if epinglee(chemins.releases) is None and (en_service is None or en_service.name != release_id):
        return None
    return release_id
