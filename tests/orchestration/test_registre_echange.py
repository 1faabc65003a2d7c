"""`ctg secret registre`: a home hands over what it released, another takes it in and judges again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from confidentialite.memoire import registre as registres
from orchestration.cli import main
from orchestration.nuit.chemins import Chemins
from publication.releases.fabrication import FaitsDeLaNuit
from tests.publication.petits_marts import MASQUEES, accepter, construire_base, publier


def _ctg(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["secret", "registre", *arguments], env={"CTG_HOME": str(home)})


@pytest.fixture
def publie(tmp_path: Path) -> Path:
    """A home that has released the tiny marts."""
    home = tmp_path / "une"
    base = construire_base(tmp_path / "build" / "nuit.duckdb")
    nuit = FaitsDeLaNuit("mirror", "departement:26", datetime(2026, 1, 5, tzinfo=UTC), masquees=MASQUEES)
    publier(home / "releases", base, accepter(tmp_path / "validation"), nuit)
    return home


def test_what_is_imported_is_judged_the_next_night(publie: Path, tmp_path: Path) -> None:
    """What the last release was made of is the same: without more, the night would have nothing to do."""
    fichier, autre = tmp_path / "registre.zip", Chemins(tmp_path / "autre")
    sorti = _ctg(publie, "exporter", str(fichier))
    assert sorti.exit_code == 0, sorti.output
    autre.home.mkdir()
    autre.derniere.write_text("{}")
    entre = _ctg(autre.home, "importer", str(fichier))
    assert entre.exit_code == 0 and "1 release(s) joined" in entre.output, entre.output
    assert not autre.derniere.exists()
    assert registres.position(autre.registre).rang == 1
    # What one says to compare is what the other says.
    assert sorti.stdout.split(": ")[-1].strip(". \n") in entre.stdout


def test_two_homes_have_two_names_and_keep_them(publie: Path, tmp_path: Path) -> None:
    """Demonstrations too, whose other keys are one for all: each is an installation."""
    noms = []
    for fichier in ("1.zip", "2.zip"):
        noms.append(_ctg(publie, "exporter", str(tmp_path / fichier)).output.split("installation ")[1][:24])
    _ctg(tmp_path / "autre", "importer", str(tmp_path / "1.zip"))
    dehors = _ctg(tmp_path / "autre", "exporter", str(tmp_path / "3.zip"))
    assert noms[0] == noms[1] != dehors.output.split("installation ")[1][:24]


def test_an_error_is_a_message(publie: Path, tmp_path: Path) -> None:
    (tmp_path / "faux.zip").write_bytes(b"PK")
    refuse = _ctg(publie, "importer", str(tmp_path / "faux.zip"))
    assert refuse.exit_code == 1 and "it was cut or changed" in refuse.output
    (tmp_path / "vide").mkdir()
    vide = _ctg(tmp_path / "vide", "exporter", str(tmp_path / "vide.zip"))
    assert vide.exit_code == 1 and "nothing to export" in vide.output
