"""Adding an indicateur from known mesures is one line of the dictionary, and no SQL."""

import json

import pytest
from ajouts import ECRITS, INDICATEUR
from banc_dbt import Projet

BARONNIES = "epci:200068229"


def test_une_ligne_du_dictionnaire_suffit(enrichi: Projet) -> None:
    assert json.loads((enrichi.dossier.parent / ECRITS).read_text()) == [
        "dbt_project/models/marts/_generes/mart_portrait_social.yml",
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
            "select mesure_id, valeur::integer from intermediate.int_cellules_mesures "
            "where niveau || ':' || code = ? and millesime = 2022 and mesure_id like 'foyers_a%'",
            BARONNIES,
        )
    )
    foyers, af = mesures["foyers_allocataires"], mesures["foyers_af"]
    assert (numerateur, denominateur, source) == (foyers - af, foyers, "cnaf_allocataires_epci")
    assert valeur == pytest.approx(100 * (foyers - af) / foyers)
    assert bas < valeur < haut
    assert enrichi.requete(
        "select part_foyers_hors_af, part_foyers_hors_af_statut from marts.mart_portrait_social "
        "where territoire_id = ? and millesime = 2022",
        BARONNIES,
    ) == [(valeur, statut)]
    assert enrichi.requete(
        "select disponible, libelle from marts.dim_indicateur where indicateur_id = ?",
        INDICATEUR["indicateur_id"],
    ) == [(True, INDICATEUR["libelle"])]
