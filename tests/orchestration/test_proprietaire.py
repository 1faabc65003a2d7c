"""The owner of a home alone writes there, root neither; whoever looks at it is told whose it is."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from commande import environnement, sceller
from en_ligne import PERSONNE, RELEASE, ctg

from orchestration.exploitation.diagnostic import LigneDiagnostic, examiner
from orchestration.exploitation.instance import ouvrir_instance, preparer_instance
from orchestration.nuit.reglages import lier, lire, verrou
from publication.releases import magasin

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a home is given to another account by root alone")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of the account nobody, with a release and Dagster's instance, seen by root."""
    # Pytest's own folders are closed to other accounts.
    with tempfile.TemporaryDirectory() as dossier:
        home = Path(dossier) / "home"
        with patch.dict(os.environ, environnement(CTG_HOME=str(home)), clear=True):
            with verrou(home):
                lier(lire(), perimetre=False)
                preparer_instance(home / "dagster")
                ouvrir_instance(home / "dagster").dispose()
                manifeste = {"profil": "demo", "perimetre": "france", "inputs": []}
                sceller(home / "releases" / RELEASE, manifeste, **{magasin.CERTIFICAT: b"{}"})
                (home / "releases" / "current").symlink_to(RELEASE)
                (home / "landing" / "source").mkdir(parents=True)
            for chemin in (home, *home.rglob("*")):
                os.chown(chemin, PERSONNE, -1, follow_symlinks=False)
            yield home


def _faits(home: Path) -> dict[Path, tuple[int, int]]:
    return {c: (c.lstat().st_uid, c.lstat().st_mtime_ns) for c in (home, *home.rglob("*"))}


ECRIVENT = [
    *(["refresh"], ["prepare"], ["sources", "fetch"], ["sources", "template", "caf_accueil"]),
    *(["sauvegarde", "/tmp"], ["releases", "rollback", RELEASE], ["releases", "rollback", "--lift"]),
    *(["extrait", "template"], ["sources", "veille"]),
]
LISENT = [["doctor"], ["releases", "list"], ["releases", "show"], ["sources", "list"]]


def test_root_does_not_write_in_the_home_of_another(home: Path) -> None:
    avant = _faits(home)
    for arguments in ECRIVENT:
        dit = ctg(*arguments)
        assert dit.exit_code == 1 and f"{home} belongs to nobody, and this is root: " in dit.stderr, arguments
        assert f"Next: `sudo -u nobody env CTG_HOME={home} /" in dit.stderr
        assert _faits(home) == avant, arguments


def test_root_leaves_no_memory_of_what_it_tells(home: Path) -> None:
    """A night that cannot begin is told, which is remembered in the home."""
    (home / "liaison.json").write_text('{"profil": "mirror", "miroir": "/absent"}')
    (home / "alertes.yml").write_text("destinations: ['json://127.0.0.1:1']")
    for nom in ("liaison.json", "alertes.yml"):
        os.chown(home / nom, PERSONNE, -1)
    avant = _faits(home)
    assert ctg("refresh").exit_code == 1
    assert _faits(home) == avant


def test_root_does_not_restore_in_the_folder_of_another(home: Path) -> None:
    os.chown(home.parent, 0, -1)
    with verrou(home.parent / "mien"):
        (home.parent / "mien" / "landing").mkdir()
    os.environ["CTG_HOME"] = str(home.parent / "mien")
    assert ctg("sauvegarde", str(home.parent / "s.tar")).exit_code == 0
    os.environ["CTG_HOME"] = str(home)
    shutil.rmtree(home)
    home.mkdir()
    os.chown(home, PERSONNE, -1)
    dit = ctg("restore", str(home.parent / "s.tar"))
    assert dit.exit_code == 1 and "belongs to nobody" in dit.stderr and [*home.iterdir()] == []


def test_root_reads_the_home_of_another_and_leaves_nothing_there(home: Path) -> None:
    avant = {c: uid for c, (uid, _) in _faits(home).items()}
    for arguments in LISENT:
        dit = ctg(*arguments)
        assert "Traceback" not in dit.output and not isinstance(dit.exception, OSError), arguments
        assert {c: uid for c, (uid, _) in _faits(home).items()} == avant, arguments


def _permissions(home: Path) -> list[LigneDiagnostic]:
    return [c for c in examiner(lire()) if c.quoi == "permissions"]


def test_the_doctor_gives_files_to_the_owner_of_the_home_and_never_to_root(home: Path) -> None:
    os.chown(home / "depot", PERSONNE, -1)
    (home / "depot" / "table.csv").write_text("dropped by somebody else")
    (dite, bien) = _permissions(home)
    assert (dite.etat, bien.etat) == ("voir", "bien") and "belongs to nobody" in dite.fait
    assert "sudo -u nobody" in dite.suite
    # Deep in a zone, where a night would fail.
    fichier = home / "landing" / "source" / "fichier"
    fichier.write_text("left by root")
    (faute, *_) = _permissions(home)
    assert (faute.etat, faute.suite) == ("faute", f"chown -RH nobody {home / 'landing'}")
    assert str(fichier) in faute.fait
