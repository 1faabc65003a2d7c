"""Fixtures every test may use, and the rule that nothing is skipped where nothing may be."""

import fcntl
import os
import shutil
from collections.abc import Callable
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


@pytest.fixture(scope="session")
def une_fois(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Prepare a folder once for all the workers of a session."""
    racine = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        racine = racine.parent

    def faire(nom: str, preparer: Callable[[Path], None]) -> Path:
        dossier = racine / nom
        with (racine / f"{nom}.verrou").open("w") as verrou:
            fcntl.flock(verrou, fcntl.LOCK_EX)
            if not (dossier / "pret").exists():
                shutil.rmtree(dossier, ignore_errors=True)
                dossier.mkdir()
                preparer(dossier)
                (dossier / "pret").touch()
        return dossier

    return faire


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """With CTG_NO_SKIP (CI), a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CTG_NO_SKIP") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where every test must run: {report.longrepr}"
