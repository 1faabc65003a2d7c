"""What is asked of aggregates that another engine counted, and of a machine before Spark is started there."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from en_ligne import vide

from confidentialite.regle import Regle
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.retenus import MoisRetenu
from ingestion.extrait.schema import SCHEMA_MICRO
from orchestration.nuit import reglages, spark
from orchestration.nuit.agregats import SCHEMA_COMPTES, Agregats, Fichier, Gel
from orchestration.nuit.comptage import Comptage
from orchestration.nuit.controle_comptage import MEDIANES, TABLES, reprendre, verifier
from orchestration.nuit.spark import CompteRefuse

ANNUELS = [n for n in SCHEMA_MICRO.names if n.startswith("annuel_")]

SHA = "a" * 64
CLE = {"millesime": 2022, "fichier_sha256": SHA, "cog_millesime": 2023}
# Two foyers of one commune: one has a right in the month, and the Caf leaves out one amount of the year.
TOTAUX = {
    "allocataires_annee": 2,
    "foyers_allocataires": 1,
    "personnes_couvertes": 3,
    "montant_aides_logement": Decimal("20.20"),
    "montant_prestations_precarite": 0,
    "montant_prestations_familiales": 0,
    "montant_prestations_handicap": None,
}

Lignes = list[dict[str, Any]]


@pytest.fixture
def mois(tmp_path: Path) -> MoisRetenu:
    foyer: dict[str, Any] = {"pseudonyme": "0" * 64, "mois": "2022-12", "code_commune": "26001"} | CLE
    foyer |= dict.fromkeys(ANNUELS, Decimal(0)) | {
        "nb_personnes": 3,
        "annuel_handicap": None,
    }
    foyers = [
        foyer | {"droit_versable": True, "annuel_aides_logement": Decimal("20.20")},
        foyer | {"droit_versable": False},
    ]
    parquet = tmp_path / "micro.parquet"
    pq.write_table(pa.Table.from_pylist(foyers, schema=SCHEMA_MICRO), parquet)
    return vide(MoisRetenu, mois="2022-12", millesime=2022, sha256=SHA, parquet=parquet, cog_millesime=2023)


@pytest.fixture
def geographie(tmp_path: Path) -> Path:
    chemin = tmp_path / "rattachement.parquet"
    pq.write_table(pa.table({"niveau": ["departement"], "code": ["26"]}), chemin)
    return chemin


def justes() -> dict[str, Lignes]:
    rien = {"max1": 0, "marque": None}
    vides = dict.fromkeys(rien) | {"marque": "non_fourni"}
    return {
        "int_extrait_comptes": [
            CLE | {"code": "26001", "mesure_id": m, "valeur": v} | (vides if v is None else rien)
            for m, v in TOTAUX.items()
        ],
        "int_extrait_medianes": [
            CLE | {"niveau": "departement", "code": "26", "mesure_id": "mediane", "valeur": Decimal("10.1")}
        ],
    }


def ecrites(dossier: Path, tables: dict[str, Lignes]) -> dict[str, list[Path]]:
    chemins = {}
    for table, lignes in tables.items():
        noms = [n for n in SCHEMA_COMPTES.names if n in lignes[0]]
        chemins[table] = [dossier / f"{table}.parquet"]
        schema = pa.schema([SCHEMA_COMPTES.field(n) for n in noms])
        pq.write_table(pa.Table.from_pylist(lignes, schema=schema), chemins[table][0])
    return chemins


def test_counts_of_the_very_foyers_pass_and_are_kept_with_the_digest_of_their_inputs(
    tmp_path: Path, mois: MoisRetenu, geographie: Path
) -> None:
    fichier, zone = Fichier("caf_extrait_allocataires", "2022-12", SHA), tmp_path / "agregats"
    with reprendre(ecrites(tmp_path, justes())) as con:
        verifier(con, mois, geographie)
        table = con.execute(
            "select * from (select 'commune' as niveau, * from intermediate.int_extrait_comptes)"
        ).to_arrow_table()
    compte = table.select(SCHEMA_COMPTES.names).cast(SCHEMA_COMPTES)
    chemins = [Agregats(zone).garder_compte(fichier, compte, entrees=e) for e in ("e1", "e2")]
    assert chemins[0] == chemins[1], "named after its content"
    gel = Agregats(zone)[fichier]
    assert (gel.compte, gel.entrees, gel.a_jour) == (chemins[0], "e2", False)


FAUTES = {
    "another total": ("int_extrait_comptes", 3, {"valeur": Decimal("20.21")}, "montant_aides_logement"),
    "a zero for what is not known": (
        "int_extrait_comptes",
        6,
        {"valeur": 0, "marque": None},
        "montant_prestations_handicap",
    ),
    "another year": ("int_extrait_comptes", 0, {"millesime": 2021}, "another year or COG"),
    "no commune": ("int_extrait_comptes", 0, {"code": None}, "without commune"),
    "a mesure twice": ("int_extrait_comptes", 0, {"mesure_id": "personnes_couvertes"}, "not once together"),
    "a commune without all mesures": ("int_extrait_comptes", 0, {"code": "26002"}, "not once together"),
    "a median to the hundredth": ("int_extrait_medianes", 0, {"valeur": Decimal("10.05")}, "not rounded"),
    "a territory elsewhere": ("int_extrait_medianes", 0, {"code": "99"}, "not of the geography"),
}


@pytest.mark.parametrize("faute", FAUTES)
def test_counts_that_are_not_those_of_the_foyers_are_refused(
    tmp_path: Path, mois: MoisRetenu, geographie: Path, faute: str
) -> None:
    table, rang, change, dit = FAUTES[faute]
    tables = justes()
    tables[table][rang] |= change
    with (
        reprendre(ecrites(tmp_path, tables)) as con,
        pytest.raises(CompteRefuse, match=dit) as refus,
    ):
        verifier(con, mois, geographie)
    assert "Next:" in str(refus.value) and "20.2" not in str(refus.value)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    tables = justes()
    for ligne in tables["int_extrait_medianes"]:
        del ligne["cog_millesime"]
    with pytest.raises(CompteRefuse, match="cog_millesime"), reprendre(ecrites(tmp_path, tables)):
        pass
    assert {*MEDIANES} > {*tables["int_extrait_medianes"][0]} and {*tables} == {*TABLES}


def test_a_machine_without_spark_or_java_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTG_SPARK_PYTHON", str(tmp_path / "python"))
    with pytest.raises(CompteRefuse, match="make spark"), spark.en_marche(tmp_path / "s", "local[1]"):
        pass
    (tmp_path / "python").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(CompteRefuse, match="apt-get install"), spark.en_marche(tmp_path / "s", "local[1]"):
        pass
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    with pytest.raises(CompteRefuse, match="is 11"), spark.en_marche(tmp_path / "s", "local[1]"):
        pass
    assert not (tmp_path / "s").exists()


def test_a_process_that_ends_without_a_word_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho FOYER 12345 >&2\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setenv("CTG_SPARK_PYTHON", str(python))
    monkeypatch.setattr(spark, "_exiger_java", lambda: None)
    with (
        pytest.raises(CompteRefuse, match="the process ended") as refus,
        spark.en_marche(tmp_path / "s", "local[1]") as session,
    ):
        session.compter([tmp_path / "f"], [])
    assert "12345" not in str(refus.value)
    assert not (tmp_path / "s").exists()


def test_executors_inherit_no_key_of_the_night() -> None:
    dit = spark.environnement({"CTG_CLE_PSEUDONYMES": "s", "PYTHONPATH": "x", "PATH": "/bin"})
    assert dit == {"PATH": "/bin"}


def test_the_engine_is_duckdb_unless_somebody_says_spark(tmp_path: Path) -> None:
    env = {"CTG_HOME": str(tmp_path)}
    assert reglages.lire(env).moteur == "duckdb"
    dit = reglages.lire(env | {"CTG_MOTEUR_EXTRAIT": "spark", "CTG_SPARK_MAITRE": "spark://tete:7077"})
    assert (dit.moteur, dit.maitre) == ("spark", "spark://tete:7077")
    with pytest.raises(reglages.ReglageRefuse, match="duckdb or spark"):
        reglages.lire(env | {"CTG_MOTEUR_EXTRAIT": "hadoop"})


@pytest.mark.parametrize(("apporte", "refuse"), [(10, False), (11, True)])
def test_a_foyer_that_brings_more_than_the_step_that_hides_it_is_refused(
    tmp_path: Path, apporte: int, refuse: bool
) -> None:
    comptes = tmp_path / "comptes.parquet"
    pq.write_table(pa.table({"mesure_id": ["nb_enfants"], "max1": [apporte]}), comptes)
    comptage = Comptage.__new__(Comptage)
    comptage.regles = {"nb_enfants": Regle("nb_enfants", "chaine", 10)}
    dit = comptage._trop_grande(Fichier(SOURCE_EXTRAIT, "2022-12", SHA), Gel(compte=comptes))
    assert bool(dit) == refuse
    if dit:
        assert dit.code == "pas_trop_petit" and "nb_enfants" in dit.observe
