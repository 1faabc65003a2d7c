"""A machine for one test: systemd as process 1 over the files of this one; whatever it writes goes with it.

Belongs here: how it starts, and typing in it. Does not: what is typed (`tests/test_installation.py`).
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import programmes

DEPOT = Path(__file__).resolve().parents[1]
PYTHON = "/opt/python"
"""Where the machine has the Python of the tests: its own place may be closed to other accounts."""

# /proc/sys and /sys are the kernel's, which is shared: nothing there may be written.
_DEMARRAGE = """
set -eu
mount -t tmpfs tmpfs "$BASE"
mkdir -p "$BASE"/haut "$BASE"/travail "$BASE"/venv-haut "$BASE"/venv-travail "$BASE"/racine
R=$BASE/racine
mount -t overlay overlay -o "lowerdir=/,upperdir=$BASE/haut,workdir=$BASE/travail" "$R"
mount -t proc proc "$R/proc"
mount --bind "$R/proc/sys" "$R/proc/sys"
mount -o remount,bind,ro "$R/proc/sys"
mount -t sysfs -o ro sysfs "$R/sys"
mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
for d in run tmp opt srv dev; do mount -t tmpfs -o mode=755 tmpfs "$R/$d"; done
chmod 1777 "$R/tmp"
for d in null zero full random urandom tty; do touch "$R/dev/$d"; mount --bind "/dev/$d" "$R/dev/$d"; done
mkdir "$R/dev/pts" "$R/dev/shm" "$R/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$R/dev/pts"
ln -s pts/ptmx "$R/dev/ptmx"
mount -t tmpfs -o mode=1777 tmpfs "$R/dev/shm"
mkdir -p "$R/srv/origine" "$R$PYTHON" "$R/srv/venv"
mount --bind "$ORIGINE" "$R/srv/origine"
mount --bind -o ro "$PREFIXE" "$R$PYTHON"
mount -t overlay overlay -o "lowerdir=$VENV,upperdir=$BASE/venv-haut,workdir=$BASE/venv-travail" "$R/srv/venv"
# What this machine starts by itself is its own affair.
rm -rf "$R"/etc/systemd/system/* "$R"/var/lib/ctg "$R"/var/log/journal
: >"$R/etc/fstab"
# What is here is what the tests run with: nothing is fetched.
echo 'APT::Get::Upgrade "false";' >"$R/etc/apt/apt.conf.d/99-essai"
cd "$R"
mkdir -p ancienne
pivot_root . ancienne
umount -l /ancienne
exec env -i container=test PATH="$CHEMIN" /usr/lib/systemd/systemd --system --unit=basic.target
"""
CHEMIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Machine:
    """`premier`: the process 1 of the machine, as this one numbers it."""

    premier: int

    def taper(self, commandes: str, **reglages: str) -> subprocess.CompletedProcess[str]:
        """Type lines as root; one that fails is the last (`bash -e`). Returns what was said."""
        return subprocess.run(
            [
                "nsenter",
                f"--target={self.premier}",
                "-m",
                "-u",
                "-i",
                "-p",
                "-C",
                "-r",
                "env",
                "-i",
                "-C/root",
            ]
            + [f"{nom}={dit}" for nom, dit in {"PATH": CHEMIN, "HOME": "/root", **reglages}.items()]
            + ["bash", "-e", "-o", "pipefail", "-c", commandes],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=1800,
        )

    def lire(self, commandes: str, **reglages: str) -> str:
        """Type lines, all of which must succeed, and return what they said."""
        dit = self.taper(commandes, **reglages)
        assert dit.returncode == 0, f"{commandes}\n{dit.stdout}"
        return dit.stdout.strip()


@contextlib.contextmanager
def demarrer(dossier: Path, origine: Path) -> Iterator[Machine]:
    """Start one, until the end of the block. `origine`: what is cloned from, at /srv/origine there.

    /srv/venv holds the packages of the tests' environment, as /opt/ctg/.venv would. Skips without root.
    """
    if os.geteuid() != 0:
        pytest.skip("a machine of its own is started by root alone")
    systemd = programmes.trouver(("systemd",), "systemd", (Path("/usr/lib/systemd"),))
    assert systemd
    reglages = {"BASE": str(dossier), "ORIGINE": str(origine), "PREFIXE": sys.base_prefix, "PYTHON": PYTHON}
    reglages |= {"VENV": sys.prefix, "CHEMIN": CHEMIN, "PATH": CHEMIN}
    ailleurs = ["unshare", "-pfmuiC", "--kill-child", "--propagation=private"]
    with subprocess.Popen([*ailleurs, "bash", "-c", _DEMARRAGE], env=reglages) as processus:
        try:
            machine = Machine(_premier(processus))
            machine.lire("systemctl is-system-running --wait")
            machine.lire(_PAQUETS)
            yield machine
        finally:
            processus.kill()


# The packages are those of the locks; what `venv` and pip wrote of where they are is of another folder.
_PAQUETS = f"""
cd /srv/venv/bin && ln -sfn {PYTHON}/bin/python3 python3
grep -lIZ -d skip '^#!.*/bin/python' * | xargs -0 sed -i '1s|^#!.*|#!/opt/ctg/.venv/bin/python|'
sed -i 's|^home = .*|home = {PYTHON}/bin|' ../pyvenv.cfg
rm -f ../.installed*
echo {PYTHON}/lib >/etc/ld.so.conf.d/00-essai.conf && ldconfig
"""


def _premier(processus: subprocess.Popen[bytes]) -> int:
    """The process 1, once it is systemd that answers."""
    fin = time.monotonic() + 60
    while time.monotonic() < fin and processus.poll() is None:
        enfants = Path(f"/proc/{processus.pid}/task/{processus.pid}/children").read_text().split()
        if enfants:
            essai = Machine(int(enfants[0])).taper("systemctl is-system-running")
            if essai.stdout.strip() in ("initializing", "starting", "running", "degraded"):
                return int(enfants[0])
        time.sleep(0.1)
    raise AssertionError("systemd did not start in the namespaces of a test")
