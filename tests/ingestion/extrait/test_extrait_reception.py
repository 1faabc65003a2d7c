"""Taking extracts in: what is accepted, kept, removed, told again, and what a kill leaves."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from petit_extrait import BASE, MOIS, Atelier, foyers, sans_enfants

from ingestion.as_of import Choix
from ingestion.extrait import depot, lecture, reception
from ingestion.extrait.journal import JournalMicro
from ingestion.extrait.pseudonymes import CleRefusee
from ingestion.extrait.retenus import Micro, MoisRetenu
from ingestion.extrait.zones import Zones, preparer_zone
from socle.horloge import aujourd_hui
from tests.journaux import reecrire


def _codes(atelier: Atelier) -> list[str]:
    return [e.code for e in atelier.reception().recevoir().refus]


def _retenu(atelier: Atelier) -> MoisRetenu:
    (retenu,) = atelier.micro().mois_retenus()
    return retenu


def _parquets(atelier: Atelier) -> list[str]:
    return sorted(f.name for f in (atelier.home / "micro").rglob("*.parquet"))


@pytest.fixture
def lectures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Months whose files were opened, in order."""
    ouvertes: list[str] = []
    vraie = lecture.lire_extrait

    def compter(extrait: lecture.Extrait, *suite: Any) -> None:
        ouvertes.append(extrait.mois)
        vraie(extrait, *suite)

    monkeypatch.setattr(reception, "lire_extrait", compter)
    return ouvertes


# -- accepted --------------------------------------------------------------------------------------


