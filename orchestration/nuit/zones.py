"""Who may reach what under CTG_HOME: anybody `releases/` (0755), the account of the night alone the rest.

The account of the night owns the folder, and no other writes there, not even root. Others may cross the home
(0711), not list it. Files are closed from their first byte.
"""

import errno
import os
import pwd
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

from socle.disque import AUTRES, DOSSIER_OUVERT, creer_dossier, creer_dossier_clos, masque_prive
from socle.erreurs import ErreurCtg
from socle.panne import PanneDisque

from .chemins import Chemins, HomeRefuse, exiger_un_entrepot
from .format import lire_format

TRAVERSE = 0o711
# Others may cross the home itself, and no more.
_LIRE_ET_ECRIRE = 0o066
# Faults of the disk, whoever owns the folder.
_DU_DISQUE = (errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)


class ZoneOuverte(ErreurCtg):
    """Others can reach a zone that this account may not close."""


def fermer(home: Path) -> list[Path]:
    """Make CTG_HOME, or close the one that is there but for `releases/`; return what was open.

    One look at each name of the home, whatever it holds: closing a folder puts what is under it out of reach.
    A mode that somebody made narrower stays. A link is left alone: the folder it leads to matters. Raises
    `ZoneOuverte` where what is open belongs to another account, `HomeRefuse` where nothing can be written, or
    the folder is of something else or of another account, `PanneDisque` where it is the disk that refuses.
    """
    try:
        if not home.is_dir():
            creer_dossier(home)
            home.chmod(TRAVERSE)
        elif os.access(home, os.R_OK):
            exiger_un_entrepot(home)
        exiger_le_proprietaire(home)
        releases = Chemins(home).releases
        if not releases.is_dir():
            creer_dossier(releases)
            # The umask of the caller has no say in it.
            releases.chmod(DOSSIER_OUVERT)
        # A link leads to a folder outside, which may not be mounted.
        if not os.path.lexists(depot := Chemins(home).depot):
            creer_dossier_clos(depot)
    except OSError as e:
        raise _ferme(home, e.errno, str(e.strerror)) from None
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        numero = errno.EROFS if os.statvfs(home).f_flag & os.ST_RDONLY else errno.EACCES
        raise _ferme(home, numero, "this account may not read and write it")
    trop = ouverts(home)
    for chemin, mode in trop:
        _resserrer(chemin, mode)
    return [chemin for chemin, _ in trop]


def exiger_le_proprietaire(home: Path) -> None:
    """Refuse to write in a home that belongs to another account, root too: what root leaves there stops every
    later night of its owner. Raises `HomeRefuse`.
    """
    if home.exists() and not est_a_ce_compte(home):
        sien = compte(home.stat().st_uid)
        raise HomeRefuse(
            f"{home} belongs to {sien}, and this is {compte(os.geteuid())}: what it wrote there could not be"
            f" used by the nights of {sien}. Nothing was done. Next: `{comme(home)} …`, or, with the settings"
            " of a service, the `systemd-run` line of deploy/README.md"
        )


def est_a_ce_compte(home: Path) -> bool:
    """Whether this account owns a home, and may write there."""
    return home.stat().st_uid == os.geteuid()


def comme(home: Path) -> str:
    """How a command is typed as the owner of a home."""
    sien = home.stat().st_uid
    qui = compte(sien) if compte(sien) != str(sien) else f"'#{sien}'"
    return f"sudo -u {qui} env CTG_HOME={home} {Path(sys.executable).with_name('ctg')}"


def compte(uid: int) -> str:
    """The name of an account, its number where it has none here."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def d_autres(home: Path) -> Iterator[Path]:
    """Yield, in each entry of a home, the first file of another owner; files of the depot belong to whoever
    drops them.
    """
    sien, depot = home.stat().st_uid, Chemins(home).depot
    for zone in sorted(home.iterdir()):
        lieux = os.walk(zone) if zone != depot else ()
        chemins = (Path(ou) / nom for ou, dossiers, noms in lieux for nom in (*dossiers, *noms))
        yield from islice((c for c in chain([zone], chemins) if _uid(c) not in (sien, None)), 1)


def _uid(chemin: Path) -> int | None:
    """The owner's uid; None for a file that a running night removed meanwhile."""
    try:
        return chemin.lstat().st_uid
    except FileNotFoundError:
        return None


def ouverts(home: Path) -> list[tuple[Path, int]]:
    """Entries of a home, but its releases, that others can reach, and the mode to give each."""
    releases = Chemins(home).releases
    limites = [(home, _LIRE_ET_ECRIRE)]
    limites += [(e, AUTRES) for e in sorted(home.iterdir()) if e != releases and not e.is_symlink()]
    modes = [(chemin, stat.S_IMODE(chemin.stat().st_mode), trop) for chemin, trop in limites]
    return [(chemin, mode & ~trop) for chemin, mode, trop in modes if mode & trop]


@contextmanager
def ecriture(home: Path) -> Iterator[list[Path]]:
    """Close the home, and make every file of the block for its owner alone; yield what was open.

    Every command also prints what was open: somebody may have read it, and it is found open only once.
    Raises `HomeRefuse` where a newer version wrote the home.
    """
    ouverts = fermer(home)
    lire_format(Chemins(home))
    if ouverts and sys.stderr is not None:
        print(dire_fermes(ouverts), file=sys.stderr)
    with masque_prive():
        yield ouverts


def dire_fermes(ouverts: Iterable[Path]) -> str:
    """Say which files others could have read until now."""
    noms = ", ".join(str(chemin) for chemin in ouverts)
    return f"Closed to other accounts, which could reach it until now: {noms}."


def _ferme(home: Path, numero: int | None, raison: str) -> Exception:
    """Say why nothing can be written: the disk, or whose folder it is."""
    if numero in _DU_DISQUE:
        return PanneDisque(numero, str(home), "in CTG_HOME")
    return HomeRefuse(
        f"{home} cannot be written: {raison}. Nothing was done. Next: take the account of the night, let"
        f" it write there (`chmod u+rwx {home}`), or set CTG_HOME to another"
    )


def _resserrer(chemin: Path, mode: int) -> None:
    """Give a path a narrower mode."""
    try:
        chemin.chmod(mode)
    except PermissionError:
        raise ZoneOuverte(
            f"{chemin} has mode {stat.S_IMODE(chemin.stat().st_mode):04o} and belongs to another account:"
            " others can reach it. Expected: all of CTG_HOME but releases/ closed. Next: chown it to the"
            f" account of the night, or type `chmod {mode:o} {chemin}` as its owner, then start again."
        ) from None
