"""A binding or a secret that is lost, in a home that has served: nothing is bound nor drawn again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from commande import sceller
from en_ligne import RELEASE, ctg

from confidentialite.cle import empreinte
from orchestration.nuit.agregats import SCHEMA_ARRONDIS, SCHEMA_COMPTES, Agregats, Fichier
from orchestration.nuit.chemins import Chemins
from orchestration.nuit.cles import cle
from orchestration.nuit.pertes import pertes
from orchestration.nuit.reglages import Liaison, Reglages, lier, lire, verrou
from publication.releases import magasin
from socle.etat import EtatIllisible
from socle.journaux import ajouter_evenement


def _publier(home: Path, perimetre: str, ou: str = "", **certificat: str) -> None:
    manifeste = {"profil": "mirror", "perimetre": perimetre, "inputs": []}
    fichiers = {magasin.CERTIFICAT: json.dumps(certificat).encode()}
    sceller(home / "releases" / ou / RELEASE, manifeste, **fichiers)


SERVI: dict[str, Callable[[Path], object]] = {
    "a release": lambda h: _publier(h, "departement:26"),
    "files received": lambda h: ajouter_evenement(h / "landing" / "journal.jsonl", {"event": "recu"}),
    "persons counted": lambda h: ajouter_evenement(h / "agregats" / "journal.jsonl", {"compte": "f"}),
    "months of the extract": lambda h: ajouter_evenement(h / "micro" / "journal.jsonl", {"mois": "2022-12"}),
}


@pytest.mark.parametrize("servi", SERVI)
def test_a_lost_binding_is_no_new_folder(servi: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration was run in the home of real figures."""
    SERVI[servi](tmp_path)
    for variables in ({}, {"CTG_PROFILE": "live"}):
        with pytest.raises(EtatIllisible, match=r"liaison\.json cannot be used: .*, observed nothing"):
            lire({"CTG_HOME": str(tmp_path)} | variables, nouveau=True)
    monkeypatch.setenv("CTG_HOME", str(tmp_path))
    for commande in (["refresh"], ["doctor"], ["sources", "fetch"]):
        dit = ctg(*commande)
        assert dit.exit_code == 1 and "observed nothing" in dit.output, commande
    with pytest.raises(EtatIllisible):
        lier(Reglages(tmp_path, "demo", "departement:26", None), perimetre=False)
    assert not (tmp_path / "liaison.json").exists()


@pytest.mark.parametrize("perdue", [None, b""], ids=["gone", "cut"])
def test_a_lost_binding_is_told_as_the_newest_releases_say_it(perdue: bytes | None, tmp_path: Path) -> None:
    _publier(tmp_path, "departement:26")
    _publier(tmp_path, "epci:200068229", "perimetres/epci-200068229")
    liaison = tmp_path / "liaison.json"
    if perdue is not None:
        liaison.write_bytes(perdue)
    with pytest.raises(EtatIllisible, match="Next: put it back from a backup") as refus:
        lire({"CTG_HOME": str(tmp_path)})
    dite, _, ou = refus.value.suite.partition("echo '")[2].partition("' > ")
    assert ou.startswith(f"{liaison}, then `ctg refresh --mirror")
    liaison.write_text(dite)
    lue = lire({"CTG_HOME": str(tmp_path), "CTG_MIRROR": "https://exemple.org"})
    assert (lue.profil, lue.perimetres) == ("mirror", ("departement:26", "epci:200068229"))


def test_without_a_release_nobody_says_which_profile(tmp_path: Path) -> None:
    SERVI["files received"](tmp_path)
    with pytest.raises(EtatIllisible, match=r"write the profile of its nights there .*\"live\""):
        lire({"CTG_HOME": str(tmp_path)})


def test_a_folder_that_begins_is_bound_as_before(tmp_path: Path) -> None:
    with verrou(tmp_path / "home"):
        lier(lire({"CTG_HOME": str(tmp_path / "home")}), perimetre=False)
    assert json.loads((tmp_path / "home" / "liaison.json").read_text()) == {"profil": Liaison("demo").profil}


@pytest.mark.parametrize("servi", ["a release", "persons counted"])
def test_a_lost_secret_is_drawn_again_by_nobody_but_an_operator(servi: str, tmp_path: Path) -> None:
    reglage = Reglages(tmp_path, "live", "departement:26", None)
    secret = Chemins(tmp_path).secret
    ancienne = empreinte(cle(reglage, "arrondi"))
    if servi == "a release":
        _publier(tmp_path, "departement:26", cle=ancienne)
    else:
        SERVI[servi](tmp_path)
    secret.unlink()
    with pytest.raises(EtatIllisible, match=r"observed nothing\. Next: .*backup.*--nouvelle-cle"):
        cle(reglage, "arrondi")
    assert not secret.exists(), "refused before it is drawn"
    assert empreinte(cle(replace(reglage, nouvelle_cle=True), "arrondi")) != ancienne
    assert secret.exists()


def test_what_was_frozen_of_persons_is_read_as_it_was_written_or_not_at_all(tmp_path: Path) -> None:
    """Counted and rounded again, a file would have other figures than readers have."""
    fichier = Fichier("caf_extrait_allocataires", "2022-12", "a" * 64)
    gardes = Agregats(tmp_path / "agregats")
    gardes.garder_compte(fichier, SCHEMA_COMPTES.empty_table())
    arrondi = gardes.garder_arrondi(fichier, SCHEMA_ARRONDIS.empty_table())
    assert [*pertes(Chemins(tmp_path))] == []
    octets = arrondi.read_bytes()
    arrondi.write_bytes(octets[:-9] + bytes([octets[-9] ^ 1]) + octets[-8:])
    (perte,) = pertes(Chemins(tmp_path))
    assert f"{arrondi} cannot be used" in str(perte) and f"BACKUP agregats/{fichier.source}" in perte.suite
    arrondi.unlink()
    (perte,) = pertes(Chemins(tmp_path))
    assert "observed nothing" in str(perte)


def test_a_home_of_the_first_design_has_no_secret_yet(tmp_path: Path) -> None:
    _publier(tmp_path, "departement:26", registre="x")
    ajouter_evenement(tmp_path / "agregats" / "journal.jsonl", {"repartie_le": [RELEASE]})
    cle(Reglages(tmp_path, "live", "departement:26", None), "arrondi")


@pytest.mark.parametrize("commande", [["sources", "fetch"], ["extrait", "count"]])
def test_a_lost_journal_is_not_begun_anew_by_another_command_than_a_night(
    commande: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night would then find one, and what was decided and rounded would be forgotten in silence."""
    (miroir := tmp_path / "miroir").mkdir()
    home = tmp_path / "home"
    with verrou(home):
        lier(Reglages(home, "mirror", "departement:26", str(miroir)), perimetre=False)
    entrees = [{"source": "insee_cog_communes", "ressource": "communes", "millesime": 2024}]
    manifeste = {"profil": "mirror", "perimetre": "departement:26", "inputs": entrees}
    sceller(home / "releases" / RELEASE, manifeste, **{magasin.CERTIFICAT: b"{}"})
    for nom, valeur in {"CTG_HOME": home, "CTG_MIRROR": miroir, "CTG_PROFILE": "mirror"}.items():
        monkeypatch.setenv(nom, str(valeur))
    dit = ctg(*commande)
    assert dit.exit_code == 1 and f"{home}/landing/journal.jsonl cannot be used" in dit.output, dit.output
    assert not (home / "landing" / "journal.jsonl").exists()
