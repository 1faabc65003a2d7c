"""What nights do not carry: packages of those who serve, converse or check are in the lock of development."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main

DEPOT = Path(__file__).resolve().parents[1]
VERROUS = ("requirements.lock", "requirements-dev.lock")


def noms(verrou: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)", (DEPOT / verrou).read_text(), re.MULTILINE))


def declares(*extras: str) -> set[str]:
    projet = tomllib.loads((DEPOT / "pyproject.toml").read_text())["project"]
    return {re.match("[a-z0-9.-]+", d)[0] for e in extras for d in projet["optional-dependencies"][e]}  # type: ignore[index]


def test_nights_carry_no_package_of_who_converses_or_checks() -> None:
    assert {"mcp", "httpx2", "sse-starlette", "schemathesis", "pytest"} & noms("requirements.lock") == set()
    assert declares("mcp", "dev") <= noms("requirements-dev.lock")


def test_nights_depend_on_no_server_of_ours() -> None:
    """Starlette and uvicorn are in their lock for Dagster's own page alone."""
    projet = tomllib.loads((DEPOT / "pyproject.toml").read_text())["project"]
    assert not {re.match("[a-z0-9.-]+", d)[0] for d in projet["dependencies"]} & declares("mcp")  # type: ignore[index]


def test_a_command_without_its_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "publication.mcp.serveur", raising=False)
    resultat = CliRunner().invoke(main, ["mcp"])
    assert resultat.exit_code == 1 and "pip install '.[mcp]'" in resultat.output


@pytest.mark.parametrize("verrou", VERROUS)
def test_a_lock_names_no_registry(verrou: str) -> None:
    assert "://" not in (DEPOT / verrou).read_text()
