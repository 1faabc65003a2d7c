"""A warehouse of the demonstration, built once by dbt alone, and the manifest of the project."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from banc_dbt import Projet

from ingestion import demo
from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contracts import load_contracts
from orchestration.build import preparer
from orchestration.project import RACINE, actualiser_manifeste, projet_dbt
from orchestration.reglages import PROFILS, Reglages

UneFois = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def manifeste(une_fois: UneFois) -> dict[str, Any]:
    """The manifest of the project as it is now."""
    une_fois("manifeste", lambda _: actualiser_manifeste())
    return dict(json.loads(projet_dbt.manifest_path.read_text()))


@pytest.fixture(scope="session")
def entrepot(une_fois: UneFois) -> Projet:
    """Seeds and models built on the demonstration, without their tests. To be read only."""

    def construire(dossier: Path) -> None:
        defaut = PROFILS["demo"]
        miroir = str(dossier / "demonstration")
        demo.write_mirror(dossier / "demonstration")
        acquisition = Acquisition(
            dossier, load_contracts(), Profil("demo", miroir, defaut.couverture_imposee)
        )
        for source in dans_l_ordre(acquisition.contrats):
            assert not acquisition.recevoir(source).refus
            assert not acquisition.normaliser(source).refus
        projet = Projet(RACINE / "dbt_project", dossier / "nuit.duckdb")
        preparer(projet.base, acquisition, Reglages(dossier, "demo", defaut.perimetre, miroir))
        construit = projet.dbt("build", "--resource-type", "seed", "--resource-type", "model")
        assert construit.code == 0, construit.texte

    return Projet(RACINE / "dbt_project", une_fois("entrepot", construire) / "nuit.duckdb")


@pytest.fixture
def copie(entrepot: Projet, tmp_path: Path) -> Projet:
    """The warehouse and the project, to change at will."""
    shutil.copy(entrepot.base, tmp_path / "nuit.duckdb")
    shutil.copytree(
        entrepot.dossier, tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")
    )
    return Projet(tmp_path / "dbt_project", tmp_path / "nuit.duckdb")
