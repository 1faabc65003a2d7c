"""Words of pages: each code that a release can hold has one; each universe has its term in the glossary."""

import csv
from pathlib import Path

import yaml

from publication.lecture.alphabet import cle
from publication.portraits.formats import FORMATS
from publication.site import mots, recherche

DBT = Path(__file__).resolve().parents[3] / "dbt_project"


def semence(nom: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{nom}.csv").open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def declarees(modele: str, colonne: str) -> set[str]:
    """The values that the tests of a mart allow in a column."""
    texte = yaml.safe_load(
        (DBT / "models" / "marts" / "commun" / f"{modele}.yml").read_text(encoding="utf-8")
    )
    for test in texte["models"][0]["data_tests"]:
        valeurs = {} if test == "promesses" else test["promesses"]["arguments"].get("valeurs", {})
        if colonne in valeurs:
            return set(valeurs[colonne])
    raise AssertionError(f"{modele}.yml allows any {colonne}")


def test_codes_of_the_dictionary_have_words() -> None:
    indicateurs = semence("indicateurs")
    for colonne, connus in (("methode", mots.METHODE), ("polarite", mots.POLARITE)):
        assert {i[colonne] for i in indicateurs} <= connus.keys(), colonne
    assert mots.HAUSSE.keys() == mots.POLARITE.keys()
    assert {n for i in indicateurs for n in i["niveaux"].split("+")} <= mots.NIVEAU.keys()
    assert mots.NIVEAU.keys() == mots.NIVEAUX.keys() == mots.GENRE.keys()
    assert {u["nature"] for u in semence("unites")} == mots.SANS_UNITE.keys()
    assert mots.FORMAT.keys() == set(FORMATS)
    assert mots.STATUT.keys() == mots.STATUT_EN_CLAIR.keys()


def test_codes_of_marts_have_words() -> None:
    assert declarees("dim_source", "etat") == mots.ETAT.keys()
    assert declarees("dim_source", "diffusion") == mots.DIFFUSION.keys()
    assert declarees("ruptures_series", "nature") == mots.NATURE_DE_RUPTURE.keys()


def test_every_universe_has_its_term_and_terms_are_told_apart() -> None:
    termes = recherche.glossaire()["termes"]
    ancres = [t["ancre"] for t in termes]
    assert len(ancres) == len(set(ancres))
    assert {u["univers"] for u in semence("univers")} == recherche.termes_par_univers().keys()
    assert [cle(t["terme"]) for t in termes] == sorted(cle(t["terme"]) for t in termes)
