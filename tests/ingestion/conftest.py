"""The small register installed in a mirror, and one real acquisition shared by the session."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import tenacity
from petite_source import COG, COG_2022, REGISTRE, REGISTRE_2022, acquerir
from serveur import Serveur, demarrer

from ingestion import telechargement
from ingestion.acquisition import Acquisition, BilanSource, Profil
from ingestion.contrats import Contrat, charger_contrats


@pytest.fixture
def contrats(tmp_path: Path) -> dict[str, Contrat]:
    dossier = tmp_path / "sources"
    dossier.mkdir()
    (dossier / "insee_cog_communes.yml").write_text(COG)
    (dossier / "registre.yml").write_text(REGISTRE)
    return charger_contrats(dossier)


@pytest.fixture
def miroir(tmp_path: Path) -> Path:
    dossier = tmp_path / "miroir"
    dossier.mkdir()
    (dossier / "cog2022.csv").write_text(COG_2022)
    (dossier / "registre2022.csv").write_text(REGISTRE_2022)
    return dossier


@pytest.fixture
def acquisition(tmp_path: Path, contrats: dict[str, Contrat], miroir: Path) -> Acquisition:
    return Acquisition(tmp_path / "home", contrats, Profil("mirror", str(miroir)))


@pytest.fixture
def nuit(acquisition: Acquisition) -> Callable[[], tuple[BilanSource, BilanSource]]:
    """Run a night; give what happened to the small register."""
    return lambda: acquerir(acquisition)["registre"]


@pytest.fixture(scope="session")
def reelle(
    reel: Path, une_fois: Callable[[str, Callable[[Path], None]], Path]
) -> tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]]:
    """Every contract run once on the producers' real files."""

    def acquisition(dossier: Path) -> Acquisition:
        return Acquisition(dossier / "home", charger_contrats(), Profil("mirror", str(reel)))

    def preparer(dossier: Path) -> None:
        (dossier / "bilans").write_bytes(pickle.dumps(acquerir(acquisition(dossier))))

    dossier = une_fois("reelle", preparer)
    return acquisition(dossier), pickle.loads((dossier / "bilans").read_bytes())


@pytest.fixture(scope="session")
def lire(
    reelle: tuple[Acquisition, dict[str, tuple[BilanSource, BilanSource]]],
) -> Callable[..., list[dict[str, object]]]:
    """The rows of a real file as its contract types them, by source, ressource and millésime."""
    parquets = {(f.source, f.ressource, f.millesime): f.parquet for f in reelle[0].fichiers_retenus()}
    return lambda *cle: pq.read_table(parquets[cle]).to_pylist()


@pytest.fixture
def serveur(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serveur]:
    """A producer, and a night that does not wait between its tries."""
    monkeypatch.setattr(telechargement, "ATTENTE", tenacity.wait_none())
    with demarrer() as etat:
        yield etat
