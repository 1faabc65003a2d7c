"""What `ctg sauvegarde` keeps and `ctg restore` gives back: all of it or nothing, as closed as it was."""

import errno
import json
import os
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
from commande import Observatoire

from orchestration.cli.groupe import message
from orchestration.exploitation.sauvegarde import INDEX, SauvegardeRefusee, restaurer, sauvegarder
from orchestration.nuit.chemins import Chemins
from socle.disque import sha256_fichier
from socle.panne import PanneDisque


@pytest.fixture(scope="module")
def archive(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sauvegarder(Chemins(demonstration.home), tmp_path_factory.mktemp("sauvegarde")).chemin


def _etat(home: Path, dossiers: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    return {
        str(f.relative_to(home)): (stat.S_IMODE(f.stat().st_mode), sha256_fichier(f) if f.is_file() else "")
        for nom in dossiers
        for f in (home / nom).rglob("*")
        if f.name != ".verrou"
    }


def test_what_cannot_be_made_again_comes_back_byte_for_byte_and_as_closed(
    archive: Path, demonstration: Observatoire, tmp_path: Path
) -> None:
    home = tmp_path / "neuf" / "home"
    restaurer(archive, home)
    precieux = ("landing", "micro", "agregats", "releases")
    assert _etat(home, precieux) == _etat(demonstration.home, precieux)
    assert (home / "releases" / "current").readlink() == demonstration.courante.relative_to(
        (demonstration.home / "releases").resolve()
    )
    modes = {d.name: stat.S_IMODE(d.stat().st_mode) for d in (home, *home.iterdir()) if d.is_dir()}
    assert (modes.pop("home"), modes.pop("releases")) == (0o711, 0o755)
    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    # What is derived, or waits with a retention of its own, is not kept.
    assert not {"normalised", "build", "dagster", "depot", "pages"} & set(modes)


def test_a_zone_on_another_disk_is_kept_for_what_it_holds(tmp_path: Path) -> None:
    ailleurs, home, sauvegardes = tmp_path / "disque", tmp_path / "home", tmp_path / "sauvegardes"
    for dossier in (ailleurs / "landing", ailleurs / "releases", home, sauvegardes):
        dossier.mkdir(parents=True)
    (ailleurs / "landing" / "a.csv").write_text("1")
    (home / "landing").symlink_to(ailleurs / "landing")
    (home / "releases").symlink_to(ailleurs / "releases")
    archive = sauvegarder(Chemins(home), sauvegardes).chemin
    restaurer(archive, tmp_path / "neuf")
    assert (tmp_path / "neuf" / "landing" / "a.csv").read_text() == "1"
    assert not (tmp_path / "neuf" / "landing").is_symlink()
    (ailleurs / "landing").rename(ailleurs / "demonte")
    with pytest.raises(
        SauvegardeRefusee, match=r"home/landing leads to .*disque/landing, which is not there"
    ):
        sauvegarder(Chemins(home), sauvegardes / "b.tar")
    assert [f.name for f in sauvegardes.iterdir()] == [archive.name]


def test_no_room_to_restore_is_no_fault_of_the_backup(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plein(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("shutil.copyfileobj", plein)
    with pytest.raises(PanneDisque, match="No space left on device"):
        restaurer(archive, tmp_path / "home")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_a_backup_cut_short_is_refused_and_leaves_nothing(archive: Path, tmp_path: Path, part: float) -> None:
    coupee = tmp_path / "coupee.tar"
    octets = archive.read_bytes()
    # The last blocks of a tar are zeros: its index is before them.
    coupee.write_bytes(octets[: int(octets.rindex(INDEX.encode()) * part)])
    with pytest.raises(SauvegardeRefusee, match=r"is not a whole backup: .*Nothing was restored"):
        restaurer(coupee, tmp_path / "home")
    assert [f.name for f in tmp_path.iterdir()] == ["coupee.tar"]


def test_a_backup_with_one_other_byte_is_refused(archive: Path, tmp_path: Path) -> None:
    alteree = tmp_path / "alteree.tar"
    octets = bytearray(archive.read_bytes())
    with tarfile.open(archive) as tar:
        journal = tar.getmember("landing/journal.jsonl")
    octets[journal.offset_data + 10] ^= 1
    alteree.write_bytes(octets)
    with pytest.raises(SauvegardeRefusee, match=r"1 file\(s\) are not those that were kept, the first being"):
        restaurer(alteree, tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_backup_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    piege = tmp_path / "piege.tar"
    with tarfile.open(piege, "w") as tar:
        (tmp_path / "x").write_text("x")
        tar.add(tmp_path / "x", "../../dehors")
    with pytest.raises(SauvegardeRefusee, match="Nothing was restored"):
        restaurer(piege, tmp_path / "sous" / "home")
    assert not (tmp_path / "dehors").exists()


def test_a_backup_that_lost_a_link_is_refused(archive: Path, tmp_path: Path) -> None:
    """Without `current`, nothing would be in service and nobody told."""
    sans = tmp_path / "sans.tar"
    with tarfile.open(archive) as lue, tarfile.open(sans, "w") as ecrite:
        for membre in lue:
            if membre.name != "releases/current":
                ecrite.addfile(membre, lue.extractfile(membre) if membre.isreg() else None)
    with pytest.raises(SauvegardeRefusee, match="not those that were kept, the first being releases/current"):
        restaurer(sans, tmp_path / "home")


def test_a_home_with_nothing_to_keep_has_no_backup(tmp_path: Path) -> None:
    """A disk that is not mounted: the older backups would be removed after an empty one."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "releases").mkdir()
    with pytest.raises(SauvegardeRefusee, match="there is nothing to keep"):
        sauvegarder(Chemins(tmp_path / "home"), tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["home"]


def test_what_a_killed_backup_left_goes_with_the_next(demonstration: Observatoire, tmp_path: Path) -> None:
    reste = tmp_path / f".ctg-{demonstration.home.name}-20260101T000000Z.tar.0cb7555e.tmp"
    ailleurs = tmp_path / ".ctg-autre-20260101T000000Z.tar.0cb7555e.tmp"
    en_cours = tmp_path / f".ctg-{demonstration.home.name}-20260102T000000Z.tar.1cb7555e.tmp"
    for fichier in (reste, ailleurs, en_cours):
        fichier.write_text("landing/")
    for fichier in (reste, ailleurs):
        os.utime(fichier, (0, 0))
    faite = sauvegarder(Chemins(demonstration.home), tmp_path)
    assert {f.name for f in tmp_path.iterdir()} == {faite.chemin.name, ailleurs.name, en_cours.name}


@pytest.mark.parametrize(
    ("numero", "suite"), [(errno.EACCES, "let this account write there"), (errno.ENOSPC, "free room there")]
)
def test_what_keeps_a_backup_from_being_written_is_told(
    demonstration: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numero: int, suite: str
) -> None:
    def refuser(*_: object, **__: object) -> int:
        raise OSError(numero, os.strerror(numero))

    monkeypatch.setattr(os, "open", refuser)
    with pytest.raises(SauvegardeRefusee, match=f"Next: {suite}, or name another folder"):
        sauvegarder(Chemins(demonstration.home), tmp_path)


def test_a_file_that_cannot_be_read_is_not_told_of_the_folder_of_backups(
    demonstration: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ouvrir, (ferme, *_) = Path.open, (demonstration.home / "landing").glob("*/*/*/*/*.csv")

    def refuser(chemin: Path, *a: Any, **k: Any) -> Any:
        if chemin == ferme:
            raise PermissionError(errno.EACCES, "Permission denied", str(ferme))
        return ouvrir(chemin, *a, **k)

    monkeypatch.setattr(Path, "open", refuser)
    with pytest.raises(SauvegardeRefusee, match=rf"{ferme} could not be read.*`ctg doctor` says whose"):
        sauvegarder(Chemins(demonstration.home), tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_fault_of_the_place_is_not_told_of_the_backup(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "volume").mkdir()
    with monkeypatch.context() as m:
        m.setattr(os.path, "ismount", lambda chemin: chemin == tmp_path / "volume")
        with pytest.raises(SauvegardeRefusee, match=r"volume is a mount point.* a folder in it"):
            restaurer(archive, tmp_path / "volume")
    refuser = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".home.restauration"))
    with monkeypatch.context() as m:
        m.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(refuser))
        with pytest.raises(SauvegardeRefusee, match="nothing is said of the backup"):
            restaurer(archive, tmp_path / "home")


def test_a_full_disk_is_told_where_the_home_is_not_made_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTG_HOME", str(tmp_path / "neuf"))
    dit = message(OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "neuf")))
    assert dit is not None and dit.startswith("[disque]")


def test_a_home_that_holds_anything_is_not_restored_into(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "liaison.json").write_text(json.dumps({"profil": "live"}))
    with pytest.raises(SauvegardeRefusee, match="is not empty: a backup is restored into a new folder"):
        restaurer(archive, tmp_path / "home")
    assert [f.name for f in (tmp_path / "home").iterdir()] == ["liaison.json"]


def test_a_backup_replaces_nothing_and_is_not_kept_in_what_it_keeps(
    archive: Path, demonstration: Observatoire, tmp_path: Path
) -> None:
    chemins = Chemins(demonstration.home)
    with pytest.raises(SauvegardeRefusee, match="is there already"):
        sauvegarder(chemins, archive)
    with pytest.raises(SauvegardeRefusee, match="is inside the warehouse that it would keep"):
        sauvegarder(chemins, demonstration.home / "landing")
    with pytest.raises(SauvegardeRefusee, match="is not a folder"):
        sauvegarder(chemins, tmp_path / "absent" / "a.tar")


def test_the_command_tells_who_has_the_key_and_what_a_restored_home_forgets(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    faite = demonstration.ctg("sauvegarde", str(tmp_path / "a.tar"))
    assert faite.code == 0, faite.erreurs
    assert "Whoever has this file has the internal files" in faite.erreurs
    neuf = Observatoire(tmp_path / "home", demonstration.options)
    rendue = neuf.ctg("restore", str(tmp_path / "a.tar"))
    assert rendue.code == 0, rendue.erreurs
    assert "Files of persons that were rounded after that day are rounded again" in rendue.erreurs
    assert neuf.ctg("releases", "show", "--verify").code == 0
    deuxieme = neuf.ctg("restore", str(tmp_path / "a.tar"))
    assert deuxieme.code == 1 and "is not empty" in deuxieme.erreurs and "Traceback" not in deuxieme.erreurs
