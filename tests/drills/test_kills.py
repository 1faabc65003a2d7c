"""`kill -9` of a night, or too little memory: readers never see it, and the next night completes with the
figures of a night that nobody disturbed.

Moments are told by what a night says and leaves, however many steps its job has: each line of its progress,
files of a source as they are received and typed, nodes of dbt, files of a release.
"""

import contextlib
import os
import random
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from commande import PATIENCE, Observatoire, Sortie, attendre, attendre_annonce, tuer

from ingestion.acquisition import dans_l_ordre
from ingestion.contrats import charger_contrats
from tests.drills.bilan import A_LA_MAIN, FAUX, MEMOIRE, NON_DIT, OPERATEUR, PERDU, PROCESSUS, Bilan
from tests.profondeur import PROFONDEUR

pytestmark = pytest.mark.drill

SOURCES = dans_l_ordre(charger_contrats())
# What a night announces: each source as its turn comes, then what follows.
ANNONCES = [
    *(f"{zone}/{source}" for zone in ("landing", "normalised") for source in SOURCES),
    "micro/caf_extrait_allocataires",
    "construction",
    "entrepot",
    "controles",
    "publication/release",
]
# A file of a source is there, received or typed, and the journal may not know it yet.
ARRIVEES = [
    Path(zone, source)
    for zone in ("landing", "normalised")
    for source in ("insee_cog_communes", "cnaf_taux_couverture_epci")
]
# What dbt has just started when it is killed: a seed, a view, a table, one in Python, the marts.
NOEUDS = (
    "seeds.indicateurs",
    "staging.stg_insee__bpe",
    "intermediate.int_parts",
    "intermediate.int_contours",
    "marts.fct_indicateurs",
    "marts.mart_petite_enfance",
)
TRACES = (
    ".en_cours-*",
    ".en_cours-*/parquet/fct_indicateurs.parquet",
    ".en_cours-*/csv/fct_indicateurs.csv*",
    ".en_cours-*/validation",
    ".en_cours-*/ctg.duckdb",
    ".en_cours-*/MANIFEST.json",
)
# Nights killed one after the other, each at an instant drawn.
INSTANTS = 4
# What the C library says where a thread finds no room for its own variables, as it ends the process: a kill.
ABANDON = "cannot allocate memory for thread-local data: ABORT"
TAUX = ("epci:200040459", "taux_couverture_petite_enfance", 2023)


def test_every_announced_moment_is_drilled(annoncees: list[str]) -> None:
    assert sorted(annoncees) == sorted(ANNONCES)


@dataclass(frozen=True)
class Moment:
    """When a night is killed: once it shows `trace`, where nothing of the nights before does.

    `annonce`: once it says so instead. `seule`: the night alone, as the kernel may choose it: what it started
    goes on alone, and must disturb nothing.
    """

    nom: str
    trace: Callable[[Path], set[str]] | None = None
    seule: bool = False

    def attendre(self, nuit: "subprocess.Popen[str]", home: Path, avant: set[str]) -> None:
        if self.trace is None:
            attendre_annonce(nuit, self.nom)
        else:
            trace = self.trace
            assert attendre(lambda: bool(trace(home) - avant), nuit), f"{self.nom} never came"

    def avant(self, home: Path) -> set[str]:
        return self.trace(home) if self.trace else set()


def _fichiers(dossier: Path) -> Callable[[Path], set[str]]:
    """The files of a folder, which a night moves and sweeps while it is looked at."""
    return lambda home: {str(Path(ici, nom)) for ici, _, noms in os.walk(home / dossier) for nom in noms}


def _commences(noeud: str) -> Callable[[Path], set[str]]:
    """The logs where dbt said that it starts this node."""

    def journaux(home: Path) -> Iterator[str]:
        for journal in home.glob("build/*/dbt/dbt.log"):
            # A night sweeps these too.
            with contextlib.suppress(FileNotFoundError):
                if any(
                    " START " in ligne and f"{noeud} ." in ligne for ligne in journal.read_text().splitlines()
                ):
                    yield str(journal)

    return lambda home: set(journaux(home))


def _de_release(trace: str) -> Callable[[Path], set[str]]:
    return lambda home: {str(f) for f in (home / "releases").glob(trace)}


# Those of a night that has everything to receive, then those of one that has received it, each in its order.
TOT = [Moment(annonce) for annonce in ANNONCES[: 2 * len(SOURCES)]]
TARD = [
    *(Moment(f"a file of {dossier}", _fichiers(dossier)) for dossier in ARRIVEES),
    *map(Moment, ANNONCES[2 * len(SOURCES) : -2]),
    *(Moment(noeud, _commences(noeud), seule=True) for noeud in NOEUDS),
    *map(Moment, ANNONCES[-2:]),
    *(Moment(trace, _de_release(trace)) for trace in TRACES),
]


