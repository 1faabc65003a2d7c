"""What a newcomer adds to the project with no SQL: one line of the dictionary, one contract, one theme.

All are added to one copy and built once, for the tests of each (`enrichi`).
"""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
from banc_dbt import Projet

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import DOSSIER, charger_contrats
from orchestration.generes import dbt, documents
from orchestration.nuit.base import FICHIERS
from orchestration.nuit.reglages import PROFILS

INDICATEUR = {
    "indicateur_id": "part_logements_hors_secondaires",
    "theme": "logement",
    "ordre": "99",
    "libelle": "Part des logements qui ne sont pas des résidences secondaires",
    "description": "Logements sans les résidences secondaires et occasionnels rapportés aux logements",
    "univers": "LOG",
    "unite": "pourcent",
    "decimales": "1",
    "polarite": "neutre",
    "methode": "ratio",
    "numerateur": "logements - logements_residences_secondaires",
    "denominateur": "logements",
    "facteur": "100",
    "part_d_un_tout": "true",
    "prevu": "false",
    "niveaux": "commune+epci+departement",
}

THEME = {"theme": "transition", "ordre": "99", "libelle": "Transition écologique"}
DU_THEME = INDICATEUR | {
    "indicateur_id": "nb_logements_transition",
    "theme": THEME["theme"],
    "ordre": "1",
    "libelle": "Logements",
    "unite": "logements",
    "decimales": "0",
    "methode": "somme",
    "numerateur": "logements",
    "denominateur": "",
    "facteur": "1",
    "part_d_un_tout": "false",
}

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
      liste: {documente: the page of the set, columns: {INSEE: code, POSTES: conseillers_numeriques}}
    couverture: departement:26
    absence: zero
    millesimes:
      2024: {layout: liste, cog: 2024, mirror: conseillers.csv}
"""
FICHIER = "INSEE;POSTES\n26220;2\n26063;1\n"
ECRITS = "ecrits.json"
"""Beside the project: the files that `make docs` wrote for the line of the dictionary alone."""


def enrichir(projet: Projet, tmp: Path) -> None:
    """Add all three to a copy of the project and of the warehouse, then build what depends on them."""
    racine = projet.dossier.parent
    _ajouter(projet, "indicateurs", INDICATEUR)
    ecrits = [*dbt.ecrire_tout(racine), *dbt.ecrire(documents.pages(racine))]
    (racine / ECRITS).write_text(json.dumps(sorted(c.relative_to(racine).as_posix() for c in ecrits)))
    contrats = tmp / "sources"
    shutil.copytree(DOSSIER, contrats)
    (contrats / "anct_conseillers_numeriques.yml").write_text(CONTRAT, encoding="utf-8")
    _ajouter(projet, "themes", THEME)
    _ajouter(projet, "indicateurs", DU_THEME)
    mart = projet.dossier / "models" / "marts" / THEME["theme"] / f"mart_{THEME['theme']}.sql"
    mart.parent.mkdir()
    mart.write_text(f"{{{{ mart_theme('{THEME['theme']}') }}}}\n", encoding="utf-8")
    dbt.ecrire_tout(racine, charger_contrats(contrats))
    _recevoir(projet, contrats, tmp)
    sortie = projet.dbt(
        *(
            "build",
            "--select",
            "themes+",
            "indicateurs+",
            "stg_mesures_declarees+",
            "int_couverture",
            "int_sources",
        ),
        *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"),
    )
    assert not sortie.echecs, sortie.texte


def _ajouter(projet: Projet, seed: str, ligne: dict[str, str]) -> None:
    fichier = projet.dossier / "seeds" / f"{seed}.csv"
    with fichier.open(encoding="utf-8", newline="") as ouvert:
        colonnes = csv.DictReader(ouvert).fieldnames
    assert colonnes is not None
    with fichier.open("a", encoding="utf-8", newline="") as ouvert:
        csv.DictWriter(ouvert, colonnes, lineterminator="\n").writerow(ligne)


def _recevoir(projet: Projet, contrats: Path, tmp: Path) -> None:
    """The file of the new source, as a night would have received it before dbt starts."""
    miroir = tmp / "miroir"
    miroir.mkdir()
    (miroir / "conseillers.csv").write_text(FICHIER, encoding="utf-8")
    # The demonstration imposes its couverture, and not on what covers the Drôme alone.
    profil = Profil("demo", str(miroir), PROFILS["demo"].couverture_imposee)
    acquisition = Acquisition(tmp / "ctg", charger_contrats(contrats), profil)
    assert not acquisition.recevoir("anct_conseillers_numeriques").refus
    assert not acquisition.normaliser("anct_conseillers_numeriques").refus
    (fichier,) = acquisition.fichiers_retenus("anct_conseillers_numeriques")
    ligne = {nom: getattr(fichier, nom, None) for nom in FICHIERS.names} | {"fichier_id": fichier.sha256}
    with duckdb.connect(str(projet.base)) as con:
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
