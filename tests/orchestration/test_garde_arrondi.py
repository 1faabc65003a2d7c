"""Homes that printed persons exactly, or rounded them under another key: an operator decides."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commande import sceller

from confidentialite.cle import empreinte
from orchestration.nuit import garde_arrondi
from orchestration.nuit.cles import cle
from orchestration.nuit.garde_arrondi import exiger_un_seul_arrondi, releases_a_retirer
from orchestration.nuit.reglages import ReglageRefuse, Reglages
from publication.releases import magasin

PREMIERE = {"registre": {"rang": 3}}
"""What a certificate of the first design said, among others."""


@pytest.fixture
def reglage(tmp_path: Path) -> Reglages:
    (tmp_path / "releases").mkdir()
    return Reglages(tmp_path, "mirror", "departement:26", str(tmp_path))


def _publier(reglage: Reglages, certificat: dict[str, Any], *sources: str, jour: int = 1) -> Path:
    """A release of these sources, sealed as the store reads it."""
    dossier = reglage.chemins.releases / f"202601{jour:02}T030000Z-{jour:08}"
    entrees = [{"source": s, "ressource": "r", "millesime": 2022} for s in sources]
    sceller(dossier, {"inputs": entrees}, **{magasin.CERTIFICAT: json.dumps(certificat).encode()})
    return dossier


@pytest.mark.parametrize("source", ["caf_extrait_allocataires", "caf_accueil", "epci_guichet_unique"])
def test_a_home_that_printed_persons_exactly_stops(reglage: Reglages, source: str) -> None:
    exacte = _publier(reglage, PREMIERE, source, "insee_populations_legales")
    with pytest.raises(ReglageRefuse, match=rf"{exacte.name}.*--repartir"):
        exiger_un_seul_arrondi(reglage)
    exiger_un_seul_arrondi(replace(reglage, repartir=True))
    assert [*releases_a_retirer(reglage)] == [exacte]
    # What the operator took upon himself is remembered.
    exiger_un_seul_arrondi(reglage)
    magasin.retirer(exacte)
    assert [*releases_a_retirer(reglage)] == []
    assert reglage.chemins.journal_agregats.read_text().count("repartie_le") == 1


def test_what_readers_are_pinned_to_is_not_removed_under_them(reglage: Reglages) -> None:
    exacte = _publier(reglage, PREMIERE, "caf_extrait_allocataires")
    (reglage.chemins.releases / "EPINGLE").write_text(exacte.name)
    with pytest.raises(ReglageRefuse, match=rf"{exacte.name}.*is pinned.*rollback --lift"):
        exiger_un_seul_arrondi(replace(reglage, repartir=True))


D_APRES_LES_COMPTES = {"conception": 2, "mesures": [{"mesure": "familles", "pas": 5}]}
D_APRES_LES_COMPTES_ENCORE = {"conception": 3, "mesures": [], "anciens_ordres": [{"source": "caf_accueil"}]}


@pytest.mark.parametrize("certificat", [D_APRES_LES_COMPTES, D_APRES_LES_COMPTES_ENCORE])
def test_an_order_made_from_counts_stops_nobody_and_goes_where_it_never_left_the_machine(
    reglage: Reglages, certificat: dict[str, Any]
) -> None:
    ancienne = _publier(reglage, certificat | {"cle": empreinte(cle(reglage, "arrondi"))}, "caf_accueil")
    saine = _publier(reglage, certificat | {"conception": 3, "anciens_ordres": []}, "caf_accueil", jour=2)
    exiger_un_seul_arrondi(reglage)
    assert [*releases_a_retirer(reglage)] == []
    exiger_un_seul_arrondi(replace(reglage, repartir=True))
    # A night that is killed leaves it to the next one, which is not told again.
    assert [*releases_a_retirer(reglage)] == [ancienne] and saine.exists()


def test_a_home_of_public_files_upgrades_as_usual(reglage: Reglages) -> None:
    publique = _publier(reglage, PREMIERE, "cnaf_allocataires_communes", "caf_equipements")
    exiger_un_seul_arrondi(reglage)
    (reglage.chemins.releases / "current").symlink_to(publique.name)
    assert garde_arrondi.precedente(reglage.chemins.releases) == publique


def test_exact_figures_are_no_release_to_compare_with(reglage: Reglages) -> None:
    exacte = _publier(reglage, PREMIERE, "caf_extrait_allocataires")
    (reglage.chemins.releases / "current").symlink_to(exacte.name)
    assert garde_arrondi.precedente(reglage.chemins.releases) is None


def test_the_demonstration_counts_nobody(reglage: Reglages) -> None:
    _publier(reglage, PREMIERE, "caf_extrait_allocataires")
    exiger_un_seul_arrondi(replace(reglage, profil="demo"))


def test_another_key_stops_the_night_until_it_is_said_to_be_new(reglage: Reglages) -> None:
    sienne = empreinte(cle(reglage, "arrondi"))
    _publier(reglage, {"conception": 2, "cle": sienne}, "caf_extrait_allocataires")
    exiger_un_seul_arrondi(reglage)
    reglage.chemins.secret.write_text("ab" * 32)
    autre = empreinte(cle(reglage, "arrondi"))
    with pytest.raises(ReglageRefuse, match=rf"key {autre}, releases say {sienne}.*--nouvelle-cle"):
        exiger_un_seul_arrondi(reglage)
    exiger_un_seul_arrondi(replace(reglage, nouvelle_cle=True))
    exiger_un_seul_arrondi(reglage)


def test_a_certificate_that_is_damaged_stops_the_night_with_what_to_do_of_that_release(
    reglage: Reglages,
) -> None:
    abimee = _publier(reglage, PREMIERE, "caf_extrait_allocataires")
    (abimee / magasin.CERTIFICAT).write_text("{}")
    with pytest.raises(ReglageRefuse, match=rf"{abimee.name}.*move its folder out of {abimee.parent}"):
        exiger_un_seul_arrondi(reglage)
