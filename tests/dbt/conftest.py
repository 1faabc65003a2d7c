"""The warehouse of the first night of the demonstration, and the manifest of the project."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ajouts import enrichir
from banc_dbt import Projet, projet_de
from commande import Observatoire

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import charger_contrats
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.projet import MANIFESTE, actualiser_manifeste
from orchestration.nuit.reglages import PROFILS

UneFois = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def manifeste(une_fois: UneFois) -> dict[str, Any]:
    """The manifest of the project as it is now."""
    une_fois("manifeste", lambda _: actualiser_manifeste())
    return dict(json.loads(MANIFESTE.read_text()))


@pytest.fixture(scope="session")
def recue(demonstration: Observatoire) -> Acquisition:
    """The demonstration, received and typed by its first night. To be read only."""
    home = demonstration.home
    miroir = str(home / "demonstration")
    return Acquisition(home, charger_contrats(), Profil("demo", miroir, PROFILS["demo"].couverture_imposee))


@pytest.fixture(scope="session")
def entrepot(une_fois: UneFois, demonstration: Observatoire) -> Projet:
    """What dbt built that night, and its artefacts. To be read only."""

    def copier(dossier: Path) -> None:
        (faite,) = (demonstration.home / "build").glob("*/nuit.duckdb")
        shutil.copy(faite, dossier / "nuit.duckdb")
        shutil.copytree(faite.parent / "dbt", dossier / "target")

    return projet_de(une_fois("entrepot", copier))


@pytest.fixture
def copie(entrepot: Projet, tmp_path: Path) -> Projet:
    """The warehouse, to change at will."""
    shutil.copy(entrepot.base, tmp_path / "nuit.duckdb")
    return projet_de(tmp_path)


@pytest.fixture(scope="session")
def enrichi(une_fois: UneFois, entrepot: Projet, demonstration: Observatoire) -> Projet:
    """The warehouse and the project with a line of the dictionary and a contract more. To be read only."""

    def preparer(dossier: Path) -> None:
        # The masks of figures that nothing touches are those of that night, as in the night after.
        shutil.copytree(Chemins(demonstration.home).decisions, dossier / "decisions")
        enrichir(copier(entrepot, dossier), dossier)

    dossier = une_fois("enrichi", preparer)
    return Projet(dossier / "dbt_project", dossier / "nuit.duckdb")


def copier(projet: Projet, dossier: Path) -> Projet:
    """The project and its file elsewhere."""
    shutil.copy(projet.base, dossier / "nuit.duckdb")
    shutil.copytree(projet.dossier, dossier / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    return Projet(dossier / "dbt_project", dossier / "nuit.duckdb")
