"""Is anything new? The one place where a night decides that it has nothing to build.

Belongs here: what identifies the inputs of a build (files in use, profile and scope, code) and their
comparison with the last release. Does not belong here: which files are in use (`ingestion`), what is done
when there is something new (`orchestration.assets`).
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingestion.acquisition import FichierRetenu
from publication.releases.magasin import courante, epinglee

from ..racine import RACINE
from .chemins import Chemins
from .reglages import Reglages

DBT = "dbt_project"
VERSIONS = "requirements.lock"
# What tools write in the middle of code.
PRODUITS = ("__pycache__", "target", "logs", "dbt_packages")


def fichiers_du_code(racine: Path = RACINE) -> list[Path]:
    """Every file that turns the accepted files into a release: by rule, so that no room can be forgotten.

    The packages are those that `pyproject.toml` installs, whole; then the dbt project and the versions of
    what is installed. A module nobody imports yet counts too: to build once for nothing costs a night, to
    pass over a new rule publishes wrong figures for ever.
    """
    projet = tomllib.loads((racine / "pyproject.toml").read_text(encoding="utf-8"))
    motifs = projet["tool"]["setuptools"]["packages"]["find"]["include"]
    dossiers = sorted({d for motif in motifs for d in racine.glob(motif) if d.is_dir()})
    return [f for d in (*dossiers, racine / DBT) for f in _fichiers(d)] + [racine / VERSIONS]


def empreinte_fichiers(fichiers: Iterable[Path], racine: Path) -> str:
    """SHA-256 of the names and contents of these files."""
    condense = hashlib.sha256()
    for fichier in fichiers:
        condense.update(str(fichier.relative_to(racine)).encode() + b"\0")
        condense.update(hashlib.sha256(fichier.read_bytes()).digest())
    return condense.hexdigest()


def empreinte_code(racine: Path = RACINE) -> str:
    """SHA-256 of the code and parameters that turn the accepted files into a release."""
    return empreinte_fichiers(fichiers_du_code(racine), racine)


def empreinte_entrees(fichiers: Iterable[FichierRetenu], micro: list[list[str]], reglages: Reglages) -> str:
    """SHA-256 of all a build depends on: accepted files and their contracts, profile and scope, code.

    `micro`: what identifies the months of the allocataire extract in use (`Micro.empreintes`).
    """
    contenu = {
        "fichiers": sorted([f.source, f.ressource, f.millesime, f.parquet.name] for f in fichiers),
        "micro": micro,
        "profil": reglages.profil,
        "perimetre": reglages.perimetre,
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
    en_service = courante(chemins.releases)
    if epinglee(chemins.releases) is None and (en_service is None or en_service.name != release_id):
        return None
    return release_id


def _fichiers(dossier: Path) -> Iterator[Path]:
    for chemin in sorted(dossier.iterdir()):
        if chemin.name in PRODUITS or chemin.name.endswith(".pyc"):
            continue
        if chemin.is_dir():
            yield from _fichiers(chemin)
        else:
            yield chemin
