"""Programs of the system that some tests need: a test says which by its fixture, and is skipped without it.

`.ci/run` installs them, and fails on a skip. Where they are not, the summary of pytest counts the skips.
"""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BUREAU = ("soffice", "libreoffice")
INITDB = ("initdb",)


def trouver(noms: tuple[str, ...], paquet: str, dossiers: tuple[Path, ...] = ()) -> str:
    """Path of the first of `noms`, or a skip that says what to install; `dossiers`: where else it may be."""
    ou = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, dossiers)])
    for nom in noms:
        if chemin := shutil.which(nom, path=ou):
            return chemin
    pytest.skip(f"{noms[0]} is not installed (apt install {paquet})")
