"""A CTG_HOME of its own for each test of the extract."""

from pathlib import Path

import pytest
from petit_extrait import Atelier


@pytest.fixture
def atelier(tmp_path: Path) -> Atelier:
    return Atelier(tmp_path / "home")
