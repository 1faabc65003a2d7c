"""The least that an operator begins with: a reference geography and one year of populations."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commande import Observatoire

LE_MOINS = (
    *("insee/cog/v_commune_2026.csv", "insee/cog/v_mvt_commune_2026.csv", "dgcl/epcicom2024.xlsx"),
    "insee/populations/donnees_communes_pop2022.csv",
)


@pytest.fixture(scope="module")
def installee(une_fois: Callable[[str, Callable[[Path], None]], Path], reel: Path) -> Observatoire:
    def preparer(dossier: Path) -> None:
        for fichier in LE_MOINS:
            lien = dossier / "miroir" / fichier
            lien.parent.mkdir(parents=True, exist_ok=True)
            lien.symlink_to(reel / fichier)
        nuit = Observatoire.miroir(dossier).nuit()
        assert nuit.code == 0, nuit.erreurs

    return Observatoire.miroir(une_fois("installee", preparer))


def test_a_first_year_alone_is_published_and_judged(installee: Observatoire) -> None:
    assert installee.valeur("commune:26220", "population_municipale", 2022) > 6000
    assert installee.requete("select count(*) from mart_evolutions") == [(0,)]
    resume = json.loads((installee.courante / "validation" / "summary.json").read_bytes())
    (juge,) = (m for m in resume["marts"] if m["mart"] == "mart_evolutions")
    assert [c["etat"] for c in juge["constats"] if c["controle"] == "evolution_absente"] == ["conforme"]
