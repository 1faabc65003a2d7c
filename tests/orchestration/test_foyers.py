"""Homes that earlier versions wrote, kept in `tests/data/foyers/`: this version opens them, and goes on."""

import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import pytest
from commande import environnement
from en_ligne import ctg

from ingestion.extrait.journal import JournalMicro
from ingestion.journal import Journal
from orchestration.exploitation import alertes
from orchestration.nuit import format as format_
from orchestration.nuit import reglages
from orchestration.nuit.agregats import Agregats
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.format import COURANT, PROJET, lire_format
from orchestration.nuit.garde_arrondi import exiger_un_seul_arrondi
from orchestration.nuit.pertes import pertes
from orchestration.nuit.resume import Resume
from publication.releases import magasin
from socle.etat import EtatIllisible
from socle.journaux import TEL_QUEL, lire_evenements, lire_lignes, reprendre, sceller_journal
from tests.foyers.temoin import MILLESIME, MOIS, RESSOURCE, SOURCE, deposer, recevoir, servir

GARDES = {f.name.removesuffix(".tar.xz"): f for f in Path("tests/data/foyers").glob("*.tar.xz")}
FORMATS = {"0.1.0": 1, "0.2.0": 2}
"""Of the versions whose homes are of an older format."""


@pytest.fixture(params=sorted(GARDES))
def foyer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chemins]:
    """A home as a version left it, its mirror mounted."""
    with tarfile.open(GARDES[request.param]) as tar:
        tar.extractall(tmp_path, filter="tar")
    (tmp_path / "miroir").mkdir()
    env = environnement(CTG_HOME=str(tmp_path / "home"), CTG_MIRROR=str(tmp_path / "miroir"))
    with patch.dict(os.environ, env, clear=True):
        chemins = Chemins(tmp_path / "home")
        assert lire_format(chemins).format == FORMATS.get(request.param, COURANT)
        yield chemins


def _octets(home: Path) -> dict[Path, bytes]:
    return {f: f.read_bytes() for f in sorted(home.rglob("*")) if f.is_file()}


def _su(chemins: Chemins) -> list[object]:
    """What the home knows: what became of each file, month and rounding, what was told."""
    journaux = Journal(chemins.journal), JournalMicro(chemins.journal_micro)
    return [
        *(journal.etats for journal in journaux),
        Agregats(chemins.agregats).gels,
        alertes.relire(chemins),
        reglages.liaison(chemins),
    ]


def test_the_version_that_is_released_has_its_home_there() -> None:
    assert version(PROJET) in GARDES, "make foyer-temoin"
    assert sum(f.stat().st_size for f in GARDES.values()) < 200_000 * len(GARDES)


def test_it_is_read_as_it_is(foyer: Chemins) -> None:
    avant = _octets(foyer.home)
    for arguments in (["releases", "list"], ["releases", "show", "--verify"], ["sources", "list"]):
        lu = ctg(*arguments)
        assert lu.exit_code == 0, lu.output
    assert ctg("doctor").exit_code == 0
    assert list(pertes(foyer)) == [] and _octets(foyer.home) == avant


def test_whoever_writes_brings_it_to_the_format_of_this_version_and_loses_nothing(foyer: Chemins) -> None:
    su = _su(foyer)
    with reglages.verrou(foyer.home):
        pass
    assert lire_format(foyer).format == COURANT and _su(foyer) == su
    etat = Journal(foyer.journal).etat(SOURCE, RESSOURCE, MILLESIME)
    assert etat.accepte and etat.accepte != etat.candidat, "chosen by hand over newer bytes"
    assert JournalMicro(foyer.journal_micro).etats[MOIS].accepte == "a" * 64
    for journal in (foyer.journal, foyer.journal_micro, foyer.journal_agregats):
        assert all(b'"sceau"' in ligne for ligne in journal.read_bytes().splitlines())
        *anciennes, premiere = lire_lignes(journal)
        assert premiere.evenement and TEL_QUEL in premiere.evenement, "it covers all that stood there"
        assert premiere.tete and not any(ligne.tete for ligne in anciennes)
    avant = _octets(foyer.home)
    with reglages.verrou(foyer.home):
        pass
    assert _octets(foyer.home) == avant, "done once"
    assert ctg("doctor").exit_code == 0


def test_a_migration_that_was_killed_goes_on(foyer: Chemins, monkeypatch: pytest.MonkeyPatch) -> None:
    su = _su(foyer)
    vus = []

    def tuee(journal: Path) -> None:
        sceller_journal(journal)
        vus.append(journal)
        raise KeyboardInterrupt

    (foyer.home / "format.json").unlink(missing_ok=True)
    with monkeypatch.context() as m:
        m.setattr(format_, "sceller_journal", tuee)
        with pytest.raises(KeyboardInterrupt), reglages.verrou(foyer.home):
            pass
    assert vus == [foyer.journal] and lire_format(foyer).format == 1 and _su(foyer) == su
    with monkeypatch.context() as m:
        m.setattr(format_, "reprendre", lambda journal, **faits: (reprendre(journal, **faits), tuee(journal)))
        with pytest.raises(KeyboardInterrupt), reglages.verrou(foyer.home):
            pass
    assert vus[1:] == [foyer.journal] and lire_format(foyer).format == 2 and _su(foyer) == su
    with reglages.verrou(foyer.home):
        pass
    assert lire_format(foyer).format == COURANT and _su(foyer) == su


