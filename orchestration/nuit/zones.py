"""Who may reach what under CTG_HOME: anybody its `releases/`, the account of the night alone all the rest.

    0711  CTG_HOME     crossed by whoever knows where `releases/` is; its names are not listed
    0755  releases/    readable; how each release is, its store says (`publication.releases.magasin`)
    0700  the others   nobody else enters: what is inside is out of reach, whatever its own mode

Belongs here: closing a home, a new one or one that an earlier version left open, and writing in it so that
what is made is closed from its first byte. Does not belong here: which folders there are (`chemins`).
"""

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from socle.disque import AUTRES, DOSSIER_OUVERT, creer_dossier, masque_prive

from .chemins import Chemins

TRAVERSE = 0o711
# Of the home itself, others may cross it and no more.
_LIRE_ET_ECRIRE = 0o066


class ZoneOuverte(Exception):
    """A zone that others can reach, and that this account may not close."""


def fermer(home: Path) -> list[Path]:
    """Make CTG_HOME, or close the one that is there but for `releases/`; return what was open.

    One look at each name of the home, whatever it holds: closing a folder puts what is under it out of reach.
    A mode that somebody made narrower stays, and so does a link, which is where it leads that matters. Raises
    `ZoneOuverte` where what is open belongs to another account.
    """
    if not home.is_dir():
        creer_dossier(home)
        home.chmod(TRAVERSE)
    releases = Chemins(home).releases
    if not releases.is_dir():
        creer_dossier(releases)
        # The umask of the caller has no say in it.
        releases.chmod(DOSSIER_OUVERT)
    ouverts = [home] if _resserrer(home, _LIRE_ET_ECRIRE) else []
    for entree in sorted(home.iterdir()):
        if entree != releases and not entree.is_symlink() and _resserrer(entree, AUTRES):
            ouverts.append(entree)
    return ouverts


@contextmanager
def ecriture(home: Path) -> Iterator[list[Path]]:
    """Close the home, then give its owner alone all that is made until the end; yield what was open."""
    ouverts = fermer(home)
    with masque_prive():
        yield ouverts


def dire_fermes(ouverts: Iterable[Path]) -> str:
    """Say what others could reach until now: what it held may have been read."""
    noms = ", ".join(str(chemin) for chemin in ouverts)
    return f"Closed to other accounts, which could reach it until now: {noms}."


def _resserrer(chemin: Path, trop: int) -> bool:
    """Take these permissions away; whether there were any."""
    mode = stat.S_IMODE(chemin.stat().st_mode)
    if not mode & trop:
        return False
    try:
        chemin.chmod(mode & ~trop)
    except PermissionError:
        raise ZoneOuverte(
            f"{chemin} has mode {mode:04o} and belongs to another account: others can reach it. Expected: all"
            f" of CTG_HOME but releases/ closed. Next: chown it to the account of the night, or type"
            f" `chmod {mode & ~trop:o} {chemin}` as its owner, then start again."
        ) from None
    return True
