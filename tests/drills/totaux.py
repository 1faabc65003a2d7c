"""Totals of the drills: each worker of pytest counts its own, and the process that prints adds them up.

Belongs here: the fixture and the hooks, a plugin of `tests/conftest.py`. Does not: what is counted (`bilan`).
"""

import pickle
from typing import Any

import pytest

from tests.drills.bilan import Bilan

_BILAN = pytest.StashKey[Bilan]()
_SORTIE = "bilan"


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
