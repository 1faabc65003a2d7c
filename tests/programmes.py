"""Programs of the system that some tests need: a test says which by its fixture, and is skipped without it.

`.ci/run` installs them, and fails on a skip. Where they are not, the summary of pytest counts the skips.
"""

import shutil

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BUREAU = ("soffice", "libreoffice")


def trouver(noms: tuple[str, ...], paquet: str) -> str:
    """Path of the first of `noms`, or a skip that says what to install."""
    for nom in noms:
        if chemin := shutil.which(nom):
            return chemin
    pytest.skip(f"{noms[0]} is not installed (apt install {paquet})")
