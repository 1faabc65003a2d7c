"""A file that kills what reads it stops no other, is named, and is not read again as it is."""

import ctypes
import json
import operator
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, acquerir, changer, sha

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats.exigences import Limites
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.lecteur import LECTEUR, Lecteur, LectureInterrompue, LectureTuee
from ingestion.lectures import REPERE, en_cours
from socle.panne import PanneDisque

LARGES = Limites()
# What the process holds before it reads anything.
RIEN = Limites(memoire=1)


@pytest.fixture
def lecteur() -> Iterator[Lecteur]:
    lecteur = Lecteur()
    yield lecteur
    lecteur.fermer()


@pytest.mark.parametrize(
    ("faire", "quoi", "limites", "dit"),
    [
        (ctypes.string_at, (0,), LARGES, r"signal 11 \(SIGSEGV\)"),
        (os.abort, (), LARGES, r"signal 6 \(SIGABRT\)"),
        (os._exit, (3,), LARGES, "exit 3"),
        (operator.mul, ([0], 10**9), Limites(memoire=4 * 10**8), r"0\.\d GB of memory"),
        (operator.mul, ([0], 10**15), LARGES, "no memory left"),
        (time.sleep, (60,), Limites(secondes=0.2), r"0\.2 s"),
    ],
    ids=["segv", "abort", "exit", "memory", "one allocation", "time"],
)
def test_what_kills_the_reader_is_told_and_the_next_file_is_read(
    lecteur: Lecteur, faire: Callable[..., object], quoi: tuple[object, ...], limites: Limites, dit: str
) -> None:
    with pytest.raises(LectureTuee, match=dit):
        lecteur.lire(faire, *quoi, limites=limites)
    assert lecteur.lire(len, "abc", limites=LARGES) == 3


def test_one_process_reads_file_after_file_whatever_signal_its_caller_gets(lecteur: Lecteur) -> None:
    pid = lecteur.lire(os.getpid, limites=LARGES)
    for signum in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, signum)
    assert lecteur.lire(os.getpid, limites=LARGES) == pid != os.getpid()


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next(
    lecteur: Lecteur, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrompre(*_: object) -> None:
        raise KeyboardInterrupt

    assert lecteur.lire(len, "ab", limites=LARGES) == 2
    with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
        m.setattr(lecteur, "_veiller", interrompre)
        lecteur.lire(len, "abcd", limites=LARGES)
    assert lecteur.lire(len, "abc", limites=LARGES) == 3


def test_a_file_is_refused_for_what_it_does_alone(lecteur: Lecteur) -> None:
    pid = lecteur.lire(os.getpid, limites=LARGES)
    # It kills the process that had read another; in a fresh one, there is nobody of that number.
    with pytest.raises(ProcessLookupError):
        lecteur.lire(os.kill, pid, signal.SIGSEGV, limites=LARGES)


def test_errors_cross_from_the_reader_as_they_are(lecteur: Lecteur) -> None:
    with pytest.raises(LectureInterrompue, match="ValueError: invalid literal"):
        lecteur.lire(int, "x", limites=LARGES)
    with pytest.raises(FileNotFoundError):
        lecteur.lire(Path.read_bytes, Path("/nowhere"), limites=LARGES)
    erreur = Lieu("s", "r", 2022, "f").erreur("vide", observe="o", attendu="a", que_faire="q", ligne=3)
    panne = PanneDisque(28, "/f", "a file")
    recue, autre = lecteur.lire(list, (erreur, panne), limites=LARGES)
    assert isinstance(recue, ErreurSource) and str(recue) == str(erreur)
    assert (autre.errno, autre.filename, autre.quoi) == (28, "/f", "a file")


def limiter(acquisition: Acquisition, limites: Limites) -> None:
    changer(acquisition, limites=limites)
    # What a fresh process takes to start is longer than two looks at it.
    LECTEUR.fermer()


def tuees(acquisition: Acquisition) -> list[dict[str, object]]:
    lignes = (acquisition.home / "landing/journal.jsonl").read_text().splitlines()
    return [e for e in map(json.loads, lignes) if e["event"] == "lecture_tuee"]


def refus(acquisition: Acquisition) -> list[ErreurSource]:
    """Those of a night of the register alone."""
    return [*acquisition.recevoir("registre").refus, *acquisition.normaliser("registre").refus]


def test_a_file_that_kills_is_refused_by_name_once_and_the_others_go_on(acquisition: Acquisition) -> None:
    acquisition.recevoir("insee_cog_communes")
    limiter(acquisition, RIEN)
    (premier,) = refus(acquisition)
    assert (premier.code, premier.millesime, premier.fichier) == ("lecture_tuee", 2022, "registre2022.csv")
    assert "GB of memory, while it was read" in premier.observe and "600 s" in premier.attendu
    assert "limites" in premier.que_faire and "ctg sources fetch registre" in premier.que_faire
    assert not acquisition.normaliser("insee_cog_communes").refus
    (evenement,) = tuees(acquisition)
    assert evenement["sha256"] == sha(REGISTRE_2022)
    # Still refused, and not read: it is told as it was.
    assert list(map(str, refus(acquisition))) == [str(premier)] and len(tuees(acquisition)) == 1
    acquisition.relire = True
    LECTEUR.fermer()
    assert [r.code for r in refus(acquisition)] == ["lecture_tuee"] and len(tuees(acquisition)) == 2
    acquisition.relire = False
    limiter(acquisition, LARGES)
    assert not refus(acquisition)
    assert [f.source for f in acquisition.fichiers_retenus()] == ["insee_cog_communes", "registre"]


def test_a_file_already_landed_that_kills_leaves_the_accepted_one_in_use(
    acquisition: Acquisition, miroir: Path
) -> None:
    acquerir(acquisition)
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("1500.5", "1500.75"))
    acquisition.recevoir("registre")
    limiter(acquisition, RIEN)
    for _ in range(2):
        assert [r.code for r in acquisition.normaliser("registre").refus] == ["lecture_tuee"]
        assert [f.sha256 for f in acquisition.fichiers_retenus("registre")] == [sha(REGISTRE_2022)]
        assert len(tuees(acquisition)) == 1


