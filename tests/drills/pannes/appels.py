"""The calls by which a process changes files, told one by one before they happen, and failed where asked.

The kernel does it (seccomp, user notification): each of these calls, of every thread and whatever library
makes it, waits until this side has said that it goes on, that it fails with an errno, or that the process is
killed there. No privilege, no other program.

Belongs here: telling, failing and killing. Does not: what is done (`exercices.py`), nor what is judged.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Number of each call, then where its paths and descriptors are among its arguments: `p` a path, `d` the
# descriptor of the folder that the next path is relative to, `f` the descriptor of a file.
_FORMES = {
    "open": "p", "creat": "p", "openat": "dp", "write": "f", "writev": "f", "pwrite64": "f", "pwritev": "f",
    "sendfile": "f", "copy_file_range": "..f", "fsync": "f", "fdatasync": "f", "ftruncate": "f",
    "truncate": "p", "fallocate": "f", "rename": "pp", "renameat": "dpdp", "renameat2": "dpdp", "mkdir": "p",
    "mkdirat": "dp", "rmdir": "p", "unlink": "p", "unlinkat": "dp", "link": "pp", "linkat": "dpdp",
    "symlink": ".p", "symlinkat": ".dp", "chmod": "p", "fchmod": "f", "fchmodat": "dp", "fchmodat2": "dp",
    "utimensat": "dp",
}  # fmt: skip
_NUMEROS = {
    "x86_64": {
        "open": 2, "creat": 85, "openat": 257, "write": 1, "writev": 20, "pwrite64": 18, "pwritev": 296,
        "sendfile": 40, "copy_file_range": 326, "fsync": 74, "fdatasync": 75, "ftruncate": 77,
        "truncate": 76, "fallocate": 285, "rename": 82, "renameat": 264, "renameat2": 316, "mkdir": 83,
        "mkdirat": 258, "rmdir": 84, "unlink": 87, "unlinkat": 263, "link": 86, "linkat": 265,
        "symlink": 88, "symlinkat": 266, "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452,
        "utimensat": 280,
    },
    "aarch64": {
        "openat": 56, "write": 64, "writev": 66, "pwrite64": 68, "pwritev": 70, "sendfile": 71,
        "copy_file_range": 285, "fsync": 82, "fdatasync": 83, "ftruncate": 46, "truncate": 45,
        "fallocate": 47, "renameat": 38, "renameat2": 276, "mkdirat": 34, "unlinkat": 35, "linkat": 37,
        "symlinkat": 36, "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "utimensat": 88,
    },
}  # fmt: skip
NUMEROS: Mapping[str, int] = _NUMEROS.get(platform.machine(), {})
_NOMS = {numero: nom for nom, numero in NUMEROS.items()}
# Those that a full disk still takes.
SANS_PLACE = frozenset(
    ("unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchmodat", "fchmodat2", "utimensat", "ftruncate")
)

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_NEW_LISTENER, _PR_SET_NO_NEW_PRIVS = 8, 38
_ALLOW, _USER_NOTIF = 0x7FFF0000, 0x7FC00000
_NOTIF_RECV, _NOTIF_SEND, _CONTINUE = 0xC0502100, 0xC0182101, 1
_AT_FDCWD = 0xFFFFFF9C

Verdict = int | str | None
"""What becomes of a call: None it goes on, a number it fails with that errno, "kill" the process ends."""


@dataclass(frozen=True)
class Appel:
    """A call about to happen: `chemins` are the files it changes, absolute."""

    pid: int
    nom: str
    chemins: tuple[Path, ...]


@dataclass(frozen=True)
class Fin:
    """How a child ended: `tue` by SIGKILL, else its exit `code`, negative for a signal; what it said."""

    tue: bool
    code: int
    message: str


def superviser(
    faire: Callable[[], str],
    racine: Path = Path("/nowhere"),
    decider: Callable[[Appel], Verdict] | None = None,
) -> Fin:
    """Run it in a child, whose changes under `racine` are told to `decider`, if any, one at a time.

    `faire` returns what the child says, "" when all went well. No thread may live in this process.
    """
    ici, la = socket.socketpair()
    lu, ecrit = os.pipe()
    if not (pid := os.fork()):
        _dans_l_enfant(faire, la if decider else None, lu, ecrit)
    la.close()
    os.close(ecrit)
    with ici:
        if decider:
            _repondre(pid, ici, str(racine), decider)
    with os.fdopen(lu, "rb") as tube:
        message = tube.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return Fin(code == -signal.SIGKILL, code, message)


def _repondre(pid: int, prise: socket.socket, racine: str, decider: Callable[[Appel], Verdict]) -> None:
    _, (notifications, *_), _, _ = socket.recv_fds(prise, 1, 1)
    try:
        _ecouter(pid, notifications, racine, decider)
    except BaseException:
        # It would wait for ever for who does not answer any more.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(notifications)


def _dans_l_enfant(faire: Callable[[], str], vers: socket.socket | None, lu: int, ecrit: int) -> None:
    code = 70
    try:
        os.close(lu)
        if vers:
            socket.send_fds(vers, [b"."], [_filtrer()])
            vers.close()
        message = faire()
        code = int(bool(message))
        os.write(ecrit, message.encode())
    except BaseException as erreur:
        os.write(ecrit, f"{type(erreur).__name__}: {erreur}".encode())
    finally:
        os._exit(code)


def _filtrer() -> int:
    """Have the calls of this process, and of those it starts, told to who holds the descriptor returned."""
    libc = ctypes.CDLL(None, use_errno=True)
    numeros = [*NUMEROS.values()]
    # Load the number of the call; one of ours goes to the last line, any other to the one before.
    lignes = [(0x20, 0, 0, 0)]
    lignes += [(0x15, len(numeros) - rang, 0, numero) for rang, numero in enumerate(numeros)]
    lignes += [(0x06, 0, 0, _ALLOW), (0x06, 0, 0, _USER_NOTIF)]
    programme = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *ligne) for ligne in lignes))
    filtre = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(lignes), ctypes.addressof(programme)))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    descripteur = libc.syscall(_SECCOMP[platform.machine()], 1, _NEW_LISTENER, filtre)
    if descripteur < 0:
        raise OSError(ctypes.get_errno(), "the kernel tells no call (seccomp)")
    return int(descripteur)


def _ecouter(pid: int, notifications: int, racine: str, decider: Callable[[Appel], Verdict]) -> None:
    attente = select.poll()
    attente.register(notifications, select.POLLIN | select.POLLHUP)
    while True:
        ((_, quoi),) = attente.poll()
        if not quoi & select.POLLIN:
            return
        recu = bytearray(80)
        try:
            fcntl.ioctl(notifications, _NOTIF_RECV, recu)
        except FileNotFoundError:  # who called was killed meanwhile
            continue
        ident, fil, _, numero, _, _, *arguments = struct.unpack("QIIiIQ6Q", recu)
        verdict: Verdict = None
        # Reading changes nothing.
        if not (_NOMS[numero] in ("open", "openat") and not _ecrit(arguments, _NOMS[numero])):
            appel = Appel(fil, _NOMS[numero], tuple(_chemins(fil, _FORMES[_NOMS[numero]], arguments)))
            if any(str(chemin).startswith(racine) for chemin in appel.chemins):
                verdict = decider(appel)
        if verdict == "kill":
            os.kill(pid, signal.SIGKILL)
            continue
        erreur = -verdict if isinstance(verdict, int) else 0
        with suppress(FileNotFoundError):
            fcntl.ioctl(
                notifications, _NOTIF_SEND, struct.pack("QqiI", ident, 0, erreur, 0 if erreur else _CONTINUE)
            )


def _ecrit(arguments: list[int], nom: str) -> bool:
    drapeaux = arguments[1 if nom == "open" else 2]
    return bool(drapeaux & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def _chemins(pid: int, forme: str, arguments: list[int]) -> list[Path]:
    """The files that a call is about, read in the process that makes it."""
    chemins: list[Path] = []
    dossier = _AT_FDCWD
    for genre, argument in zip(forme, arguments, strict=False):
        with suppress(OSError):  # a descriptor that is not a file, or no longer there
            if genre == "d":
                dossier = argument & 0xFFFFFFFF
            elif genre == "f":
                chemins.append(Path(f"/proc/{pid}/fd/{argument & 0xFFFFFFFF}").readlink())
            elif genre == "p":
                nom = _texte(pid, argument)
                ou = "cwd" if dossier == _AT_FDCWD else f"fd/{dossier}"
                # A path that is absolute forgets the folder.
                chemins.append(Path(f"/proc/{pid}/{ou}").readlink() / nom)
    return chemins


def _texte(pid: int, adresse: int) -> str:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memoire:  # noqa: PTH123
        memoire.seek(adresse)
        lu = b""
        while b"\0" not in lu:
            # Never across a page that may not be there.
            lu += memoire.read(256 - (adresse + len(lu)) % 256)
    return os.fsdecode(lu.partition(b"\0")[0])


@dataclass(frozen=True)
class Point:
    """A call among those of an exercise: its name, its files as every run names them, and which of them."""

    nom: str
    ou: str
    rang: int

    def __str__(self) -> str:
        return f"{self.nom} {self.ou} #{self.rang}"


class Denombrement:
    """Tells the calls of a process apart, the same from one run to the next whatever its threads do."""

    def __init__(self, nommer: Callable[[Path], str]) -> None:
        """`nommer` gives a file the name it has in every run."""
        self._nommer = nommer
        self._vus: Counter[tuple[str, str]] = Counter()

    def situer(self, appel: Appel) -> Point:
        ou = " ".join(map(self._nommer, appel.chemins))
        self._vus[appel.nom, ou] += 1
        return Point(appel.nom, ou, self._vus[appel.nom, ou])


class Panne:
    """A fault at one point: an errno or "kill"; `durable`, every call from there on fails too."""

    def __init__(self, denombrement: Denombrement, ou: Point, quoi: int | str, *, durable: bool) -> None:
        self._denombrement, self._ou, self._quoi, self._durable = denombrement, ou, quoi, durable
        self.touches: list[Appel] = []

    def __call__(self, appel: Appel) -> Verdict:
        ici = self._denombrement.situer(appel) == self._ou
        suite = self.touches and self._durable
        if ici or (suite and not (self._quoi == errno.ENOSPC and appel.nom in SANS_PLACE)):
            self.touches.append(appel)
            return self._quoi
        return None
