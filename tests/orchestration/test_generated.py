"""What `make docs` refuses to write."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration import generated
from orchestration.cli import main


def test_two_indicateurs_of_one_rank_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name, the rank and the next free one are told; nothing is written."""
    with (generated.SEEDS / "indicateurs.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier))
    logement = [ligne for ligne in lignes if ligne["theme"] == "logement"]
    logement[1]["ordre"] = logement[0]["ordre"]
    libre = max(int(ligne["ordre"]) for ligne in logement) + 1
    for seed in generated.SEEDS.glob("*.csv"):
        (tmp_path / seed.name).write_bytes(seed.read_bytes())
    with (tmp_path / "indicateurs.csv").open("w", encoding="utf-8", newline="") as fichier:
        auteur = csv.DictWriter(fichier, list(lignes[0]))
        auteur.writeheader()
        auteur.writerows(lignes)
    monkeypatch.setattr(generated, "SEEDS", tmp_path)
    resultat = CliRunner().invoke(main, ["docs"], env={"CTG_HOME": str(tmp_path / "home")})
    assert resultat.exit_code == 1
    assert (
        f"  theme logement: ordre {logement[0]['ordre']} is that of {logement[0]['indicateur_id']},"
        f" {logement[1]['indicateur_id']}; expected once, the next free one is {libre}\n" in resultat.stderr
    )
