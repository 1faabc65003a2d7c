"""Purges: by retention, purpose and date; the micro rows go, what tells of them stays."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from petit_extrait import BASE, Atelier, foyers

from ingestion.extrait import purge
from ingestion.extrait.purge import bruts_dus, micro_dus, purger

JOUR = date(2026, 1, 15)
MOIS = ("2021-12", "2022-11", "2022-12")


@pytest.fixture
def plein(atelier: Atelier) -> Atelier:
    """Three months in use, for two purposes."""
    atelier.mapping["conservation_micro_mois"] = {"essai": "1200", "etude": "1200"}
    atelier.mapping["mois"] = {
        mois: {"statut": "definitif", "finalite": "etude" if mois == "2022-11" else "essai"} for mois in MOIS
    }
    for mois in MOIS:
        atelier.csv(foyers(2, mois=mois), mois=mois)
    assert not atelier.reception().recevoir().refus
    return atelier


def _dus(atelier: Atelier, finalite: str | None = None, avant: str | None = None) -> list[str]:
    return [d.mois for d in micro_dus(atelier.micro(), atelier.correspondance(), JOUR, finalite, avant)]


def _purger(atelier: Atelier, **filtres: Any) -> None:
    dus = micro_dus(
        atelier.micro(), atelier.correspondance(), JOUR, filtres.get("finalite"), filtres.get("avant")
    )
    purger(atelier.micro(), dus, [])


@pytest.mark.parametrize(
    ("essai", "etude", "attendus"),
    [("1200", "1200", []), ("37", "1200", ["2021-12"]), ("36", "37", ["2021-12", "2022-11", "2022-12"])],
)
def test_due_by_the_retention_of_their_purpose(
    plein: Atelier, essai: str, etude: str, attendus: list[str]
) -> None:
    """December 2022 is 37 months old in January 2026: kept with 37, due with 36."""
    plein.mapping["conservation_micro_mois"] = {"essai": essai, "etude": etude}
    assert _dus(plein) == attendus


def test_due_by_date_and_purpose(plein: Atelier) -> None:
    assert _dus(plein, avant="2022-12") == ["2021-12", "2022-11"]
    assert _dus(plein, avant="2022-12", finalite="etude") == ["2022-11"]
    assert _dus(plein, finalite="etude") == [], "within its retention"
    plein.mapping["conservation_micro_mois"] = {"essai": "12", "etude": "12"}
    assert _dus(plein, finalite="etude") == ["2022-11"]


def test_purpose_that_is_no_longer_declared_is_purged_by_date_only(plein: Atelier) -> None:
    """A purpose misspelt in the mapping must not empty the zone."""
    plein.mapping["conservation_micro_mois"] = {"autre": "12"}
    plein.mapping["mois"] = {}
    assert _dus(plein) == [] and _dus(plein, finalite="etude", avant="2023-01") == ["2022-11"]


def test_purge_removes_the_rows_and_journals_it(plein: Atelier) -> None:
    avant = plein.micro().empreintes()
    _purger(plein, avant="2022-12")
    assert [m.mois for m in plein.micro().mois_retenus()] == ["2022-12"]
    assert [m.mois for m in plein.micro().mois_purges()] == ["2021-12", "2022-11"]
    assert [f.parent.name for f in (plein.home / "micro").rglob("*.parquet")] == ["2022-12"]
    assert plein.micro().empreintes() == avant, "figures already made do not move"
    evenements = [json.loads(ligne) for ligne in plein.micro().journal().chemin.read_text().splitlines()]
    purges = [e for e in evenements if e["event"] == "purge"]
    assert [(e["mois"], e["finalite"], e["motif"]) for e in purges] == [
        ("2021-12", "essai", "before 2022-12"),
        ("2022-11", "etude", "before 2022-12"),
    ]
    assert all(e["par"] and e["at"] for e in purges)
    assert not plein.reception().recevoir().refus, "a purged month is not a lost one"
    assert _dus(plein, avant="2022-12") == []


def test_purge_takes_the_waiting_revision_too(plein: Atelier) -> None:
    plein.csv(foyers(5))
    assert [e.code for e in plein.reception().recevoir().refus] == ["revision"]
    _purger(plein, avant="2023-01")
    assert list((plein.home / "micro").rglob("*.parquet")) == []
    assert not plein.reception().recevoir().refus
    sha = plein.micro().mois_purges()[-1].sha256
    with pytest.raises(purge.ErreurSource, match="sha_inconnu"):
        plein.micro().accepter("2022-12", sha)


def test_the_end_of_one_purpose_takes_nothing_that_another_keeps(plein: Atelier) -> None:
    """A December read for a trial, revised and accepted for a study: the trial's retention ends first."""
    plein.mapping["mois"]["2022-12"]["finalite"] = "etude"
    plein.csv(foyers(5))
    assert [e.code for e in plein.reception().recevoir().refus] == ["revision"]
    (essai,) = plein.micro().mois_retenus()[-1:]
    revision = plein.micro().journal().etat("2022-12").en_attente
    assert revision
    plein.micro().accepter("2022-12", revision)
    plein.mapping["conservation_micro_mois"] = {"essai": "36", "etude": "60"}
    (du,) = [
        d for d in micro_dus(plein.micro(), plein.correspondance(), JOUR, None, None) if d.mois == "2022-12"
    ]
    assert (du.finalite, [p.name for p in du.parquets]) == ("essai", [essai.parquet.name])
    assert _bruts(plein, mois=frozenset({("2022-12", "essai")})) == [], "in the depot lies the study's"
    purger(plein.micro(), [du], [])
    (garde,) = [m for m in plein.micro().mois_retenus() if m.mois == "2022-12"]
    assert (garde.sha256, garde.finalite) == (revision, "etude") and garde.parquet.is_file()
    assert not essai.parquet.exists()
    with pytest.raises(purge.ErreurSource, match="sha_inconnu"):
        plein.micro().accepter("2022-12", essai.sha256)


