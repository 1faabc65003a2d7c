"""The keys of this installation, one per purpose, all from one secret that it draws once.

The Caf keeps the secret of pseudonyms elsewhere (`ingestion.extrait.pseudonymes`).
"""

import hmac
import secrets
from collections.abc import Iterator
from pathlib import Path

from socle.disque import ecriture_atomique
from socle.etat import EtatIllisible, lire_octets

from .pertes import a_une_cle
from .reglages import Reglages

OCTETS = 32
_SUITE = (
    "put it back from the backup of CTG_HOME. Without one, remove what is left of it, then `ctg refresh"
    " --nouvelle-cle` draws another: files rounded already keep their figures, new ones are rounded under it,"
    " internal files change names"
)
_ATTENDU = f"a secret of {2 * OCTETS} hexadecimal digits"
# Invented files are nobody's secret: one for all, so that the demonstration has the same bytes everywhere.
_DEMONSTRATION = b"observatoire-ctg/demonstration"


def cle(reglages: Reglages, finalite: str) -> bytes:
    """The key of a purpose, the same every night; other keys tell nothing of it.

    The secret is drawn in a home that had none, or by `nouvelle_cle`: the caller holds the lock of CTG_HOME.
    Raises `EtatIllisible` when it is lost, or is there and cannot be one.
    """
    secret = _DEMONSTRATION if reglages.profil == "demo" else _secret(reglages)
    return hmac.digest(secret, f"observatoire-ctg/{finalite}".encode(), "sha256")


def _secret(reglages: Reglages) -> bytes:
    fichier = reglages.chemins.secret
    if not fichier.exists():
        for perte in () if reglages.nouvelle_cle else secret_perdu(reglages):
            raise perte
        with ecriture_atomique(fichier) as flux:
            flux.write(f"{secrets.token_hex(OCTETS)}\n".encode())
    return lire_secret(fichier)


def secret_perdu(reglages: Reglages) -> Iterator[EtatIllisible]:
    """Yield an error where the secret was used before and is gone."""
    secret = reglages.chemins.secret
    if reglages.profil != "demo" and not secret.exists() and a_une_cle(reglages.chemins):
        yield EtatIllisible(secret, "nothing", _ATTENDU, _SUITE)


def lire_secret(fichier: Path) -> bytes:
    """The secret that a file holds. Raises `EtatIllisible` when it cannot be one."""
    octets = lire_octets(fichier, _ATTENDU, _SUITE)
    try:
        secret = bytes.fromhex((octets or b"").decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < OCTETS:
        raise EtatIllisible(fichier, "something else (it is not shown)", _ATTENDU, _SUITE)
    return secret
