"""What is made of contracts and the dictionary, and what the dictionary may not say."""

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.contrats import charger_contrats
from orchestration.cli import main
from orchestration.cli import sources as commande_sources
from orchestration.generes import dbt, documents
from orchestration.generes.dictionnaire import DictionnaireRefuse, lire, verifier
from orchestration.nuit.code import fichiers_du_code
from orchestration.nuit.projet import DBT, PROJET
from orchestration.racine import RACINE

SEEDS = RACINE / "dbt_project" / "seeds"


@pytest.fixture
def lignes() -> list[dict[str, str]]:
    """The dictionary as it is."""
    return lire(SEEDS, "indicateurs")


def _refus(lignes: list[dict[str, str]], tmp_path: Path) -> str:
    """What is said of these lines."""
    (seeds := tmp_path / "seeds").mkdir()
    (tmp_path / "models").symlink_to(SEEDS.with_name("models"))
    for seed in SEEDS.glob("*.csv"):
        (seeds / seed.name).write_bytes(seed.read_bytes())
    with (seeds / "indicateurs.csv").open("w", encoding="utf-8", newline="") as fichier:
        auteur = csv.writer(fichier)
        auteur.writerow(lignes[0])
        auteur.writerows(ligne.values() for ligne in lignes)
    with pytest.raises(DictionnaireRefuse) as refus:
        verifier(seeds, charger_contrats())
    return str(refus.value)


def test_a_refusal_is_told_without_a_traceback_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuser(*_: object) -> None:
        raise DictionnaireRefuse("line 3")

    monkeypatch.setattr(dbt, "verifier", refuser)
    monkeypatch.setattr(documents, "pages", lambda: pytest.fail("no page can be made of it"))
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: pytest.fail("something was written"))
    resultat = CliRunner().invoke(main, ["docs"], env={"CTG_HOME": str(tmp_path / "home")})
    assert (resultat.exit_code, resultat.stderr) == (1, "line 3\n")


def test_dbt_in_a_clone_that_nothing_was_prepared_for_says_what_to_type(tmp_path: Path) -> None:
    clone = tmp_path / "dbt_project"
    shutil.copytree(PROJET, clone, ignore=shutil.ignore_patterns(dbt.GENERES, "target", "logs"))
    lu = subprocess.run(
        [DBT, "--log-level-file", "none", "parse", "--project-dir", clone, "--profiles-dir", clone],
        capture_output=True,
        text=True,
    )
    assert lu.returncode and "Next: run `make setup`" in lu.stdout, lu.stdout + lu.stderr


def test_what_dbt_reads_is_made_of_the_code_and_is_no_part_of_it(tmp_path: Path) -> None:
    """Two checkouts of one commit have one digest, whether `make setup` was run there or not."""
    assert not [f for f in fichiers_du_code() if dbt.GENERES in f.parts]
    (racine := tmp_path / "depot").mkdir()
    for dossier in ("seeds", "models", "macros"):
        shutil.copytree(SEEDS.with_name(dossier), racine / "dbt_project" / dossier)
    for dossier in [*racine.rglob(dbt.GENERES)]:
        shutil.rmtree(dossier)
    faits = dbt.ecrire_tout(racine)
    assert {f.relative_to(racine) for f in faits} == {f.relative_to(RACINE) for f in dbt.fichiers()}
    assert dbt.ecrire_tout(racine) == []
    (reste := faits[0].with_name("reste.yml")).touch()
    assert dbt.ecrire_tout(racine) == [reste] and not reste.exists()


def test_two_indicateurs_of_one_rank_are_an_error(lignes: list[dict[str, str]], tmp_path: Path) -> None:
    """The name, the rank and the next free one are told; nothing is written."""
    logement = [ligne for ligne in lignes if ligne["theme"] == "logement"]
    logement[1]["ordre"] = logement[0]["ordre"]
    libre = max(int(ligne["ordre"]) for ligne in logement) + 1
    assert (
        f"  theme logement: ordre {logement[0]['ordre']} is that of {logement[0]['indicateur_id']},"
        f" {logement[1]['indicateur_id']}; expected once, the next free one is {libre}"
        in _refus(lignes, tmp_path)
    )


