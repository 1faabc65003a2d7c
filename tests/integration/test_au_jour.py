"""What the warehouse would have said on a past day, while readers keep the release in service."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commande import Observatoire, Sortie

from orchestration.jobs import jour_passe
from socle.horloge import aujourd_hui, jour_de

# Populations RP2022 came out two days later, the COG 2025 the year after.
JOUR = "2024-12-17"


@pytest.fixture(scope="module")
def invente(demonstration: Observatoire, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observatoire]:
    dossier = tmp_path_factory.mktemp("invente")
    yield demonstration.copie(dossier)
    shutil.rmtree(dossier)


def au(observatoire: Observatoire, jour: str) -> tuple[Sortie, Path]:
    """Rebuild a day; return what was said, and the release."""
    sortie = observatoire.ctg("refresh", "--as-of", jour, "--imprimer", "departement")
    assert sortie.code == 0, sortie.erreurs
    (release,) = (observatoire.home / "releases").glob(f"*-as-of-{jour}")
    return sortie, release


def etat(observatoire: Observatoire) -> tuple[Path, bytes, bytes]:
    return (
        observatoire.courante,
        (observatoire.home / "landing" / "journal.jsonl").read_bytes(),
        (observatoire.home / "derniere.json").read_bytes(),
    )


@pytest.fixture(scope="module")
def ce_jour_la(
    petite: Observatoire, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Observatoire, Sortie, Path]:
    """The real files as that day knew them: what was said, and the release. Nothing else moves."""
    observatoire = petite.copie(tmp_path_factory.mktemp("ce_jour_la"))
    avant = etat(observatoire)
    # What assets asked for alone are made again in.
    derniere = observatoire.home / "build" / "night" / "nuit.duckdb"
    derniere.parent.mkdir(parents=True, mode=0o700)
    derniere.write_bytes(b"what the last night built")
    sortie, release = au(observatoire, JOUR)
    assert etat(observatoire) == avant
    assert derniere.read_bytes() == b"what the last night built"
    return observatoire, sortie, release


def requete(release: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        return con.execute("use marts").execute(sql).fetchall()


def test_the_day_before_a_publication_does_not_know_it(
    ce_jour_la: tuple[Observatoire, Sortie, Path],
) -> None:
    observatoire, sortie, release = ce_jour_la
    population = "select max(millesime) from fct_indicateurs where indicateur_id = 'population_municipale'"
    assert requete(release, population) == [(2021,)]
    assert observatoire.requete(population) == [(2022,)]

    (ligne,) = (
        li
        for li in sortie.sortie.splitlines()
        if li.startswith("insee_populations_legales") and " 2022 " in li
    )
    assert "ecarte" in ligne and "public by 2024-12-19" in ligne
    manifeste = json.loads((release / "MANIFEST.json").read_text())
    regles = {(c["source"], c["millesime"]): c["regle"] for c in manifeste["choices"]}
    assert regles["insee_populations_legales", 2021] == "publication"
    assert regles["cnaf_allocataires_communes", 2024] == "ecarte"
    assert str(release) in sortie.sortie, "the reader is shown where that release is, not the one in service"

    liste = observatoire.ctg("releases", "list").sortie.splitlines()
    assert [JOUR in li for li in liste if li.startswith(release.name)] == [True]
    explique = observatoire.ctg(
        *("explain", "population_municipale", "--territoire", "commune:26220"),
        *("--millesime", "2021", "--release", release.name),
    ).sortie
    (recu,) = {
        jour_de(e["recu_le"])
        for e in manifeste["inputs"]
        if (e["source"], e["millesime"]) == ("insee_populations_legales", 2021)
    }
    assert f"public au plus tard le 2023-12-28, reçu le {recu}" in explique
    assert f"première publication {observatoire.courante.name}" in explique


def test_today_says_what_is_in_service_byte_for_byte(
    demonstration: Observatoire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that has received the same files, and has no release; asked for from Dagster's page."""
    ailleurs = demonstration.copie(tmp_path)
    shutil.rmtree(ailleurs.home / "releases")
    (ailleurs.home / "derniere.json").unlink()
    monkeypatch.setenv("CTG_HOME", str(ailleurs.home))
    fait = jour_passe.execute_in_process(partition_key=str(aujourd_hui()))
    (release,) = (ailleurs.home / "releases").glob("*-as-of-*")
    (rendu,) = (e.step_output_data for e in fait.all_events if e.is_successful_output)
    assert Path(str(rendu.metadata["departement:26"].value)) == release / "site" / "index.html"
    manifeste = json.loads((release / "MANIFEST.json").read_text())
    assert {c["regle"] for c in manifeste["choices"] if c["sha256"]} == {"atterrissage"}
    assert manifeste["content_hash"] == demonstration.manifeste["content_hash"]
    assert octets_parquet(release) == octets_parquet(demonstration.courante)


def test_the_page_says_of_a_day_that_cannot_be_rebuilt_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CTG_PROFILE", "demo")
    fait = jour_passe.execute_in_process(partition_key=str(aujourd_hui()), raise_on_error=False)
    (echec,) = (e.step_failure_data for e in fait.all_events if e.is_step_failure)
    dit = echec.user_failure_data.description
    assert dit.startswith("A new warehouse is made") and "insee_cog_communes/communes" in dit
    assert "never received here" in dit and " s] " not in dit


def octets_parquet(release: Path) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in (release / "parquet").iterdir()}


@pytest.mark.parametrize(
    ("jour", "code", "message"),
    [
        ("2019-01-01", 1, "indispensable sources have no file: dgcl_epci_composition, insee_cog_communes"),
        ("2999-01-01", 2, "has not come yet"),
        ("17/12/2024", 2, "does not match the format"),
    ],
)
def test_a_day_that_cannot_be_rebuilt_is_refused(
    invente: Observatoire, jour: str, code: int, message: str
) -> None:
    avant = etat(invente)
    refus = invente.ctg("refresh", "--as-of", jour)
    assert (refus.code, "Traceback" in refus.erreurs) == (code, False)
    assert message in refus.erreurs
    assert etat(invente) == avant


def test_the_geography_of_the_real_files_is_that_of_the_day(
    ce_jour_la: tuple[Observatoire, Sortie, Path], tmp_path: Path
) -> None:
    observatoire, _, release = ce_jour_la
    assert requete(
        release,
        "select count(*), any_value(cog_millesime) from dim_territoire"
        " where niveau = 'commune' and departement = '26'",
    ) == [(363, 2024)]
    population = (
        "select code, millesime, valeur from fct_indicateurs where indicateur_id = 'population_municipale'"
        " and code in ('26289', '26371') and millesime >= 2021 order by all"
    )
    assert requete(release, population) == [("26289", 2021, 1405.0), ("26371", 2021, 41.0)]
    assert observatoire.requete(population)[0] == ("26289", 2021, 1446.0)

    detail = tmp_path / "ecarts.csv"
    diff = observatoire.ctg("releases", "diff", release.name, "current", "--csv", str(detail))
    assert diff.code == 0, diff.erreurs
    causes = duckdb.sql(
        f"select territoire_id, millesime, cause from '{detail}'"
        " where indicateur_id = 'population_municipale' and millesime >= 2021 and territoire_id in"
        " ('commune:26289', 'commune:26371', 'epci:200068229') order by all"
    ).fetchall()
    assert causes == [
        ("commune:26289", 2021, "géographie"),
        ("commune:26289", 2022, "géographie + nouveau millésime"),
        ("commune:26371", 2021, "géographie"),
        ("epci:200068229", 2022, "nouveau millésime"),
    ]
