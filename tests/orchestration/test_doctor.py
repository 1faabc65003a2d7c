"""`ctg doctor`, and what every verb says of a CTG_HOME or a scope that cannot be."""

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

import pytest
import requests
from click.testing import Result
from commande import Observatoire
from dagster import DagsterInstance
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy
from en_ligne import PERSONNE, ctg

from ingestion.contrats import ContratsInvalides, charger_contrats
from orchestration.actifs import fraicheur_de
from orchestration.exploitation import diagnostic
from orchestration.exploitation.diagnostic import entrees, machine, nuits
from orchestration.nuit import reglages
from orchestration.nuit.chemins import HomeRefuse
from orchestration.nuit.territoires import exiger_connus
from orchestration.nuit.zones import ecriture
from socle import disque
from socle.journaux import ajouter_evenement


def _ctg(home: Path, *arguments: str) -> Result:
    os.environ["CTG_HOME"] = str(home)
    return ctg(*arguments)


LISENT = [
    *(["sources", "list"], ["sources", "show", "abc"], ["releases", "list"], ["secret", "show"]),
    *(["doctor"], ["explain", "x", "--territoire", "26220", "--millesime", "2022"], ["extrait", "list"]),
]


@pytest.mark.usefixtures("propre")
@pytest.mark.parametrize("arguments", [*LISENT, ["refresh"], ["prepare"]], ids=" ".join)
def test_a_home_that_is_a_file_says_so(arguments: list[str], tmp_path: Path) -> None:
    fichier = tmp_path / "ctg"
    fichier.write_text("x")
    resultat = _ctg(fichier, *arguments)
    assert (resultat.exit_code, resultat.output.count("Traceback")) == (1, 0)
    assert f"CTG_HOME is {fichier}, a file; expected: the folder of a warehouse" in resultat.stderr


@pytest.mark.usefixtures("propre")
@pytest.mark.parametrize("arguments", LISENT, ids=" ".join)
def test_a_mistyped_home_is_no_empty_warehouse(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "observatoire").mkdir()
    resultat = _ctg(tmp_path / "observatiore", *arguments)
    assert resultat.exit_code == 1
    assert f"which does not exist (nearest: {tmp_path / 'observatoire'})" in resultat.stderr
    assert [d.name for d in tmp_path.iterdir()] == ["observatoire"]


@pytest.mark.skipif(os.geteuid() != 0, reason="another account is taken by root alone")
def test_a_home_that_this_account_may_not_write_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "releases").mkdir()
    (home / "depot").mkdir()
    for chemin in (tmp_path, home):
        chemin.chmod(0o755)
    os.seteuid(PERSONNE)
    try:
        with (
            pytest.raises(HomeRefuse, match=r"cannot be written: .*Next: take the account of the night"),
            ecriture(home),
        ):
            pass
        with (
            pytest.raises(HomeRefuse, match="cannot be written: Permission denied"),
            ecriture(tmp_path / "x"),
        ):
            pass
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("propre")
@pytest.mark.parametrize(
    ("perimetre", "proche"),
    [
        ("departement:99", "departement:95 (Val-d'Oise)"),
        ("region:85", "region:84 (Auvergne-Rhône-Alpes)"),
        ("epci:123456789", "epci:200068781 (CA Valence Romans Agglo)"),
        ("ctg:baronies-2025", "ctg:baronnies-2025 (CTG des Baronnies en Drôme provençale, V2 (2025-2029))"),
        ("departement:26,epci:200068228", "epci:200068229 (CC des Baronnies en Drôme Provençale)"),
    ],
)
def test_a_scope_that_does_not_exist_is_refused_before_anything_is_received(
    perimetre: str, proche: str, tmp_path: Path
) -> None:
    resultat = _ctg(tmp_path / "home", "refresh", "--perimetre", perimetre)
    assert resultat.exit_code == 1
    assert "is unknown: observed no " in resultat.stderr and proche in resultat.stderr
    assert "Nothing was received." in resultat.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.usefixtures("propre")
def test_what_a_night_received_is_asked_before_it_builds(demonstration: Observatoire) -> None:
    """Where the files that tell had to be downloaded first."""

    def lu(perimetres: str) -> reglages.Reglages:
        return reglages.lire({"CTG_HOME": str(demonstration.home), "CTG_PERIMETRE": perimetres})

    retenus = lu("departement:26").acquisition().fichiers_retenus()
    exiger_connus(lu("departement:26,epci:200068229,ctg:baronnies-2025"), retenus)
    with pytest.raises(
        reglages.ReglageRefuse, match=r"observed no epci 200068228 in .*nearest being epci:2000682"
    ):
        exiger_connus(lu("departement:26,epci:200068228"), retenus)


def _lignes(home: Path) -> dict[str, list[diagnostic.LigneDiagnostic]]:
    lignes: dict[str, list[diagnostic.LigneDiagnostic]] = {}
    for constat in diagnostic.examiner(reglages.lire({"CTG_HOME": str(home)})):
        lignes.setdefault(constat.quoi, []).append(constat)
    return lignes


