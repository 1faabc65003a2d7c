"""The API of the tiny marts: its files, and the application that serves their release."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from publication.api.service import application
from publication.releases.magasin import a_lire


@pytest.fixture(scope="session")
def release(publiee: Path) -> Path:
    return a_lire(publiee, None)


@pytest.fixture(scope="session")
def client(publiee: Path) -> TestClient:
    """Who asks the served API of the store; a bug of the application fails the test."""
    return TestClient(application(lambda: a_lire(publiee, None)), base_url="http://127.0.0.1:8026")
