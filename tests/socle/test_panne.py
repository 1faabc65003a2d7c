"""What is told when the disk fails: the file, why, how much is free, what to do; once, whoever raised it."""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from socle.disque import creer_dossier, ecriture_atomique, synchroniser
from socle.erreurs import ErreurPublication
from socle.journaux import ajouter_evenements, lire_evenements
from socle.panne import PanneDisque, en_ecrivant, panne_de


def test_it_says_which_file_why_how_much_is_free_and_what_to_do(tmp_path: Path) -> None:
    dit = str(PanneDisque(errno.ENOSPC, str(tmp_path / "absent" / "fichier"), "a release"))
    titre, ou, observe, attendu, suite = dit.splitlines()
    assert titre == "[disque] the disk refused to write a release"
    assert ou == f"  where:    {tmp_path}/absent/fichier"
    assert "No space left on device (ENOSPC); " in observe and "MB free of" in observe
    assert attendu.startswith("  expected: ")
    disque = next(d for d in tmp_path.parents if d.is_mount())
    assert f"`du -xsh {disque}/*`" in suite and "do the same again" in suite
    assert f"right to write in {tmp_path};" in str(PanneDisque(errno.EACCES, str(tmp_path / "absent" / "f")))


@pytest.mark.parametrize(
    ("erreur", "numero"),
    [
        (OSError(errno.EDQUOT, "x"), errno.EDQUOT),
        (duckdb.FatalException("FATAL Error: fsync failed!"), errno.EIO),
        (duckdb.IOException('IO Error: Could not write file "x": No space left on device'), errno.ENOSPC),
        (sqlite3.OperationalError("database or disk is full"), errno.ENOSPC),
        (sqlite3.OperationalError("attempt to write a readonly database"), errno.EROFS),
        (sqlite3.OperationalError("unable to open database file"), errno.EACCES),
    ],
)
def test_whatever_library_raises_it(erreur: Exception, numero: int) -> None:
    panne = panne_de(erreur, Path("/ici"))
    assert panne and (panne.errno, panne.filename) == (numero, "/ici")
    autre = RuntimeError("in the middle of something")
    autre.__cause__ = erreur
    assert panne_de(autre, Path("/ici"))


@pytest.mark.parametrize(("libre", "numero"), [(4096, errno.ENOSPC), (1 << 30, errno.EIO)])
def test_a_disk_without_room_is_not_a_broken_one(
    libre: int, numero: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says the same of both."""
    monkeypatch.setattr("socle.panne.shutil.disk_usage", lambda _: SimpleNamespace(free=libre, total=1 << 31))
    panne = panne_de(sqlite3.OperationalError("disk I/O error"), Path("/ici"))
    assert panne and panne.errno == numero


@pytest.mark.parametrize(
    "erreur",
    [
        ValueError("x"),
        FileNotFoundError(errno.ENOENT, "x"),
        ErreurPublication("a.parquet cannot be read (Input/output error): restore it from the backup"),
        RuntimeError("the server answered: No space left on device"),
    ],
)
def test_other_errors_go_through_as_they_are(erreur: Exception) -> None:
    with pytest.raises(type(erreur)) as levee, en_ecrivant(Path("/ici")):
        raise erreur
    assert levee.value is erreur


def test_the_inner_says_which_file_and_the_outer_what_it_is_part_of() -> None:
    with pytest.raises(PanneDisque) as levee, en_ecrivant(Path("/dehors"), "a release"):  # noqa: SIM117
        with en_ecrivant(Path("/dedans")):
            raise OSError(errno.EIO, "x")
    assert (levee.value.filename, levee.value.quoi) == ("/dedans", "a release")
    # A file that the error names itself is that one; a name of some folder is none.
    for nomme, dit in (("/nomme", "/nomme"), ("nomme", "/dehors")):
        with pytest.raises(PanneDisque) as levee, en_ecrivant(Path("/dehors")):
            raise OSError(errno.EIO, "x", nomme)
        assert levee.value.filename == dit


def test_a_disk_that_takes_half_a_line_is_told_and_the_line_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, vraie = tmp_path / "journal.jsonl", os.write

    def remplir(descripteur: int, octets: bytes) -> int:
        """Take ten bytes, then no more."""
        if os.fstat(descripteur).st_size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return vraie(descripteur, octets[:10])

    with monkeypatch.context() as plein, pytest.raises(PanneDisque, match="a line of a journal"):
        plein.setattr(os, "write", remplir)
        ajouter_evenements(journal, [{"n": 1, "long": "x" * 100}])
    ajouter_evenements(journal, [{"n": 2}])
    assert [e["n"] for e in lire_evenements(journal)] == [2]


def test_a_name_is_brought_to_the_disk_with_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronises: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda d: synchronises.append(Path(f"/proc/self/fd/{d}").readlink()))
    creer_dossier(tmp_path / "a" / "b")
    assert synchronises == [tmp_path, tmp_path / "a"]
    synchronises.clear()
    with ecriture_atomique(tmp_path / "a" / "f") as f:
        f.write(b"x")
    assert synchronises[-1] == tmp_path / "a" and len(synchronises) == 2
    synchronises.clear()
    ajouter_evenements(tmp_path / "a" / "j", [{"n": 1}])
    ajouter_evenements(tmp_path / "a" / "j", [{"n": 2}])
    assert synchronises == [tmp_path / "a" / "j", tmp_path / "a", tmp_path / "a" / "j"]
    with pytest.raises(FileNotFoundError):
        synchroniser(tmp_path / "absent")


@pytest.mark.skipif(os.geteuid() != 0, reason="another account is taken by root alone")
def test_a_folder_that_is_closed_to_this_account_can_be_told() -> None:
    """The message looks at folders: it failed itself in one that it may not enter."""
    with tempfile.TemporaryDirectory() as dossier:
        ferme = Path(dossier) / "landing" / "source" / "fichier"
        ferme.parent.mkdir(parents=True)
        Path(dossier).chmod(0o755)
        ferme.parent.parent.chmod(0o700)
        os.seteuid(65534)
        try:
            with pytest.raises(PanneDisque) as refus, en_ecrivant(ferme):
                ferme.write_text("x")
            dit = str(refus.value)
        finally:
            os.seteuid(0)
    assert f"where:    {ferme}" in dit and f"right to write in {dossier}/landing;" in dit
