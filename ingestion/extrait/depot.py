"""The raw files of a month: where they wait, which is which, what removes them.

Belongs here: folders and names. Does not belong here: opening a file (`ingestion.extrait.tables`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from ingestion.extrait.correspondance import Correspondance, Disposition
from ingestion.extrait.erreurs import ErreurExtrait, LieuExtrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.lecture import Extrait
from ingestion.extrait.pseudonymes import lire_secret
from socle.disque import marque, sha256_fichier, synchroniser
from socle.panne import en_ecrivant

ATTENDU = (
    f"depot/{SOURCE_EXTRAIT}/<YYYY-MM>/ with the foyers' file, and the children's in the second-file form"
)


@dataclass(frozen=True)
class Origine:
    """Where extracts wait: a folder with one folder per month, the mapping, and the secret of pseudonyms.

    `permanente`: the files are nobody's and stay where they are (the demonstration).
    """

    dossier: Path
    correspondance: Path
    secret: Callable[[], bytes] = lire_secret
    permanente: bool = False


def ambigu(lieu: LieuExtrait, observe: str) -> ErreurExtrait:
    """Say that the depot does not hold what is expected."""
    return lieu.erreur(
        "depot_ambigu", observe=observe, attendu=ATTENDU, que_faire="move the files to such a folder, alone"
    )


def reconnaitre(presents: Sequence[Path], disposition: Disposition, mois: str) -> tuple[Path, Path | None]:
    """Tell the foyers' file from the children's. Raises `ErreurExtrait` (`depot_ambigu`)."""
    lieu = LieuExtrait(mois)
    for chemin in presents:
        if chemin.is_symlink() or not chemin.is_file():
            raise ambigu(LieuExtrait(mois, chemin.name), "not a file")
    patron = disposition.fichier_enfants
    enfants = [f for f in presents if patron and fnmatchcase(f.name, patron)]
    foyers = [
        f
        for f in presents
        if f not in enfants and (not disposition.fichier or fnmatchcase(f.name, disposition.fichier))
    ]
    autres = [f.name for f in presents if f not in enfants and f not in foyers]
    if len(foyers) != 1 or len(enfants) != (1 if patron else 0) or autres:
        raise ambigu(
            lieu,
            f"{len(foyers)} file(s) of foyers, {len(enfants)} of children"
            + (f", and {', '.join(autres)}" if autres else ""),
        )
    return foyers[0], enfants[0] if enfants else None


def exiger_declare(mois: str, correspondance: Correspondance) -> None:
    """Refuse a month that the mapping does not declare (`mois_non_declare`)."""
    if mois not in correspondance.mois:
        raise LieuExtrait(mois).erreur(
            "mois_non_declare",
            observe="a folder of this name",
            attendu=f"a month of the mapping: {', '.join(sorted(correspondance.mois)) or 'it has none'}",
            que_faire="declare the month, its statut and its disposition under `mois` in the mapping",
        )


def hors_conservation(mois: str, finalite: str, correspondance: Correspondance, jour: date) -> bool:
    """Whether a month is past the retention declared for a purpose; False where none is declared."""
    duree = correspondance.conservation_micro_mois.get(finalite)
    age = 12 * (jour.year - int(mois[:4])) + jour.month - int(mois[5:])
    return duree is not None and age > duree


def exiger_conservable(mois: str, correspondance: Correspondance, lieu: LieuExtrait, jour: date) -> None:
    """Refuse a month that would be purged at once (`mois_hors_conservation`)."""
    finalite = correspondance.finalite(mois)
    if hors_conservation(mois, finalite, correspondance, jour):
        duree = correspondance.conservation_micro_mois[finalite]
        raise lieu.erreur(
            "mois_hors_conservation",
            observe=f"a month older than the {duree} months of {finalite}",
            attendu="a month that may still be kept",
            que_faire="remove the raw file or, with the DPO, lengthen conservation_micro_mois in the mapping",
        )


def empreinte_fichiers(foyers: Path, enfants: Path | None) -> str:
    """SHA-256 of the files of a month: the file's own when it is alone, else that of both digests."""
    if enfants is None:
        return sha256_fichier(foyers)
    deux = f"foyers {sha256_fichier(foyers)}\nenfants {sha256_fichier(enfants)}\n"
    return hashlib.sha256(deux.encode()).hexdigest()


def extrait_du_dossier(dossier: Path, correspondance: Correspondance) -> Extrait | None:
    """Return the files of the folder of a declared month; None when it holds none.

    Raises `ErreurExtrait` (`depot_ambigu`).
    """
    presents = sorted(dossier.glob("[!.]*"))
    if not presents:
        return None
    foyers, enfants = reconnaitre(presents, correspondance.disposition(dossier.name), dossier.name)
    # Before they are read: whatever is written in them from here on shows.
    marques = tuple(marque(f) for f in (foyers, enfants) if f is not None)
    return Extrait(dossier.name, foyers, enfants, empreinte_fichiers(foyers, enfants), marques)


def exiger_intact(extrait: Extrait) -> None:
    """Refuse files that somebody wrote in, or put others in the place of, while they were read."""
    if not extrait.intact:
        raise LieuExtrait(extrait.mois, extrait.foyers.name).erreur(
            "depot_mouvant",
            observe="files that are no longer those that were read",
            attendu="files that stay as they are while they are read",
            que_faire="nothing if the copy has ended: the next night takes them in. Drop them under a name"
            " that begins with a dot, then rename them",
        )


def retirer(extrait: Extrait) -> bool:
    """Remove the raw files of a month, and its folder when nothing else is there; return whether they went.

    A correction dropped since they were digested stays, for the next night.
    """
    if not extrait.intact:
        return False
    with en_ecrivant(extrait.foyers.parent, "the removal of a raw file"):
        for fichier in extrait.fichiers:
            fichier.unlink()
        dossier = extrait.foyers.parent
        # What the journal says is removed does not come back after a cut of power.
        synchroniser(dossier)
        if not any(dossier.iterdir()):
            dossier.rmdir()
    return True
