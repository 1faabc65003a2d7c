"""Two releases in PostgreSQL, made once for the tests of this folder, and a copy for each that changes one.

Belongs here: the databases that these tests read or change. Does not: how these are made
(`releases_postgres.py`).
"""

from pathlib import Path

import pytest

from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.releases_postgres import Cible, DeuxReleases, deux_releases
from tests.serveur_postgres import Serveur


@pytest.fixture(scope="session")
def releases(
    postgres: Serveur, publiee: Path, nuit: FaitsDeLaNuit, tmp_path_factory: pytest.TempPathFactory
) -> DeuxReleases:
    return deux_releases(publiee, tmp_path_factory.mktemp("deux"), nuit)


@pytest.fixture(scope="session")
def publication(postgres: Serveur, releases: DeuxReleases) -> Cible:
    """Both releases published, one after the other: to read only."""
    cible = Cible(postgres)
    cible.publier(releases.premiere)
    cible.publier(releases.seconde)
    return cible


@pytest.fixture(scope="session")
def modele(postgres: Serveur, releases: DeuxReleases) -> Cible:
    """The first release published: to copy."""
    cible = Cible(postgres)
    cible.publier(releases.premiere)
    return cible


@pytest.fixture
def cible(modele: Cible) -> Cible:
    """The first release published."""
    return Cible(modele.serveur, modele)
