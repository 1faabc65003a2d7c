"""A clock that is behind, or that jumped: no night, nothing old removed, until a person says it is right."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from dagster import DagsterInstance
from en_ligne import ctg

from orchestration.exploitation import fin, purge
from orchestration.nuit import horloge_fiable, reglages
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.nuit import Nuit
from orchestration.nuit.resume import Resume
from socle.etat import EtatIllisible

MAINTENANT = datetime(2026, 11, 30, 3, 30, tzinfo=UTC)


class Cadran:
    """What the clock of the machine says; it moves when told."""

    instant = MAINTENANT

    def now(self, tz: object = None) -> datetime:
        return self.instant

    fromisoformat = staticmethod(datetime.fromisoformat)
    fromtimestamp = staticmethod(datetime.fromtimestamp)


@pytest.fixture
def cadran(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cadran]:
    cadran = Cadran()
    monkeypatch.setattr(horloge_fiable, "datetime", cadran)
    yield cadran


@pytest.fixture
def chemins(tmp_path: Path, cadran: Cadran) -> Chemins:
    """A home whose last night ended a day before."""
    chemins = Chemins(tmp_path)
    chemins.build.mkdir()
    ecrire(chemins, MAINTENANT - timedelta(days=1))
    return chemins


def ecrire(chemins: Chemins, quand: datetime) -> None:
    chemins.resume.write_text("{}")
    os.utime(chemins.resume, (quand.timestamp(), quand.timestamp()))


def publier(chemins: Chemins, quand: datetime) -> Path:
    release = chemins.releases / f"{quand:%Y%m%dT%H%M%SZ}-0a1b2c3d"
    release.mkdir(parents=True)
    (release / "SUCCESS").touch()
    return release


def regarder(chemins: Chemins) -> str | None:
    """What is said once any command that writes has begun."""
    with reglages.verrou(chemins.home):
        return horloge_fiable.suspendre(chemins)


def test_a_new_home_and_one_of_last_night_have_nothing_to_say(chemins: Chemins, tmp_path: Path) -> None:
    assert horloge_fiable.connu(Chemins(tmp_path / "neuf")) is None
    for lieux in (chemins, Chemins(tmp_path / "neuf")):
        horloge_fiable.exiger_a_l_heure(lieux)
        assert regarder(lieux) is None
    assert not chemins.horloge.exists()


@pytest.mark.parametrize(("retard", "refuse"), [(timedelta(minutes=9), False), (timedelta(hours=2), True)])
def test_a_night_begins_after_what_the_home_knows(
    retard: timedelta, refuse: bool, chemins: Chemins, cadran: Cadran
) -> None:
    release = publier(chemins, MAINTENANT)
    cadran.instant = MAINTENANT - retard
    if not refuse:
        return horloge_fiable.exiger_a_l_heure(chemins)
    with pytest.raises(
        horloge_fiable.HorlogeEnRetard, match=f"{release.name} is of 2026-11-30 03:30 UTC: the clock"
    ):
        horloge_fiable.exiger_a_l_heure(chemins)
    assert "ctg horloge --juste" in (horloge_fiable.suspendre(chemins) or "")


def test_a_night_looks_at_the_clock_before_it_receives(
    tmp_path: Path, cadran: Cadran, monkeypatch: pytest.MonkeyPatch
) -> None:
    reglage = reglages.lire({"CTG_HOME": str(tmp_path)}, nouveau=True)
    publier(reglage.chemins, MAINTENANT + timedelta(days=400))
    monkeypatch.setattr(Nuit, "acquisition", property(lambda _: pytest.fail("received")))
    with pytest.raises(horloge_fiable.HorlogeEnRetard):
        Nuit(reglage).preparer()


def test_a_jump_waits_for_a_person_whatever_is_written_since(chemins: Chemins, cadran: Cadran) -> None:
    cadran.instant = MAINTENANT + timedelta(days=40)
    dit = regarder(chemins)
    assert dit and "from 2026-11-29 03:30 UTC to 2027-01-09 03:30 UTC: the machine was off, or" in dit
    # The night itself went on, and so did the next one.
    ecrire(chemins, cadran.instant)
    cadran.instant += timedelta(days=1)
    horloge_fiable.exiger_a_l_heure(chemins)
    assert regarder(chemins) == dit
    horloge_fiable.dire_juste(chemins)
    assert regarder(chemins) is None


def test_a_clock_that_ran_ahead_and_came_back_goes_on_once_somebody_says_so(
    chemins: Chemins, cadran: Cadran
) -> None:
    avance = MAINTENANT + timedelta(days=1500)
    publier(chemins, avance)
    ecrire(chemins, avance)
    with pytest.raises(horloge_fiable.HorlogeEnRetard):
        horloge_fiable.exiger_a_l_heure(chemins)
    horloge_fiable.dire_juste(chemins)
    # Ids follow the newest, whatever the clock says.
    publier(chemins, avance + timedelta(seconds=1))
    for jour in range(3):
        cadran.instant = MAINTENANT + timedelta(days=jour, minutes=1)
        horloge_fiable.exiger_a_l_heure(chemins)
        assert regarder(chemins) is None
        ecrire(chemins, cadran.instant)
    cadran.instant = MAINTENANT - timedelta(days=1)
    with pytest.raises(horloge_fiable.HorlogeEnRetard):
        horloge_fiable.exiger_a_l_heure(chemins)


def test_a_night_purges_nothing_by_a_clock_that_jumped(
    chemins: Chemins, cadran: Cadran, monkeypatch: pytest.MonkeyPatch
) -> None:
    reglage = reglages.lire({"CTG_HOME": str(chemins.home), "CTG_PROFILE": "live"})
    correspondance = reglage.origine_extrait().correspondance
    correspondance.parent.mkdir(parents=True, exist_ok=True)
    correspondance.touch()
    lues: list[Path] = []

    def lire(fichier: Path) -> object:
        lues.append(fichier)
        raise purge.CorrespondanceInvalide(fichier, [])

    monkeypatch.setattr(purge, "charger_correspondance", lire)
    purge.purger_de_nuit(reglage)
    cadran.instant = MAINTENANT + timedelta(days=40)
    assert purge.purger_de_nuit(reglage) == purge.RIEN
    assert lues == [correspondance]


def test_nor_does_it_forget_old_runs(
    chemins: Chemins, cadran: Cadran, monkeypatch: pytest.MonkeyPatch
) -> None:
    oublies: list[Path] = []
    monkeypatch.setattr(fin, "oublier_les_anciennes", lambda _, dossier, __: oublies.append(dossier))
    nuit = cast(Nuit, SimpleNamespace(chemins=chemins, resume=Resume(None)))
    for jours, attendus in ((40, []), (0, [chemins.dagster])):
        cadran.instant = MAINTENANT + timedelta(days=jours)
        fin._oublier(nuit, cast(DagsterInstance, None), print)
        assert oublies == attendus


def test_a_damaged_memory_of_the_clock_is_made_again_as_its_message_says(
    chemins: Chemins, cadran: Cadran, monkeypatch: pytest.MonkeyPatch
) -> None:
    chemins.liaison.write_text('{"profil": "demo"}')
    chemins.horloge.write_text("{damaged")
    with pytest.raises(EtatIllisible, match="ctg horloge --juste"):
        horloge_fiable.suspendre(chemins)
    monkeypatch.setenv("CTG_HOME", str(chemins.home))
    assert ctg("horloge", "--juste").exit_code == 0
    assert horloge_fiable.suspendre(chemins) is None
