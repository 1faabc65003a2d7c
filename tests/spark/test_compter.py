"""`ctg extrait compter --moteur spark` on a whole demonstration: the night's own aggregates, and no trace."""

import json
import os
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from commande import Observatoire

from orchestration.nuit import reglages
from orchestration.nuit.comptage import en_usage
from orchestration.project import RACINE

pytestmark = pytest.mark.drill


def test_the_command_counts_what_the_night_counted_and_leaves_no_pseudonym(
    demonstration: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (RACINE / ".venv-spark" / "bin" / "python").exists():
        pytest.skip("Spark's environment is not here (make spark makes it)")
    observatoire = demonstration.copie(tmp_path)
    home = observatoire.home
    avant = {f: f.read_bytes() for f in (home / "agregats").rglob("*.parquet")}
    debut = time.time()
    commande = observatoire.lancer("extrait", "compter", "--moteur", "spark")
    sortie, erreurs = commande.communicate()
    assert commande.returncode == 0, erreurs
    assert sortie.count(".parquet") == 2
    # The same bytes under the same names: nothing but the journal is new.
    assert {f: f.read_bytes() for f in (home / "agregats").rglob("*.parquet")} == avant
    evenements = [json.loads(e) for e in (home / "agregats" / "journal.jsonl").read_text().splitlines()]
    assert [e["moteur"] for e in evenements if "moteur" in e] == ["spark", "spark"]

    pseudonymes = [
        str(p).encode()
        for parquet in (home / "micro").rglob("*.parquet")
        for p in pq.read_table(parquet, columns=["pseudonyme"])["pseudonyme"].to_pylist()[::50]
    ]
    assert not [*(home / "micro").glob(".*")]
    for fichier in _ecrits_depuis(debut, home, RACINE, Path("/tmp")):
        octets = fichier.read_bytes()
        assert not [p for p in pseudonymes if p in octets], fichier

    # The next night reads them, and starts nothing.
    monkeypatch.setenv("CTG_SPARK_PYTHON", str(tmp_path / "absent"))
    reglage = reglages.lire({"CTG_HOME": str(home), "CTG_MOTEUR_EXTRAIT": "spark"})
    comptes = en_usage(reglage, reglage.acquisition(), reglage.micro().mois_retenus())
    assert {m.mois: c for m, c in comptes.items()} == {f.parent.name: f for f in avant}


def _ecrits_depuis(debut: float, *racines: Path) -> list[Path]:
    """Files that changed since, but micro Parquets, whose place it is, and folders of other tests."""
    trouves = []
    for racine in racines:
        for dossier, sous, noms in os.walk(racine):
            sous[:] = [s for s in sous if not s.startswith("pytest-of-") and s != ".git"]
            for fichier in (Path(dossier, nom) for nom in noms):
                if "micro" in fichier.parts and fichier.suffix == ".parquet":
                    continue
                try:
                    etat = fichier.lstat()
                except FileNotFoundError:
                    continue
                if fichier.is_file() and etat.st_mtime >= debut and etat.st_size < 50_000_000:
                    trouves.append(fichier)
    return trouves
