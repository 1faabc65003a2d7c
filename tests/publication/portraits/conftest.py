"""What the tests of formats open a file with.

Belongs here: LibreOffice as these tests use it. Does not: whether it is here (`tests/conftest.py`).
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Convertir = Callable[..., list[Path]]


@pytest.fixture
def convertir(tmp_path: Path, soffice: str) -> Convertir:
    """Open a file with LibreOffice, without a window, and return what it writes in another format.

    After the file and the format: options of its command line.
    """

    def faire(fichier: Path, vers: str, *options: str) -> list[Path]:
        sortie = tmp_path / "sortie"
        profil = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
        ordre = [soffice, profil, "--headless", *options, "--convert-to", vers]
        ordre += ["--outdir", str(sortie), str(fichier)]
        fait = subprocess.run(ordre, capture_output=True, text=True, timeout=180, check=False)
        ecrits = sorted(sortie.glob("*"))
        assert fait.returncode == 0 and ecrits, f"LibreOffice does not open {fichier.name}: {fait.stderr}"
        return ecrits

    return faire
