"""Which old backups go, when a new one is needed, what is known of the last, which passwords it holds."""

import json
import os
import tarfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from en_ligne import ctg

from orchestration.exploitation.sauvegarde import INDEX, restaurer
from orchestration.nuit.chemins import Chemins
from socle.journaux import ajouter_evenement

MIROIR = "https://ctg:S3CRET@miroir.example/fichiers"


@pytest.fixture
def chemins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chemins:
    """A home with a received file, a mirror with a password and addresses of alerts."""
    chemins = Chemins(tmp_path / "ctg")
    monkeypatch.setenv("CTG_HOME", str(chemins.home))
    chemins.home.mkdir()
    (chemins.home / "landing").mkdir()
    (chemins.home / "landing" / "a.csv").write_text("1")
    chemins.secret.write_text("0" * 64)
    chemins.alertes.write_text("destinations: [mailto://ctg:MOTDEPASSE@exemple.fr]\n")
    chemins.liaison.write_text(json.dumps({"profil": "mirror", "miroir": MIROIR}))
    return chemins


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    (tmp_path / "sauvegardes").mkdir()
    return tmp_path / "sauvegardes"


def sauvegarde(dossier: Path, *options: str) -> Result:
    resultat = ctg("sauvegarde", str(dossier), *options)
    assert resultat.exit_code == 0, resultat.output
    return resultat


def ancienne(dossier: Path, jours: float, nom: str = "ctg", *, entiere: bool = True) -> Path:
    """A backup as old as that, of its index alone."""
    instant = datetime.now(UTC) - timedelta(days=jours)
    fichier = dossier / f"ctg-{nom}-{instant:%Y%m%dT%H%M%SZ}.tar"
    with tarfile.open(fichier, "w") as tar:
        tar.addfile(tarfile.TarInfo(INDEX if entiere else "landing/a.csv"))
    return fichier


def test_the_newest_stay_whatever_their_age_and_others_are_left_alone(
    chemins: Chemins, dossier: Path
) -> None:
    vieilles = [ancienne(dossier, jours) for jours in (60, 50, 40, 35)]
    recente = ancienne(dossier, 20)
    abimee, autre = ancienne(dossier, 70, entiere=False), ancienne(dossier, 90, nom="autre")
    dit = sauvegarde(dossier, "--garder-jours", "31", "--garder-au-moins", "4")
    (neuve,) = {*dossier.iterdir()} - {*vieilles, recente, abimee, autre}
    assert {*dossier.iterdir()} == {neuve, recente, *vieilles[2:], abimee, autre}
    assert dit.stdout.count("Removed: ") == 2
    assert f"{abimee} is not a whole backup: look at it, then remove it" in dit.stderr


@pytest.mark.parametrize("perdu", ["secret_installation", "liaison.json"])
def test_a_home_that_lost_a_part_is_not_kept_in_the_place_of_whole_ones(
    perdu: str, chemins: Chemins, dossier: Path
) -> None:
    vieilles = [ancienne(dossier, jours) for jours in (60, 50)]
    ajouter_evenement(chemins.journal_agregats, {"compte": "f"})
    (chemins.home / perdu).unlink()
    refuse = ctg("sauvegarde", str(dossier), "--garder-jours", "31")
    assert refuse.exit_code == 1 and f"{chemins.home / perdu} cannot be used" in refuse.stderr
    assert {*dossier.iterdir()} == {*vieilles}


def test_a_clock_that_jumped_removes_no_backup_the_next_day_either(chemins: Chemins, dossier: Path) -> None:
    chemins.build.mkdir()
    chemins.resume.write_text("{}")
    os.utime(chemins.resume, (0, (datetime.now(UTC) - timedelta(days=60)).timestamp()))
    vieilles = [ancienne(dossier, jours) for jours in (60, 50)]
    for _ in range(2):
        dit = sauvegarde(dossier, "--si-change", "--garder-jours", "31", "--garder-au-moins", "1")
        assert "No older backup was removed: nothing was done here from" in dit.stderr
    assert {*vieilles} < {*dossier.iterdir()}
    assert ctg("horloge", "--juste").exit_code == 0
    sauvegarde(dossier, "--si-change", "--garder-jours", "31", "--garder-au-moins", "1")
    assert not {*vieilles} & {*dossier.iterdir()}


def test_a_backup_of_the_future_keeps_the_others(chemins: Chemins, dossier: Path) -> None:
    future, vieille = ancienne(dossier, -400), ancienne(dossier, 60)
    dit = sauvegarde(dossier, "--garder-jours", "31", "--garder-au-moins", "1")
    assert f"{future} is named by a day to come" in dit.stderr
    assert vieille.exists()


def test_nothing_is_written_where_the_last_one_holds_all_there_is(chemins: Chemins, dossier: Path) -> None:
    sauvegarde(dossier, "--si-change")
    (premiere,) = dossier.iterdir()
    connue = json.loads(chemins.sauvegardes.read_bytes())
    assert (connue["ou"], connue["octets"] > 0) == (str(premiere), True)
    chemins.sauvegardes.write_text(json.dumps(connue | {"faite_le": "2026-01-01T00:00:00+00:00"}))
    assert "Nothing moved since" in sauvegarde(dossier, "--si-change").stdout
    assert json.loads(chemins.sauvegardes.read_bytes())["faite_le"] >= connue["faite_le"]
    # Cut on its way, it holds nothing any more.
    premiere.write_bytes(premiere.read_bytes()[:2000])
    # Two backups of one second would have one name.
    time.sleep(1)
    sauvegarde(dossier, "--si-change")
    (chemins.home / "landing" / "b.csv").write_text("2")
    time.sleep(1)
    sauvegarde(dossier, "--si-change")
    assert len([*dossier.iterdir()]) == 3


def test_it_says_which_passwords_it_holds_and_leaves_out_those_it_can_do_without(
    chemins: Chemins, dossier: Path, tmp_path: Path
) -> None:
    avec = sauvegarde(dossier / "avec.tar").stderr
    for dit in ("key of the installation", "alertes.yml", "password of the mirror", "on the disk of the"):
        assert dit in avec
    sans = sauvegarde(dossier / "sans.tar", "--sans-mots-de-passe").stderr
    assert "key of the installation" in sans
    assert "alertes.yml" not in sans and "mirror" not in sans
    octets = (dossier / "sans.tar").read_bytes()
    assert b"S3CRET" not in octets and b"MOTDEPASSE" not in octets
    restaurer(dossier / "sans.tar", tmp_path / "neuf")
    lue = json.loads((tmp_path / "neuf" / "liaison.json").read_bytes())
    assert lue == {"profil": "mirror", "miroir": "https://miroir.example/fichiers"}
