"""Of what no portrait is made, and how it is told: a release, a territory, a year, the name of a file."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import Options, composer
from publication.portraits.formats import nom_de_fichier
from publication.portraits.modele import Document
from socle.erreurs import ErreurPublication
from tests.publication.portraits.contenus import CTG


def test_a_territory_that_is_not_there_is_told(marts: Marts) -> None:
    with pytest.raises(ErreurPublication, match="Aucun territoire commune:99999"):
        composer(marts, "commune:99999")


@pytest.mark.parametrize("annee", [-5, 1800, 2999])
def test_a_base_year_out_of_the_figures_is_refused(marts: Marts, annee: int) -> None:
    with pytest.raises(ErreurPublication, match=f"Année de base {annee} : .* vont de"):
        composer(marts, CTG, Options(depuis=annee))


def test_a_base_that_cannot_be_read_is_told(tmp_path: Path, base: Path) -> None:
    tronquee, vide = tmp_path / "tronquee.duckdb", tmp_path / "vide.duckdb"
    shutil.copyfile(base, tronquee)
    os.truncate(tronquee, base.stat().st_size // 2)
    vide.touch()
    for illisible in (tronquee, vide):
        with pytest.raises(ErreurPublication, match=r"ne se lit pas.*--release"), ouvrir(illisible):
            pass


def test_a_base_that_another_program_writes_to_is_told(tmp_path: Path) -> None:
    prise = tmp_path / "prise.duckdb"
    tenir = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('', flush=True); sys.stdin.read()"
    ordre = [sys.executable, "-c", tenir, str(prise)]
    with subprocess.Popen(ordre, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tenant:
        assert tenant.stdin is not None and tenant.stdout is not None
        tenant.stdout.readline()
        with pytest.raises(ErreurPublication, match="le fermer"), ouvrir(prise):
            pass
        tenant.stdin.close()


@pytest.mark.parametrize("table", ["changements", "pairs_territoires", "contours_communes"])
def test_a_release_that_lacks_a_table_is_refused(tmp_path: Path, base: Path, table: str) -> None:
    sans = tmp_path / "ctg.duckdb"
    shutil.copyfile(base, sans)
    sans.chmod(0o644)
    with duckdb.connect(str(sans)) as con:
        con.execute(f"drop table marts.{table}")
    with pytest.raises(ErreurPublication, match=f"trop ancienne.*{table}"), ouvrir(sans) as marts:
        composer(marts, CTG)


def test_the_day_of_a_release_is_that_of_paris() -> None:
    """At 23:30 UTC on 25 November, a night is one of the 26th, in portraits as on the site."""
    with duckdb.connect() as con:
        con.execute(
            "create table dim_release as select 'r' as release_id, 'france' as perimetre,"
            " 'c' as content_hash, null as precedente, timestamp '2026-11-25 23:30:00' as publiee_le"
        )
        con.execute("create table dim_territoire as select 'france:FR' as territoire_id, 'France' as libelle")
        assert Marts(con).edition.publiee_le == "26 novembre 2026"
        assert "du 26 novembre 2026" in Marts(con).edition.citation


@pytest.mark.parametrize(
    "identifiant", ["ctg:../../etc", "ctg:a b", "ctg:a/b", "ctg:", "ctg:a\x00", "/tmp/x"]
)
def test_an_id_that_could_be_a_path_names_no_file(document: Document, identifiant: str) -> None:
    assert nom_de_fichier(document, "pdf") == "portrait-ctg-baronnies-2025.pdf"
    with pytest.raises(ErreurPublication, match="ne peut nommer un fichier"):
        nom_de_fichier(dataclasses.replace(document, territoire_id=identifiant), "pdf")
