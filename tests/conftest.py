"""Fixtures every test may use, the order of the files, which need a night, and no skip in CI.

Belongs here: what several rooms of tests share. Does not: what one prepares for itself (its `conftest.py`).
"""

import fcntl
import inspect
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from commande import Observatoire
from messages import Webhook, webhook

from bi.postgres import DOSSIERS
from tests import programmes
from tests.miroir_reel import poser
from tests.serveur_postgres import Serveur, demarrer

pytest_plugins = ("tests.drills.totaux",)

ICI = Path(__file__).resolve().parent
DEPOT = ICI.parent

# `make test` gives each file to one worker, in this order: nights that others start from, then the longest,
# so that no worker waits for another at the start nor works alone at the end. The others follow as they come.
# `make drills` does so test by test.
PREMIERS = (
    "drills/test_entrepots.py",
    "drills/test_kills.py",
    "drills/test_octets.py",
    "bi/test_superset.py",
    "test_installation.py",
    "integration/test_nuit_miroir.py",
    "integration/test_nuit_demonstration.py",
    "integration/test_revisions_extrait.py",
    "integration/test_plusieurs_perimetres.py",
    "integration/test_jours_suivants.py",
    "dbt/test_modeles_extrait.py",
    "integration/test_geographie_en_attente.py",
    "integration/test_au_jour.py",
    "dbt/test_dictionnaire.py",
    "expectations/test_promesses.py",
    "integration/test_tables_demonstration.py",
    "dbt/test_unitaires.py",
    "publication/test_releases.py",
    "bench/test_bench.py",
    "integration/test_extrait_demonstration.py",
    "publication/test_comparaison.py",
    "integration/test_fichiers_refuses.py",
)


# Fixtures that make a night for whoever asks, and what a test or a fixture of its own types to make one.
NUITS = {"demonstration", "premiere", "petite"}
UNE_NUIT = re.compile(r"\.nuit\(|\"refresh\", \*")


def _demande_une_nuit(item: pytest.Function) -> bool:
    """Whether a test needs a night: by a fixture, whatever it comes through, or by its own code."""
    if NUITS & {*item.fixturenames}:
        return True
    fixtures = [f.func for fs in item._fixtureinfo.name2fixturedefs.values() for f in fs]
    return any(UNE_NUIT.search(_code(f)) for f in (item.function, *fixtures))


@cache
def _code(fonction: Callable[..., object]) -> str:
    return inspect.getsource(fonction)


def pytest_configure() -> None:
    """Draw the seed of what is drawn afresh at each run: workers start after this, in this environment."""
    os.environ.setdefault("CTG_GRAINE", str(random.randrange(10**6)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _demande_une_nuit(item):
            item.add_marker(pytest.mark.nuit)
    rangs = {ICI / nom: rang for rang, nom in enumerate(PREMIERS)}
    if perdus := [str(f.relative_to(ICI)) for f in rangs if not f.exists()]:
        raise pytest.UsageError(f"PREMIERS in tests/conftest.py names files that are not here: {perdus}")
    items.sort(key=lambda item: rangs.get(item.path, len(rangs)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with `real/` (producers' files) and `domain/`; absent outside the team's machines and CI."""
    folder = Path(os.environ.get("CTG_SHARED", DEPOT.parent / "shared"))
    if not (folder / "real").is_dir():
        pytest.skip("the producers' real files (CTG_SHARED or ../shared) are not here")
    return folder


@pytest.fixture(scope="session")
def une_fois(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Prepare a folder once for all the workers of a session."""
    racine = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        racine = racine.parent

    def faire(nom: str, preparer: Callable[[Path], None]) -> Path:
        dossier = racine / nom
        with (racine / f"{nom}.verrou").open("w") as verrou:
            fcntl.flock(verrou, fcntl.LOCK_EX)
            if not (dossier / "pret").exists():
                shutil.rmtree(dossier, ignore_errors=True)
                dossier.mkdir()
                preparer(dossier)
                (dossier / "pret").touch()
        return dossier

    return faire


@pytest.fixture(scope="session")
def demonstration(une_fois: Callable[[str, Callable[[Path], None]], Path]) -> Observatoire:
    """A first night on the demonstration: published, its build file still there. To be read only."""

    def preparer(dossier: Path) -> None:
        nuit = Observatoire.demonstration(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs
        nuit.garder(dossier / "nuit.json")

    return Observatoire.demonstration(une_fois("demonstration", preparer))


@pytest.fixture(scope="session")
def reel(shared: Path, une_fois: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The producers' real files, laid out as the mirror that contracts name. To be read only."""

    def preparer(dossier: Path) -> None:
        poser(shared / "real", dossier / "miroir")

    return une_fois("reel", preparer) / "miroir"


@pytest.fixture(scope="session")
def retenus() -> tuple[str, ...]:
    """Not in the first mirror: the files of a source never received, which then brings something new."""
    return ("anct/fs_anctcarto_2021_france-services.csv", "anct/liste-fs-20240801.csv")


@pytest.fixture(scope="session")
def premiere(
    une_fois: Callable[[str, Callable[[Path], None]], Path], reel: Path, retenus: tuple[str, ...]
) -> Observatoire:
    """First night on the producers' real files, but those of one source: published."""

    def preparer(dossier: Path) -> None:
        shutil.copytree(reel, dossier / "miroir", copy_function=os.symlink)
        for fichier in retenus:
            (dossier / "miroir" / fichier).unlink()
        nuit = Observatoire.miroir(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs
        nuit.garder(dossier / "nuit.json")

    return Observatoire.miroir(une_fois("premiere", preparer))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium, without which the test is skipped."""
    return programmes.trouver(programmes.CHROMIUM, "chromium")


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice, without which the test is skipped."""
    return programmes.trouver(programmes.BUREAU, "libreoffice-impress libreoffice-calc")


@pytest.fixture(scope="session")
def rscript() -> str:
    """Path of Rscript, without which, or without the packages that readers use, the test is skipped."""
    return programmes.trouver_r()


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node.js, without which the test is skipped."""
    return programmes.trouver(programmes.NODE, "nodejs")


@pytest.fixture(scope="session")
def nginx() -> str:
    """Path of nginx, without which the test is skipped."""
    return programmes.trouver(programmes.NGINX, "nginx-light", (Path("/usr/sbin"),))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Serveur]:
    """A PostgreSQL server of this session's own, on a socket, without which the test is skipped."""
    initdb = programmes.trouver(programmes.INITDB, "postgresql", DOSSIERS)
    with demarrer(Path(initdb).parent) as serveur:
        yield serveur


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """With CTG_NO_SKIP (CI), a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CTG_NO_SKIP") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where every test must run: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded (`record_property`) for whoever reads the run, whatever worker ran them."""
    rapports = [r for nom in ("passed", "failed") for r in terminalreporter.stats.get(nom, [])]
    if notes := [f"{nom}: {valeur}" for r in rapports for nom, valeur in r.user_properties]:
        terminalreporter.section("recorded")
        terminalreporter.write_line("\n".join(notes))


@pytest.fixture
def http() -> Iterator[Webhook]:
    """A webhook on loopback, which keeps what it gets."""
    with webhook() as serveur:
        yield serveur
