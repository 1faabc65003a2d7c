"""Environments of their own, for programs that read a release with other libraries than the project's.

    python -m tests.environnements duckdb-1.1        builds one, and prints where

An environment is a folder of wheels, from `tests/lecteurs/<name>.txt` (pinned, with hashes), kept under the
user's cache: `$XDG_CACHE_HOME/ctg/`, or `~/.cache/ctg/`. Belongs here: building one, running a script in it.
Does not: what the scripts read (`tests/lecteurs`).
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

LECTEURS = Path(__file__).with_name("lecteurs")


def batir(nom: str) -> Path:
    """Return the folder of an environment, built the first time; another list of wheels is another folder.

    Raises subprocess.CalledProcessError when the registry does not give what the list asks for.
    """
    liste = LECTEURS / f"{nom}.txt"
    empreinte = sha256(liste.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctg"
    cache.mkdir(parents=True, exist_ok=True)
    dossier = cache / f"{nom}-py{sys.version_info.major}.{sys.version_info.minor}-{empreinte}"
    with (cache / f"{nom}.verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        if not dossier.exists():
            chantier = dossier.with_suffix(".en_cours")
            shutil.rmtree(chantier, ignore_errors=True)
            subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                    *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
                    *("--target", str(chantier), "-r", str(liste)),
                ],
                check=True,
                capture_output=True,
                text=True,
            )
            chantier.rename(dossier)
    return dossier


def lire(nom: str | None, script: str, *arguments: str) -> Any:
    """Run a script of `tests/lecteurs` in an environment (None: the project's), and return what it prints.

    The test is skipped where the environment cannot be built; CI fails on a skip.
    """
    commande, variables = [sys.executable], dict(os.environ)
    if nom:
        try:
            dossier = batir(nom)
        except subprocess.CalledProcessError as erreur:
            pytest.skip(f"the environment {nom} cannot be built: {erreur.stderr.strip().splitlines()[-1:]}")
        # Neither the site-packages of the project nor the folder of the test are seen from there.
        commande, variables = [sys.executable, "-S", "-P"], {**variables, "PYTHONPATH": str(dossier)}
    fini = subprocess.run(
        [*commande, str(LECTEURS / f"{script}.py"), *arguments],
        env=variables,
        capture_output=True,
        text=True,
    )
    assert fini.returncode == 0, fini.stderr
    return json.loads(fini.stdout)


if __name__ == "__main__":
    for voulu in sys.argv[1:]:
        print(batir(voulu))
