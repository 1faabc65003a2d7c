"""`kill -9` of a night: readers never see it, and the next night completes with the figures of a night that
nobody disturbed.

Moments are told by what a night says and leaves, however many steps its job has: each line of its progress,
files of a source as they are received and typed, nodes of dbt, files of a release.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commande import PATIENCE, Observatoire, Sortie, attendre, attendre_annonce, tuer

from tests.drills.bilan import DECHIREE, NON_GUERIE, OBSCURE, PARTIELLE, PERDUE, Bilan

pytestmark = pytest.mark.drill

CONTRATS = Path(__file__).parents[2] / "ingestion" / "sources"
SOURCES = sorted(f.stem for f in CONTRATS.glob("*.yml"))
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
# What dbt has just started when it is killed: a seed, a view, a table, the masks in Python, the marts.
NOEUDS = (
    "seeds.indicateurs",
    "staging.stg_insee__bpe",
    "intermediate.int_parts",
    "intermediate.int_masques",
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
TAUX = ("epci:200040459", "taux_couverture_petite_enfance", 2023)


def test_every_announced_moment_is_drilled(annoncees: list[str]) -> None:
    assert sorted(annoncees) == sorted(ANNONCES)


def lancer(observatoire: Observatoire) -> "subprocess.Popen[str]":
    return observatoire.lancer("refresh", *observatoire.options)


def commence(observatoire: Observatoire, noeud: str) -> bool:
    """Whether dbt said that it starts this node."""
    return any(
        " START " in ligne and f"{noeud} ." in ligne
        for journal in observatoire.home.glob("build/**/dbt.log")
        for ligne in journal.read_text().splitlines()
    )


def releases(observatoire: Observatoire, trace: str) -> list[Path]:
    return list((observatoire.home / "releases").glob(trace))


def lecteurs_intacts(observatoire: Observatoire, veille: Observatoire, bilan: Bilan) -> None:
    bilan.ajouter(1)
    with bilan.exiger(PERDUE):
        assert observatoire.courante.name == veille.courante.name
    with bilan.exiger(PARTIELLE):
        verifie = observatoire.ctg("releases", "show", "--verify")
        assert verifie.code == 0, verifie.erreurs
    with bilan.exiger(DECHIREE):
        assert observatoire.valeur(*TAUX) == 71.3


def nuit_suivante_complete(observatoire: Observatoire, calme: Observatoire, bilan: Bilan) -> None:
    with bilan.exiger(NON_GUERIE):
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
        assert observatoire.manifeste["content_hash"] == calme.manifeste["content_hash"]
        verifie = observatoire.ctg("releases", "show", "--verify")
        assert verifie.code == 0, verifie.erreurs
        assert observatoire.valeur(*TAUX) == 71.1
        assert not releases(observatoire, ".en_cours-*")


@pytest.mark.parametrize("annonce", ANNONCES)
def test_killed_as_it_announces(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, annonce: str
) -> None:
    nuit = lancer(observatoire)
    attendre_annonce(nuit, annonce)
    tuer(nuit)
    lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)


@pytest.mark.parametrize("dossier", ARRIVEES, ids=str)
def test_killed_as_a_file_arrives(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, dossier: Path
) -> None:
    nuit = lancer(observatoire)
    assert attendre(lambda: arrive(observatoire.home / dossier), nuit), f"no file under {dossier}"
    tuer(nuit)
    lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)


def arrive(dossier: Path) -> bool:
    return any(f.is_file() for f in dossier.rglob("*"))


@pytest.mark.parametrize("noeud", NOEUDS)
def test_killed_inside_dbt(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, noeud: str
) -> None:
    nuit = lancer(observatoire)
    assert attendre(lambda: commence(observatoire, noeud), nuit), f"dbt never started {noeud}"
    # The night alone, as the kernel may choose it: what it started goes on alone, and must disturb nothing.
    nuit.kill()
    nuit.wait()
    lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)
    tuer(nuit)


def test_a_process_that_the_night_started_is_killed(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan
) -> None:
    """The kernel chose the largest: what it did is done again, or the night says that it failed."""
    nuit = lancer(observatoire)
    assert attendre(lambda: commence(observatoire, "intermediate.int_masques"), nuit)
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


@pytest.mark.parametrize("trace", TRACES)
def test_killed_inside_the_publication(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, trace: str
) -> None:
    nuit = lancer(observatoire)
    assert attendre(lambda: bool(releases(observatoire, trace)), nuit), f"{trace} never appeared"
    tuer(nuit)
    lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)


@pytest.mark.parametrize("graine", range(int(os.environ.get("CTG_INSTANTS", "8"))))
def test_killed_at_a_random_instant(
    observatoire: Observatoire, veille: Observatoire, calme: Observatoire, bilan: Bilan, graine: int
) -> None:
    """All of it, or what it started goes on alone; a night that ended before is one that nobody killed."""
    tirage = random.Random(graine)
    nuit = lancer(observatoire)
    time.sleep(tirage.uniform(0, duree(calme)))
    if tirage.random() < 0.5:
        tuer(nuit)
    else:
        nuit.kill()
        nuit.wait()
    if observatoire.courante.name == veille.courante.name:
        lecteurs_intacts(observatoire, veille, bilan)
    nuit_suivante_complete(observatoire, calme, bilan)
    tuer(nuit)


def test_of_two_nights_at_once_one_refuses_and_the_other_publishes(
    observatoire: Observatoire, calme: Observatoire, bilan: Bilan
) -> None:
    bilan.ajouter(1)
    nuits = [lancer(observatoire) for _ in range(2)]
    dites = {
        nuit.returncode: erreurs for nuit in nuits for _, erreurs in [nuit.communicate(timeout=PATIENCE)]
    }
    with bilan.exiger(OBSCURE):
        assert dites.keys() == {0, 1}
        assert "a night is already running" in dites[1]
    nuit_suivante_complete(observatoire, calme, bilan)


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
