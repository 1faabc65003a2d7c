"""The names of files in releases: stable, of one installation, mute to who has not its secret."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.contrats import charger_contrats
from orchestration.nuit.identifiants import Identifiants, identifiants
from orchestration.nuit.reglages import Reglages
from socle.etat import EtatIllisible

SHA = "ab" * 32
CONTRATS = charger_contrats()


def noms(home: Path, profil: str = "live") -> Identifiants:
    return identifiants(Reglages(home, profil, "france", None), CONTRATS)  # type: ignore[arg-type]


def test_a_public_file_is_named_by_its_sha256_and_no_other_is(tmp_path: Path) -> None:
    ici = noms(tmp_path)
    assert ici.de("insee_filosofi", SHA) == SHA
    for source in ("caf_equipements", "caf_extrait_allocataires", "source_sans_contrat"):
        assert ici.de(source, SHA).startswith("interne-") and SHA[:12] not in ici.de(source, SHA)


def test_names_are_the_same_from_night_to_night_and_of_one_installation(tmp_path: Path) -> None:
    ici, encore = noms(tmp_path), noms(tmp_path)
    (tmp_path / "autre").mkdir()
    assert ici.de("caf_equipements", SHA) == encore.de("caf_equipements", SHA)
    assert ici.de("caf_equipements", SHA) != noms(tmp_path / "autre").de("caf_equipements", SHA)
    assert ici.de("caf_equipements", SHA) != ici.de("caf_equipements", "cd" * 32)
    assert stat.S_IMODE((tmp_path / "secret_installation").stat().st_mode) == 0o600
    assert ici.cle.hex() not in repr(ici)


def test_the_demonstration_has_the_same_names_everywhere(tmp_path: Path) -> None:
    ailleurs = tmp_path / "ailleurs"
    assert noms(tmp_path, "demo") == noms(ailleurs, "demo")
    assert not (tmp_path / "secret_installation").exists()


@pytest.mark.parametrize("texte", ["", "pas un secret", "ab" * 16])
def test_a_secret_that_cannot_be_one_is_refused_and_never_replaced(tmp_path: Path, texte: str) -> None:
    (tmp_path / "secret_installation").write_text(texte)
    with pytest.raises(EtatIllisible, match="put it back from the backup"):
        noms(tmp_path)
    assert (tmp_path / "secret_installation").read_text() == texte


def test_what_a_release_says_of_a_choice_names_no_internal_file(tmp_path: Path) -> None:
    ici = noms(tmp_path)
    choix = {"source": "caf_equipements", "ressource": "structures", "sha256": SHA, "regle": "atterrissage"}
    assert ici.anonymiser(choix) == choix | {"sha256": None, "fichier_id": ici.de("caf_equipements", SHA)}
    public = choix | {"source": "insee_filosofi"}
    assert ici.anonymiser(public) == public | {"fichier_id": SHA}
    ecarte = replace(ici).anonymiser(choix | {"sha256": None})
    assert (ecarte["sha256"], ecarte["fichier_id"]) == (None, None)
