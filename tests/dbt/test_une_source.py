"""A source whose columns are mesures of the dictionary is one contract, and no SQL (docs/how-to.md)."""

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from banc_dbt import Projet

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import DOSSIER, charger_contrats
from orchestration import generated
from orchestration.nuit.base import FICHIERS
from orchestration.nuit.reglages import PROFILS

# The register that the dictionary names and whose header nobody has seen yet: an invented layout.
CONTRAT = """\
source: anct_conseillers_numeriques
title: Conseillers numériques
producer: ANCT
licence: Licence Ouverte 2.0
page: https://www.data.gouv.fr/
cadence: irrégulière
indispensable: false
diffusion: publique
description: Posts by commune.
ressources:
  postes:
    grain: one line per commune
    niveau: commune
    format: {kind: csv, encoding: utf-8, separator: ";"}
    cle: [code]
    columns:
      code: {type: code_commune, description: Commune}
      conseillers_numeriques: {type: integer, min: 0, max: 500, description: Posts}
    mesures: [conseillers_numeriques]
    layouts:
      liste: {columns: {INSEE: code, POSTES: conseillers_numeriques}}
    couverture: departement:26
    absence: zero
    millesimes:
      2024: {layout: liste, cog: 2024, mirror: conseillers.csv}
"""


def test_une_source_de_mesures_connues_tient_en_un_fichier(
    copie: Projet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contrats = tmp_path / "sources"
    shutil.copytree(DOSSIER, contrats)
    (contrats / "anct_conseillers_numeriques.yml").write_text(CONTRAT, encoding="utf-8")
    monkeypatch.setattr(generated, "PROJECT", copie.dossier.parent)
    monkeypatch.setattr(generated, "SEEDS", copie.dossier / "seeds")
    monkeypatch.setattr(generated, "MODELS", copie.dossier / "models")
    monkeypatch.setattr(generated, "charger_contrats", lambda: charger_contrats(contrats))
    generated.ecrire()

    miroir = tmp_path / "miroir"
    miroir.mkdir()
    (miroir / "conseillers.csv").write_text("INSEE;POSTES\n26220;2\n26063;1\n", encoding="utf-8")
    # The demonstration imposes its couverture, and not on what covers the Drôme alone.
    profil = Profil("demo", str(miroir), PROFILS["demo"].couverture_imposee)
    acquisition = Acquisition(tmp_path / "ctg", charger_contrats(contrats), profil)
    assert not acquisition.recevoir("anct_conseillers_numeriques").refus
    assert not acquisition.normaliser("anct_conseillers_numeriques").refus
    (fichier,) = acquisition.fichiers_retenus("anct_conseillers_numeriques")
    ligne = {nom: getattr(fichier, nom, None) for nom in FICHIERS.names}
    with duckdb.connect(str(copie.base)) as con:
        con.execute(
            "create view normalised.anct_conseillers_numeriques__postes as "
            f"select * from read_parquet('{fichier.parquet}')"
        )
        con.register("nouveau", pa.Table.from_pylist([ligne], schema=FICHIERS))
        con.execute("insert into normalised.fichiers select * from nouveau")
        con.execute(
            "insert into normalised.sources by name select 'anct_conseillers_numeriques' as source_id,"
            " 'publique' as diffusion, source_id as famille, false as recensement, 'fichier' as decoupage"
        )

    sortie = copie.dbt("run", "--select", "stg_mesures_declarees+", "int_couverture", "int_sources")
    assert not sortie.echecs, sortie.texte
    assert copie.requete(
        "select territoire_id, valeur, statut from marts.fct_indicateurs where indicateur_id = "
        "'nb_conseillers_numeriques' and code in ('26220', '26001', '200068229') order by all"
    ) == [
        ("commune:26001", 0, "observe"),
        ("commune:26220", 2, "observe"),
        ("epci:200068229", 3, "observe"),
    ]
    # A commune without a line is 0 where the contract says so, and nothing anywhere else.
    assert copie.requete(
        "select t.departement, count(*) from marts.fct_indicateurs as f join marts.dim_territoire as t "
        "using (territoire_id) where f.indicateur_id = 'nb_conseillers_numeriques' and f.niveau = 'commune' "
        "group by all"
    ) == [("26", 362)]
