"""The closed zones of CTG_HOME: which folders hold personal data, and who may reach them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.disque import AUTRES, DOSSIER_CLOS, FICHIER_CLOS, creer_dossier, creer_dossier_clos


class Zones:
    """The zones of one CTG_HOME."""

    def __init__(self, home: Path) -> None:
        """Name the folders; none is made."""
        self.home = home
        # Files dropped by hand; the raw extracts among them, one folder per month.
        self.depot = home / "depot"
        self.depot_extrait = self.depot / SOURCE_EXTRAIT
        # Pseudonymised rows, counts frozen true and rounded, the night's own database.
        self.micro, self.agregats, self.build = home / "micro", home / "agregats", home / "build"


def preparer_zone(zone: Path) -> Path:
    """Create a zone, or check the one that is there. Raises `ErreurSource` (`zone_ouverte`)."""
    creer_dossier(zone.parent)
    creer_dossier_clos(zone)
    exiger_fermee(zone)
    return zone


def exiger_fermee(chemin: Path) -> None:
    """Refuse a folder or a file that others than the user of the night can reach (`zone_ouverte`)."""
    etat = chemin.stat()
    mode = stat.S_IMODE(etat.st_mode)
    voulu = DOSSIER_CLOS if stat.S_ISDIR(etat.st_mode) else FICHIER_CLOS
    if etat.st_uid != os.geteuid():
        observe, remede = (
            "it belongs to another user",
            f"chown it to the user of the night, then `chmod {voulu:o} {chemin}`",
        )
    elif mode & AUTRES:
        observe, remede = f"{chemin} has mode {mode:04o}", f"`chmod {voulu:o} {chemin}`, then start again"
    else:
        return
    raise lieu_extrait().erreur(
        "zone_ouverte",
        observe=observe,
        attendu=f"mode {voulu:04o}, owned by the user of the night",
        que_faire=remede,
    )
