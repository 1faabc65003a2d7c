"""Adding an indicateur from known mesures is one line of the dictionary, and no SQL."""

import csv
from pathlib import Path

import pytest
from banc_dbt import Projet

from orchestration import generated

BARONNIES = "epci:200068229"
AJOUT = {
    "indicateur_id": "part_foyers_hors_af",
    "theme": "portrait_social",
    "ordre": "99",
    "libelle": "Part des foyers sans allocations familiales",
    "description": "Foyers allocataires sans allocations familiales rapportés aux foyers allocataires",
    "univers": "FA",
    "unite": "pourcent",
    "decimales": "1",
    "polarite": "neutre",
    "methode": "ratio",
    "numerateur": "foyers_allocataires - foyers_af",
    "denominateur": "foyers_allocataires",
    "facteur": "100",
    "part_d_un_tout": "true",
    "niveaux": "commune+epci+departement",
    "sources": "cnaf_allocataires_epci > cnaf_allocataires_communes",
    "secret": "conjoint",
}


def test_une_ligne_du_dictionnaire_suffit(copie: Projet, monkeypatch: pytest.MonkeyPatch) -> None:
    dictionnaire = copie.dossier / "seeds" / "indicateurs.csv"
    with dictionnaire.open(encoding="utf-8", newline="") as fichier:
        colonnes = csv.DictReader(fichier).fieldnames
    assert colonnes is not None
    with dictionnaire.open("a", encoding="utf-8", newline="") as fichier:
        csv.DictWriter(fichier, colonnes, lineterminator="\n").writerow(AJOUT)

    monkeypatch.setattr(generated, "PROJECT", copie.dossier.parent)
    monkeypatch.setattr(generated, "SEEDS", copie.dossier / "seeds")
    monkeypatch.setattr(generated, "MODELS", copie.dossier / "models")
    ecrits = {chemin.relative_to(copie.dossier.parent) for chemin in generated.ecrire()}
    assert ecrits == {
        Path("dbt_project/models/marts/_generes/mart_portrait_social.yml"),
        Path("docs/dictionnaire.md"),
    }

    sortie = copie.dbt("build", "--select", "indicateurs+", "--exclude-resource-type", "unit_test")
    assert not sortie.echecs, sortie.texte
    ((valeur, statut, numerateur, denominateur, bas, haut, source),) = copie.requete(
        "select valeur, statut, numerateur, denominateur, borne_basse, borne_haute, source_ids "
        "from marts.fct_indicateurs where indicateur_id = ? and territoire_id = ? and millesime = 2022",
        AJOUT["indicateur_id"],
        BARONNIES,
    )
    mesures = dict(
        copie.requete(
            "select mesure_id, valeur::integer from intermediate.int_cellules_mesures "
            "where niveau || ':' || code = ? and millesime = 2022 and mesure_id like 'foyers_a%'",
            BARONNIES,
        )
    )
    foyers, af = mesures["foyers_allocataires"], mesures["foyers_af"]
    assert (numerateur, denominateur, source) == (foyers - af, foyers, "cnaf_allocataires_epci")
    assert valeur == pytest.approx(100 * (foyers - af) / foyers)
    assert bas < valeur < haut
    assert copie.requete(
        "select part_foyers_hors_af, part_foyers_hors_af_statut from marts.mart_portrait_social "
        "where territoire_id = ? and millesime = 2022",
        BARONNIES,
    ) == [(valeur, statut)]
    assert copie.requete(
        "select disponible, libelle from marts.dim_indicateur where indicateur_id = ?", AJOUT["indicateur_id"]
    ) == [(True, AJOUT["libelle"])]
