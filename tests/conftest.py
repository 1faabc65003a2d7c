"""Fixtures every test may use, and the rule that nothing is skipped where nothing may be."""

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


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """With CTG_NO_SKIP (CI), a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CTG_NO_SKIP") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where every test must run: {report.longrepr}"
