"""The extract on Spark, on two workers of a real cluster: the rows of DuckDB, and nothing left behind."""

import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tirages
from hypothesis import HealthCheck, given, settings

from ingestion.extrait.schema import SCHEMA_MICRO
from orchestration.nuit import spark
from orchestration.nuit.controle_comptage import reprendre
from orchestration.nuit.execution_dbt import executer
from orchestration.nuit.projet import RACINE, actualiser_manifeste
from orchestration.nuit.reglages import MAITRE
from tests.bench.extrait import compiles, sur_duckdb
from tests.bench.moteurs import Desaccord, comparees
from tests.profondeur import PROFONDEUR

# One cluster, and so one worker.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

PYTHON = RACINE / ".venv-spark" / "bin" / "python"
# Of 16 hexadecimal characters, none is met by chance.
MORCEAU = 16
# 10.05 %, half way between two medians that may be told.
A_MI_CHEMIN = {
    "droit_versable": True,
    "code_commune": "26001",
    "loyer": Decimal("20.10"),
    "charges": Decimal("1.00"),
    "ressources_mensuelles": Decimal("200.00"),
    "prestations_mensuelles": Decimal("1.00"),
    "montant_apl": Decimal("1.00"),
    "montant_alf": Decimal("0.00"),
    "montant_als": Decimal("0.00"),
}


@pytest.fixture(scope="module")
def modeles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    dossier = tmp_path_factory.mktemp("compiles")
    actualiser_manifeste()
    quoi = ("compile", "--select", "tag:portable", "--no-populate-cache")
    ecoute = executer(dossier / "nuit.duckdb", dossier / "target", *quoi)
    assert not ecoute.erreurs
    return compiles(dossier / "target")


@pytest.fixture(scope="module")
def lieux(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tirages.ecrire_rattachement(tmp_path_factory.mktemp("lieux") / "rattachement.parquet")


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster") / "spark"


@pytest.fixture(scope="module")
def session(dossier: Path) -> Iterator[spark.Session]:
    """One cluster for all of them: it takes longer to start than to count."""
    if not PYTHON.exists():
        pytest.skip("Spark's environment is not here (make spark makes it)")
    with spark.en_marche(dossier, MAITRE) as session:
        yield session
    assert not dossier.exists()


@settings(max_examples=PROFONDEUR.moteurs, deadline=None, suppress_health_check=[*HealthCheck])
@given(fichiers=tirages.extraits())
def test_both_engines_give_the_same_rows_to_the_cent(
    session: spark.Session, modeles: dict[str, str], lieux: Path, fichiers: list[tirages.Fichier]
) -> None:
    with tempfile.TemporaryDirectory() as nom:
        foyers = tirages.ecrire(Path(nom), fichiers)
        with (
            sur_duckdb(modeles, foyers, lieux) as ici,
            reprendre(session.compter(foyers, [lieux])) as la,
        ):
            assert comparees(ici, la) > 0 or not any(f.foyers for f in fichiers if f.mois.endswith("-12"))


def test_another_rounding_on_one_side_is_seen(
    session: spark.Session, modeles: dict[str, str], lieux: Path, tmp_path: Path
) -> None:
    """The comparison above would not hold: medians cut instead of rounded, amounts in whole euros."""
    foyers = _ecrire(tmp_path, A_MI_CHEMIN)
    tables = session.compter(foyers, [lieux])
    for table, juste, faux in (
        ("int_extrait_medianes", "round(percentile_cont(0.5)", "floor(percentile_cont(0.5)"),
        ("int_extrait_comptes", "then coalesce(valeur, 0)", "then round(coalesce(valeur, 0), 0)"),
    ):
        assert modeles[table].count(juste) == 1
        autres = modeles | {table: modeles[table].replace(juste, faux)}
        with sur_duckdb(modeles, foyers, lieux) as ici, reprendre(tables) as la:
            assert comparees(ici, la) > 0
        with (
            sur_duckdb(autres, foyers, lieux) as ici,
            reprendre(tables) as la,
            pytest.raises(Desaccord, match=table),
        ):
            comparees(ici, la)


def test_an_error_names_its_place_and_its_kind_and_quotes_nobody(
    session: spark.Session, lieux: Path, tmp_path: Path
) -> None:
    (fichier,) = _ecrire(tmp_path, A_MI_CHEMIN)
    table = pq.read_table(fichier)
    rang = table.column_names.index("nb_personnes")
    pq.write_table(table.set_column(rang, "nb_personnes", pa.array(["DUPONT"] * table.num_rows)), fichier)
    with pytest.raises(spark.CompteRefuse) as refus:
        session.compter([fichier], [lieux])
    assert "int_extrait_comptes (CAST_INVALID_INPUT)" in str(refus.value)
    assert "DUPONT" not in str(refus.value)


def test_no_pseudonym_is_left_where_spark_and_dbt_write(
    session: spark.Session, dossier: Path, lieux: Path, tmp_path: Path
) -> None:
    """While it runs: logs, shuffles, tables, compiled SQL, in one closed folder and without a pseudonym."""
    plantes = [secrets.token_hex(32) for _ in range(200)]
    foyers = _ecrire(tmp_path, *({"pseudonyme": p} for p in plantes))
    morceaux = {p[debut : debut + MORCEAU].encode() for p in plantes for debut in range(64 - MORCEAU + 1)}
    assert _porte(foyers[0], morceaux)
    session.compter(foyers, [lieux])
    ecrits = [f for f in dossier.rglob("*") if not f.is_symlink() and "jars" not in f.parts]
    assert {"journal.log", "stderr", "spark-defaults.conf"} <= {f.name for f in ecrits}
    # What is under a closed folder is out of reach, whatever its own mode.
    assert dossier.stat().st_mode & 0o777 == 0o700
    for fichier in (f for f in ecrits if f.is_file()):
        assert not _porte(fichier, morceaux), fichier


def _porte(fichier: Path, morceaux: set[bytes]) -> bool:
    """Whether a file holds a piece of a pseudonym.

    Snappy and LZ4 write a reference where four characters were seen before: of 200 pseudonyms hardly one
    is left whole in such a file, and the first of them are left in pieces of this length.
    """
    for suite in re.finditer(rb"[0-9a-f]{%d,}" % MORCEAU, fichier.read_bytes()):
        lue = suite.group()
        if any(lue[debut : debut + MORCEAU] in morceaux for debut in range(len(lue) - MORCEAU + 1)):
            return True
    return False


def _ecrire(dossier: Path, *foyers: dict[str, object]) -> list[Path]:
    """A file of foyers that differ from a drawn one by what is given."""
    modele = tirages.Fichier("2022-12", 2023, 9, 1, 0, (Decimal("12.34"),), frozenset())
    lignes = [replace(modele, graine=rang).lignes()[0] | f for rang, f in enumerate(foyers)]
    chemin = dossier / "foyers.parquet"
    pq.write_table(pa.Table.from_pylist(lignes, schema=SCHEMA_MICRO), chemin)
    return [chemin]
