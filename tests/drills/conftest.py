"""Nights the drills start from, and the steps they kill. Each drill works on a copy."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire, Sortie
from etapes import etapes_du_job, sources_servies

DEPOSE = Path("depot", "cnaf_taux_couverture_epci", "courant", "2023", "txcouv_pe_epci.csv")
SERVI = Path("demonstration", "cnaf", "cafdata", "txcouv_pe_epci.csv")

UneFois = Callable[[str, Callable[[Path], None]], Path]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One drill a step of the job and a source, as they are now; they are not looked for without drills."""
    laisses = "not drill" in metafunc.config.getoption("markexpr")
    for nom, trouver in {"etape": etapes_du_job, "source": sources_servies}.items():
        if nom in metafunc.fixturenames:
            metafunc.parametrize(nom, ["all"] if laisses else trouver())


@pytest.fixture(scope="session")
def calme(demonstration: Observatoire) -> Observatoire:
    """A demonstration night that nobody disturbed, from an empty folder."""
    return demonstration


@pytest.fixture(scope="session")
def annoncees(calme: Observatoire) -> list[str]:
    """The steps of a night, as it announces them."""
    erreurs = Sortie.relire(calme.home.parent / "nuit.json").erreurs
    return re.findall(r"^\[ *\d+\.\d s\] (\S+)$", erreurs, re.MULTILINE)


@pytest.fixture(scope="session")
def veille(une_fois: UneFois, calme: Observatoire) -> Observatoire:
    """A release in service that is not tonight's, and everything to receive: the landing store was lost.

    The eve, a file dropped by hand took the place of the rates of 2023.
    """

    def preparer(dossier: Path) -> None:
        observatoire = Observatoire.demonstration(dossier)
        depose = observatoire.home / DEPOSE
        depose.parent.mkdir(parents=True)
        depose.write_bytes((calme.home / SERVI).read_bytes().replace(b";71.1", b";71.3"))
        nuit = observatoire.nuit()
        assert nuit.code == 0, nuit.erreurs
        for perdu in ("landing", "normalised", "build"):
            shutil.rmtree(observatoire.home / perdu)

    return Observatoire.demonstration(une_fois("veille", preparer))


@pytest.fixture
def observatoire(veille: Observatoire, tmp_path: Path) -> Observatoire:
    return veille.copie(tmp_path)