def test_purged_month_dropped_again_is_in_use_again(plein: Atelier) -> None:
    _purger(plein, avant="2023-01")
    plein.csv(foyers(2, mois="2022-12"))
    assert plein.reception().recevoir().recus == ["2022-12"]
    assert [m.mois for m in plein.micro().mois_retenus()] == ["2022-12"]


def test_purged_month_of_a_permanent_origin_does_not_come_back(atelier: Atelier) -> None:
    atelier.csv(foyers(2))
    atelier.reception(permanente=True).recevoir()
    _purger(atelier, avant="2023-01")
    bilan = atelier.reception(permanente=True).recevoir()
    assert bilan.recus == [] and atelier.micro().mois_retenus() == []


def test_kill_in_the_middle_of_a_purge(plein: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journaled first: what remains of the rows is swept by the next night."""

    class Coupure(BaseException):
        pass

    def couper(*_: Any, **__: Any) -> None:
        raise Coupure

    dus = micro_dus(plein.micro(), plein.correspondance(), JOUR, None, "2022-01")
    with monkeypatch.context() as m:
        m.setattr(type(dus[0].parquets[0]), "unlink", couper)
        with pytest.raises(Coupure):
            purger(plein.micro(), dus, [])
    assert dus[0].parquets[0].exists() and "2021-12" not in [m.mois for m in plein.micro().mois_retenus()]
    plein.micro().balayer()
    assert not dus[0].parquets[0].exists() and len(plein.micro().mois_retenus()) == 2


def test_past_retention_is_told_by_the_night(plein: Atelier) -> None:
    plein.mapping["conservation_micro_mois"] = {"essai": "1", "etude": "1200"}
    assert plein.reception().recevoir().a_purger == ["2021-12", "2022-12"]
    _purger(plein)
    assert plein.reception().recevoir().a_purger == []


# -- raw files -------------------------------------------------------------------------------------


def _bruts(atelier: Atelier, dans: int = 0, mois: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    origine = atelier.reception().origine
    maintenant = datetime.now(UTC) + timedelta(days=dans)
    dus = bruts_dus(atelier.micro(), origine, atelier.correspondance(), maintenant, mois)
    return [d.motif for d in dus]


def test_refused_raw_file_is_due_after_its_retention(atelier: Atelier) -> None:
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv([BASE | {"ruc": "?"}])
    assert _bruts(atelier, dans=300) == [], "no night has seen it yet"
    atelier.reception().recevoir()
    assert _bruts(atelier, dans=29) == [] and _bruts(atelier, dans=31) == ["past 30 days"]


def test_raw_file_goes_with_its_month(atelier: Atelier) -> None:
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(2))
    atelier.reception().recevoir()
    assert _bruts(atelier, mois=frozenset({("2022-12", "essai")})) == ["its micro month is purged"]
    origine = atelier.reception().origine
    correspondance = atelier.correspondance()
    bruts = bruts_dus(atelier.micro(), origine, correspondance, datetime.now(UTC), {("2022-12", "essai")})
    purger(atelier.micro(), [], bruts)
    assert not atelier.dossier.exists()
