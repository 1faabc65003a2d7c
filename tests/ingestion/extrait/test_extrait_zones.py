"""Who may reach the zones of persons: modes from the first byte, and what is refused."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from petit_extrait import BASE, Atelier, foyers

from ingestion.extrait import lecture, reception
from ingestion.extrait.zones import Zones, preparer_zone


def _modes(racine: Path) -> dict[str, int]:
    return {str(f.relative_to(racine)): stat.S_IMODE(f.stat().st_mode) for f in [racine, *racine.rglob("*")]}


def test_micro_zone_is_closed_whatever_the_umask(atelier: Atelier) -> None:
    ancien = os.umask(0)
    try:
        atelier.csv(foyers(3))
        atelier.prendre()
        atelier.csv([BASE | {"ruc": "?"}])
        atelier.reception().recevoir()
        assert os.umask(0) == 0, "the mask of the process is put back"
    finally:
        os.umask(ancien)
    modes = _modes(atelier.home / "micro")
    assert len(modes) > 4
    for nom, mode in modes.items():
        assert mode == (0o600 if nom.endswith((".parquet", ".jsonl")) else 0o700), nom


def test_file_is_closed_from_its_first_byte(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even while rows stream, and in what the database writes by itself."""
    vus: dict[str, int] = {}
    vraie = lecture.lire_extrait

    def regarder(*arguments: Any) -> None:
        vraie(*arguments)
        vus.update(_modes(atelier.home / "micro"))

    monkeypatch.setattr(reception, "lire_extrait", regarder)
    ancien = os.umask(0)
    try:
        atelier.csv(foyers(3))
        atelier.prendre()
    finally:
        os.umask(ancien)
    assert any("travail" in nom for nom in vus)
    assert {nom: mode for nom, mode in vus.items() if mode & 0o077} == {}


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755, 0o770])
@pytest.mark.parametrize("zone", ["micro", "depot"])
def test_open_zone_is_refused(atelier: Atelier, zone: str, mode: int) -> None:
    atelier.csv(foyers(1))
    (atelier.home / zone).mkdir(exist_ok=True)
    (atelier.home / zone).chmod(mode)
    (erreur,) = atelier.reception().recevoir().refus
    assert erreur.code == "zone_ouverte" and f"mode {mode:04o}" in erreur.observe
    assert f"`chmod 700 {atelier.home / zone}`" in erreur.que_faire
    assert atelier.dossier.exists() and not [*(atelier.home / "micro").rglob("*.parquet")]


def test_zone_of_another_user_is_refused(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    atelier.csv(foyers(1))
    moi = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: moi + 1)
    (erreur,) = atelier.reception().recevoir().refus
    assert erreur.code == "zone_ouverte" and "another user" in erreur.observe


def test_link_to_an_open_folder_is_refused(atelier: Atelier, tmp_path: Path) -> None:
    ailleurs = tmp_path / "ailleurs"
    ailleurs.mkdir(mode=0o755)
    depot_ = preparer_zone(Zones(atelier.home).depot)
    (depot_ / "caf_extrait_allocataires").symlink_to(ailleurs)
    assert [e.code for e in atelier.reception().recevoir().refus] == ["zone_ouverte"]
    ailleurs.chmod(0o700)
    assert [e.code for e in atelier.reception().recevoir().refus] == []