def series(moments: Sequence[Moment]) -> Iterator[Sequence[Moment]]:
    """Cut in series of nearly one length, of as many nights as the depth kills before one may heal."""
    combien = -(-len(moments) // PROFONDEUR.tuees_de_suite)
    for rang in range(combien):
        yield moments[rang * len(moments) // combien : (rang + 1) * len(moments) // combien]


def lancer(observatoire: Observatoire) -> "subprocess.Popen[str]":
    return observatoire.lancer("refresh", *observatoire.options)


def tuer_seule(nuit: "subprocess.Popen[str]") -> None:
    nuit.kill()
    nuit.wait()


def lecteurs_intacts(observatoire: Observatoire, veille: Observatoire, bilan: Bilan) -> None:
    bilan.ajouter(PROCESSUS, entieres=True)
    with bilan.exiger(PROCESSUS, PERDU):
        assert observatoire.courante.name == veille.courante.name
    with bilan.exiger(PROCESSUS, FAUX):
        verifie = observatoire.ctg("releases", "show", "--verify")
        assert verifie.code == 0, verifie.erreurs
    with bilan.exiger(PROCESSUS, FAUX):
        assert observatoire.valeur(*TAUX) == 71.3


def nuit_suivante_complete(observatoire: Observatoire, calme: Observatoire, bilan: Bilan) -> None:
    with bilan.exiger(PROCESSUS, A_LA_MAIN):
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
        assert observatoire.manifeste["content_hash"] == calme.manifeste["content_hash"]
        verifie = observatoire.ctg("releases", "show", "--verify")
        assert verifie.code == 0, verifie.erreurs
        assert observatoire.valeur(*TAUX) == 71.1
        assert not _de_release(".en_cours-*")(observatoire.home)


@pytest.mark.parametrize("moments", [*series(TARD), *series(TOT)], ids=lambda m: f"{m[0].nom}, {len(m)}")
def test_killed_night_after_night(
    observatoire: Observatoire,
    veille: Observatoire,
    calme: Observatoire,
    bilan: Bilan,
    moments: Sequence[Moment],
) -> None:
    """Each one a little later than the one before, on what that one left; then one that nobody disturbs."""
    orphelines = []
    for moment in moments:
        avant = moment.avant(observatoire.home)
        nuit = lancer(observatoire)
        moment.attendre(nuit, observatoire.home, avant)
        (tuer_seule if moment.seule else tuer)(nuit)
        orphelines.append(nuit)
        lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)
    for nuit in orphelines:
        tuer(nuit)


def test_a_process_that_the_night_started_is_killed(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan
) -> None:
    """The kernel chose the largest: what it did is done again, or the night says that it failed."""
    nuit = lancer(observatoire)
    assert attendre(lambda: bool(_de_release(".en_cours-*")(observatoire.home)), nuit)
    assert attendre(lambda: bool(descendants(nuit.pid)), nuit), (
        "nothing to drill: the night started no process"
    )
    os.kill(max(descendants(nuit.pid), key=memoire), signal.SIGKILL)
    _, erreurs = nuit.communicate(timeout=PATIENCE)
    if nuit.returncode:
        assert nuit.returncode == 1
        assert re.search(r"^\S+ failed: ", erreurs, re.MULTILINE)
        assert "The night failed: nothing was published" in erreurs
        lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)


@pytest.mark.parametrize("graine", range(PROFONDEUR.instants))
def test_killed_at_random_instants(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, graine: int
) -> None:
    """All of it, or what it started goes on alone; a night that ended before is one that nobody killed."""
    tirage = random.Random(graine)
    nuits = []
    for _ in range(INSTANTS):
        nuits.append(nuit := lancer(observatoire))
        time.sleep(tirage.uniform(0, duree(calme)))
        (tuer if tirage.random() < 0.5 else tuer_seule)(nuit)
        if observatoire.courante.name != veille.courante.name:
            break
        lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)
    for nuit in nuits:
        tuer(nuit)


def test_nights_that_run_out_of_memory_say_so_and_the_next_one_heals(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan
) -> None:
    """Before it builds, then as it builds: little more than what it holds at that moment."""
    for annonce, de_plus in (("construction", 32 << 20), ("entrepot", 64 << 20)):
        nuit = lancer(observatoire)
        attendre_annonce(nuit, annonce)
        limite = donnees(nuit.pid) + de_plus
        resource.prlimit(nuit.pid, resource.RLIMIT_DATA, (limite, limite))
        _, erreurs = nuit.communicate(timeout=PATIENCE)
        if ABANDON in erreurs:
            assert nuit.returncode == 127
            lecteurs_intacts(observatoire, veille, bilan)
            continue
        with bilan.exiger(MEMOIRE, NON_DIT):
            assert nuit.returncode == 1, (nuit.returncode, erreurs)
            assert "[memoire] " in erreurs and "  next:     " in erreurs, erreurs
            assert f"`ulimit -d` {limite >> 20} MB" in erreurs and "Traceback" not in erreurs, erreurs
        lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)


def test_of_two_nights_at_once_one_refuses_and_the_other_publishes(
    observatoire: Observatoire, calme: Observatoire, bilan: Bilan
) -> None:
    bilan.ajouter(OPERATEUR, entieres=True)
    nuits = [lancer(observatoire) for _ in range(2)]
    erreurs = [nuit.communicate(timeout=PATIENCE)[1] for nuit in nuits]
    with bilan.exiger(OPERATEUR, NON_DIT):
        assert {nuit.returncode for nuit in nuits} == {0, 1}, erreurs
        (refusee,) = (e for nuit, e in zip(nuits, erreurs, strict=True) if nuit.returncode)
        assert "a night is already running" in refusee
    nuit_suivante_complete(observatoire, calme, bilan)


def donnees(pid: int) -> int:
    """Bytes that a process holds, of those that `ulimit -d` bounds."""
    (kio,) = re.findall(r"^VmData:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(kio) << 10


def duree(calme: Observatoire) -> float:
    """Seconds that the night of `calme` took, by the last thing it announced."""
    erreurs = Sortie.relire(calme.home.parent / "nuit.json").erreurs
    return max(float(s) for s in re.findall(r"^\[ *(\d+\.\d) s\]", erreurs, re.MULTILINE))


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those they started."""
    trouves = []
    with contextlib.suppress(OSError):  # it ended meanwhile
        for taches in Path(f"/proc/{pid}/task").glob("*/children"):
            for enfant in map(int, taches.read_text().split()):
                trouves += [enfant, *descendants(enfant)]
    return trouves


def memoire(pid: int) -> int:
    """Resident pages of a process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
