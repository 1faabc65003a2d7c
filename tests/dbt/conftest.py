"""Warehouses of the demonstration, built once by dbt alone, and the manifest of the project."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from banc_dbt import Projet, preparee, projet_de

import demonstration as demo
from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats
from orchestration.nuit.reglages import PROFILS
from orchestration.project import actualiser_manifeste, projet_dbt

UneFois = Callable[[str, Callable[[Path], None]], Path]


def _acquisition(dossier: Path) -> Acquisition:
    miroir = str(dossier / "demonstration")
    return Acquisition(
        dossier, charger_contrats(), Profil("demo", miroir, PROFILS["demo"].couverture_imposee)
    )


@pytest.fixture(scope="session")
def manifeste(une_fois: UneFois) -> dict[str, Any]:
    """The manifest of the project as it is now."""
    une_fois("manifeste", lambda _: actualiser_manifeste())
    return dict(json.loads(projet_dbt.manifest_path.read_text()))


@pytest.fixture(scope="session")
def recue(une_fois: UneFois) -> Acquisition:
    """The demonstration, received and typed."""

    def recevoir(dossier: Path) -> None:
        demo.ecrire_miroir(dossier / "demonstration")
        acquisition = _acquisition(dossier)
        for source in dans_l_ordre(acquisition.contrats):
            assert not acquisition.recevoir(source).refus
            assert not acquisition.normaliser(source).refus

    return _acquisition(une_fois("recue", recevoir))


@pytest.fixture(scope="session")
def entrepot(une_fois: UneFois, recue: Acquisition) -> Projet:
    """Seeds and models built on the demonstration, without their tests. To be read only."""

    def construire(dossier: Path) -> None:
        construit = preparee(dossier, recue).dbt(
            "build", "--resource-type", "seed", "--resource-type", "model"
        )
        assert construit.code == 0, construit.texte

    return projet_de(une_fois("entrepot", construire))


@pytest.fixture
def copie(entrepot: Projet, tmp_path: Path) -> Projet:
    """The warehouse and the project, to change at will."""
    shutil.copy(entrepot.base, tmp_path / "nuit.duckdb")
    shutil.copytree(
        entrepot.dossier, tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")
    )
    return Projet(tmp_path / "dbt_project", tmp_path / "nuit.duckdb")
