"""The closed zones of CTG_HOME: which folders hold personal data, and who may reach them.

Belongs here: paths, modes, their check and their creation. Does not belong here: what is written in them.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ingestion.extrait.erreurs import ErreurExtrait, LieuExtrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from socle.disque import AUTRES, DOSSIER_CLOS, FICHIER_CLOS, creer_dossier, creer_dossier_clos


@dataclass(frozen=True)
class Zones:
    """The zones of one CTG_HOME."""

    home: Path

    @property
    def depot(self) -> Path:
        """Files dropped by hand, the raw extract among them."""
        return self.home / "depot"

    @property
    def depot_extrait(self) -> Path:
        """Raw extracts, one folder per month."""
        return self.depot / SOURCE_EXTRAIT

    @property
    def micro(self) -> Path:
        """Pseudonymised rows."""
        return self.home / "micro"

    @property
    def agregats(self) -> Path:
        """Frozen communal aggregates, before secrecy."""
        return self.home / "agregats"

    @property
    def build(self) -> Path:
        """The night's own database: aggregates before secrecy."""
        return self.home / "build"


def preparer_zone(zone: Path) -> Path:
    """Create a zone, or check the one that is there. Raises `ErreurExtrait` (`zone_ouverte`)."""
    creer_dossier(zone.parent)
    creer_dossier_clos(zone)
    exiger_fermee(zone)
    return zone


def exiger_fermee(chemin: Path) -> None:
    """Refuse a folder or a file that others than the user of the night can reach (`zone_ouverte`)."""
    if erreur := ouverture(chemin, LieuExtrait()):
        raise erreur


def ouverture(chemin: Path, lieu: LieuExtrait) -> ErreurExtrait | None:
    """Say how others can reach a folder or a file; None when they cannot."""
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
        return None
    return lieu.erreur(
        "zone_ouverte",
        observe=observe,
        attendu=f"mode {voulu:04o}, owned by the user of the night",
        que_faire=remede,
    )