def test_the_next_reception_and_release_follow(foyer: Chemins) -> None:
    (ancienne,) = magasin.completes(foyer.releases)
    reglage = reglages.lire()
    with reglages.verrou(foyer.home):
        reglages.lier(reglage, perimetre=False)
        # Under the secret of the home, which its release names.
        exiger_un_seul_arrondi(reglage)
        resume = Resume("nuit")
        # The bytes that a person left aside do not come back by themselves; others are a correction.
        choisie = Journal(foyer.journal).etat(SOURCE, RESSOURCE, MILLESIME).accepte
        for agrees, en_usage in ((17, True), (18, False)):
            deposer(foyer.home, agrees)
            recevoir(reglage, resume)
            etat = reglage.acquisition().journal().etat(SOURCE, RESSOURCE, MILLESIME)
            assert (etat.accepte == choisie) == en_usage
        nouvelle = servir(reglage, foyer.home.parent, 4200)
    assert "revision" in {r["code"] for r in resume.refus}
    assert magasin.courante(foyer.releases) == foyer.releases / nouvelle
    assert {d.name for d in magasin.completes(foyer.releases)} == {ancienne.name, nouvelle}
    for release in (ancienne.name, nouvelle):
        assert magasin.verifier(foyer.releases, release) == []
    assert ctg("releases", "diff", ancienne.name).exit_code == 0
    assert ctg("releases", "rollback", ancienne.name).exit_code == 0


def test_a_backup_of_it_comes_back(foyer: Chemins) -> None:
    su, tar = _su(foyer), str(foyer.home.parent / "s.tar")
    assert ctg("sauvegarde", tar).exit_code == 0
    shutil.rmtree(foyer.home)
    assert ctg("restore", tar).exit_code == 0
    assert lire_format(foyer).format == COURANT and _su(foyer) == su


def test_a_home_of_a_newer_version_is_refused_and_its_releases_are_read(foyer: Chemins) -> None:
    foyer.format.write_text(json.dumps({"format": 99, "version": "0.9.0", "more": 1}))
    avant = _octets(foyer.home)
    for arguments in (["refresh"], ["sources", "list"], ["prepare"], ["sauvegarde", "/tmp"], ["doctor"]):
        dit = ctg(*arguments)
        assert dit.exit_code == 1, arguments
        assert "was written by version 0.9.0 (format 99, format.json says), and this is" in dit.stderr
        assert "Next: install 0.9.0 or a later one again" in dit.stderr
    for lecture in (["releases", "list"], ["releases", "show", "--verify"]):
        assert ctg(*lecture).exit_code == 0
    # A night that cannot begin is told, and what was told is remembered; it may be lost.
    apres = _octets(foyer.home)
    assert [f for f in apres if apres[f] != avant.get(f)] in ([], [foyer.alertes_dites])
    assert avant.keys() == apres.keys()


def test_a_format_that_cannot_be_read_is_no_old_home(foyer: Chemins) -> None:
    foyer.format.write_text('{"format": 0, "version": "0.2.0"}')
    with pytest.raises(EtatIllisible, match="observed format 0"):
        reglages.lire()
    foyer.format.write_bytes(b"")
    with (
        pytest.raises(EtatIllisible, match=r"the format of this home.*put it back"),
        reglages.verrou(foyer.home),
    ):
        pass
    with pytest.raises(EtatIllisible, match="the format of this home"):
        reglages.lire()


def test_a_new_home_is_of_this_format_from_its_first_writing(tmp_path: Path) -> None:
    with reglages.verrou(tmp_path / "home"):
        pass
    ecrit = tmp_path / "home" / "format.json"
    attendu = {"format": COURANT, "version": version(PROJET)}
    assert json.loads(ecrit.read_text()) == attendu
    # Of the same format, the version that writes says that it did.
    ecrit.write_text(json.dumps({"format": COURANT, "version": "0.1.9"}))
    with reglages.verrou(tmp_path / "home"):
        pass
    assert json.loads(ecrit.read_text()) == attendu


def test_what_a_kill_cut_in_an_old_journal_is_marked_and_a_changed_byte_is_told(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b'{"n": 1, "nom": "\xc3\xa9"}\n{"n": \n\0\0\n{"n": 2}\n')
    sceller_journal(journal)
    assert [e["n"] for e in lire_evenements(journal)] == [1, 2]
    scelle = journal.read_bytes()
    sceller_journal(journal)
    assert journal.read_bytes() == scelle
    journal.write_bytes(scelle.replace(b'"n": 2', b'"n": 3'))
    with pytest.raises(EtatIllisible, match="line 4"):
        list(lire_evenements(journal))
    sceller_journal(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()
