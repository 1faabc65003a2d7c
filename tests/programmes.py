"""Programs of the system that some tests need: a test says which by its fixture, and is skipped without it.

`.ci/run` installs them, and fails on a skip. Where they are not, the summary of pytest counts the skips.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BUREAU = ("soffice", "libreoffice")
INITDB = ("initdb",)
NODE = ("node",)
NGINX = ("nginx",)
R = ("Rscript",)
PAQUETS_R = ("RPostgreSQL", "dplyr", "jsonlite")


def trouver(noms: tuple[str, ...], paquet: str, dossiers: tuple[Path, ...] = ()) -> str:
    """Path of the first of `noms`, or a skip that says what to install; `dossiers`: where else it may be."""
    ou = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, dossiers)])
    for nom in noms:
        if chemin := shutil.which(nom, path=ou):
            return chemin
    pytest.skip(f"{noms[0]} is not installed (apt install {paquet})")


def trouver_r() -> str:
    """Path of Rscript, or a skip where R or one of its packages is not here."""
    a_installer = "r-base-core r-cran-rpostgresql r-cran-dplyr r-cran-jsonlite"
    programme = trouver(R, a_installer)
    charger = "; ".join(f"loadNamespace('{paquet}')" for paquet in PAQUETS_R)
    essai = [programme, "--vanilla", "-e", charger]
    charge = subprocess.run(essai, capture_output=True, text=True, check=False)
    if charge.returncode:
        pytest.skip(f"{charge.stderr.strip()} (apt install {a_installer})")
    return programme
