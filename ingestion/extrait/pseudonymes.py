"""Keyed pseudonyms (HMAC-SHA-256): where the key comes from, when it is refused.

The key is in no message, no file of the warehouse and no representation of an object.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socle.disque import ecriture_atomique
from socle.erreurs import ErreurCtg

VARIABLE = "CTG_CLE_PSEUDONYMES"
VARIABLE_FICHIER = "CTG_CLE_PSEUDONYMES_FICHIER"
OCTETS_MIN = 32
# Once in 10^12, 32 random bytes have fewer than 16 distinct values.
DISTINCTS_MIN = 16

# First half of a pseudonym: enough to tell foyers apart, half the memory.
CLES = np.dtype("S16")
Cles = npt.NDArray[np.bytes_]


class CleRefusee(ErreurCtg):
    """A key that may make no pseudonym: why, and what to do."""


class Pseudonymes:
    """Pseudonyms of one purpose: its own key is derived from the secret, so that two purposes never match."""

    def __init__(self, secret: bytes, finalite: str) -> None:
        """Derive the key of the purpose `finalite`."""
        cle = hmac.digest(secret, b"observatoire-ctg/pseudonymes/" + finalite.encode(), "sha256")
        self._empreinte: Callable[[bytes], bytes] = partial(hmac.digest, cle, digest="sha256")

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Pseudonymes(…)"

    def calculer(self, identifiants: pa.Array) -> list[bytes]:
        """HMAC-SHA-256 of each identifier (text; null is refused elsewhere)."""
        lus = identifiants.cast(pa.binary()).to_pylist()
        return [self._empreinte(identifiant or b"") for identifiant in lus]


class Reperes(Pseudonymes):
    """What tells foyers apart where nothing is kept: no key, and faster."""

    def __init__(self) -> None:
        """Need no secret."""
        self._empreinte = lambda identifiant: blake2b(identifiant, digest_size=CLES.itemsize).digest()


def en_hexadecimal(empreintes: list[bytes]) -> pa.Array:
    """Pseudonyms as they are stored: 64 hex digits."""
    return pa.array([empreinte.hex() for empreinte in empreintes], pa.string())


def en_cles(empreintes: list[bytes]) -> Cles:
    """Pseudonyms as keys to sort and to look up."""
    return np.frombuffer(b"".join(empreinte[: CLES.itemsize] for empreinte in empreintes), CLES)


def lire_secret(env: Mapping[str, str] = os.environ) -> bytes:
    """Read the secret from `CTG_CLE_PSEUDONYMES` (hex) or the file `CTG_CLE_PSEUDONYMES_FICHIER` names.

    Raises `CleRefusee` for none, two, a key that others can read, too short or guessable.
    """
    texte, fichier = env.get(VARIABLE), env.get(VARIABLE_FICHIER)
    if texte and fichier:
        raise CleRefusee(f"both {VARIABLE} and {VARIABLE_FICHIER} are set: keep one")
    if not texte and not fichier:
        raise CleRefusee(
            f"no key: write one with `(umask 077; openssl rand -hex 32 > FILE)`, outside of CTG_HOME and of "
            f"any repository, and name it in {VARIABLE_FICHIER}"
        )
    return _verifier(texte if texte else _lire_fichier(Path(str(fichier))))


def secret_de_demonstration(fichier: Path) -> bytes:
    """Secret of the demonstration, drawn once into `fichier` (0600): invented foyers need no one's key."""
    if not fichier.exists():
        with ecriture_atomique(fichier) as f:
            f.write(f"{secrets.token_hex(OCTETS_MIN)}\n".encode())
    return _verifier(_lire_fichier(fichier))


def _lire_fichier(fichier: Path) -> str:
    try:
        with fichier.open("rb") as f:
            etat = os.fstat(f.fileno())
            octets = f.read(1 << 16)
    except OSError as e:
        raise CleRefusee(f"the key file {fichier} cannot be read: {e.strerror}") from None
    if not stat.S_ISREG(etat.st_mode):
        raise CleRefusee(f"the key file {fichier} is not a regular file")
    if etat.st_uid != os.geteuid():
        raise CleRefusee(f"the key file {fichier} belongs to another user: chown it to the user of the night")
    if stat.S_IMODE(etat.st_mode) & 0o177:
        raise CleRefusee(
            f"the key file {fichier} has mode {stat.S_IMODE(etat.st_mode):04o}: `chmod 600 {fichier}`, and "
            "draw a new key if someone else may have read it"
        )
    return octets.decode("ascii", "replace")


def _verifier(texte: str) -> bytes:
    try:
        secret = bytes.fromhex(texte.strip())
    except ValueError:
        raise CleRefusee("the key is not hexadecimal: `openssl rand -hex 32` writes one") from None
    if len(secret) < OCTETS_MIN:
        raise CleRefusee(
            f"the key has {len(secret)} bytes, at least {OCTETS_MIN} are expected ({2 * OCTETS_MIN} hex "
            "digits): `openssl rand -hex 32` writes one"
        )
    pas = {(b - a) % 256 for a, b in pairwise(secret)}
    if len(set(secret)) < DISTINCTS_MIN or len(pas) == 1 or all(32 <= octet < 127 for octet in secret):
        raise CleRefusee(
            "the key can be guessed (a constant, a sequence or a text): `openssl rand -hex 32` draws one"
        )
    return secret
