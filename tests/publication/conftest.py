"""A tiny build file with every table of schema `marts`, and a validation folder the gate accepted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import MASQUEES, accepter, construire_base, publier

Construire = Callable[..., Path]


@pytest.fixture(scope="session")
def nuit() -> FaitsDeLaNuit:
    return FaitsDeLaNuit(
        "mirror",
        "departement:26",
        datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
        "abc123",
        ("insee_x 2024: refused",),
        masquees=MASQUEES,
    )


@pytest.fixture
def construire(tmp_path: Path) -> Construire:
    """Make a build file; `modifications` is SQL run on its marts before it is closed."""

    def faire(modifications: str = "", nom: str = "nuit.duckdb") -> Path:
        return construire_base(tmp_path / "build" / nom, modifications)

    return faire


@pytest.fixture
def validation(tmp_path: Path) -> Path:
    return accepter(tmp_path / "validation")


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture(scope="session")
def publiee(tmp_path_factory: pytest.TempPathFactory, nuit: FaitsDeLaNuit) -> Path:
    """The store after one night on the tiny marts, code `c1`: to read, or to copy with what is beside it."""
    home = tmp_path_factory.mktemp("publiee")
    recus = {("cnaf_allocataires_communes", "communes", 2024, "aa"): "2026-01-04T02:31:00+00:00"}
    construction = construire_base(home / "build" / "nuit.duckdb")
    faits = replace(nuit, code="c1", recus=recus)
    publier(home / "releases", construction, accepter(home / "validation"), faits)
    return home / "releases"


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock of the store a minute at each look, in 2020: ids follow the order of publication."""
    instants = iter(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(1000))

    class Horloge(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return next(instants)

    monkeypatch.setattr("publication.releases.fabrication.datetime", Horloge)
