"""A quiet night beside the first one, on the demonstration."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.mesure import RACINE, afficher_durees


def comparer() -> None:
    """Time two nights of one folder."""
    with tempfile.TemporaryDirectory() as dossier:
        env = {**os.environ, "CTG_HOME": dossier}
        commande = [str(Path(sys.executable).with_name("ctg")), "refresh", "--profile", "demo"]

        def nuit() -> float:
            debut = time.perf_counter()
            subprocess.run(commande, env=env, cwd=RACINE, check=True, capture_output=True)
            return time.perf_counter() - debut

        durees = [("first night (demonstration)", nuit()), ("second night, nothing changed", nuit())]
        afficher_durees("Nights", durees)
