"""A tiny build file with every table of schema `marts`, and a validation folder the gate accepted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import duckdb
import pytest

from confidentialite.preuve.constats import COMPTES, Bilan, Constats
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import MARTS, MASQUEES

SANS_EXTRAIT = Constats(
    echecs=(),
    incidents=(),
    comptes=dict.fromkeys(COMPTES, 0),
    bilan=Bilan(),
    saute={},
    empreinte_parametres="5" * 64,
    empreinte_systeme="6" * 64,
    empreinte_masque="7" * 64,
    premiers=(2**31 - 1, 2**31 - 19),
    solveur="HiGHS",
    registre_rang=0,
    registre_sha256=None,
)
"""What the audit says of marts without a row from the extract."""

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
        fichier = tmp_path / "build" / nom
        fichier.parent.mkdir(exist_ok=True)
        fichier.unlink(missing_ok=True)
        with duckdb.connect(str(fichier)) as con:
            con.execute(MARTS + modifications)
        return fichier

    return faire


@pytest.fixture
def validation(tmp_path: Path) -> Path:
    dossier = tmp_path / "validation"
    dossier.mkdir()
    (dossier / "summary.json").write_text('{"succes": true, "marts": []}\n')
    (dossier / "rapport.html").write_text("<p>premier rapport</p>\n")
    (dossier / "audit_secret.json").write_text(SANS_EXTRAIT.texte())
    return dossier


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock of the store a minute at each look, in 2020: ids follow the order of publication."""
    instants = iter(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(1000))

    class Horloge(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return next(instants)

    monkeypatch.setattr("publication.releases.fabrication.datetime", Horloge)