def test_a_file_that_two_nights_did_not_survive_is_refused(
    acquisition: Acquisition, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repere, garde = acquisition.home / "landing" / REPERE, tmp_path / "repere"
    vrai = LECTEUR.lire

    def mourir(faire: Callable[..., object], *quoi: object, limites: Limites) -> object:
        if repere.exists() and "registre" in repere.read_text():
            shutil.copy(repere, garde)
            raise KeyboardInterrupt
        return vrai(faire, *quoi, limites=limites)

    for _ in range(2):
        nuit = Acquisition(acquisition.home, acquisition.contrats, acquisition.profil)
        nuit.solder()
        with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
            m.setattr(LECTEUR, "lire", mourir)
            acquerir(nuit)
        assert not repere.exists(), "a night that a person stops says nothing of the file"
        # As the kernel leaves it.
        shutil.move(garde, repere)
    assert str(en_cours(repere.parent)).startswith("registre/communes/2022/")
    nuit = Acquisition(acquisition.home, acquisition.contrats, acquisition.profil)
    nuit.solder()
    nuit.recevoir("insee_cog_communes")
    (refuse,) = refus(nuit)
    assert refuse.code == "lecture_tuee" and "2 nights ended as it was read" in refuse.observe
    assert not repere.exists()
    nuit.relire = True
    acquerir(nuit)
    assert not refus(nuit) and [f.source for f in nuit.fichiers_retenus("registre")] == ["registre"]


def test_an_error_that_nobody_foresaw_refuses_its_file_alone(
    acquisition: Acquisition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.normalisation.typer", int)
    for bilan in acquerir(acquisition).values():
        (refuse,) = bilan[1].refus
        assert refuse.code == "lecture_interrompue" and refuse.observe.startswith("TypeError: ")


def test_limits_change_nothing_of_what_was_typed(acquisition: Acquisition) -> None:
    acquerir(acquisition)
    avant = acquisition.fichiers_retenus()
    limiter(acquisition, Limites(octets=10**6, secondes=30))
    autre = Acquisition(acquisition.home, acquisition.contrats, Profil("mirror", acquisition.profil.miroir))
    assert not any(b.acceptes for _, b in acquerir(autre).values()) and autre.fichiers_retenus() == avant
