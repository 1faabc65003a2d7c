"""The extract from the outside: its commands, its asset, its origin in each profile."""

import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest
from click.testing import Result
from commande import environnement
from en_ligne import ctg
from petit_extrait import BASE, MOIS, Atelier, en_csv, foyers, sans_enfants

from ingestion.extrait.correspondance import charger_correspondance
from orchestration.actifs import CLE_CONSTRUCTION, CLE_MICRO
from orchestration.assets.sources import externes, reception, source_extrait
from orchestration.nuit import reglages
from orchestration.nuit.nuit import Nuit
from orchestration.resources import ressource_nuit
from socle.journaux import ajouter_evenement

CLE = secrets.token_hex(32)


@pytest.fixture
def atelier(tmp_path: Path) -> Iterator[Atelier]:
    """A CTG_HOME of the live profile, with a mapping and a key in a closed file outside of it."""
    cle = tmp_path / "cle"
    cle.write_text(CLE)
    cle.chmod(0o600)
    env = environnement(
        CTG_HOME=str(tmp_path / "home"), CTG_PROFILE="live", CTG_CLE_PSEUDONYMES_FICHIER=str(cle)
    )
    with patch.dict(os.environ, env, clear=True):
        ici = Atelier(tmp_path / "home")
        ici.correspondance()
        reglages.lier(reglages.lire(), perimetre=False)
        yield ici


def _ctg(*arguments: object) -> Result:
    return ctg("extrait", *arguments)


def _recevoir() -> list[str]:
    """What the night refuses, by code."""
    return [e.code for e in reglages.lire().reception().recevoir().refus]


# -- check -----------------------------------------------------------------------------------------


def test_check_says_that_a_file_would_be_taken_in(atelier: Atelier, tmp_path: Path) -> None:
    fichier = tmp_path / "essai.csv"
    fichier.write_bytes(en_csv(foyers(3)))
    avant = sorted(atelier.home.rglob("*"))
    resultat = _ctg("check", fichier, "--mois", MOIS)
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    assert resultat.stdout == f"{fichier} would be taken in for {MOIS}.\n"
    assert sorted(atelier.home.rglob("*")) == avant and fichier.exists(), "nothing is stored"


def test_check_says_everything_at_once(atelier: Atelier) -> None:
    atelier.mapping = sans_enfants(atelier.mapping)
    atelier.correspondance()
    fichier = atelier.csv([*foyers(2), BASE | {"ruc": "?", "code_commune": "1"}])
    resultat = _ctg("check", fichier, "--enfants", atelier.enfants([("F0009", "02/03/2020", "N")]))
    assert resultat.exit_code == 1 and resultat.stdout == "4 error(s).\n"
    codes = ("[valeur_illisible]", "[cle_dupliquee]", "[enfant_sans_foyer]", "column X_RUC (ruc), line 4")
    assert [c for c in codes if c not in resultat.stderr] == []


@pytest.mark.parametrize(
    ("mois", "code"), [("2001-12", "mois_non_declare"), ("2017-12", "mois_hors_conservation")]
)
def test_check_says_what_is_wrong_with_the_month(atelier: Atelier, mois: str, code: str) -> None:
    atelier.mapping["mois"]["2017-12"] = {"statut": "definitif"}
    atelier.mapping["conservation_micro_mois"] = {"essai": "12"}
    atelier.correspondance()
    resultat = _ctg("check", atelier.csv(foyers(1), mois=mois))
    assert resultat.exit_code == 1 and f"[{code}]" in resultat.stderr


