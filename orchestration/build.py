"""The night's own DuckDB file: what it holds before dbt starts, and whether it must be built at all.

Registers the accepted Parquet files; knows nothing of SQL models, and no reader ever opens this file.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from ingestion.acquisition import FichierRetenu
from ingestion.contracts import Contrat

from .project import RACINE

# What decides the figures besides the files: a change in any of it rebuilds and re-publishes.
CODE = ("dbt_project/models", "dbt_project/seeds", "dbt_project/macros", "dbt_project/tests",
        "dbt_project/dbt_project.yml", "expectations", "publication", "requirements.lock")


def empreinte_code(racine: Path = RACINE) -> str:
    """SHA-256 of the code and parameters that turn the accepted files into a release."""
    condense = hashlib.sha256()
    for nom in CODE:
        chemin = racine / nom
        fichiers = [chemin] if chemin.is_file() else sorted(p for p in chemin.rglob("*") if p.is_file())
        for fichier in fichiers:
            if "__pycache__" in fichier.parts:
                continue
            condense.update(str(fichier.relative_to(racine)).encode() + b"\0")
            condense.update(hashlib.sha256(fichier.read_bytes()).digest())
    return condense.hexdigest()


def empreinte_entrees(fichiers: Iterable[FichierRetenu], contexte: Mapping[str, object]) -> str:
    """SHA-256 of everything a build depends on: accepted files, scope and profile, code."""
    contenu = {
        "fichiers": sorted([f.source, f.ressource, str(f.millesime), f.parquet.name] for f in fichiers),
        "contexte": dict(contexte),
        "code": empreinte_code(),
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()
