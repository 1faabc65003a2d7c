"""What the tests of the night share: an environment that forgets, a home whose alerts are received."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from commande import environnement
from messages import Webhook, envoyer_a

from orchestration.nuit.chemins import Chemins


@pytest.fixture
def propre() -> Iterator[None]:
    """An environment that forgets what commands put in it."""
    with patch.dict(os.environ, environnement(), clear=True):
        yield


@pytest.fixture
def chemins(http: Webhook, tmp_path: Path) -> Chemins:
    """A home that sends its alerts to `http`."""
    return envoyer_a(tmp_path / "home", http.adresse)
