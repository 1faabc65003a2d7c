"""A demonstration is written once, and again whenever it is no longer what its code writes."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import demonstration


@pytest.fixture
def ecritures() -> list[Path]:
    return []


@pytest.fixture
def ecrire(ecritures: list[Path]) -> Callable[[Path], list[Path]]:
    def faire(dossier: Path) -> list[Path]:
        ecritures.append(dossier)
        (dossier / "a").mkdir(parents=True, exist_ok=True)
        (dossier / "a" / "f.csv").write_text("x;y\n")
        return [dossier / "a" / "f.csv"]

    return faire


def test_the_second_night_writes_nothing(
    tmp_path: Path, ecrire: Callable[[Path], list[Path]], ecritures: list[Path]
) -> None:
    demonstration.une_fois(ecrire, tmp_path)
    demonstration.une_fois(ecrire, tmp_path)
    assert len(ecritures) == 1


@pytest.mark.parametrize("geste", ["modifie", "retire", "temoin_abime", "autre_code"])
def test_whatever_changed_is_written_again(
    tmp_path: Path,
    ecrire: Callable[[Path], list[Path]],
    ecritures: list[Path],
    geste: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demonstration.une_fois(ecrire, tmp_path)
    if geste == "modifie":
        (tmp_path / "a" / "f.csv").write_text("x;y;z\n")
    elif geste == "retire":
        (tmp_path / "a" / "f.csv").unlink()
    elif geste == "temoin_abime":
        (tmp_path / ".ecrit").write_text("0" * 64)
    else:
        monkeypatch.setattr(demonstration, "_empreinte_code", lambda: "another")
    demonstration.une_fois(ecrire, tmp_path)
    assert len(ecritures) == 2 and (tmp_path / "a" / "f.csv").read_text() == "x;y\n"
    demonstration.une_fois(ecrire, tmp_path)
    assert len(ecritures) == 2


def test_extracts_that_cannot_be_written_stop_who_waits_for_them(tmp_path: Path) -> None:
    (tmp_path / "extrait").write_text("a file where the folder should be")
    with (
        demonstration.extraits_a_cote(tmp_path / "extrait") as attendre,
        pytest.raises(subprocess.CalledProcessError),
    ):
        attendre()


def test_nothing_is_started_for_extracts_that_are_there(
    tmp_path: Path, ecrire: Callable[[Path], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    demonstration.une_fois(ecrire, tmp_path)
    monkeypatch.setattr(demonstration, "a_cote", None)
    with demonstration.extraits_a_cote(tmp_path) as attendre:
        attendre()
