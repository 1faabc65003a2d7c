"""The quickest test first: a mutant that a test of a millisecond kills waits for no other.

Belongs here: that order, a plugin of the pytest that mutmut runs. Does not: which tests judge (`pyproject.toml`).
"""

import json
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    connues = Path("mutmut-stats.json")
    durees = json.loads(connues.read_text("utf-8"))["duration_by_test"] if connues.exists() else {}
    items.sort(key=lambda item: durees.get(item.nodeid, 0))
