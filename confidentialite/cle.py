"""What is drawn under the key of an installation: where each chain starts.

Does not belong here: where the key comes from (`orchestration/nuit/cles.py`).
"""

import hmac

# Tests and benches round under a key that everybody has.
CLE_PUBLIQUE = b"observatoire-ctg/cle-publique"


def depart(cle: bytes, fichier: str, mesure_id: str, departement: str, modulo: int) -> int:
    """Return the start of a chain, a whole number of [0, modulo)."""
    tirage = hmac.digest(cle, f"{fichier}|{mesure_id}|{departement}".encode(), "sha256")
    return int.from_bytes(tirage) % modulo


def empreinte(cle: bytes) -> str:
    """Return 16 digits by which a release names the key it was rounded under, without telling it."""
    return hmac.new(cle, b"empreinte", "sha256").hexdigest()[:16]
