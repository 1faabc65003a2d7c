"""The lot of each forme: which of two figures alike is shown, under a key that no reader has.

Belongs here: what is drawn from the key. Does not: the key (`confidentialite.cle`), what else orders formes
(`formes.py`).

Communes A 4, B 5 and C 5; A is hidden, and B or C with it. If the smallest always went, a reader who sees C 5
would know that B is 5 at most, and 9 - 5 that A is 4. Each draws a lot: B may go although it is the larger,
seldom when it is much larger.
"""

import hashlib
import hmac
from decimal import Decimal
from functools import cache

from confidentialite.moteur.formes import Cle

_BITS = 64


def empreinte(cle: bytes) -> str:
    """What tells two keys apart, and nothing of either."""
    return hmac.digest(cle, b"empreinte", hashlib.sha256).hex()


def attente(cle_: bytes, millesime: int, cle: Cle, valeur: Decimal) -> int:
    """How long a forme waits before it is published: the smaller its value, the longer, by the luck of a lot.

    An exponential of mean 1/value: of two formes of 30 and 10, the first goes first three times out of four,
    and any order of several has some chance. Whole numbers alone: the same on every machine. The lots of two
    millésimes have nothing in common, so that what is seen of one tells nothing of the other; those of two
    nights are the same.
    """
    cents = max(1, int(abs(valeur) * 100))
    return (_duree(cle_, millesime, cle) << _BITS) // cents


@cache
def _graine(cle_: bytes, millesime: int) -> "hmac.HMAC":
    return hmac.new(cle_, f"{millesime}\0".encode(), hashlib.sha256)


def _duree(cle_: bytes, millesime: int, cle: Cle) -> int:
    """Drawn from an exponential law, near enough: minus the logarithm of a uniform number, by chords."""
    nom = _graine(cle_, millesime).copy()
    niveau, code, atomes = cle.lieu
    nom.update(repr((cle.termes, niveau, code, atomes)).encode())
    tire = int.from_bytes(nom.digest()[: _BITS // 8]) | 1
    zeros = _BITS - tire.bit_length()
    mantisse = (tire << zeros) - (1 << (_BITS - 1))
    return ((zeros + 1) << (_BITS - 1)) - mantisse
