"""A mirror is not hashed every night, and never taken for what it no longer is."""

import os
import time
from pathlib import Path

import pytest

from ingestion import vus
from ingestion.vus import Vus
from socle.disque import sha256_fichier


@pytest.fixture
def lectures(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    lus: list[Path] = []

    def lire(fichier: Path) -> str:
        lus.append(fichier)
        return sha256_fichier(fichier)

    monkeypatch.setattr(vus, "sha256_fichier", lire)
    return lus


def ancien(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every file on disk an old one."""
    maintenant = time.time_ns
    monkeypatch.setattr(vus.time, "time_ns", lambda: maintenant() + 10 * vus.RECENT_NS)


def test_an_old_file_is_hashed_once_even_by_another_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lectures: list[Path]
) -> None:
    ancien(monkeypatch)
    fichier, memoire = tmp_path / "f.csv", tmp_path / "vus.json"
    fichier.write_text("a;b\n")
    premiere = Vus(memoire)
    assert premiere.sha256(fichier) == premiere.sha256(fichier) == sha256_fichier(fichier)
    premiere.ecrire()
    assert Vus(memoire).sha256(fichier) == sha256_fichier(fichier)
    assert lectures == [fichier]


def test_a_file_just_written_is_hashed_again(tmp_path: Path, lectures: list[Path]) -> None:
    fichier, memoire = tmp_path / "f.csv", Vus(tmp_path / "vus.json")
    fichier.write_text("a;b\n")
    memoire.sha256(fichier)
    # The same size within the same tick of the clock: nothing but its bytes tells it from the first.
    fichier.write_text("a;c\n")
    assert memoire.sha256(fichier) == sha256_fichier(fichier)
    assert len(lectures) == 2


def test_a_file_whose_date_was_set_back_is_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lectures: list[Path]
) -> None:
    ancien(monkeypatch)
    fichier, memoire = tmp_path / "f.csv", Vus(tmp_path / "vus.json")
    fichier.write_text("a;b\n")
    dates = fichier.stat()
    memoire.sha256(fichier)
    time.sleep(0.02)
    fichier.write_text("a;c\n")
    os.utime(fichier, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    assert fichier.stat().st_mtime_ns == dates.st_mtime_ns and fichier.stat().st_size == dates.st_size
    assert memoire.sha256(fichier) == sha256_fichier(fichier)
    assert len(lectures) == 2


@pytest.mark.parametrize("contenu", [b"", b"\0" * 40, b"{", b"[1]", b'{"a": 1}'])
def test_a_damaged_memory_costs_a_reading(tmp_path: Path, contenu: bytes) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_text("a;b\n")
    (tmp_path / "vus.json").write_bytes(contenu)
    assert Vus(tmp_path / "vus.json").sha256(fichier) == sha256_fichier(fichier)