def test_check_says_that_a_file_is_a_revision(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    assert _recevoir() == []
    assert _ctg("check", atelier.csv(foyers(3))).exit_code == 0
    resultat = _ctg("check", atelier.csv(foyers(4)))
    assert resultat.exit_code == 1 and "[revision]" in resultat.stderr


def test_check_tells_a_key_the_night_would_refuse(atelier: Atelier) -> None:
    """Beside the verdict, which is about the file."""
    Path(os.environ["CTG_CLE_PSEUDONYMES_FICHIER"]).chmod(0o644)
    resultat = _ctg("check", atelier.csv(foyers(3)))
    assert resultat.exit_code == 0 and "the night would stop on it" in resultat.stderr


@pytest.mark.parametrize("arguments", [("--mois", "2022-13"), ("--mois", "decembre")])
def test_check_refuses_what_is_no_month(atelier: Atelier, arguments: tuple[str, str]) -> None:
    assert _ctg("check", atelier.csv(foyers(1)), *arguments).exit_code == 2


def test_mapping_errors_are_a_message(atelier: Atelier) -> None:
    (atelier.home / "correspondance_extrait.yml").write_text("couverture: france\n")
    resultat = _ctg("check", atelier.csv(foyers(1)))
    assert resultat.exit_code == 1 and "error(s) in the mapping" in resultat.stderr
    assert "Traceback" not in resultat.output


# -- template, list, accept, purge -----------------------------------------------------------------


def test_template_writes_a_mapping_and_opens_closed_folders(atelier: Atelier) -> None:
    resultat = _ctg("template")
    assert resultat.exit_code == 0
    mapping, guide = map(Path, resultat.stdout.split())
    assert charger_correspondance(mapping) and guide.exists()
    for zone in ("depot", "depot/caf_extrait_allocataires", "micro", "agregats"):
        assert stat.S_IMODE((atelier.home / zone).stat().st_mode) == 0o700
    assert _ctg("template").exit_code == 1, "what may have been filled in is not overwritten"


def test_months_are_listed_without_any_number_of_rows(atelier: Atelier) -> None:
    atelier.csv(foyers(4321))
    assert _recevoir() == []
    atelier.csv(foyers(3))
    assert _recevoir() == ["revision"]
    resultat = _ctg("list")
    assert resultat.exit_code == 0 and "4321" not in resultat.stdout
    assert f"{MOIS}  in use" in resultat.stdout and "revision waiting: " in resultat.stdout


def test_revision_is_accepted(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    _recevoir()
    atelier.csv(foyers(4))
    _recevoir()
    nouveau = str(reglages.lire().micro().journal().etat(MOIS).en_attente)
    resultat = _ctg("accept", MOIS, nouveau[:12])
    assert resultat.stdout == f"{MOIS}: {nouveau} is in use from the next night on.\n"
    assert _recevoir() == []
    assert _ctg("accept", MOIS, "f" * 12).exit_code == 1


def test_purge_says_first_and_removes_then(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    _recevoir()
    _geler()
    annonce = _ctg("purge", "--avant", "2023-01", "--dry-run")
    assert annonce.stdout == f"micro {MOIS} (essai): before 2023-01\nDry run: nothing was removed.\n"
    assert len(reglages.lire().micro().mois_retenus()) == 1
    assert _ctg("purge").stdout == "Nothing is due.\n"
    assert _ctg("purge", "--avant", "2023-01").exit_code == 0
    assert reglages.lire().micro().mois_retenus() == [] and "purged" in _ctg("list").stdout


def test_purge_knows_the_purposes_of_the_mapping_and_of_the_months_alone(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    _recevoir()
    refuse = _ctg("purge", "--finalite", "esai", "--avant", "2023-01")
    assert refuse.exit_code == 2 and "no month is kept for 'esai': the purposes are essai" in refuse.stderr
    atelier.mapping["conservation_micro_mois"] = {"autre": "12"}
    atelier.correspondance()
    assert _ctg("purge", "--finalite", "autre").stdout == "Nothing is due.\n"
    annonce = _ctg("purge", "--finalite", "essai", "--avant", "2023-01", "--sans-gel", "--dry-run")
    assert f"micro {MOIS} (essai): before 2023-01" in annonce.stdout, "no longer declared, and still there"


def _geler() -> None:
    """Journal frozen aggregates for each month in use, as a night that counted them does."""
    reglage = reglages.lire()
    for m in reglage.micro().mois_retenus():
        evenement = {"mois": m.mois, "sha256": m.sha256, "fichier": "gele.parquet"}
        ajouter_evenement(reglage.zones().agregats / "journal.jsonl", evenement)


def test_purge_keeps_what_no_night_has_counted(atelier: Atelier) -> None:
    """Its figures would go with it, unless somebody decides so."""
    atelier.csv(foyers(3))
    _recevoir()
    refuse = _ctg("purge", "--avant", "2023-01")
    assert refuse.exit_code == 1 and f"micro {MOIS} (essai): before 2023-01, kept" in refuse.stderr
    assert len(reglages.lire().micro().mois_retenus()) == 1
    assert _ctg("purge", "--avant", "2023-01", "--sans-gel").exit_code == 0
    assert reglages.lire().micro().mois_retenus() == []


def _nuit_apres_conservation(atelier: Atelier, purge_de_nuit: str) -> None:
    atelier.mapping |= {"conservation_micro_mois": {"essai": "12"}, "purge_de_nuit": purge_de_nuit}
    atelier.correspondance()
    assert _nuit() == ({}, True)


def test_a_night_purges_where_the_mapping_says_so_and_never_what_none_has_frozen(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    assert _nuit() == ({}, True)
    _nuit_apres_conservation(atelier, "oui")
    assert len(reglages.lire().micro().mois_retenus()) == 1, "its figures would go with it"
    _geler()
    _nuit_apres_conservation(atelier, "non")
    assert len(reglages.lire().micro().mois_retenus()) == 1
    parquet = reglages.lire().micro().mois_retenus()[0].parquet
    _nuit_apres_conservation(atelier, "oui")
    assert reglages.lire().micro().mois_retenus() == [] and not parquet.exists()
    assert "purged" in _ctg("list").stdout


def test_purge_waits_for_no_night(atelier: Atelier) -> None:
    with reglages.verrou(atelier.home):
        resultat = _ctg("purge")
    assert resultat.exit_code == 1 and "already running" in resultat.stderr


# -- the asset -------------------------------------------------------------------------------------


def _nuit() -> tuple[dict[str, str], bool]:
    """This asset alone: what its check tells of a refusal, and its verdict; the run succeeds either way."""
    with dg.DagsterInstance.ephemeral() as instance:
        resultat = dg.materialize(
            [*externes, reception],
            selection=[CLE_MICRO],
            resources={"nuit": ressource_nuit()},
            instance=instance,
            raise_on_error=False,
        )
    (verification,) = resultat.get_asset_check_evaluations()
    assert resultat.success
    return {nom: str(fait.value) for nom, fait in verification.metadata.items()}, verification.passed


def test_asset_takes_months_in_and_tells_refusals(atelier: Atelier) -> None:
    atelier.csv(foyers(3))
    assert _nuit() == ({}, True)
    assert [m.mois for m in reglages.lire().micro().mois_retenus()] == [MOIS]
    atelier.csv([BASE | {"ruc": "?"}])
    refus, passe = _nuit()
    assert refus["1 what"].startswith("[valeur_illisible]") and MOIS in refus["2 where"]
    assert not passe
    assert [m.perime for m in reglages.lire().micro().mois_retenus()] == [True]


def test_night_closes_its_folders_and_sweeps_what_a_kill_left(atelier: Atelier) -> None:
    """The night's own database holds aggregates before secrecy."""
    reste = atelier.home / "micro" / ".travail-mort"
    reste.mkdir(parents=True)
    reste.parent.chmod(0o700)
    _nuit()
    assert stat.S_IMODE((atelier.home / "build").stat().st_mode) == 0o700
    assert not reste.exists()


def test_fingerprint_of_the_night_follows_the_months(atelier: Atelier) -> None:
    def empreinte() -> str:
        return Nuit(reglages.lire()).empreinte

    sans = empreinte()
    atelier.csv(foyers(3))
    assert _recevoir() == []
    avec = empreinte()
    assert avec != sans and empreinte() == avec


def test_construction_waits_for_the_extract() -> None:
    from orchestration.definitions import defs

    graphe = defs.get_repository_def().asset_graph
    assert CLE_MICRO in graphe.get(CLE_CONSTRUCTION).parent_keys
    assert graphe.get(CLE_MICRO).parent_keys == {source_extrait.key}


# -- the profiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("profil", ["live", "mirror"])
def test_real_profiles_read_the_depot_and_remove(atelier: Atelier, profil: Any) -> None:
    origine = replace(reglages.lire(), profil=profil).origine_extrait()
    assert origine.dossier == atelier.home / "depot" / "caf_extrait_allocataires"
    assert origine.correspondance == atelier.home / "correspondance_extrait.yml"
    assert not origine.permanente and origine.secret().hex() == CLE


def test_demonstration_reads_its_own_files_with_its_own_key(atelier: Atelier) -> None:
    """Never the key nor the depot of real persons."""
    origine = replace(reglages.lire(), profil="demo").origine_extrait()
    assert origine.dossier == reglages.DEMONSTRATION / "extrait" and origine.permanente
    assert origine.secret().hex() != CLE
