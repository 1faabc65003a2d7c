"""The demonstration's extract counted by Spark, in a night and by a command: DuckDB's figures."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire

from ingestion.extrait.identite import SOURCE_EXTRAIT
from orchestration.nuit import reglages
from orchestration.nuit.comptage import Comptage
from orchestration.nuit.projet import RACINE

pytestmark = pytest.mark.xdist_group("spark")

# The whole extract is counted; one EPCI is published.
OPTIONS = ("--profile", "demo", "--perimetre", "epci:200068229", "--imprimer", "epci")


@pytest.fixture(autouse=True)
def environnement_de_spark() -> None:
    if not (RACINE / ".venv-spark" / "bin" / "python").exists():
        pytest.skip("Spark's environment is not here (make spark makes it)")


@pytest.fixture(scope="module")
def ici(une_fois: Callable[[str, Callable[[Path], None]], Path]) -> Observatoire:
    """A night that counted on DuckDB. To be read only."""

    def preparer(dossier: Path) -> None:
        nuit = Observatoire(dossier / "home", OPTIONS).nuit()
        assert nuit.code == 0, nuit.erreurs

    return Observatoire(une_fois("comptee_ici", preparer) / "home", OPTIONS)


@pytest.mark.spark
def test_a_night_that_counts_on_spark_publishes_what_duckdb_counts(ici: Observatoire, tmp_path: Path) -> None:
    la = Observatoire(tmp_path / "home", OPTIONS)
    nuit = la.nuit(CTG_MOTEUR_EXTRAIT="spark")
    assert nuit.code == 0, nuit.erreurs
    assert (_moteurs(la), _moteurs(ici)) == (["spark"] * 2, ["duckdb"] * 2)
    du_extrait = "from fct_indicateurs where source_ids like '%caf_extrait_allocataires%' order by all"
    chiffres = la.requete(du_extrait)
    assert "arrondi" in {c for ligne in chiffres for c in ligne if isinstance(c, str)}
    assert chiffres == ici.requete(du_extrait)
    assert la.manifeste["content_hash"] == ici.manifeste["content_hash"]


@pytest.mark.drill
def test_the_command_counts_what_the_night_counted(
    ici: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observatoire = ici.copie(tmp_path)
    home = observatoire.home
    comptes_de = home / "agregats" / SOURCE_EXTRAIT
    avant = {f: f.read_bytes() for f in comptes_de.rglob("*.parquet")}
    # As if nobody had counted: the frozen files stay, and are found again.
    (home / "agregats" / "journal.jsonl").unlink()
    assert observatoire.ctg("journal", "accept", "agregats").code == 0
    commande = observatoire.ctg("extrait", "count", "--moteur", "spark")
    assert commande.code == 0, commande.erreurs
    assert commande.sortie.count(f"{SOURCE_EXTRAIT} ") == 2
    # The same bytes under the same names: nothing but the journal is new.
    assert {f: f.read_bytes() for f in comptes_de.rglob("*.parquet")} == avant
    assert _moteurs(observatoire) == ["spark", "spark"]

    assert not [*(home / "micro").glob(".*")]
    # The next night reads them, and starts nothing.
    monkeypatch.setenv("CTG_SPARK_PYTHON", str(tmp_path / "absent"))
    reglage = reglages.lire({"CTG_HOME": str(home), "CTG_MOTEUR_EXTRAIT": "spark"})
    arrondis = Comptage(reglage, reglage.acquisition(), reglage.micro().mois_retenus()).faire()
    assert {c for f, c in arrondis.fichiers.items() if f.source == SOURCE_EXTRAIT} <= avant.keys()


def _moteurs(observatoire: Observatoire) -> list[str]:
    """What counted each month that was counted apart, as the journal tells it."""
    journal = (observatoire.home / "agregats" / "journal.jsonl").read_text()
    return [e["moteur"] for e in map(json.loads, journal.splitlines()) if "moteur" in e]
