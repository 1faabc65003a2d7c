"""Fixtures every test may use: where the producers' real files are, and an empty CTG_HOME."""

import os
from pathlib import Path

import pytest

DEPOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with `real/` (producers' files) and `domain/`; absent outside the team's machines and CI."""
    folder = Path(os.environ.get("CTG_SHARED", DEPOT.parent / "shared"))
    if not (folder / "real").is_dir():
        pytest.skip("the producers' real files (CTG_SHARED or ../shared) are not here")
    return folder
