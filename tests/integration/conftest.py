"""Nights the integration tests share, each run once; and the files whose tests tell one story."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire

UneFois = Callable[[str, Callable[[Path], None]], Path]


# What a home needs to publish populations, one commune merged with another between them, and rates of EPCI.
PETIT_MIROIR = (
    "insee/cog/v_*_202[2-6].csv",
    "insee/populations/*_pop202[12]*.csv",
    "dgcl/epcicom202[34].xlsx",
    "cnaf/cafdata/s_ben_com_f.csv",
    "cnaf/cafdata/txcouv_pe_*.csv",
)


@pytest.fixture(scope="session")
def petite(une_fois: UneFois, reel: Path) -> Observatoire:
    """First night on a few of the producers' real files: published. Stories start from it, on a copy."""

    def preparer(dossier: Path) -> None:
        for fichier in (f for motif in PETIT_MIROIR for f in reel.glob(motif)):
            lien = dossier / "miroir" / fichier.relative_to(reel)
            lien.parent.mkdir(parents=True, exist_ok=True)
            lien.symlink_to(fichier)
        nuit = Observatoire.miroir(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs

    return Observatoire.miroir(une_fois("petite", preparer))


# -- stories: the tests of a file marked `histoire` are the steps of one story, in order ------------

_jouees: dict[Path, list[str]] = defaultdict(list)
_rompues: dict[Path, str] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "histoire: the tests of this file are the steps of one story, in order"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A step alone would judge something else than what it says: it fails and tells why."""
    if not item.get_closest_marker("histoire"):
        return
    assert isinstance(item, pytest.Function)
    if etape := _rompues.get(item.path):
        pytest.fail(f"the story stopped at {etape}", pytrace=False)
    etapes = [nom for nom in vars(item.module) if nom.startswith("test_")]
    jouees = _jouees[item.path]
    if item.originalname not in jouees:
        if etapes[: len(jouees)] != jouees or etapes[len(jouees)] != item.originalname:
            pytest.fail(
                f"a story is read from its beginning: run the whole of {item.path.name}", pytrace=False
            )
        jouees.append(item.originalname)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    outcome = yield
    if item.get_closest_marker("histoire") and outcome.get_result().failed:
        _rompues.setdefault(item.path, item.name)