@pytest.mark.usefixtures("propre")
def test_each_thing_that_is_wrong_is_a_line_that_says_what_to_type(
    demonstration: Observatoire, tmp_path: Path
) -> None:
    observatoire = demonstration.copie(tmp_path)
    home = observatoire.home
    resultat = observatoire.ctg("doctor")
    assert resultat.code == 0, resultat.sortie
    assert "NO " not in resultat.sortie and "1 read, byte by byte" in resultat.sortie

    (home / "agregats").chmod(0o755)
    (home / "releases").chmod(0o700)
    (home / "landing" / ".recu-abc").mkdir()
    altere = observatoire.courante / "csv" / next((observatoire.courante / "csv").iterdir()).name
    copie = altere.read_bytes()
    altere.unlink()
    altere.write_bytes(copie[:-1])
    (recu,) = (home / "landing" / "cnaf_taux_couverture_epci").glob("*/2023/*/*.csv")
    octets = recu.read_bytes()
    # The file of the shared night has this name too.
    recu.unlink()
    recu.write_bytes(octets.replace(b";71.1", b";99.9"))
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    resume = json.loads((home / "build" / "nuit.json").read_text()) if (home / "build").exists() else {}
    (home / "build").mkdir(mode=0o700, exist_ok=True)
    (home / "build" / "nuit.json").write_text(json.dumps({**resume, "etat": "echec", "refus": []}))
    lignes = _lignes(home)
    assert [(c.etat, c.suite) for c in lignes["permissions"]] == [
        ("faute", f"chmod 700 {home / 'agregats'}"),
        ("voir", f"chmod 755 {home / 'releases'}"),
    ]
    assert ("voir", "ctg refresh (which sweeps it)") in [(c.etat, c.suite) for c in lignes["locks"]]
    (fausse,) = [c for c in lignes["releases"] if c.etat == "faute"]
    assert f"csv/{altere.name}: altered since publication" in fausse.fait
    (alteree,) = lignes["received"]
    assert f"{recu} is gone, or its bytes changed" in alteree.fait and str(recu.parent) in alteree.suite
    assert lignes["Dagster"][0].suite == "ctg prepare"
    assert lignes["last night"][0].etat == "faute"
    assert stat.S_IMODE((home / "agregats").stat().st_mode) == 0o755, "a doctor repairs nothing"

    with disque.verrou(home / ".verrou", "", BlockingIOError):
        assert "runs now" in _lignes(home)["locks"][0].fait
    json_ = observatoire.ctg("doctor", "--json")
    assert json_.code == 1 and {c["etat"] for c in json.loads(json_.sortie)} == {"bien", "voir", "faute"}


@pytest.mark.usefixtures("propre")
def test_a_contract_that_is_wrong_is_one_line_and_the_others_go_on(tmp_path: Path) -> None:
    with reglages.verrou(tmp_path):
        reglages.lier(reglages.lire({"CTG_HOME": str(tmp_path)}), perimetre=False)
    erreur = ContratsInvalides(["x.yml: source: missing"])
    with (
        patch.object(entrees, "charger_contrats", side_effect=erreur),
        patch("ingestion.contrats.charger_contrats", side_effect=erreur),
    ):
        lignes = _lignes(tmp_path)
    (fausse,) = lignes["contracts"]
    assert (fausse.etat, fausse.suite) == ("faute", "ctg sources check")
    assert {"received", "sources"}.isdisjoint(lignes) and "releases" in lignes


