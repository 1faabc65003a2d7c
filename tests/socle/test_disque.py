"""Bytes on the disk: whole or not at all, one writer at a time."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from socle.disque import (
    ajouter_evenement,
    ecrire_json,
    ecriture_atomique,
    lire_evenements,
    sha256_fichier,
    verrou,
)
from socle.sql import nom_sql, texte_sql


def test_a_file_whose_writing_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    chemin = tmp_path / "fichier"
    chemin.write_bytes(b"ancien")
    with pytest.raises(RuntimeError), ecriture_atomique(chemin) as f:
        f.write(b"nou")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["fichier"]
    assert chemin.read_bytes() == b"ancien"


def test_modes_are_those_asked_for(tmp_path: Path) -> None:
    with ecriture_atomique(tmp_path / "a" / "prive") as f:
        f.write(b"x")
    ecrire_json(tmp_path / "ouvert.json", {"é": 1})
    assert stat.S_IMODE((tmp_path / "a" / "prive").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ouvert.json").stat().st_mode) & 0o600 == 0o600
    assert "é" in (tmp_path / "ouvert.json").read_text("utf-8")


def test_a_line_cut_by_a_kill_swallows_no_other(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    ajouter_evenement(journal, {"n": 1})
    with journal.open("ab") as f:
        f.write(b'{"n": 2, "cou')
    ajouter_evenement(journal, {"n": 3})
    assert [e["n"] for e in lire_evenements(journal)] == [1, 3]
    assert json.loads(journal.read_text().splitlines()[-1]) == {"n": 3}


def test_a_lock_refuses_a_second_holder_at_once_and_ends_with_its_block(tmp_path: Path) -> None:
    fichier = tmp_path / "zone" / ".verrou"
    with (
        verrou(fichier, "taken", TimeoutError),
        pytest.raises(TimeoutError, match="taken"),
        verrou(fichier, "taken", TimeoutError),
    ):
        pass
    with verrou(fichier, "taken", TimeoutError):
        pass


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc" * 100_000)
    assert sha256_fichier(tmp_path / "f") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_quotes_inside_a_text_or_a_name_are_doubled() -> None:
    assert texte_sql("L'Île") == "'L''Île'"
    assert texte_sql(Path("/a'b")) == "'/a''b'"
    assert nom_sql('a"b') == '"a""b"'
