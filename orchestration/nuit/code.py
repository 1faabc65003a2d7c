"""The digest of the code: what turns files into figures besides the files themselves, by rule.

Belongs here: which files count, their digest, and the commit they are of. Does not belong here: what is
decided on it (`nouveau`, `orchestration.nuit.projet`). Imports nothing heavy: the set-up reads it.
"""

import hashlib
import os
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..racine import RACINE

DBT = "dbt_project"
VERSIONS = "requirements.lock"
# Folders that tools write among the code; `_generes` is derived from other files of the code (ADR 30).
PRODUITS = ("__pycache__", "target", "logs", "dbt_packages", "_generes")


def fichiers_du_code(racine: Path = RACINE) -> list[Path]:
    """Every file that turns the accepted files into a release: by rule, so that no room can be forgotten.

    The packages are those that `pyproject.toml` installs, whole; then the dbt project and the versions of
    what is installed. A module nobody imports yet counts too: to build once for nothing costs a night, to
    pass over a new rule publishes wrong figures for ever.
    """
    projet = tomllib.loads((racine / "pyproject.toml").read_text(encoding="utf-8"))
    motifs = projet["tool"]["setuptools"]["packages"]["find"]["include"]
    dossiers = sorted({d for motif in motifs for d in racine.glob(motif) if d.is_dir()})
    return [f for d in (*dossiers, racine / DBT) for f in fichiers_de(d)] + [racine / VERSIONS]


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


def fichiers_de(dossier: Path) -> Iterator[Path]:
    """Every file of a folder, in order, but what tools and editors write there."""
    for chemin in sorted(dossier.iterdir()):
        if chemin.name in PRODUITS or chemin.name.endswith((".pyc", "~")) or chemin.name.startswith("."):
            continue
        if chemin.is_dir():
            yield from fichiers_de(chemin)
        else:
            yield chemin


def commit() -> str | None:
    """Commit of the code, when it is known (`CTG_COMMIT` or the checkout)."""
    if "CTG_COMMIT" in os.environ:
        return os.environ["CTG_COMMIT"]
    try:
        # Git refuses to read a checkout of another account, which a service may run.
        sortie = subprocess.run(
            ["git", "-c", f"safe.directory={RACINE}", "rev-parse", "HEAD"],
            cwd=RACINE,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return sortie.stdout.strip()
