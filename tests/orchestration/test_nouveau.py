"""Is anything new? What the night compares, and what makes it build again."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from en_ligne import vide

from ingestion.acquisition import FichierEnAttente, FichierRetenu
from orchestration.nuit import nouveau
from orchestration.nuit.code import empreinte_code, fichiers_du_code
from orchestration.nuit.nouveau import deja_publiee, empreinte_entrees, memoriser
from orchestration.nuit.reglages import Reglages
from orchestration.racine import RACINE

REGLAGES = Reglages(Path("/nulle/part"), "demo", "departement:26", None)
FICHIER = vide(
    FichierRetenu,
    **{"source": "insee_filosofi", "ressource": "epci", "millesime": 2019, "sha256": "a" * 64},
    **{"cogs": (2020,), "parquet": Path("/nulle/part/aaaa-cccc.parquet"), "perime": False},
)


# -- the code --------------------------------------------------------------------------------------


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    """A copy of what decides the figures, with docs and tests beside it."""
    for fichier in [*fichiers_du_code(), RACINE / "pyproject.toml"]:
        copie = tmp_path / fichier.relative_to(RACINE)
        copie.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fichier, copie)
    for autre in ("docs/architecture.md", "tests/test_rien.py", "README.md"):
        (tmp_path / autre).parent.mkdir(exist_ok=True)
        (tmp_path / autre).write_text("avant")
    return tmp_path


@pytest.mark.parametrize(
    "fichier",
    [
        "confidentialite/regle_nouvelle.py",  # a new module of a room
        "confidentialite/valeurs.csv",  # data in a package
        "publication/portraits/html.py",  # a new room in a package
        "ingestion/sources/insee_nouvelle.yml",
        "dbt_project/models/marts/nouveau.sql",
        "dbt_project/autre_dossier/fichier.csv",  # a folder dbt has not today
        "expectations/templates/rapport.html",
        "requirements.lock",
    ],
)
def test_code_that_makes_figures_moves_the_digest(depot: Path, fichier: str) -> None:
    avant = empreinte_code(depot)
    (depot / fichier).parent.mkdir(parents=True, exist_ok=True)
    (depot / fichier).write_text("autre chose")
    assert empreinte_code(depot) != avant


def test_a_new_package_of_pyproject_moves_the_digest(depot: Path) -> None:
    projet = depot / "pyproject.toml"
    (depot / "geographie").mkdir()
    (depot / "geographie" / "__init__.py").write_text("")
    avant = empreinte_code(depot)
    projet.write_text(projet.read_text().replace('include = ["socle*"', 'include = ["geographie*", "socle*"'))
    assert empreinte_code(depot) != avant


@pytest.mark.parametrize(
    "fichier",
    [
        "docs/architecture.md",
        "tests/test_rien.py",
        "README.md",
        "publication/__pycache__/secret.cpython-311.pyc",
        "dbt_project/target/manifest.json",
        "dbt_project/logs/dbt.log",
    ],
)
def test_what_makes_no_figure_does_not_move_it(depot: Path, fichier: str) -> None:
    avant = empreinte_code(depot)
    (depot / fichier).parent.mkdir(parents=True, exist_ok=True)
    (depot / fichier).write_text("autre chose")
    assert empreinte_code(depot) == avant


def test_a_file_renamed_moves_the_digest(depot: Path) -> None:
    avant = empreinte_code(depot)
    (depot / "socle" / "erreurs.py").rename(depot / "socle" / "fautes.py")
    assert empreinte_code(depot) != avant


def test_every_room_is_in_the_digest() -> None:
    """The packages that mypy checks are those of the project: none is left out but the dashboards.

    They read a release and have no part in it.
    """
    import tomllib

    projet = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))
    vues = {f.relative_to(RACINE).parts[0] for f in fichiers_du_code()}
    assert vues == {*projet["tool"]["mypy"]["packages"], "dbt_project", "requirements.lock"} - {"bi", "spark"}
    assert RACINE / "dbt_project" / "seeds" / "indicateurs.csv" in fichiers_du_code()


# -- the inputs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "autre",
    [
        [],
        [FICHIER, replace(FICHIER, millesime=2021)],
        [replace(FICHIER, parquet=Path("/nulle/part/bbbb-cccc.parquet"))],  # other bytes
        [replace(FICHIER, parquet=Path("/nulle/part/aaaa-dddd.parquet"))],  # other contract
        [replace(FICHIER, ressource="communes")],
    ],
)
def test_l_empreinte_des_entrees_change_avec_les_fichiers(autre: list[FichierRetenu]) -> None:
    assert empreinte_entrees(autre, [], REGLAGES) != empreinte_entrees([FICHIER], [], REGLAGES)


def test_l_empreinte_des_entrees_change_avec_le_perimetre_le_profil_et_le_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    avant = empreinte_entrees([FICHIER], [], REGLAGES)
    assert empreinte_entrees([FICHIER], [], replace(REGLAGES, perimetre="france")) != avant
    assert empreinte_entrees([FICHIER], [], replace(REGLAGES, autres=("ctg:baronnies-2025",))) != avant
    assert empreinte_entrees([FICHIER], [], replace(REGLAGES, profil="mirror")) != avant
    with monkeypatch.context() as pendant:
        pendant.setattr(nouveau, "empreinte_code", lambda: "autre code")
        assert empreinte_entrees([FICHIER], [], REGLAGES) != avant


def test_l_empreinte_des_entrees_change_avec_les_mois_de_l_extrait() -> None:
    avant = empreinte_entrees([FICHIER], [["2022-12", "aaaa-cccc.parquet"]], REGLAGES)
    assert empreinte_entrees([FICHIER], [], REGLAGES) != avant
    assert empreinte_entrees([FICHIER], [["2022-12", "bbbb-cccc.parquet"]], REGLAGES) != avant


def test_l_empreinte_des_entrees_change_avec_ce_qui_attend() -> None:
    """The release says what waits: the night it changes, there is one to make."""
    attente = FichierEnAttente(
        "insee_cog_communes", "communes", 2026, "cog.csv", "movements 2026", "2025", "provide it"
    )
    avant = empreinte_entrees([FICHIER], [], REGLAGES, [attente])
    assert empreinte_entrees([FICHIER], [], REGLAGES) != avant
    assert empreinte_entrees([FICHIER], [], REGLAGES, [replace(attente, millesime=2027)]) != avant


def test_l_empreinte_des_entrees_ne_depend_ni_du_lieu_ni_de_l_ordre() -> None:
    second = replace(FICHIER, millesime=2021)
    ailleurs = replace(FICHIER, parquet=Path("/ailleurs") / FICHIER.parquet.name)
    assert empreinte_entrees(
        [ailleurs, second], [], replace(REGLAGES, home=Path("/ailleurs"))
    ) == empreinte_entrees([second, FICHIER], [], REGLAGES)


# -- the release -----------------------------------------------------------------------------------

PREMIERE, SECONDE = "20260101T000000Z-00000000", "20260102T000000Z-00000000"


def _publier(magasin: Path, *releases: str) -> None:
    for release in releases:
        (magasin / release).mkdir(parents=True)
        (magasin / release / "SUCCESS").touch()
    (magasin / "current").symlink_to(releases[-1])


@pytest.fixture
def publiee(tmp_path: Path) -> Reglages:
    """A CTG_HOME with a release in service, made from inputs `abc`."""
    reglages = replace(REGLAGES, home=tmp_path)
    _publier(reglages.chemins.releases, PREMIERE, SECONDE)
    memoriser(reglages, "abc", {reglages.perimetre: SECONDE})
    return reglages


def test_same_inputs_in_service_are_nothing_new(publiee: Reglages) -> None:
    assert deja_publiee(publiee, "abc") == SECONDE
    assert deja_publiee(publiee, "autre") is None


def test_a_release_out_of_service_is_built_again(publiee: Reglages) -> None:
    (publiee.chemins.releases / "current").unlink()
    (publiee.chemins.releases / "current").symlink_to(PREMIERE)
    assert deja_publiee(publiee, "abc") is None


def test_an_incomplete_release_is_built_again(publiee: Reglages) -> None:
    (publiee.chemins.releases / SECONDE / "SUCCESS").unlink()
    assert deja_publiee(publiee, "abc") is None


def test_a_first_night_is_news(tmp_path: Path) -> None:
    assert deja_publiee(replace(REGLAGES, home=tmp_path), "abc") is None


def test_nothing_is_new_when_each_scope_has_its_release(publiee: Reglages) -> None:
    deux = replace(publiee, autres=("epci:200068229",))
    assert deja_publiee(deux, "abc") is None
    autre = deux.magasin("epci:200068229")
    _publier(autre, PREMIERE)
    memoriser(deux, "abc", {deux.perimetre: SECONDE, "epci:200068229": PREMIERE})
    assert deja_publiee(deux, "abc") == SECONDE
    (autre / "current").unlink()
    assert deja_publiee(deux, "abc") is None
    # A pin holds the readers of that scope elsewhere: what it has from these inputs is there.
    (autre / "EPINGLE").write_text(PREMIERE)
    assert deja_publiee(deux, "abc") == SECONDE


def test_what_one_scope_remembers_is_what_it_was(publiee: Reglages) -> None:
    """With one scope, nothing on the disk says that there could be several."""
    assert json.loads(publiee.chemins.derniere.read_text()) == {"empreinte": "abc", "release_id": SECONDE}
