"""`semantique.json`: what a tool may make of the figures of several territories."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from publication.exports import exporter
from publication.exports.semantique import agregation
from tests.publication.petits_marts import MASQUEES, construire_base

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


def lire(nom: str) -> list[dict[str, str]]:
    with (SEEDS / f"{nom}.csv").open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


@pytest.fixture(scope="module")
def indicateurs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    dossier = tmp_path_factory.mktemp("release")
    exporter(construire_base(tmp_path_factory.mktemp("build") / "nuit.duckdb"), dossier, MASQUEES)
    decrits = json.loads((dossier / "semantique.json").read_text(encoding="utf-8"))["indicateurs"]
    return {i["indicateur_id"]: i for i in decrits}


def test_a_count_adds_up_a_rate_is_made_again_and_a_median_is_read(
    indicateurs: dict[str, dict[str, Any]],
) -> None:
    assert indicateurs["nb_foyers_allocataires"]["aggregation"] == {"territoires": "sum"}
    taux = indicateurs["part_allocataires_rsa"]["aggregation"]
    assert (taux["territoires"], taux["a_la_place"]) == ("never", "100 * sum(numerateur) / sum(denominateur)")
    mediane = indicateurs["mediane_niveau_vie"]["aggregation"]
    assert mediane["territoires"] == "never" and mediane["a_la_place"].startswith("the row of the wider")


def test_a_figure_is_found_in_its_wide_mart_too(indicateurs: dict[str, dict[str, Any]]) -> None:
    rsa = indicateurs["part_allocataires_rsa"]
    assert rsa["large"] == {
        "table": "mart_portrait_social",
        "valeur": "part_allocataires_rsa",
        "statut": "part_allocataires_rsa_statut",
    }
    assert rsa["unite"] == "pourcent"


def test_nothing_of_the_dictionary_that_is_no_count_is_ever_summed() -> None:
    """Against the mesures: what is summed is made of those that add up, and never of a rate or a median."""
    additives = {m["mesure_id"] for m in lire("mesures") if m["additive"] == "true"}
    for i in lire("indicateurs"):
        dit = agregation(i | {"facteur": float(i["facteur"] or 1)})["territoires"]
        termes = i["numerateur"].replace("+", " ").replace("-", " ").split()
        if dit == "sum":
            assert set(termes) <= additives and not i["denominateur"], i["indicateur_id"]
            assert i["unite"] not in ("pourcent", "rapport"), i["indicateur_id"]
        if not set(termes) <= additives or i["denominateur"]:
            assert dit == "never", i["indicateur_id"]
