"""Lint the SQL files that changed since they were found clean, or all (--tout): each takes a second."""

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
DOSSIERS = ("dbt_project/models", "dbt_project/tests")
PROPRES = RACINE / ".pytest_cache" / "sql_propres"
"""Digests of the files that were found clean, under these rules and this version of sqlfluff."""


def empreintes() -> dict[str, str]:
    """Return the digest of each SQL file, by path."""
    regles = (RACINE / ".sqlfluff").read_bytes() + version("sqlfluff").encode()
    return {
        str(f.relative_to(RACINE)): hashlib.sha256(regles + f.read_bytes()).hexdigest()
        for dossier in DOSSIERS
        for f in sorted((RACINE / dossier).rglob("*.sql"))
    }


def main(tout: bool) -> int:
    """Lint what is to be linted; remember what is clean where all of it is."""
    fichiers = empreintes()
    connus = set(PROPRES.read_text().split()) if PROPRES.exists() and not tout else set()
    changes = [nom for nom, empreinte in fichiers.items() if empreinte not in connus]
    if changes:
        sqlfluff = Path(sys.executable).with_name("sqlfluff")
        lu = subprocess.run([sqlfluff, "lint", "--processes", "2", *changes], cwd=RACINE, check=False)
        if lu.returncode:
            return lu.returncode
    PROPRES.parent.mkdir(exist_ok=True)
    PROPRES.write_text("\n".join(fichiers.values()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("--tout" in sys.argv[1:]))
