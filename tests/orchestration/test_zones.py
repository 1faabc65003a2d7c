"""Who may reach what of a CTG_HOME, whatever the umask; one that was left open is closed, cheaply."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.nuit.chemins import HomeRefuse
from orchestration.nuit.reglages import verrou
from orchestration.nuit.zones import ZoneOuverte, ecriture, fermer


def mode(chemin: Path) -> int:
    return stat.S_IMODE(chemin.stat().st_mode)


@pytest.fixture(params=[0, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    ancien = os.umask(request.param)
    yield request.param
    os.umask(ancien)


def test_a_new_home_is_closed_but_for_its_releases_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    home = tmp_path / "sous" / "home"
    with verrou(home) as ouverts:
        assert ouverts == []
        (home / "landing" / "source").mkdir(parents=True)
        (home / "landing" / "source" / "fichier").write_text("x")
    assert os.umask(umask) == umask, "the mask of the process is put back"
    assert (mode(home), mode(home / "releases")) == (0o711, 0o755)
    assert (mode(home / "landing"), mode(home / "landing" / "source")) == (0o700, 0o700)
    assert (mode(home / "landing" / "source" / "fichier"), mode(home / ".verrou")) == (0o600, 0o600)


def test_an_older_home_is_closed_at_its_first_level_and_says_so_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "landing" / "source").mkdir(parents=True)
    (home / "releases").mkdir()
    (home / "correspondance_extrait.yml").touch()
    for chemin in (home, *home.rglob("*")):
        chemin.chmod(0o775 if chemin.is_dir() else 0o664)
    with ecriture(home) as ouverts:
        assert ouverts == [home, home / "correspondance_extrait.yml", home / "landing"]
    assert (mode(home), mode(home / "landing")) == (0o711, 0o700)
    assert mode(home / "correspondance_extrait.yml") == 0o600
    # A folder of a million files is closed by its own mode: nothing in it is looked at.
    assert mode(home / "landing" / "source") == 0o775
    assert mode(home / "releases") == 0o775, "who reads releases is for whoever runs the store to say"
    with ecriture(home) as ouverts:
        assert ouverts == []


@pytest.mark.parametrize(
    ("noms", "dits"),
    [
        (("lib", "mail"), "lib, mail"),
        (("releases", "shared"), "shared"),
        (("depot", "www"), "www"),
        (("dagster", "nginx"), "nginx"),
    ],
)
def test_a_folder_of_something_else_is_not_closed(tmp_path: Path, noms: tuple[str, ...], dits: str) -> None:
    """`/var` of the machine, or the pages of somebody: a night that closed them would stop who reads them."""
    for nom in noms:
        (tmp_path / nom).mkdir(mode=0o755)
    with pytest.raises(HomeRefuse, match=rf"is no warehouse: it holds {dits}\. Nothing was done"):
        fermer(tmp_path)
    assert {mode(tmp_path / nom) for nom in noms} == {0o755}


@pytest.mark.parametrize(
    "noms",
    [
        (),
        ("lost+found",),
        ("depot", "caf26.yml"),
        ("modeles", ".cache"),
        ("landing", "normalised", "agregats"),
    ],
)
def test_what_is_made_ready_for_a_first_night_becomes_a_warehouse(
    tmp_path: Path, noms: tuple[str, ...]
) -> None:
    for nom in noms:
        (tmp_path / nom).mkdir(mode=0o700)
    fermer(tmp_path)
    assert (tmp_path / "releases").is_dir()
    assert mode(tmp_path / "depot") == 0o700


def test_a_depot_on_a_share_that_is_not_mounted_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "depot").symlink_to(tmp_path / "not mounted")
    fermer(tmp_path)
    assert (tmp_path / "depot").is_symlink() and not (tmp_path / "depot").exists()


def test_a_warehouse_is_one_whatever_somebody_put_in_it(tmp_path: Path) -> None:
    (tmp_path / "liaison.json").write_text("{}")
    (tmp_path / "notes").mkdir(mode=0o755)
    fermer(tmp_path)
    assert mode(tmp_path / "notes") == 0o700


def test_what_was_open_is_said_by_whatever_closes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "landing").mkdir(mode=0o755)
    with ecriture(tmp_path):
        pass
    assert f"Closed to other accounts, which could reach it until now: {tmp_path}" in capsys.readouterr().err


def test_what_somebody_made_narrower_stays_and_a_link_leads_where_it_led(tmp_path: Path) -> None:
    home, ailleurs = tmp_path / "home", tmp_path / "ailleurs"
    ailleurs.mkdir(mode=0o755)
    home.mkdir(mode=0o700)
    (home / "releases").mkdir(mode=0o750)
    (home / "depot").symlink_to(ailleurs)
    assert fermer(home) == []
    assert [mode(c) for c in (home, home / "releases", ailleurs)] == [0o700, 0o750, 0o755]


def test_what_belongs_to_another_account_and_is_open_stops_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "landing").mkdir(mode=0o755)

    def refuser(self: Path, mode: int) -> None:
        raise PermissionError

    tmp_path.chmod(0o700)
    (tmp_path / "releases").mkdir()
    monkeypatch.setattr(Path, "chmod", refuser)
    with pytest.raises(
        ZoneOuverte, match=rf"{tmp_path}/landing has mode 0755.*`chmod 700 {tmp_path}/landing`"
    ):
        fermer(tmp_path)
