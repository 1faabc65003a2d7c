"""Totals of the drills: each worker of pytest counts its own, and the process that prints adds them up.

Belongs here: the fixture and the hooks, a plugin of `tests/conftest.py`. Does not: what is counted (`bilan`).
Hours of drills go on where they were stopped: `CTG_DRILLS_SUITE` names a file of those that passed.
"""

import json
import os
import pickle
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.drills.bilan import Bilan

_BILAN, _AVANT = pytest.StashKey[Bilan](), pytest.StashKey[Bilan]()
_PASSES = pytest.StashKey[dict[str, Any]]()
_SORTIE = "bilan"
_SUITE = Path(os.environ["CTG_DRILLS_SUITE"]) if os.environ.get("CTG_DRILLS_SUITE") else None


def _du(config: pytest.Config) -> Bilan:
    return config.stash.setdefault(_BILAN, Bilan())


@pytest.fixture(scope="session")
def bilan(pytestconfig: pytest.Config) -> Bilan:
    """What the drills of this process add up to."""
    return _du(pytestconfig)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker counted to the process that started it."""
    sortie: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if sortie is not None:
        sortie[_SORTIE] = pickle.dumps(_du(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker counted; one that died has told nothing, and pytest says that it died."""
    if dit := getattr(node, "workeroutput", {}).get(_SORTIE):
        _du(node.config).verser(pickle.loads(dit))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (total := _du(config)).fautes:
        terminalreporter.section("drills")
        terminalreporter.write_line(str(total))


def pytest_configure(config: pytest.Config) -> None:
    """Read which drills passed before; the process that prints counts what they saw."""
    lignes = _SUITE.read_text().splitlines() if _SUITE and _SUITE.exists() else ()
    passes = config.stash[_PASSES] = {dit["test"]: dit["bilan"] for dit in map(json.loads, lignes)}
    if not hasattr(config, "workerinput"):
        for dit in passes.values():
            _du(config).verser(Bilan.relire(dit))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the drills that passed before."""
    items[:] = [item for item in items if item.nodeid not in config.stash[_PASSES]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write that a drill passed, and what it saw."""
    report = yield
    if _SUITE and item.get_closest_marker("drill"):
        if report.when == "setup":
            item.stash[_AVANT] = Bilan().verser(_du(item.config))
        elif report.when == "call" and report.passed:
            vu = _du(item.config).depuis(item.stash[_AVANT])
            with _SUITE.open("a") as suite:
                suite.write(json.dumps({"test": item.nodeid, "bilan": vu.dit()}) + "\n")
    return report
