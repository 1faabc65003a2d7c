"""Bytes on the disk: whole or not at all, one writer at a time."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from socle.disque import ecrire_json, ecriture_atomique, sha256_fichier, verrou
from socle.etat import EtatIllisible
from socle.journaux import ajouter_evenement, lire_evenements
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
    assert json.loads(journal.read_text().splitlines()[-1])["n"] == 3


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_byte_that_changed_in_a_journal_loses_no_event_in_silence(tmp_path: Path, n: int) -> None:
    """Every byte of a line, its seal included: the journal is refused, or says what it said."""
    journal = tmp_path / "journal.jsonl"
    for rang in range(1, 4):
        ajouter_evenement(journal, {"n": rang, "event": "accepte"})
    entier = journal.read_bytes()
    debut = sum(len(ligne) for ligne in entier.splitlines(keepends=True)[: n - 1])
    for place in range(debut, debut + len(entier.splitlines()[n - 1])):
        journal.write_bytes(entier[:place] + bytes([entier[place] ^ 1]) + entier[place + 1 :])
        try:
            lus = [(e["n"], e["event"]) for e in lire_evenements(journal)]
        except EtatIllisible as refus:
            assert f"line {n}" in str(refus)
        else:
            assert lus == [(rang, "accepte") for rang in range(1, 4)], place


def test_a_journal_of_before_seals_is_read_and_goes_on(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b'{"n": 1}\n{"n": 2, "cou\n\0\0\0\n{"n": 3}\n')
    ajouter_evenement(journal, {"n": 4})
    assert [e["n"] for e in lire_evenements(journal)] == [1, 3, 4]


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
