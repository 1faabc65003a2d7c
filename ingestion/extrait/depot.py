"""The raw files of a month: where they wait, which is which, which months may be taken in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from ingestion.depot import Depose, ambigu
from ingestion.entree import ouvrir
from ingestion.erreurs import ErreurSource, Lieu
from ingestion.extrait.correspondance import Correspondance, Disposition
from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.lecture import Extrait
from ingestion.extrait.pseudonymes import lire_secret
from ingestion.recu import BLOC

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


def mal_range(lieu: Lieu, observe: str) -> ErreurSource:
    """Return the error of a depot that holds something else than the files of a month."""
    return ambigu(lieu, observe, ATTENDU)


def reconnaitre(presents: Sequence[Path], disposition: Disposition, mois: str) -> tuple[Path, Path | None]:
    """Tell the foyers' file from the children's. Raises `ErreurSource` (`depot_ambigu`)."""
    for chemin in presents:
        if chemin.is_symlink() or not chemin.is_file():
            raise mal_range(lieu_extrait(mois, chemin.name), "not a file")
    patron = disposition.fichier_enfants
    enfants = [f for f in presents if patron and fnmatchcase(f.name, patron)]
    autres = [f for f in presents if f not in enfants]
    foyers = [f for f in autres if not disposition.fichier or fnmatchcase(f.name, disposition.fichier)]
    inconnus = [f.name for f in autres if f not in foyers]
    if len(foyers) != 1 or len(enfants) != (1 if patron else 0) or inconnus:
        autre = f", and {', '.join(inconnus)}" if inconnus else ""
        observe = f"{len(foyers)} file(s) of foyers, {len(enfants)} of children{autre}"
        raise mal_range(lieu_extrait(mois), observe)
    return foyers[0], enfants[0] if enfants else None


def exiger_declare(mois: str, correspondance: Correspondance) -> None:
    """Refuse a month that the mapping does not declare (`mois_non_declare`)."""
    if mois not in correspondance.mois:
        raise lieu_extrait(mois).erreur(
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


def exiger_conservable(mois: str, correspondance: Correspondance, lieu: Lieu, jour: date) -> None:
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


def empreinte_fichiers(mois: str, foyers: Path, enfants: Path | None) -> str:
    """SHA-256 of the files of a month: the file's own when it is alone, else that of both digests.

    Raises `entree_interdite`, as `ingestion.entree.ouvrir` does.
    """
    if enfants is None:
        return _empreinte(mois, foyers)
    deux = f"foyers {_empreinte(mois, foyers)}\nenfants {_empreinte(mois, enfants)}\n"
    return hashlib.sha256(deux.encode()).hexdigest()


def _empreinte(mois: str, fichier: Path) -> str:
    empreinte = hashlib.sha256()
    # The folder of a month is in a closed depot: nobody else can put another file under this name later.
    with ouvrir(fichier.parent, fichier, lieu_extrait(mois)) as f:
        # A file that grows has no end here: it is refused once it is read (`depot_mouvant`).
        reste = os.fstat(f.fileno()).st_size
        while reste and (bloc := f.read(min(BLOC, reste))):
            empreinte.update(bloc)
            reste -= len(bloc)
    return empreinte.hexdigest()


def extrait_du_dossier(dossier: Path, correspondance: Correspondance) -> Extrait | None:
    """Return the files of a declared month; None for an empty folder. Raises `depot_ambigu`."""
    presents = sorted(dossier.glob("[!.]*"))
    if not presents:
        return None
    foyers, enfants = reconnaitre(presents, correspondance.disposition(dossier.name), dossier.name)
    depose = Depose.trouver(foyers, *([enfants] if enfants else []))
    empreinte = empreinte_fichiers(dossier.name, foyers, enfants)
    return Extrait(dossier.name, foyers, enfants, empreinte, depose)


def retirer(extrait: Extrait) -> bool:
    """Remove the raw files of a month, and its folder once empty; return whether they went."""
    assert extrait.depose
    if not extrait.depose.retirer():
        return False
    dossier = extrait.foyers.parent
    if not any(dossier.iterdir()):
        dossier.rmdir()
    return True
