"""The daily look: `ctg doctor --alerter` and its job tell what says NO, once, then its end."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import Result
from commande import Observatoire
from en_ligne import ctg
from messages import Webhook, envoyer_a

from orchestration.exploitation.diagnostic.ligne import LigneDiagnostic
from orchestration.exploitation.diagnostic.nuits import alertes, derniere_nuit, sauvegardes
from orchestration.exploitation.ronde import dire
from orchestration.jobs import ronde
from orchestration.nuit import reglages
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.zones import ecriture
from orchestration.schedules import quotidienne

pytestmark = pytest.mark.usefixtures("propre")


def _doctor(home: Path, *options: str) -> Result:
    os.environ["CTG_HOME"] = str(home)
    return ctg("doctor", *options)


def test_a_damaged_release_is_told_once_with_what_to_type_then_its_end(
    http: Webhook, demonstration: Observatoire, tmp_path: Path
) -> None:
    observatoire = demonstration.copie(tmp_path)
    chemins = envoyer_a(observatoire.home, http.adresse)
    avant = observatoire.courante
    copie = observatoire.courante / "csv" / "dim_source.csv"
    octets = copie.read_bytes()
    copie.unlink()
    copie.write_bytes(octets[:-1])
    for _ in range(2):
        dit = _doctor(observatoire.home, "--alerter")
        assert dit.exit_code == 1 and "csv/dim_source.csv: altered since publication" in dit.stdout
    # Of the machine of the tests, other lines may say NO.
    (recu,) = [r for r in http.recus if r["title"].startswith("[CTG] releases")]
    assert recu["title"].startswith(f"[CTG] releases: departement:26: release {avant.name}, in service: csv/")
    assert "expected " in recu["message"] and "next: `ctg refresh` publishes" in recu["message"]
    assert f"constat/releases/{avant.name}" in json.loads(chemins.alertes_dites.read_text())["connus"]
    assert observatoire.courante == avant, "nothing is switched"
    copie.write_bytes(octets)
    perdue = avant.with_name("20200101T000000Z-0a1b2c3d")
    perdue.mkdir()
    assert f"{perdue} lost its SUCCESS" in _doctor(observatoire.home).stdout
    perdue.rmdir()
    _doctor(observatoire.home, "--alerter")
    assert http.recus[-1]["title"] == "[CTG] releases: over"


def test_a_look_that_was_cut_short_ends_nothing(http: Webhook, chemins: Chemins) -> None:
    faute = LigneDiagnostic(
        "releases", "faute", "departement:26: damaged", "roll back", cle="20261125T030000Z-a"
    )
    assert dire(chemins, [faute]).envoyes == 1
    coupee = [
        LigneDiagnostic("releases", "faute", "cannot be read: EIO", acheve=False),
        LigneDiagnostic("key", "bien", "x"),
    ]
    assert dire(chemins, coupee).envoyes == 1, "that it cannot be read"
    assert dire(chemins, [LigneDiagnostic("key", "bien", "x")]).envoyes == 0, "nobody looked at releases"
    assert dire(chemins, [LigneDiagnostic("releases", "bien", "1 read")]).envoyes == 1
    assert [r["title"] for r in http.recus][-1] == "[CTG] releases: over"


def test_numbers_that_move_are_no_other_fault_and_what_nights_tell_is_not_told_twice(
    http: Webhook, chemins: Chemins
) -> None:
    nuit = LigneDiagnostic("last night", "faute", "echec, 0 refused", alerte=False)
    assert dire(chemins, [LigneDiagnostic("disk", "faute", "12 MB free"), nuit]).envoyes == 1
    assert dire(chemins, [LigneDiagnostic("disk", "faute", "9 MB free"), nuit]).envoyes == 0
    assert dire(chemins, [LigneDiagnostic("disk", "voir", "400 MB free")]).envoyes == 1
    assert [r["title"] for r in http.recus] == ["[CTG] disk: 12 MB free", "[CTG] disk: over"]


def test_a_home_that_no_look_can_begin_in_is_told(http: Webhook, chemins: Chemins) -> None:
    (chemins.home / "photos").mkdir()
    for _ in range(2):
        assert _doctor(chemins.home, "--alerter").exit_code == 1
    (recu,) = http.recus
    assert recu["title"].startswith("[CTG] ctg doctor: CTG_HOME is ")
    (chemins.home / "photos").rmdir()
    _doctor(chemins.home, "--alerter")
    assert "[CTG] ctg doctor: over" in [r["title"] for r in http.recus]


def test_the_job_is_daily_and_fails_with_what_to_type(http: Webhook, chemins: Chemins) -> None:
    os.environ["CTG_HOME"] = str(chemins.home)
    (chemins.home / "releases").mkdir()
    (chemins.home / "releases" / "current").symlink_to("nulle-part")
    with pytest.raises(dg.Failure, match=r"releases: .*is a link to nulle-part"):
        ronde.execute_in_process()
    assert [r for r in http.recus if "is a link to nulle-part" in r["title"]]
    assert (quotidienne.cron_schedule, quotidienne.execution_timezone) == ("0 8 * * *", "Europe/Paris")


def test_a_zone_that_a_night_found_open_is_told_then_that_it_is_closed(
    http: Webhook, chemins: Chemins, tmp_path: Path
) -> None:
    with ecriture(chemins.home):
        (chemins.home / "micro").mkdir()
    (chemins.home / "micro").chmod(0o755)
    os.environ |= {"CTG_HOME": str(chemins.home), "CTG_PROFILE": "mirror", "CTG_MIRROR": str(tmp_path)}
    for _ in range(2):
        ctg("refresh", "--perimetre", "france")
    (recu,) = [r for r in http.recus if r["title"].startswith("[CTG] permissions")]
    assert f"which could reach it until now: {chemins.home / 'micro'}." in recu["message"]
    assert 'next: docs/runbook.md, "Somebody reads what is closed"' in recu["message"]
    _doctor(chemins.home, "--alerter")
    assert "[CTG] permissions: over" in [r["title"] for r in http.recus]


def test_addresses_that_are_lost_and_a_database_left_behind_are_wrong(chemins: Chemins) -> None:
    assert dire(chemins, [LigneDiagnostic("disk", "faute", "12 MB free")]).envoyes == 1
    chemins.alertes.unlink()
    reglage = reglages.lire({"CTG_HOME": str(chemins.home)})
    (perdues,) = alertes(reglage)
    assert (perdues.etat, perdues.suite[:28]) == ("faute", "put it back from a backup, t")
    chemins.build.mkdir()
    fin = {"etat": "publiee", "refus": [], "postgres": {"faits": [], "erreurs": ["out of reach"]}}
    chemins.resume.write_text(json.dumps(fin))
    reussie, base = derniere_nuit(reglage)
    assert (reussie.etat, base.etat) == ("bien", "faute") and base.suite.startswith("ctg publish postgres")


def test_a_reception_that_no_construction_followed_is_wrong_after_a_while(chemins: Chemins) -> None:
    chemins.build.mkdir()
    chemins.resume.write_text(json.dumps({"etat": "a_construire", "refus": []}))
    reglage = reglages.lire({"CTG_HOME": str(chemins.home)})
    (vient,) = derniere_nuit(reglage)
    os.utime(chemins.resume, (0, datetime.now(UTC).timestamp() - 3600))
    (reste,) = derniere_nuit(reglage)
    assert (vient.etat, reste.etat) == ("bien", "faute") and "sensor `suite`" in reste.suite


@pytest.fixture
def miroir(tmp_path: Path) -> Chemins:
    """A home of real files that has a release of twenty days ago."""
    chemins = Chemins(tmp_path / "home")
    jour = datetime.now(UTC) - timedelta(days=20)
    release = chemins.releases / f"{jour:%Y%m%dT%H%M%SZ}-0a1b2c3d"
    release.mkdir(parents=True)
    (release / "SUCCESS").touch()
    return chemins


def _etat(chemins: Chemins, profil: str = "live") -> LigneDiagnostic:
    chemins.liaison.write_text(json.dumps({"profil": profil}))
    (dit,) = sauvegardes(reglages.lire({"CTG_HOME": str(chemins.home)}))
    return dit


def test_a_backup_that_is_old_or_was_never_made_is_told(miroir: Chemins) -> None:
    jamais = _etat(miroir)
    assert jamais.etat == "faute" and jamais.fait.startswith("none for 20 days: no whole one is known")
    assert _etat(miroir, "demo").etat == "bien", "all of it can be made again"

    ou = miroir.home.parent / "b" / "ctg.tar"
    ou.parent.mkdir()
    ou.touch()

    def faite(jours: int) -> LigneDiagnostic:
        le = datetime.now(UTC) - timedelta(days=jours)
        dite = {"faite_le": le.isoformat(timespec="seconds"), "ou": str(ou), "octets": 3}
        (miroir.home / "sauvegardes.json").write_text(json.dumps(dite))
        return _etat(miroir)

    assert (faite(9).etat, faite(11).etat) == ("bien", "faute")
    ou.unlink()
    assert faite(9).etat == "faute" and faite(9).fait.endswith("it is not there any more")
    ou.parent.rmdir()
    assert faite(9).etat == "bien", "its disk is not mounted now"
    assert f"none for 11 days: the last whole one is {ou}" in faite(11).fait
    miroir.alertes.write_text("{destinations: ['json://h'], sauvegarde_jours: 30}")
    assert faite(11).etat == "bien"
    miroir.alertes.write_text("{destinations: ['json://h'], sauvegarde_jours: 0}")
    assert faite(400).etat == "bien", "backups are somebody else's"
    miroir.alertes.write_text("[")
    assert faite(11).etat == "faute", "addresses that cannot be used have a line of their own"
