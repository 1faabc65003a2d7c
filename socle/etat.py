"""Small JSON files of state, each read in the shape declared by its own module, or refused for a person.

liaison.json cut by a full disk      EtatIllisible: the profile of the folder would be another
veille.json cut by a full disk       logged, and made again: one watch tells no change
"""

import errno
import logging
from pathlib import Path
from typing import TypeVar

from socle.erreurs import ErreurPublication

logger = logging.getLogger(__name__)
T = TypeVar("T")


class EtatIllisible(ErreurPublication):
    """A file of state that is there and cannot be used. `fait` and `suite` are the two parts of the message;
    `numero` is the errno of a file that could not be opened.
    """

    def __init__(self, fichier: Path, observe: str, attendu: str, suite: str, numero: int | None = None):
        """Word the message about `fichier`."""
        self.fait = f"{fichier} cannot be used: expected {attendu}, observed {observe}"
        self.fichier, self.observe, self.suite, self.numero = fichier, observe, suite, numero
        super().__init__(f"{self.fait}. Next: {suite}")


def lire_octets(fichier: Path, attendu: str, suite: str) -> bytes | None:
    """Return the bytes of a file, None where there is none. `attendu`: its nature; `suite`: what to do
    otherwise.

    Raises `EtatIllisible` where it is there and cannot be opened.
    """
    try:
        return fichier.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as e:
        if isinstance(e, PermissionError):
            suite = f"take the account it belongs to, or give this one the right to read it ({fichier})"
        elif isinstance(e, IsADirectoryError):
            suite = f"move that folder elsewhere, then {suite}"
        raise EtatIllisible(fichier, str(e.strerror), attendu, suite, e.errno) from None


def lire_json(fichier: Path, forme: type[T], attendu: str, suite: str) -> T | None:
    """Return the JSON of a file as the type `forme`, None where there is no file.

    Raises `EtatIllisible` where it cannot be opened, is cut, not JSON, or of another shape; no value is
    quoted.
    """
    octets = lire_octets(fichier, attendu, suite)
    if octets is None:
        return None
    # Pydantic is slow to load, and `ctg --help` reads no state.
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(forme).validate_json(octets)
    except ValidationError as e:
        faute = e.errors(include_input=False, include_url=False)[0]
        ou = ".".join(map(str, faute["loc"]))
        observe = f"{len(octets)} bytes, {f'{ou}: ' if ou else ''}{faute['msg']}"
        raise EtatIllisible(fichier, observe, attendu, suite) from None


def lire_ou_refaire(fichier: Path, forme: type[T], vide: T, attendu: str, perte: str) -> T:
    """Return the JSON of a file that may be lost: `vide` where there is none, or where it cannot be used,
    which is logged with the loss (`perte`).

    Raises `EtatIllisible` where a folder has its place: nothing could be written there.
    """
    try:
        lu = lire_json(fichier, forme, attendu, "start again")
    except EtatIllisible as e:
        if e.numero == errno.EISDIR:
            raise
        logger.warning("%s; it is made again, and %s", e.fait, perte)
        return vide
    return vide if lu is None else lu
