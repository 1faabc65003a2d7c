"""What the tests of formats open a file with, and the portraits that the tests of contents read.

Belongs here: LibreOffice as these tests use it, portraits of the demonstration. Does not: whether LibreOffice
is here, nor the night of the demonstration (`tests/conftest.py`).
"""

import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from commande import Observatoire

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import composer
from publication.portraits.modele import Document
from tests.publication.portraits.contenus import CTG, Composer

Convertir = Callable[..., list[Path]]


@pytest.fixture(scope="session")
def base(demonstration: Observatoire) -> Path:
    return demonstration.courante / "ctg.duckdb"


@pytest.fixture(scope="module")
def marts(base: Path) -> Iterator[Marts]:
    with ouvrir(base) as ouverte:
        yield ouverte


@pytest.fixture(scope="session")
def compose(base: Path) -> Composer:
    """The portrait of a territory, made once. To be read only."""

    @cache
    def faire(territoire_id: str) -> Document:
        with ouvrir(base) as marts:
            return composer(marts, territoire_id)

    return faire


@pytest.fixture(scope="session")
def document(compose: Composer) -> Document:
    return compose(CTG)


@pytest.fixture
def convertir(tmp_path: Path, soffice: str) -> Convertir:
    """Open a file with LibreOffice, without a window, and return what it writes in another format.

    After the file and the format: options of its command line.
    """

    def faire(fichier: Path, vers: str, *options: str) -> list[Path]:
        sortie = tmp_path / "sortie"
        profil = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
        ordre = [soffice, profil, "--headless", *options, "--convert-to", vers]
        ordre += ["--outdir", str(sortie), str(fichier)]
        fait = subprocess.run(ordre, capture_output=True, text=True, timeout=180, check=False)
        ecrits = sorted(sortie.glob("*"))
        assert fait.returncode == 0 and ecrits, f"LibreOffice does not open {fichier.name}: {fait.stderr}"
        return ecrits

    return faire
