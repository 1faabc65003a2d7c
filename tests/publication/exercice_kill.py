"""Kill drill: publish again and again, killed at the first, second, third… thing done to the store.

    python -m tests.publication.exercice_kill RELEASES CONSTRUCTION VALIDATION

RELEASES is copied before each try. Prints as JSON how many tries were killed, which release they left in
service, and all that was not as it should be.

A program of its own because it forks: its parent must never have started DuckDB's threads.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from publication.releases.fabrication import FaitsDeLaNuit
from publication.releases.magasin import courante, lister, montrer, verifier
from tests.publication.enfants import dans_un_enfant
from tests.publication.petits_marts import MASQUEES, publier

# What the interpreter tells of changes to files; DuckDB's own writing happens between two of them.
CHANGEMENTS = {"os.mkdir", "os.rename", "os.symlink", "os.chmod", "os.remove", "os.rmdir", "shutil.copyfile"}


def main() -> None:
    origine, construction, validation = map(Path, sys.argv[1:])
    nuit = FaitsDeLaNuit("mirror", "departement:26", datetime.now(UTC), masquees=MASQUEES)
    ancienne = courante(origine)
    assert ancienne
    bilan = {"tues": 0, "ancienne": 0, "nouvelle": 0}
    anomalies: list[str] = []
    etape, fini = 0, False
    while not fini:
        etape += 1
        with tempfile.TemporaryDirectory(dir=origine.parent) as dossier:
            releases = Path(dossier) / "releases"
            shutil.copytree(origine, releases, symlinks=True)

            def publier_et_mourir(releases: Path = releases, etape: int = etape) -> None:
                reste, precedent = etape, ""

                def compter(evenement: str, arguments: tuple[object, ...]) -> None:
                    nonlocal reste, precedent
                    ecrit = (
                        evenement == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
                    )
                    # The second of two alike in a row (the chmod of each file…) would teach nothing more.
                    if (evenement in CHANGEMENTS or ecrit) and evenement != precedent:
                        reste, precedent = reste - 1, evenement
                        if not reste:
                            os.kill(os.getpid(), signal.SIGKILL)

                sys.addaudithook(compter)
                publier(releases, construction, validation, nuit, garder=1)

            fini = dans_un_enfant(publier_et_mourir)
            bilan["tues"] += not fini
            try:
                servie = courante(releases)
                if servie is None:
                    anomalies.append(f"step {etape}: nothing in service")
                else:
                    bilan["ancienne" if servie.name == ancienne.name else "nouvelle"] += not fini
                anomalies += [
                    f"step {etape}: {release.release_id}: {anomalie}"
                    for release in lister(releases)
                    for anomalie in verifier(releases, release.release_id)
                ]
                dans_un_enfant(
                    lambda releases=releases: publier(releases, construction, validation, nuit, garder=1)
                )
                if (
                    montrer(releases, "current")["content_hash"]
                    == montrer(origine, "current")["content_hash"]
                ):
                    anomalies.append(f"step {etape}: the next night did not publish")
                if restes := [
                    *releases.glob(".en_cours-*"),
                    *releases.glob(".retiree-*"),
                    *releases.glob(".current"),
                ]:
                    anomalies.append(f"step {etape}: left over: {restes}")
            except Exception as erreur:
                anomalies.append(f"step {etape}: {type(erreur).__name__}: {erreur}")
    json.dump(bilan | {"anomalies": anomalies}, sys.stdout)


main()