@pytest.mark.parametrize(
    ("colonne", "valeur", "dit"),
    [
        ("theme", "logment", "observed 'logment'; expected one of portrait_social, acces_droits,"),
        ("unite", "pourcents", "observed 'pourcents'; expected one of .., the nearest being pourcent"),
        ("univers", "LOGE", "observed 'LOGE'; expected one of"),
        ("numerateur", "logements - logement_vacants", "observed 'logement_vacants'; expected one of"),
        ("denominateur", "logemnts", "observed 'logemnts'; expected one of"),
        ("niveaux", "commune+canton", "observed 'canton'; expected one of commune, epci, ctg, departement,"),
        ("niveaux", "", "observed ''; expected one of commune,"),
        ("sources", "insee_rp_logement", "observed 'insee_rp_logement'; expected nothing, they are those of"),
        ("ordre", "3e", "observed '3e'; expected a whole number"),
    ],
)
def test_a_name_that_nothing_declares_is_an_error(
    colonne: str,
    valeur: str,
    dit: str,
    lignes: list[dict[str, str]],
    tmp_path: Path,
) -> None:
    """Which line, which column, what it says and what it may say."""
    (rang,) = [n for n, li in enumerate(lignes) if li["indicateur_id"] == "part_logements_vacants"]
    lignes[rang][colonne] = valeur
    texte = _refus(lignes, tmp_path)
    (faute,) = [ligne for ligne in texte.splitlines() if ligne.startswith("  line ")]
    assert re.match(rf"  line {rang + 2} \(part_logements_vacants\), {colonne}: {dit}", faute), faute


def test_a_source_that_nothing_declares_is_an_error(lignes: list[dict[str, str]], tmp_path: Path) -> None:
    """Of an indicateur that is made of no mesure, and so names its own."""
    (rang,) = [n for n, li in enumerate(lignes) if li["indicateur_id"] == "zonage_frr"]
    lignes[rang]["sources"] = "dgcl_frrr"
    assert f"  line {rang + 2} (zonage_frr), sources: observed 'dgcl_frrr'; expected one of " in _refus(
        lignes, tmp_path
    )


def test_a_comma_that_nobody_quoted_and_a_line_cut_short_are_errors(
    lignes: list[dict[str, str]], tmp_path: Path
) -> None:
    lignes[3]["de_trop"] = "x"
    lignes[5].popitem()
    texte = _refus(lignes, tmp_path)
    assert texte.count("another number of columns") == 2 and "  line 5 (" in texte and "  line 7 (" in texte


@pytest.mark.parametrize(
    ("colonne", "valeur", "dit"),
    [
        (
            "denominateur",
            "foyers_allocataires",
            r"divides LOG by FA; expected a line LOG,FA,<reason> in \S+/univers_compatibles\.csv",
        ),
        ("unite", "contacts", r"unit contacts has no range; expected one in expectations/seuils\.yml"),
    ],
)
def test_what_a_night_would_stop_on_for_want_of_a_line_elsewhere_is_an_error(
    colonne: str,
    valeur: str,
    dit: str,
    lignes: list[dict[str, str]],
    tmp_path: Path,
) -> None:
    (indicateur,) = [ligne for ligne in lignes if ligne["indicateur_id"] == "part_logements_vacants"]
    indicateur[colonne] = valeur
    (faute,) = _refus(lignes, tmp_path).splitlines()[-1:]
    assert re.match(rf"  part_logements_vacants: {dit}", faute), faute


def test_a_theme_without_a_mart_is_an_error(tmp_path: Path) -> None:
    """Its figures would be in no wide table, and nobody would say so."""
    (tmp_path / "seeds").symlink_to(SEEDS)
    models = tmp_path / "models"
    shutil.copytree(SEEDS.with_name("models") / "marts", models / "marts")
    (models / "marts" / "logement" / "mart_logement.sql").unlink()
    with pytest.raises(
        DictionnaireRefuse, match=r"theme logement has no mart; expected .*mart_logement\.sql"
    ):
        verifier(tmp_path / "seeds", charger_contrats())


def test_a_mesure_of_a_contract_that_the_dictionary_lacks_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projet = tmp_path / "dbt_project"
    (projet / "seeds").mkdir(parents=True)
    (projet / "models").symlink_to(SEEDS.with_name("models"))
    for seed in SEEDS.glob("*.csv"):
        texte = seed.read_text(encoding="utf-8")
        sans = [
            ligne for ligne in texte.splitlines(keepends=True) if not ligne.startswith("logements_vacants,")
        ]
        (projet / "seeds" / seed.name).write_text("".join(sans), encoding="utf-8")
    monkeypatch.setattr(commande_sources, "RACINE", tmp_path)
    resultat = CliRunner().invoke(main, ["sources", "check"])
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert re.search(r"insee_rp_logement\.yml, .*: logements_vacants", resultat.stderr)