@pytest.mark.usefixtures("propre")
def test_a_mirror_that_is_gone_a_lost_key_and_a_night_that_nothing_starts_are_wrong(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with reglages.verrou(home):
        ajouter_evenement(home / "agregats" / "journal.jsonl", {"compte": "f"})
    (home / "liaison.json").write_text(json.dumps({"profil": "mirror", "miroir": str(tmp_path / "parti")}))
    lignes = _lignes(home)
    assert [c.etat for c in lignes["mirror"]] == ["faute"]
    assert lignes["key"][0].suite.startswith("docs/runbook.md")
    (home / "secret_installation").write_text("abc")
    assert "expected a secret of 64 hexadecimal digits" in _lignes(home)["key"][0].fait


@pytest.mark.parametrize(
    ("cadence", "jours", "dit"),
    [
        ("annuelle", 366, None),
        ("annuelle", 456, None),
        ("annuelle", 457, ": late"),
        ("annuelle", 548, ": a publication was missed"),
        ("mensuelle", 38, None),
        ("mensuelle", 39, ": late"),
        ("irrégulière", 4000, None),
    ],
)
def test_a_source_is_late_from_the_day_that_dagster_warns(cadence: str, jours: int, dit: str | None) -> None:
    contrat = charger_contrats()["insee_filosofi"].model_copy(update={"cadence": cadence})
    maintenant = datetime(2026, 11, 26, tzinfo=UTC)
    retard = entrees._retard(contrat, [(maintenant - timedelta(days=jours)).isoformat()], maintenant)
    assert (retard and retard.fait.rpartition(cadence)[2]) == dit
    politique = fraicheur_de(contrat.delais)
    assert isinstance(politique, TimeWindowFreshnessPolicy | None)
    avertit = politique and politique.warn_window and politique.warn_window.to_timedelta()
    assert (retard is not None) == (avertit is not None and timedelta(days=jours) > avertit)


@pytest.mark.parametrize(
    ("minuterie", "allume", "etat", "dit"),
    [
        (True, True, "faute", "ctg-nuit.timer and the schedule `nocturne` of Dagster both start the nights"),
        (True, False, "bien", "ctg-nuit.timer starts the nights"),
        (False, True, "bien", "the schedule `nocturne` is on"),
    ],
)
def test_two_things_that_start_nights_are_both_named(
    minuterie: bool, allume: bool, etat: str, dit: str, tmp_path: Path
) -> None:
    horaire = SimpleNamespace(
        instigator_name="nocturne", status=SimpleNamespace(value="RUNNING" if allume else "STOPPED")
    )
    instance = SimpleNamespace(
        all_instigator_state=lambda: [horaire],
        get_daemon_statuses=lambda: {"SCHEDULER": SimpleNamespace(healthy=True)},
    )
    vues = {nuits.MINUTERIE: ("enabled", "active")} if minuterie else {}
    with patch.object(nuits, "_minuteries", lambda: vues):
        constat = nuits._planification(
            reglages.lire({"CTG_HOME": str(tmp_path)}), cast(DagsterInstance, instance)
        )
    assert constat.etat == etat and dit in constat.fait
    assert (etat == "faute") == ("turn one off" in constat.suite)


@pytest.mark.parametrize(("mois", "recues"), [("2022-12", 1), ("2022-11", 0), (None, 0)])
def test_the_extract_is_one_of_the_sources(mois: str | None, recues: int, tmp_path: Path) -> None:
    """As the site and a release count them: it is in use by a December that was accepted."""
    reglage = reglages.lire({"CTG_HOME": str(tmp_path)})
    if mois:
        (tmp_path / "micro").mkdir()
        faits = dict.fromkeys(("fichier", "parquet", "couverture", "statut", "finalite"), "x")
        journal = reglage.micro().journal()
        journal.ecrire("lu", mois, sha256="ab", cog=2025, **faits)
        journal.ecrire("accepte", mois, sha256="ab")
    (constat,) = diagnostic.ages(reglage)
    assert constat.fait.startswith(f"{recues} of {len(charger_contrats()) + 1} sources have files in use")


def test_a_package_of_another_version_than_the_lock_is_told(tmp_path: Path) -> None:
    verrou = tmp_path / "requirements.lock"
    verrou.write_text("click==0.1 \\\n    --hash=sha256:00\nrich==1 ; python_version < '3'\n")
    with patch.object(machine, "RACINE", tmp_path):
        (constat,) = diagnostic.versions(reglages.lire({}))
    assert constat.etat == "faute" and constat.suite.startswith("rm -rf .venv, then make setup")
    assert "click" in constat.fait and " in place of 0.1" in constat.fait and "rich" not in constat.fait


@pytest.mark.usefixtures("propre")
@pytest.mark.parametrize(("statut", "etat"), [(404, "bien"), (401, "faute"), (503, "faute")])
def test_a_mirror_that_refuses_is_wrong_and_its_password_is_not_shown(
    statut: int, etat: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing need lie at the address itself; a password that was changed answers 401 for every file."""
    reponse = requests.Response()
    reponse.status_code = statut
    monkeypatch.setattr(requests, "head", lambda *_, **__: reponse)
    os.environ |= {
        "CTG_HOME": str(tmp_path),
        "CTG_PROFILE": "mirror",
        "CTG_MIRROR": "http://ctg:S3CRET@m.test",
    }
    (constat,) = diagnostic.miroir(reglages.lire(nouveau=True))
    assert constat.etat == etat and "S3CRET" not in str(constat) and f"HTTP {statut}" in constat.fait


def test_a_disk_that_is_full_is_a_line_and_the_others_go_on(tmp_path: Path) -> None:
    def ages(_: object) -> Iterator[diagnostic.LigneDiagnostic]:
        raise sqlite3.OperationalError("database or disk is full")
        yield

    with patch.object(diagnostic, "ages", ages):
        vus = list(diagnostic.examiner(reglages.lire({"CTG_HOME": str(tmp_path)})))
    (dit,) = (c for c in vus if c.quoi == "sources")
    assert dit.etat == "faute" and "No space left on device" in dit.fait and "free some space" in dit.suite
    assert {c.quoi for c in vus} >= {"versions", "disk", "releases", "last night"}