def test_first_files_of_a_month_are_in_use(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    bilan = atelier.reception().recevoir()
    assert (bilan.recus, bilan.acceptes, bilan.retires, bilan.refus) == ([MOIS], [MOIS], [MOIS], [])
    retenu = _retenu(atelier)
    assert replace(retenu, recu_le="", sha256="", parquet=Path(), octets="") == MoisRetenu(
        mois=MOIS,
        millesime=2022,
        sha256="",
        fichier="foyers.csv",
        parquet=Path(),
        cog_millesime=2023,
        couverture="departement:26",
        statut="definitif",
        finalite="essai",
        recu_le="",
        perime=False,
        purge=False,
    )
    assert retenu.annuel and retenu.lisible
    assert not atelier.dossier.exists(), "with no declared retention, the raw file goes at once"


def test_a_correction_dropped_while_the_first_files_are_read_is_not_removed_with_them(
    atelier: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    atelier.csv(foyers(3))
    (depose,) = atelier.dossier.iterdir()
    lire = reception.Reception._lire

    def lire_puis_corriger(self: reception.Reception, *reste: Any) -> None:
        lire(self, *reste)
        atelier.csv(foyers(5))

    monkeypatch.setattr(reception.Reception, "_lire", lire_puis_corriger)
    assert [e.code for e in atelier.reception().recevoir().refus] == ["depot_mouvant"]
    assert depose.exists() and atelier.micro().mois_retenus() == []
    monkeypatch.undo()
    assert atelier.reception().recevoir().recus == [MOIS]
    assert pq.read_metadata(_retenu(atelier).parquet).num_rows == 5 and not atelier.dossier.exists()


def test_nothing_waits_and_nothing_is_said(atelier: Atelier) -> None:
    """No mapping, no key, no extract: the ordinary night of an observatory without one."""
    vide = reception.Reception(
        atelier.micro(),
        Zones(atelier.home),
        depot.Origine(Zones(atelier.home).depot_extrait, atelier.home / "absente.yml"),
    )
    assert vide.recevoir() == reception.BilanExtrait()
    assert atelier.micro().mois_retenus() == [] and atelier.micro().empreintes() == []


def test_same_files_are_not_read_again(atelier: Atelier, lectures: list[str]) -> None:
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    avant = _retenu(atelier)
    bilan = atelier.reception().recevoir()
    assert (bilan.recus, bilan.inchanges) == ([], [MOIS])
    assert lectures == [MOIS] and _retenu(atelier) == avant
    assert atelier.dossier.exists(), "kept for its declared retention"


def test_kept_raw_file_goes_at_the_end_of_its_retention(atelier: Atelier) -> None:
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    _vieillir(atelier, jours=31)
    # Of a clock that nobody believes, the day is not known.
    assert atelier.reception().recevoir(retirer=False).retires == []
    assert atelier.reception().recevoir().retires == [MOIS]
    assert not atelier.dossier.exists() and _retenu(atelier).mois == MOIS


def _vieillir(atelier: Atelier, jours: int) -> None:
    """Write the journal as if its events were that much older."""

    def avant(le: str) -> str:
        return (datetime.fromisoformat(le) - timedelta(days=jours)).isoformat()

    reecrire(atelier.micro().journal().chemin, lambda e: e | {"at": avant(e["at"])})


def test_both_files_count_in_the_digest(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(2))
    atelier.enfants([("F0001", "02/03/2020", "N")])
    assert _codes(atelier) == []
    atelier.csv(foyers(2))
    atelier.enfants([("F0002", "02/03/2020", "N")])
    assert _codes(atelier) == []
    assert len(atelier.micro().journal().etat(MOIS).lus) == 2


def test_another_mapping_of_the_same_files_replaces_their_rows(atelier: Atelier, lectures: list[str]) -> None:
    """A corrected code is the mapping's author's own decision: no revision, and one Parquet remains."""
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    avant = _parquets(atelier)
    atelier.disposition["codes"]["situation_familiale"] = {"1": "couple"}
    assert _codes(atelier) == []
    assert atelier.stocke()["situation_familiale"].to_pylist() == ["couple"] * 3
    assert lectures == [MOIS, MOIS] and len(_parquets(atelier)) == 1 and _parquets(atelier) != avant


def test_corrected_words_of_the_mapping_are_journaled_without_reading(
    atelier: Atelier, lectures: list[str]
) -> None:
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    avant = atelier.micro().empreintes()
    atelier.mapping["mois"][MOIS]["statut"] = "semi_definitif"
    assert atelier.reception().recevoir().recus == [MOIS]
    assert _retenu(atelier).statut == "semi_definitif" and lectures == [MOIS]
    assert atelier.micro().empreintes() != avant


def test_a_month_that_feeds_no_millesime_gives_a_night_nothing_to_build(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    avant = atelier.micro().empreintes()
    atelier.mapping["mois"]["2023-01"] = atelier.mapping["mois"][MOIS]
    atelier.csv(foyers(3, mois="2023-01"), mois="2023-01")
    assert atelier.reception().recevoir().recus == ["2023-01"]
    assert [m.mois for m in atelier.micro().mois_retenus()] == [MOIS, "2023-01"]
    assert atelier.micro().empreintes() == avant


# -- refused ---------------------------------------------------------------------------------------


def test_refused_file_stays_and_the_month_in_use_too(atelier: Atelier, lectures: list[str]) -> None:
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    avant = _retenu(atelier)
    fichier = atelier.csv([BASE | {"ruc": "?"}])
    assert _codes(atelier) == ["valeur_illisible"] and fichier.exists()
    assert _retenu(atelier) == replace(avant, perime=True)
    assert _codes(atelier) == ["valeur_illisible"], "told every night"
    assert lectures == [MOIS, MOIS], "read once as it is"
    atelier.disposition["vides"] = ["", "?"]
    assert _codes(atelier) == ["revision"], "read again under another mapping"


def test_one_month_stops_no_other(atelier: Atelier) -> None:
    atelier.mapping["mois"] |= {"2021-12": {"statut": "definitif"}}
    atelier.csv([BASE | {"ruc": "?"}])
    atelier.csv(foyers(2, mois="2021-12"), mois="2021-12")
    bilan = atelier.reception().recevoir()
    assert bilan.acceptes == ["2021-12"] and [e.code for e in bilan.refus] == ["valeur_illisible"]


def test_undeclared_month(atelier: Atelier, lectures: list[str]) -> None:
    atelier.csv(foyers(1, mois="2021-12"), mois="2021-12")
    atelier.csv(foyers(1), mois="decembre")
    assert _codes(atelier) == ["mois_non_declare"] * 2 and lectures == []


def test_month_past_its_retention(atelier: Atelier, lectures: list[str]) -> None:
    """Taken in at night, it would be purged in the morning."""
    atelier.mapping["conservation_micro_mois"] = {"essai": "12"}
    atelier.mapping["mois"] = {"2017-12": {"statut": "definitif"}}
    atelier.csv(foyers(1, mois="2017-12"), mois="2017-12")
    assert _codes(atelier) == ["mois_hors_conservation"] and lectures == []


PRESENTS: dict[str, Callable[[Atelier], object]] = {
    "two files of foyers": lambda a: a.csv(foyers(1), "autre.csv"),
    "a folder": lambda a: (a.dossier / "sous").mkdir(),
    "a link": lambda a: (a.dossier / "lien.csv").symlink_to("foyers.csv"),
    "a pipe": lambda a: os.mkfifo(a.dossier / "tube.csv"),
    "a file of no month": lambda a: a.dossier.with_name("foyers.csv").write_bytes(b""),
    "children nobody declared": lambda a: a.enfants([]),
}


@pytest.mark.parametrize("cas", PRESENTS)
def test_depot_that_is_not_one_file_a_month(atelier: Atelier, cas: str) -> None:
    atelier.csv(foyers(1))
    PRESENTS[cas](atelier)
    assert "depot_ambigu" in _codes(atelier)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone reads what another account keeps for itself")
def test_root_does_not_take_in_what_another_account_keeps_for_itself(
    atelier: Atelier, lectures: list[str]
) -> None:
    os.chown(atelier.csv(foyers(1)), 65534, -1)
    assert _codes(atelier) == ["entree_interdite"] and lectures == []


def test_children_still_to_come(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.csv(foyers(1))
    (erreur,) = atelier.reception().recevoir().refus
    assert (erreur.code, erreur.observe) == ("depot_ambigu", "1 file(s) of foyers, 0 of children")


def test_hidden_files_are_left_alone(atelier: Atelier) -> None:
    """A copy under way has a name that starts with a dot."""
    atelier.deposer(b"half a co", ".foyers.csv")
    assert _codes(atelier) == [] and (atelier.dossier / ".foyers.csv").exists()


@pytest.mark.parametrize("faute", ["absente", "invalide"])
def test_extract_without_a_mapping(atelier: Atelier, faute: str) -> None:
    atelier.csv(foyers(1))
    attente = atelier.reception()
    if faute == "absente":
        attente.origine.correspondance.unlink()
    else:
        attente.origine.correspondance.write_text("couverture: france\n")
    (erreur,) = attente.recevoir().refus
    assert erreur.code == "correspondance" and "ctg extrait template" in erreur.que_faire
    assert atelier.dossier.exists()


def test_refused_key_stores_nothing(atelier: Atelier, lectures: list[str]) -> None:
    atelier.csv(foyers(1))
    attente = atelier.reception()

    def sans_cle() -> bytes:
        raise CleRefusee("no key")

    attente.origine = replace(attente.origine, secret=sans_cle)
    (erreur,) = attente.recevoir().refus
    assert (erreur.code, erreur.observe) == ("cle_refusee", "no key")
    assert _parquets(atelier) == [] and lectures == [] and atelier.dossier.exists()
    assert _codes(atelier) == [], "taken in once the key is there: the file itself was never refused"


# -- revisions -------------------------------------------------------------------------------------


def _reviser(atelier: Atelier) -> tuple[str, str]:
    """Take in a month, then other content for it; return both sha256."""
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    ancien = _retenu(atelier).sha256
    atelier.csv(foyers(4))
    (erreur,) = atelier.reception().recevoir().refus
    nouveau = atelier.micro().journal().etat(MOIS).en_attente
    assert nouveau and erreur.code == "revision"
    assert f"`ctg extrait accept {MOIS} {nouveau[:12]}`" in erreur.que_faire
    return ancien, nouveau


def test_a_revision_of_nearly_as_many_foyers_is_used_by_itself(atelier: Atelier) -> None:
    atelier.csv(foyers(100))
    atelier.reception().recevoir()
    for nombre, codes in ((105, []), (100, []), (106, ["revision"])):
        atelier.csv(foyers(nombre))
        assert _codes(atelier) == codes
    assert atelier.stocke().num_rows == 100


def test_revision_waits_until_it_is_accepted(atelier: Atelier, lectures: list[str]) -> None:
    ancien, nouveau = _reviser(atelier)
    assert _retenu(atelier).sha256 == ancien and _retenu(atelier).perime
    assert _codes(atelier) == ["revision"], "told every night"
    assert atelier.micro().accepter(MOIS, nouveau[:8]) == nouveau
    assert _codes(atelier) == [] and _retenu(atelier).sha256 == nouveau
    assert atelier.stocke().num_rows == 4
    assert atelier.micro().accepter(MOIS, ancien[:8]) == ancien, "and back"
    assert lectures == [MOIS, MOIS]


@pytest.mark.parametrize("nombre", [103, 110])
def test_what_a_person_left_aside_is_told_no_more_until_it_is_dropped_again(
    atelier: Atelier, nombre: int
) -> None:
    """Used by itself or waiting, it was seen: the content that the person chose stays, and nobody asks."""
    atelier.mapping["conservation_depot_jours"] = "30"
    atelier.csv(foyers(100))
    atelier.reception().recevoir()
    choisi = _retenu(atelier).sha256
    atelier.csv(foyers(nombre))
    attend = _codes(atelier)
    assert attend == ([] if nombre == 103 else ["revision"])
    autre = atelier.micro().journal().etat(MOIS).candidat
    atelier.micro().accepter(MOIS, choisi)
    assert _codes(atelier) == [] and _retenu(atelier).sha256 == choisi and not _retenu(atelier).perime
    # Its raw file is still there, under another word of the mapping.
    atelier.mapping["mois"][MOIS]["statut"] = "semi_definitif"
    assert _codes(atelier) == [] and _retenu(atelier).sha256 == choisi
    _vieillir(atelier, jours=31)
    assert atelier.reception().recevoir().retires == [MOIS] and _codes(atelier) == []
    atelier.csv(foyers(nombre))
    assert _codes(atelier) == attend
    assert (_retenu(atelier).sha256 == autre) == (nombre == 103)


def test_first_content_dropped_again_withdraws_the_revision(atelier: Atelier) -> None:
    _reviser(atelier)
    atelier.csv(foyers(3))
    assert _codes(atelier) == []
    assert not _retenu(atelier).perime


@pytest.mark.parametrize("sha", ["f" * 12, ""])
def test_only_contents_that_were_read_can_be_accepted(atelier: Atelier, sha: str) -> None:
    _reviser(atelier)
    with pytest.raises(depot.ErreurSource, match="sha_inconnu"):
        atelier.micro().accepter(MOIS, sha)
    with pytest.raises(depot.ErreurSource, match="none yet"):
        atelier.micro().accepter("2001-12", sha)


# -- kills, leftovers, lost files ------------------------------------------------------------------


class Coupure(BaseException):
    """Stands for the end of the process: nothing catches it."""


def test_kill_between_the_parquet_and_the_journal(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of nobody's month are swept, the raw file is still there, the next night takes it in."""
    atelier.mapping["mois"] |= {"2021-12": {"statut": "definitif"}}
    atelier.csv(foyers(2, mois="2021-12"), mois="2021-12")
    atelier.reception().recevoir()
    atelier.csv(foyers(3))
    with monkeypatch.context() as m:
        m.setattr(JournalMicro, "ecrire", _couper)
        with pytest.raises(Coupure):
            atelier.reception().recevoir()
    assert len(_parquets(atelier)) == 2 and atelier.dossier.exists()
    atelier.micro().balayer()
    assert len(_parquets(atelier)) == 1, "2021-12 alone"
    assert atelier.reception().recevoir().acceptes == [MOIS]
    assert len(atelier.micro().mois_retenus()) == 2


def _couper(*_: Any, **__: Any) -> None:
    raise Coupure


def test_kill_between_the_journal_and_the_removal(atelier: Atelier, monkeypatch: pytest.MonkeyPatch) -> None:
    atelier.csv(foyers(3))
    with monkeypatch.context() as m:
        m.setattr(depot, "retirer", _couper)
        with pytest.raises(Coupure):
            atelier.reception().recevoir()
    bilan = atelier.reception().recevoir()
    assert (bilan.recus, bilan.inchanges, bilan.retires) == ([], [MOIS], [MOIS])


def test_kill_while_rows_are_written(atelier: Atelier) -> None:
    """What streams lies in a hidden closed folder, swept by the next night."""
    travail = preparer_zone(Zones(atelier.home).micro) / ".travail-mort"
    travail.mkdir()
    (travail / "brut.parquet").write_bytes(b"rows")
    atelier.micro().balayer()
    assert not travail.exists()


def test_lost_journal_sweeps_nothing(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    atelier.micro().journal().chemin.unlink()
    atelier.micro().balayer()
    assert len(_parquets(atelier)) == 1


def test_stored_month_of_another_contract_is_told_and_feeds_nothing(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    pq.write_table(pa.table({"ancienne": [1]}), _retenu(atelier).parquet)
    assert atelier.micro().mois_retenus() == [] and _codes(atelier) == ["micro_perime"]
    (retenu,) = atelier.micro().acceptes()
    retenu.parquet.unlink()
    assert _codes(atelier) == ["micro_perime"]
    atelier.csv(foyers(3))
    assert _codes(atelier) == [] and _retenu(atelier).lisible


def test_a_stored_month_whose_bytes_changed_feeds_nothing_until_it_is_dropped_again(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    atelier.reception().recevoir()
    parquet = _retenu(atelier).parquet
    octets = bytearray(parquet.read_bytes())
    octets[len(octets) // 4] ^= 1
    parquet.write_bytes(octets)
    assert _codes(atelier) == ["micro_perime"] and atelier.micro().mois_retenus() == []
    atelier.csv(foyers(3))
    assert _codes(atelier) == [] and _retenu(atelier).parquet.read_bytes() != octets


# -- an older day ----------------------------------------------------------------------------------


def test_months_as_of_a_day(atelier: Atelier) -> None:
    ancien, nouveau = _reviser(atelier)
    _vieillir(atelier, jours=100)
    atelier.micro().accepter(MOIS, nouveau)
    ce_jour = aujourd_hui()
    hier = date.fromordinal(ce_jour.toordinal() - 1)
    jadis = date.fromordinal(ce_jour.toordinal() - 200)

    def retenus(jour: date) -> list[str]:
        return [m.sha256 for m in Micro(atelier.home, jour).mois_retenus()]

    assert (retenus(hier), retenus(ce_jour), retenus(jadis)) == ([ancien], [nouveau], [])
    choix = Micro(atelier.home, hier).choix()
    attendu = ("atterrissage", "in use here on that day")
    assert choix == [Choix("caf_extrait_allocataires", "foyers", 2022, None, ancien, *attendu)]  # type: ignore[arg-type]
    (absent,) = Micro(atelier.home, jadis).choix()
    assert (absent.sha256, absent.regle) == (None, "ecarte") and absent.raison.startswith("first taken in on")
    assert Micro(atelier.home).choix() == []


def test_nothing_is_taken_in_as_of_a_day(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    autre = atelier.reception()
    autre.micro = Micro(atelier.home, aujourd_hui())
    assert autre.recevoir() == reception.BilanExtrait()
    assert atelier.dossier.exists() and not (atelier.home / "micro").exists()


# -- the demonstration's origin --------------------------------------------------------------------


def test_permanent_origin_keeps_its_files(atelier: Atelier, lectures: list[str]) -> None:
    atelier.csv(foyers(3))
    assert atelier.reception(permanente=True).recevoir().retires == []
    assert atelier.reception(permanente=True).recevoir().inchanges == [MOIS]
    assert atelier.dossier.exists() and lectures == [MOIS]


def test_real_extract_in_the_depot_of_the_demonstration_is_told(atelier: Atelier, tmp_path: Path) -> None:
    autre = atelier.reception(permanente=True)
    autre.origine = replace(autre.origine, dossier=tmp_path / "demonstration")
    atelier.csv(foyers(3))
    (erreur,) = autre.recevoir().refus
    assert erreur.code == "depot_ambigu" and "does not read" in erreur.observe
    assert atelier.micro().mois_retenus() == [] and atelier.dossier.exists()
