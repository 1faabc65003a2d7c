"""Adding an indicateur from known mesures is one line of the dictionary, and no SQL."""

import csv
import json
import re

import pytest
from ajouts import DU_THEME, ECRITS, INDICATEUR, THEME
from banc_dbt import Projet

from orchestration.racine import RACINE
from socle.affichage import nombre

BARONNIES = "epci:200068229"


def test_une_ligne_du_dictionnaire_suffit(enrichi: Projet) -> None:
    assert json.loads((enrichi.dossier.parent / ECRITS).read_text()) == [
        "dbt_project/models/marts/logement/_generes/mart_logement.yml",
        "dbt_project/models/marts/logement/_generes/mart_logement_actuel.yml",
        "docs/dictionnaire.md",
        "docs/marts_contract.md",
    ]
    ((valeur, statut, numerateur, denominateur, bas, haut, source),) = enrichi.requete(
        "select valeur, statut, numerateur, denominateur, borne_basse, borne_haute, source_ids "
        "from marts.fct_indicateurs where indicateur_id = ? and territoire_id = ? and millesime = 2022",
        INDICATEUR["indicateur_id"],
        BARONNIES,
    )
    mesures = dict(
        enrichi.requete(
            "select mesure_id, valeur::double from intermediate.int_cellules_mesures "
            "where niveau || ':' || code = ? and millesime = 2022 and mesure_id like 'logements%'",
            BARONNIES,
        )
    )
    tous, secondaires = mesures["logements"], mesures["logements_residences_secondaires"]
    assert (numerateur, denominateur) == pytest.approx((tous - secondaires, tous))
    assert (statut, source) == ("observe", "insee_rp_logement")
    assert valeur == pytest.approx(100 * (tous - secondaires) / tous)
    assert bas == valeur == haut
    assert enrichi.requete(
        "select part_logements_hors_secondaires, part_logements_hors_secondaires_statut "
        "from marts.mart_logement where territoire_id = ? and millesime = 2022",
        BARONNIES,
    ) == [(valeur, statut)]
    assert enrichi.requete(
        "select disponible, libelle from marts.dim_indicateur where indicateur_id = ?",
        INDICATEUR["indicateur_id"],
    ) == [(True, INDICATEUR["libelle"])]


def test_ce_qui_se_rapporte_dit_a_quoi() -> None:
    """A share whose definition names its numerator alone reads as a count."""
    rapportees = {u["unite"] for u in _semence("unites") if u["rapportee"] == "true"}
    dit = re.compile(r"\b(rapportée?s?|parmi|pour 100|[Pp]art des)\b")
    muets = {
        i["indicateur_id"]
        for i in _semence("indicateurs")
        if (i["methode"] == "ratio" or i["unite"] in rapportees) and not dit.search(i["description"])
    }
    # A document prints it, and does not say.
    assert muets == {"taux_chomage"}


def test_un_theme_tient_en_trois_lignes(enrichi: Projet) -> None:
    """One of themes.csv, one of indicateurs.csv, and the mart: both wide tables have its figures."""
    indicateur, theme = DU_THEME["indicateur_id"], THEME["theme"]
    ((annee, valeur, affichee),) = enrichi.requete(
        f"select {indicateur}_millesime, {indicateur}, {indicateur}_affichee"
        f" from marts.mart_{theme}_actuel where territoire_id = ?",
        BARONNIES,
    )
    assert enrichi.requete(
        f"select {indicateur} from marts.mart_{theme} where territoire_id = ? and millesime = ?",
        *(BARONNIES, annee),
    ) == [(valeur,)]
    assert enrichi.requete(
        "select denominateur from marts.fct_indicateurs"
        " where indicateur_id = ? and territoire_id = ? and millesime = ?",
        *(INDICATEUR["indicateur_id"], BARONNIES, annee),
    ) == [(valeur,)]
    assert affichee == nombre(valeur, 0)


def test_une_evolution_a_son_signe_et_rien_d_autre_n_en_a() -> None:
    signees = {u["unite"] for u in _semence("unites") if u["signee"] == "true"}
    assert {i["indicateur_id"] for i in _semence("indicateurs") if i["unite"] in signees} == {
        i["indicateur_id"] for i in _semence("indicateurs") if i["methode"] in ("evolution", "difference")
    }


def _semence(nom: str) -> list[dict[str, str]]:
    with (RACINE / "dbt_project" / "seeds" / f"{nom}.csv").open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))
