"""The keys of this installation, one per purpose, all from one secret that it draws once.

The Caf keeps the secret of pseudonyms elsewhere (`ingestion.extrait.pseudonymes`).
"""

import hmac
import secrets
from pathlib import Path

from socle.disque import ecriture_atomique
from socle.etat import EtatIllisible, lire_octets

from .reglages import Reglages

OCTETS = 32
_SUITE = (
    "put it back from the backup of CTG_HOME. Without one, remove it: the next night draws another, internal"
    " files change names, and `ctg refresh --nouvelle-cle` rounds new files of persons under it"
)
# Invented files are nobody's secret: one for all, so that the demonstration has the same bytes everywhere.
_DEMONSTRATION = b"observatoire-ctg/demonstration"


def cle(reglages: Reglages, finalite: str) -> bytes:
    """The key of a purpose, the same every night; what another key shows tells nothing of it.

    The secret is drawn when there is none: the caller holds the lock of CTG_HOME. Raises `EtatIllisible` when
    it is there and cannot be one.
    """
    secret = _DEMONSTRATION if reglages.profil == "demo" else _secret(reglages.chemins.secret)
    return hmac.digest(secret, f"observatoire-ctg/{finalite}".encode(), "sha256")


def _secret(fichier: Path) -> bytes:
    if not fichier.exists():
        with ecriture_atomique(fichier) as flux:
            flux.write(f"{secrets.token_hex(OCTETS)}\n".encode())
    return lire_secret(fichier)


def lire_secret(fichier: Path) -> bytes:
    """The secret that a file holds. Raises `EtatIllisible` when it cannot be one."""
    attendu = f"a secret of {2 * OCTETS} hexadecimal digits"
    octets = lire_octets(fichier, attendu, _SUITE)
    try:
        secret = bytes.fromhex((octets or b"").decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < OCTETS:
        raise EtatIllisible(fichier, "something else (it is not shown)", attendu, _SUITE)
    return secret
