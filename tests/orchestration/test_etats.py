"""Small files of state that are damaged: told by name, with what to type, and never forgotten."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from commande import sceller
from en_ligne import PERSONNE, RELEASE, ctg

from ingestion import veille
from ingestion.extrait.journal import JournalMicro
from ingestion.journal import Journal
from ingestion.landing import Landing
from orchestration.exploitation import alertes
from orchestration.nuit import agregats, cles, nouveau, reglages
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.pertes import pertes
from orchestration.nuit.resume import Fin, lire_resume
from publication.releases import magasin
from socle.etat import EtatIllisible

# What has to be there: where it is under CTG_HOME, what reads it, what is in it when it is whole.
Lecture = Callable[[Path], object]
GARDES: dict[str, tuple[Lecture, bytes]] = {
    "liaison.json": (lambda h: reglages.lire({"CTG_HOME": str(h)}), b'{"profil": "live"}'),
    "secret_installation": (lambda h: cles.lire_secret(Chemins(h).secret), b"ab" * 32),
    "releases/EPINGLE": (lambda h: magasin.epinglee(h / "releases"), RELEASE.encode() + b"\n"),
    f"releases/{RELEASE}/MANIFEST.json": (lambda h: magasin.montrer(h / "releases", RELEASE), b"{}\n"),
    "build/nuit.json": (lambda h: lire_resume(Chemins(h), Fin), b'{"etat": "publiee", "refus": []}'),
    "landing/s/r/2022/abc/provenance.json": (
        lambda h: Landing(h / "landing").provenance("s", "r", 2022, "abc"),
        b'{"fichier": "a.csv", "adresse": "m/a.csv", "fetched_at": "2026-01-01", "sha256": "abc"}',
    ),
    "landing/journal.jsonl": (
        lambda h: Journal(h / "landing" / "journal.jsonl"),
        b'{"event": "accepte", "at": "", "source": "s", "ressource": "r", "millesime": 1, "sha256": "a",'
        b' "by": "premier"}\n',
    ),
    "micro/journal.jsonl": (
        lambda h: JournalMicro(h / "micro" / "journal.jsonl"),
        b'{"event": "accepte", "at": "", "mois": "2022-12", "sha256": "a"}\n',
    ),
    "agregats/journal.jsonl": (
        lambda h: agregats.Agregats(h / "agregats"),
        b'{"source": "s", "mois": "2022-12", "sha256": "a", "fichier": "f"}\n',
    ),
}
# What may be lost: the same.
CACHES: dict[str, tuple[Lecture, bytes]] = {
    "derniere.json": (lambda h: nouveau.derniere(Chemins(h)), b'{"empreinte": "a", "release_id": "b"}'),
    "alertes.json": (lambda h: alertes.relire(Chemins(h)), b'{"connus": {}, "dernier": null, "nuits": {}}'),
    "veille.json": (lambda h: veille.relire(h / "veille.json"), b"{}"),
}
# An append-only journal that is empty, or cut, is one that a kill left; `pertes` tells the one that is lost.
JOURNAUX = {nom for nom in GARDES if nom.endswith(".jsonl")}
DEGATS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda b: b"",
    "truncated": lambda b: b[: len(b) // 2],
    "not JSON": lambda b: b"\x00\x01 PNG \xff",
    "another shape": lambda b: b'["x"]\n',
    "HTML": lambda b: b"<html>\n",
}


def _poser(home: Path, nom: str, octets: bytes) -> Path:
    fichier = home / nom
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.write_bytes(octets)
    if fichier.name == "MANIFEST.json":
        empreinte = sha256(GARDES[nom][1]).hexdigest()
        (fichier.parent / "SUCCESS").write_text(f"{empreinte}  MANIFEST.json\n")
    return fichier


@pytest.mark.parametrize("nom", GARDES)
def test_a_damaged_file_that_keeps_a_promise_is_told_and_never_taken_for_absent(
    nom: str, tmp_path: Path
) -> None:
    lire, entier = GARDES[nom]
    fichier = _poser(tmp_path, nom, entier)
    lire(tmp_path)
    for degat, abimer in DEGATS.items():
        if nom in JOURNAUX and degat in ("empty", "truncated"):
            continue
        fichier.write_bytes(abimer(entier))
        with pytest.raises(EtatIllisible) as refus:
            lire(tmp_path)
        dit = str(refus.value)
        assert str(fichier) in dit and "expected " in dit and "observed " in dit and "Next: " in dit, degat
    fichier.unlink()
    fichier.mkdir()
    with pytest.raises(EtatIllisible, match=r"Is a directory.*Next: move that folder elsewhere"):
        lire(tmp_path)


@pytest.mark.parametrize("nom", CACHES)
def test_a_damaged_file_that_may_be_lost_is_told_and_made_again(
    nom: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lire, entier = CACHES[nom]
    vide = lire(tmp_path)
    assert caplog.messages == []
    fichier = _poser(tmp_path, nom, entier)
    lire(tmp_path)
    assert caplog.messages == []
    for degat, abimer in DEGATS.items():
        fichier.write_bytes(abimer(entier))
        caplog.clear()
        assert lire(tmp_path) == vide, degat
        (dit,) = caplog.messages
        assert str(fichier) in dit and "observed " in dit and "it is made again, and " in dit
    fichier.unlink()
    fichier.mkdir()
    with pytest.raises(EtatIllisible, match="Next: move that folder elsewhere, then start again"):
        lire(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="another account is taken by root alone")
@pytest.mark.parametrize("nom", GARDES)
def test_a_file_closed_to_this_account_says_whom_to_be(nom: str) -> None:
    lire, entier = GARDES[nom]
    # Pytest's own folders are closed to other accounts.
    with tempfile.TemporaryDirectory() as dossier:
        home = Path(dossier)
        home.chmod(0o755)
        fichier = _poser(home, nom, entier)
        lire(home)
        fichier.chmod(0o600)
        os.seteuid(PERSONNE)
        try:
            with pytest.raises((EtatIllisible, reglages.ReglageRefuse)) as refus:
                lire(home)
        finally:
            os.seteuid(0)
    assert str(fichier) in str(refus.value) and "Next: take th" in str(refus.value)


def test_a_journal_cut_by_a_kill_or_by_the_power_goes_on(tmp_path: Path) -> None:
    """Half a line, or zeros where bytes never came to the disk: no event was promised."""
    journal = _poser(tmp_path, "landing/journal.jsonl", b'{"event": "acc\n\0\0\0\n')
    assert Journal(journal).etats == {}


def _docteur(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.setenv("CTG_HOME", str(home))
    lu = ctg("doctor", "--json")
    assert isinstance(lu.exception, SystemExit), lu.exception
    return list(json.loads(lu.stdout))


@pytest.mark.usefixtures("propre")
def test_the_doctor_has_a_line_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    with reglages.verrou(home):
        # No doctor opens each file of the landing store: a night does.
        noms = {*GARDES, *CACHES} - {"liaison.json", "landing/s/r/2022/abc/provenance.json"}
        fichiers = {nom: _poser(home, nom, b'["x"]\n') for nom in noms}
        _poser(home, "liaison.json", b'{"profil": "demo"}')
    constats = _docteur(home, monkeypatch)
    for nom, fichier in fichiers.items():
        dite = (
            f"{RELEASE}, not in service: MANIFEST.json: altered"
            if fichier.name == "MANIFEST.json"
            else f"{fichier} cannot be"
        )
        dites = [c for c in constats if dite in c["fait"]]
        assert {c["etat"] for c in dites} == {"voir" if nom in CACHES else "faute"}, nom
        assert all(c["suite"] for c in dites), nom
    _poser(home, "liaison.json", b"")
    (constat,) = _docteur(home, monkeypatch)
    assert str(home / "liaison.json") in constat["fait"] and "put it back" in constat["suite"]


def test_what_a_release_proves_to_have_been_there_is_not_forgotten(tmp_path: Path) -> None:
    """A journal that is gone would pass for a beginning."""
    certificat = json.dumps({"mesures": [{}]}).encode()
    entrees = [{"source": "insee_cog_communes"}, {"source": "caf_extrait_allocataires"}]
    sceller(tmp_path / f"releases/{RELEASE}", {"inputs": entrees}, **{magasin.CERTIFICAT: certificat})
    for nom in JOURNAUX:
        _poser(tmp_path, nom, GARDES[nom][1])
    chemins = Chemins(tmp_path)
    assert list(pertes(chemins)) == []
    for perdu in JOURNAUX:
        shutil.move(tmp_path / perdu, tmp_path / "ailleurs")
        (perte,) = pertes(chemins)
        assert str(tmp_path / perdu) in str(perte)
        assert "Next: put it back from a backup" in str(perte)
        shutil.move(tmp_path / "ailleurs", tmp_path / perdu)
    _poser(tmp_path, "landing/journal.jsonl", b"")
    (perte,) = pertes(chemins)
    assert "observed nothing" in str(perte)
