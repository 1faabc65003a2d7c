"""The key: where it comes from and when it is refused; pseudonyms that only its holder can compute."""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.extrait.pseudonymes import (
    CleRefusee,
    Pseudonymes,
    en_cles,
    en_hexadecimal,
    lire_secret,
    secret_de_demonstration,
)

# The same in every process: it is in the names of some tests.
CLE = hashlib.sha256(b"a key for the tests").hexdigest()


def _fichier(dossier: Path, texte: str = CLE, mode: int = 0o600) -> dict[str, str]:
    fichier = dossier / "cle"
    fichier.write_text(texte + "\n")
    fichier.chmod(mode)
    return {"CTG_CLE_PSEUDONYMES_FICHIER": str(fichier)}


def test_key_from_the_environment_or_a_closed_file(tmp_path: Path) -> None:
    assert lire_secret({"CTG_CLE_PSEUDONYMES": CLE}).hex() == CLE
    assert lire_secret(_fichier(tmp_path)).hex() == CLE
    assert lire_secret(_fichier(tmp_path, mode=0o400)).hex() == CLE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o700, 0o777])
def test_open_key_file_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CleRefusee, match="chmod 600"):
        lire_secret(_fichier(tmp_path, mode=mode))


def test_key_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = _fichier(tmp_path)
    moi = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: moi + 1)
    with pytest.raises(CleRefusee, match="another user"):
        lire_secret(env)


@pytest.mark.parametrize(
    ("texte", "motif"),
    [
        (CLE[:-2], "31 bytes, at least 32"),
        ("", "0 bytes"),
        ("changez-moi" * 6, "not hexadecimal"),
        ("00" * 32, "can be guessed"),
        ("ab" * 32, "can be guessed"),
        ("0123456789abcdef" * 4, "can be guessed"),
        (bytes(range(32)).hex(), "can be guessed"),
        (bytes(range(64, 32, -1)).hex(), "can be guessed"),
        (b"une phrase que tout le monde connait par coeur".hex(), "can be guessed"),
    ],
)
def test_weak_key_is_refused_and_not_quoted(tmp_path: Path, texte: str, motif: str) -> None:
    with pytest.raises(CleRefusee, match=motif) as e:
        lire_secret(_fichier(tmp_path, texte))
    assert not texte or texte not in str(e.value)


def test_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CleRefusee, match="no key"):
        lire_secret({})
    with pytest.raises(CleRefusee, match="cannot be read"):
        lire_secret({"CTG_CLE_PSEUDONYMES_FICHIER": str(tmp_path / "absent")})
    with pytest.raises(CleRefusee, match="keep one"):
        lire_secret(_fichier(tmp_path) | {"CTG_CLE_PSEUDONYMES": CLE})
    with pytest.raises(CleRefusee, match="cannot be read"):
        lire_secret({"CTG_CLE_PSEUDONYMES_FICHIER": str(tmp_path)})


def test_pseudonyms_are_hmac_sha256_of_a_key_per_purpose() -> None:
    secret = bytes.fromhex(CLE)
    identifiants = pa.array(["F1", "é", "F1"])
    empreintes = Pseudonymes(secret, "essai").calculer(identifiants)
    cle = hmac.new(secret, b"observatoire-ctg/pseudonymes/essai", hashlib.sha256).digest()
    attendus = [hmac.new(cle, t.encode(), hashlib.sha256).hexdigest() for t in ("F1", "é", "F1")]
    assert en_hexadecimal(empreintes).to_pylist() == attendus
    assert [c.hex() for c in en_cles(empreintes).tolist()] == [a[:32] for a in attendus]
    assert Pseudonymes(secret, "autre").calculer(identifiants) != empreintes
    assert Pseudonymes(bytes.fromhex(secrets.token_hex(32)), "essai").calculer(identifiants) != empreintes


def test_nothing_shows_the_key() -> None:
    pseudonymes = Pseudonymes(bytes.fromhex(CLE), "essai")
    assert CLE not in repr(pseudonymes) and repr(pseudonymes) == "Pseudonymes(…)"


def test_demonstration_draws_its_own_key_once(tmp_path: Path) -> None:
    fichier = tmp_path / "d" / "cle"
    premiere = secret_de_demonstration(fichier)
    assert secret_de_demonstration(fichier) == premiere
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    assert secret_de_demonstration(tmp_path / "autre") != premiere
