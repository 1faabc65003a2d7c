"""The night's own file: what it holds before dbt starts."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from en_ligne import vide

from ingestion.acquisition import Acquisition, Profil
from ingestion.contrats import charger_contrats
from ingestion.extrait.retenus import MoisRetenu
from ingestion.extrait.schema import SCHEMA_MICRO
from orchestration.nuit.base import preparer
from orchestration.nuit.reglages import DEMONSTRATION, Reglages

REGLAGES = Reglages(Path("/nulle/part"), "demo", "departement:26", None)


@pytest.fixture(scope="module")
def acquisition(tmp_path_factory: pytest.TempPathFactory) -> Acquisition:
    """Two sources of the demonstration: one received, one never; in a folder with a quote in its name."""
    home = tmp_path_factory.mktemp("l'atelier")
    shutil.copytree(DEMONSTRATION / "miroir", home / "miroir", ignore=lambda *_: ["liste-fs-20240801.csv"])
    contrats = {
        s: c for s, c in charger_contrats().items() if s in ("insee_cog_communes", "anct_france_services")
    }
    acquisition = Acquisition(home, contrats, Profil("demo", str(home / "miroir"), "epci_de_departement:26"))
    for source in ("insee_cog_communes", "anct_france_services"):
        acquisition.recevoir(source)
        assert not acquisition.normaliser(source).refus
    return acquisition


def _mois(dossier: Path, mois: str, lignes: int = 1) -> MoisRetenu:
    """A month in use; its Parquet holds `lignes` foyers without anything known of them."""
    sha256 = mois.replace("-", "").ljust(64, "f")
    parquet = dossier / f"{mois}.parquet"
    foyer = {"mois": mois, "millesime": int(mois[:4]), "fichier_sha256": sha256}
    pq.write_table(pa.Table.from_pylist([foyer] * lignes, schema=SCHEMA_MICRO), parquet)
    faits = {"mois": mois, "millesime": int(mois[:4]), "sha256": sha256, "parquet": parquet}
    return vide(
        MoisRetenu, **faits, cog_millesime=2023, couverture="departement:26", perime=False, purge=False
    )


@pytest.fixture
def requete(acquisition: Acquisition, tmp_path: Path) -> Callable[[str], list[tuple[object, ...]]]:
    preparer(tmp_path / "nuit.duckdb", acquisition, REGLAGES)

    def executer(sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(tmp_path / "nuit.duckdb")) as con:
            return con.execute(sql).fetchall()

    return executer


def test_une_vue_lit_les_fichiers_acceptes_et_eux_seuls(
    acquisition: Acquisition, requete: Callable[[str], list[tuple[object, ...]]]
) -> None:
    retenus = acquisition.fichiers_retenus()
    assert len(retenus) > 1
    intrus = retenus[0].parquet.with_name("intrus.parquet")
    shutil.copy(retenus[0].parquet, intrus)
    try:
        ((lignes, millesimes),) = requete(
            "select count(*), count(distinct millesime_fichier) from normalised.insee_cog_communes__communes"
        )
    finally:
        intrus.unlink()
    assert (lignes, millesimes) == (sum(f.lignes for f in retenus), len(retenus))


def test_une_source_jamais_recue_est_une_table_vide_et_typee(
    requete: Callable[[str], list[tuple[object, ...]]],
) -> None:
    assert requete("from normalised.anct_france_services__structures") == []
    types = dict(
        requete(
            "select column_name, data_type from duckdb_columns() "
            "where table_name = 'anct_france_services__structures'"
        )
    )
    assert (types["code"], types["millesime_fichier"], types["ligne"]) == ("VARCHAR", "INTEGER", "INTEGER")


def test_les_registres_disent_ce_que_la_nuit_a_recu(
    acquisition: Acquisition, requete: Callable[[str], list[tuple[object, ...]]]
) -> None:
    assert requete(
        "select source, ressource, millesime, sha256, lignes from normalised.fichiers order by 3"
    ) == [
        (f.source, f.ressource, f.millesime, f.sha256, f.lignes)
        for f in sorted(acquisition.fichiers_retenus(), key=lambda f: f.millesime)
    ]
    assert requete("from normalised.contexte") == [("demo", "departement:26", True)]
    assert requete("select source_id, indispensable from normalised.sources order by 1") == [
        ("anct_france_services", False),
        ("caf_extrait_allocataires", False),
        ("insee_cog_communes", True),
    ]


def test_sans_extrait_les_tables_sont_vides_et_typees(acquisition: Acquisition, tmp_path: Path) -> None:
    """To count persons, foyers; to build a night, what was rounded of them and no foyer."""
    for nom, arrondis, table in (("compter", None, "foyers"), ("nuit", {}, "arrondis")):
        preparer(tmp_path / nom, acquisition, REGLAGES, arrondis=arrondis)
        with duckdb.connect(str(tmp_path / nom)) as con:
            assert con.sql(
                "select table_name from duckdb_tables() where schema_name = 'micro'"
            ).fetchall() == [(table,)]
            assert con.sql(f"from micro.{table}").fetchall() == []


def test_l_extrait_se_lit_par_une_vue_et_ses_decembres_sont_des_fichiers(
    acquisition: Acquisition, tmp_path: Path
) -> None:
    """No number of lines: it would be a number of persons. Months of a year are counted, others are not."""
    extrait = [_mois(tmp_path, "2022-11"), _mois(tmp_path, "2022-12", lignes=3)]
    preparer(tmp_path / "nuit.duckdb", acquisition, replace(REGLAGES, home=tmp_path), extrait)
    with duckdb.connect(str(tmp_path / "nuit.duckdb")) as con:
        assert con.sql("select mois, count(*) from micro.foyers group by all order by all").fetchall() == [
            ("2022-12", 3),
        ]
        assert con.sql("select view_name from duckdb_views() where schema_name = 'micro'").fetchall() == [
            ("foyers",)
        ]
        (fichier,) = (
            con.sql("from normalised.fichiers where source = 'caf_extrait_allocataires'")
            .to_arrow_table()
            .to_pylist()
        )
    # Named by the installation: its digest stays in the night's file.
    assert fichier.pop("fichier_id").startswith("interne-")
    assert fichier == {
        "sha256": extrait[1].sha256,
        "source": "caf_extrait_allocataires",
        "ressource": "foyers",
        "millesime": 2022,
        "membre": "2022-12",
        "lignes": None,
        "lignes_ecartees": None,
        "niveau": "commune",
        "forme": "colonnes",
        "cog_millesime": 2023,
        "cogs": [2023],
        "couverture": "departement:26",
        "absence": "zero",
        "champ": None,
        "paris_lyon_marseille": "communes",
        "publie_le": None,
    }
