"""Warehouses that tests of SQL read: an empty one, that of the demonstration; the manifest of the project."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from ajouts import enrichir
from banc_dbt import DBT_DU_DEPOT, Projet, preparee, projet_de
from commande import Observatoire

from ingestion.acquisition import Acquisition, Profil, dans_l_ordre
from ingestion.contrats import charger_contrats
from orchestration.nuit.agregats import SCHEMA_ARRONDIS
from orchestration.nuit.projet import MANIFESTE, actualiser_manifeste
from orchestration.nuit.reglages import DEMONSTRATION, PROFILS

UneFois = Callable[[str, Callable[[Path], None]], Path]
GEOGRAPHIE = (
    *("insee_cog_communes", "insee_cog_mouvements", "dgcl_epci_composition", "ctg_plan_actions"),
    *("cnaf_allocataires_departements", "cnaf_allocataires_epci", "insee_populations_legales"),
)


@pytest.fixture(scope="session")
def manifeste(une_fois: UneFois) -> dict[str, Any]:
    """The manifest of the project as it is now."""
    une_fois("manifeste", lambda _: actualiser_manifeste())
    return dict(json.loads(MANIFESTE.read_text()))


@pytest.fixture(scope="session")
def vide(une_fois: UneFois) -> Projet:
    """A warehouse where nothing was received: every table is there, and has no row."""

    def preparer(dossier: Path) -> None:
        projet = preparee(dossier, Acquisition(dossier, charger_contrats(), Profil("demo", str(dossier))))
        with duckdb.connect(str(projet.base)) as con:
            con.register("arrondis", SCHEMA_ARRONDIS.append(pa.field("gele", pa.bool_())).empty_table())
            con.execute("create table micro.arrondis as from arrondis")
        sortie = projet.dbt("build", "--resource-type", "seed", "--resource-type", "model")
        assert not sortie.echecs, sortie.texte

    return projet_de(une_fois("vide", preparer))


@pytest.fixture(scope="session")
def geographie(une_fois: UneFois) -> Acquisition:
    """What the demonstration says of communes, and of foyers at the levels where Cnaf prints them."""

    def acquisition(dossier: Path) -> Acquisition:
        profil = Profil("demo", str(DEMONSTRATION / "miroir"), PROFILS["demo"].couverture_imposee)
        return Acquisition(dossier, charger_contrats(), profil)

    def preparer(dossier: Path) -> None:
        lues = acquisition(dossier)
        for source in dans_l_ordre(lues.contrats):
            if source in GEOGRAPHIE:
                assert not [*lues.recevoir(source).refus, *lues.normaliser(source).refus]

    return acquisition(une_fois("geographie", preparer))


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
def enrichi(une_fois: UneFois, entrepot: Projet) -> Projet:
    """The warehouse and the project with a line of the dictionary and a contract more. To be read only."""

    def preparer(dossier: Path) -> None:
        enrichir(copier(entrepot, dossier), dossier)

    dossier = une_fois("enrichi", preparer)
    return Projet(dossier / "dbt_project", dossier / "nuit.duckdb")


def copier(projet: Projet, dossier: Path) -> Projet:
    """The project and its file elsewhere."""
    shutil.copy(projet.base, dossier / "nuit.duckdb")
    shutil.copytree(projet.dossier, dossier / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(DBT_DU_DEPOT.parent / "docs", dossier / "docs", ignore=shutil.ignore_patterns("images"))
    return Projet(dossier / "dbt_project", dossier / "nuit.duckdb")
