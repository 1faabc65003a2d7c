import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from petite_source import REGISTRE_2022, acquerir, changer, sha

from ingestion.acquisition import Acquisition, BilanSource
from ingestion.erreurs import Lieu
from ingestion.landing import Landing, Pose
from ingestion.recu import Recu

EN_2022 = ("registre", "communes", 2022)


def test_a_file_lands_unchanged_with_its_provenance(acquisition: Acquisition) -> None:
    (piece,) = acquisition.recevoir("registre").recus
    chemin = acquisition.landing.fichier(*EN_2022, sha(REGISTRE_2022))
    assert chemin.read_text() == REGISTRE_2022 and piece.sha256 == sha(REGISTRE_2022)
    assert chemin.parent == acquisition.home / "landing/registre/communes/2022" / sha(REGISTRE_2022)[:12]
    sidecar = json.loads((chemin.parent / "provenance.json").read_text())
    assert sidecar["sha256"] == sha(REGISTRE_2022) and sidecar["bytes"] == len(REGISTRE_2022.encode())
    assert len(sidecar["contrat"]) == 64 and sidecar["fetched_at"].endswith("+00:00")


def classeur() -> bytes:
    """A sheet of many rows, far larger than the CSV it stands for."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        archive.writestr("xl/workbook.xml", "x" * 10_000)
    return octets.getvalue()


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (classeur(), "classeur"),
        (b"", "vide"),
        (b" \r\n\n", "vide"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Maintenance</body></html>", "html"),
        (b"PK\x03\x04 not the end of it", "zip_tronque"),
    ],
)
def test_bytes_that_cannot_be_the_file_are_refused_and_kept(
    acquisition: Acquisition, miroir: Path, octets: bytes, code: str
) -> None:
    (miroir / "registre2022.csv").write_bytes(octets)
    (refus,) = acquisition.recevoir("registre").refus
    assert refus.code == code
    dossier = acquisition.home / "landing/_refuse/registre/communes/2022" / sha(octets)[:12]
    assert (dossier / "registre2022.csv").read_bytes() == octets
    assert json.loads((dossier / "provenance.json").read_text())["erreur"] == refus.to_dict()
    assert acquisition.journal().etat(*EN_2022).candidat is None
    # Seen again: told again, journalled once.
    journal = (acquisition.home / "landing/journal.jsonl").read_bytes()
    assert [e.code for e in acquisition.recevoir("registre").refus] == [code]
    assert (acquisition.home / "landing/journal.jsonl").read_bytes() == journal


def test_a_size_jump_is_refused_until_the_contract_allows_it(
    acquisition: Acquisition, miroir: Path, nuit: Callable[..., object]
) -> None:
    nuit()
    (miroir / "registre2022.csv").write_text(REGISTRE_2022.replace("Albon", "Albon" * 200))
    (refus,) = acquisition.recevoir("registre").refus
    assert refus.code == "saut_de_taille"
    seuils = acquisition.contrats["registre"].ressources["communes"].thresholds
    changer(acquisition, thresholds=seuils.model_copy(update={"size_jump": 50.0}))
    bilan = acquisition.recevoir("registre")
    assert len(bilan.recus) == 1 and not bilan.refus


def test_of_another_size_the_columns_that_are_missing_are_told_first(
    acquisition: Acquisition, miroir: Path, nuit: Callable[..., object]
) -> None:
    nuit()
    court = "\n".join(ligne.rpartition(";")[0] for ligne in REGISTRE_2022.splitlines()) + "\n" * 1000
    (miroir / "registre2022.csv").write_text(court)
    (refus,) = acquisition.recevoir("registre").refus
    assert (refus.code, refus.colonne) == ("colonne_manquante", "NOM")
    assert "size_jump" not in str(refus) and "1 columns are missing: NOM" in refus.observe


def test_labels_of_a_portal_are_told_as_such(
    acquisition: Acquisition, miroir: Path, nuit: Callable[..., object]
) -> None:
    contrat = acquisition.contrats["registre"].ressources["communes"]
    url = "https://portail.example/exports/csv?use_labels=false"
    edition = contrat.millesimes[2022].model_copy(update={"url": url})
    changer(acquisition, millesimes=contrat.millesimes | {2022: edition})
    _, reste = REGISTRE_2022.split("\n", 1)
    (miroir / "registre2022.csv").write_text("Numéro commune;Foyers 22;Revenu médian;Nom commune\n" + reste)
    nuit()
    (refus,) = [e for e in acquisition.normaliser("registre").refus]
    assert refus.code == "libelles" and "use_labels=false" in refus.que_faire


def test_landing_killed_before_its_sidecar_is_completed_by_the_next_night(acquisition: Acquisition) -> None:
    acquisition.recevoir("registre")
    chemin = acquisition.landing.fichier(*EN_2022, sha(REGISTRE_2022))
    (chemin.parent / "provenance.json").unlink()
    assert acquisition.landing.provenance(*EN_2022, sha(REGISTRE_2022)) is None
    acquisition.recevoir("registre")
    assert acquisition.landing.fichier(*EN_2022, sha(REGISTRE_2022)) == chemin


def test_a_dropped_file_leaves_the_depot_once_landed(acquisition: Acquisition, miroir: Path) -> None:
    (miroir / "registre2022.csv").unlink()
    depot = acquisition.home / "depot/registre/communes/2022"
    depot.mkdir(parents=True)
    (depot / "Mon fichier (1).csv").write_text(REGISTRE_2022)
    bilan = acquisition.recevoir("registre")
    assert [p.millesime for p in bilan.recus] == [2022] and [p.millesime for p in bilan.absents] == [2021]
    assert acquisition.landing.fichier(*EN_2022, sha(REGISTRE_2022)).name == "Mon fichier (1).csv"
    assert list(depot.iterdir()) == []


def test_a_correction_dropped_while_the_first_file_is_taken_in_waits_for_the_next_night(
    acquisition: Acquisition, miroir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (miroir / "registre2022.csv").unlink()
    depot = acquisition.home / "depot/registre/communes/2022"
    depot.mkdir(parents=True)
    (depot / "registre.csv").write_text(REGISTRE_2022)
    corrige, poser = REGISTRE_2022.replace(";60;", ";65;"), Landing.poser
    assert corrige != REGISTRE_2022

    def poser_puis_corriger(self: Landing, poses: Iterable[Pose]) -> None:
        poser(self, poses)
        (depot / ".registre.csv").write_text(corrige)
        (depot / ".registre.csv").rename(depot / "registre.csv")

    monkeypatch.setattr(Landing, "poser", poser_puis_corriger)
    assert [p.sha256 for p in acquisition.recevoir("registre").recus] == [sha(REGISTRE_2022)]
    monkeypatch.undo()
    assert [p.sha256 for p in acquisition.recevoir("registre").recus] == [sha(corrige)]
    assert list(depot.iterdir()) == []


def test_a_file_dropped_in_a_folder_that_the_depot_links_to_is_taken_from_there(
    acquisition: Acquisition, miroir: Path, tmp_path: Path
) -> None:
    """How another account drops a file: the depot itself is closed to it."""
    echange = tmp_path / "echange"
    (echange / "communes" / "2022").mkdir(parents=True)
    (echange / "communes" / "2022" / "registre.csv").write_text(REGISTRE_2022)
    (acquisition.home / "depot").mkdir(parents=True)
    (acquisition.home / "depot" / "registre").symlink_to(echange)
    assert [p.millesime for p in acquisition.recevoir("registre").recus if p.millesime == 2022] == [2022]
    assert list((echange / "communes" / "2022").iterdir()) == []


def test_a_refused_or_misplaced_drop_stays_where_it_is(acquisition: Acquisition) -> None:
    racine = acquisition.home / "depot/registre"
    for nom in (
        "communes/2022/a.csv",
        "communes/2031/b.csv",
        "communes/2021/c.csv",
        "communes/2021/d.csv",
        "communes/e.csv",
        "communes/2020/unpacked/f.csv",
        "epci/2022/g.csv",
    ):
        (racine / nom).parent.mkdir(parents=True, exist_ok=True)
        (racine / nom).write_text("<html>" if nom.endswith("a.csv") else REGISTRE_2022)
    refus = acquisition.recevoir("registre").refus
    assert sorted(e.code for e in refus) == [
        "depot_ambigu",
        "depot_ambigu",
        "depot_ambigu",
        "depot_ambigu",
        "html",
        "millesime_inconnu",
    ]
    assert {e.observe for e in refus if "unpacked" in e.observe} == {"2020/unpacked/"}
    assert len(list(racine.rglob("*.csv"))) == 7


def test_a_folder_of_the_depot_whose_files_were_moved_away_is_told_no_more(acquisition: Acquisition) -> None:
    depot = acquisition.home / "depot"
    vides = (
        "registres/communes/2022",
        "registre/epci",
        "registre/communes/2022",
        "registre/communes/2021/un",
    )
    for nom in vides:
        (depot / nom).mkdir(parents=True)
        (depot / nom / ".copie").write_text("half of a file")
    assert acquisition.depots_inconnus() == [] == acquisition.recevoir("registre").refus
    for nom in vides:
        (depot / nom / "a.csv").write_text(REGISTRE_2022)
    assert [e.source for e in acquisition.depots_inconnus()] == ["registres"]
    assert {e.ressource for e in acquisition.recevoir("registre").refus} == {"epci", "communes"}


def test_what_lies_at_the_root_of_the_depot_under_no_source_is_told(acquisition: Acquisition) -> None:
    depot = acquisition.home / "depot"
    for nom in ("registre", "caf_extrait_allocataires", "registres", ".copie"):
        (depot / nom).mkdir(parents=True)
        (depot / nom / "a.csv").write_text(REGISTRE_2022)
    (depot / "communes.csv").write_text(REGISTRE_2022)
    dossier, fichier = sorted(acquisition.depots_inconnus(), key=lambda e: e.source, reverse=True)
    assert (dossier.code, dossier.source, dossier.fichier) == (
        "depot_ambigu",
        "registres",
        str(depot / "registres"),
    )
    assert dossier.observe == "a folder that is no source; did you mean registre?"
    assert (fichier.source, fichier.observe) == ("communes.csv", "a file outside any folder")
    assert (depot / "communes.csv").exists()


def test_a_file_dropped_by_hand_is_not_undone_by_the_mirror(
    acquisition: Acquisition, nuit: Callable[..., object]
) -> None:
    nuit()
    corrige = REGISTRE_2022.replace("1600", "1601")
    depot = acquisition.home / "depot/registre/communes/2022"
    depot.mkdir(parents=True)
    (depot / "corrige.csv").write_text(corrige)
    nuit()
    acquisition.accepter(*EN_2022, sha(corrige)[:12])
    bilan, normalise = nuit()  # type: ignore[misc]
    assert not bilan.recus and not normalise.refus
    (retenu,) = (f for f in acquisition.fichiers_retenus() if f.source == "registre")
    assert retenu.sha256 == sha(corrige) and not retenu.perime


def test_a_file_dropped_again_after_the_mirror_gave_another_is_received_again(
    acquisition: Acquisition, nuit: Callable[[], tuple[BilanSource, BilanSource]], miroir: Path
) -> None:
    nuit()
    depot = acquisition.home / "depot/registre/communes/2022"

    def deposer() -> None:
        depot.mkdir(parents=True, exist_ok=True)
        (depot / "corrige.csv").write_text(REGISTRE_2022.replace("1600", "1601"))

    corrige, autre = (REGISTRE_2022.replace("1600", r) for r in ("1601", "1602"))
    deposer()
    nuit()
    deposer()
    bilan, _ = nuit()
    assert not bilan.recus, "nothing came since"
    (miroir / "registre2022.csv").write_text(autre)
    nuit()
    acquisition.accepter(*EN_2022, sha(autre)[:12])
    deposer()
    bilan, normalise = nuit()
    assert [p.sha256 for p in bilan.recus] == [sha(corrige)]
    assert [e.code for e in normalise.refus] == ["revision"] and not (depot / "corrige.csv").exists()


def test_the_same_bytes_from_two_addresses_land_once(tmp_path: Path) -> None:
    def recu(nom: str) -> Recu:
        chemin = tmp_path / nom / "recu"
        chemin.parent.mkdir()
        chemin.write_text(REGISTRE_2022)
        return Recu(chemin, nom, "url", f"https://example.org/{nom}", sha(REGISTRE_2022), len(REGISTRE_2022))

    landing = Landing(tmp_path / "landing")
    lieu = Lieu(*EN_2022)
    landing.poser([Pose(recu("a.csv"), lieu), Pose(recu("b.csv"), lieu)])
    dossier = landing.dossier(*EN_2022, sha(REGISTRE_2022))
    assert sorted(p.name for p in dossier.iterdir()) == ["a.csv", "provenance.json"]
    assert landing.fichier(*EN_2022, sha(REGISTRE_2022)).name == "a.csv"


def test_refused_bytes_are_kept_for_a_time_but_the_last_of_each_millesime(
    acquisition: Acquisition, miroir: Path
) -> None:
    refuses = acquisition.home / "landing/_refuse/registre/communes/2022"
    for corps in ("<html>1", "<html>2", "<html>3"):
        (miroir / "registre2022.csv").write_text(corps)
        acquerir(acquisition)
    dossiers = [refuses / sha(f"<html>{n}")[:12] for n in (1, 2, 3)]
    vieux = time.time() - 91 * 86_400
    for dossier in dossiers[0], dossiers[2]:
        os.utime(dossier / "provenance.json", (vieux, vieux))
    os.utime(dossiers[1] / "provenance.json", (vieux - 1, vieux - 1))
    journal = acquisition.home / "landing/journal.jsonl"
    dits = journal.read_text()
    os.utime(journal, (vieux, vieux))
    acquisition.balayer()
    assert sorted(refuses.iterdir()) == sorted(dossiers), "of the last night, none is old"
    os.utime(dossiers[0] / "provenance.json")
    os.utime(journal)
    acquisition.balayer()
    assert [*refuses.iterdir()] == [dossiers[0]] and journal.read_text() == dits
