"""The API of the tiny marts: its files."""

from pathlib import Path

import pytest

from publication.releases.magasin import a_lire


@pytest.fixture(scope="session")
def release(publiee: Path) -> Path:
    return a_lire(publiee, None)
