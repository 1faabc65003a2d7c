"""What the masks by whole levels count on in the dictionary: lines that would get round them do not pass."""

import csv
from pathlib import Path

from confidentialite.memoire.lecture import termes
from ingestion.contrats import charger_contrats

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
REGLES = ("frequence", "conjoint", "dominance")


def seed(nom: str) -> dict[str, dict[str, str]]:
    with (SEEDS / f"{nom}.csv").open(encoding="utf-8", newline="") as fichier:
        return {next(iter(ligne.values())): ligne for ligne in csv.DictReader(fichier)}


INDICATEURS, MESURES = seed("indicateurs"), seed("mesures")
INTERNES = {c.source for c in charger_contrats().values() if c.diffusion == "interne"}


def par_niveaux() -> dict[str, dict[str, str]]:
    """The indicateurs under a rule whose mesures have no contributors, in part internal."""
    return {
        nom: i
        for nom, i in INDICATEURS.items()
        if i["secret"] in REGLES
        and _internes(i)
        and not any(MESURES[m]["contributeurs"] for m in _mesures(i))
    }


def _mesures(indicateur: dict[str, str]) -> set[str]:
    return {*termes(indicateur["numerateur"]), *termes(indicateur["denominateur"])}


def _internes(indicateur: dict[str, str]) -> set[str]:
    return {m for m in _mesures(indicateur) if INTERNES & {*MESURES[m]["sources"].split(" > ")}}


def test_each_is_a_sum_or_a_share_of_its_own_year() -> None:
    """An evolution would print a year whose level is hidden, a lag the mesure of another year."""
    assert par_niveaux()
    for nom, i in par_niveaux().items():
        assert i["methode"] in ("somme", "ratio"), nom
        if i["decalage_denominateur"]:
            assert not INTERNES & {
                s for m in termes(i["denominateur"]) for s in MESURES[m]["sources"].split(" > ")
            }, nom


def test_none_shares_a_mesure_with_a_line_that_nothing_hides() -> None:
    """Hidden with its family, its terms would be printed beside it."""
    sous_regle = {m for i in par_niveaux().values() for m in _internes(i)}
    assert sous_regle
    libres = {
        nom for nom, i in INDICATEURS.items() if i["secret"] not in REGLES and _internes(i) & sous_regle
    }
    assert libres == set()
