"""`ctg extrait check`: every refusal that a night would make of the files of a month, and nothing stored."""

from __future__ import annotations

from pathlib import Path

from ingestion.erreurs import ErreurSource, Refus
from ingestion.extrait import depot
from ingestion.extrait.avancement import Suivre, ne_rien_dire
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.erreurs import lieu_extrait
from ingestion.extrait.lecture import Extrait, lire_extrait
from ingestion.extrait.reception import revision
from ingestion.extrait.retenus import Micro
from socle.horloge import aujourd_hui


def controler(
    foyers: Path,
    enfants: Path | None,
    mois: str,
    correspondance: Correspondance,
    micro: Micro,
    suivre: Suivre = ne_rien_dire,
) -> list[ErreurSource]:
    """Return the refusals of a night, in reading order; `suivre` is called with the progress."""
    lieu = lieu_extrait(mois, foyers.name)
    try:
        depot.exiger_declare(mois, correspondance)
        depot.exiger_conservable(mois, correspondance, lieu, aujourd_hui())
        depot.reconnaitre([f for f in (foyers, enfants) if f], correspondance.disposition(mois), mois)
        empreinte = depot.empreinte_fichiers(mois, foyers, enfants)
    except ErreurSource as e:
        return [e]
    extrait = Extrait(mois, foyers, enfants, empreinte)
    erreurs: list[ErreurSource] = []
    try:
        lire_extrait(extrait, correspondance, charger_contrat(), None, suivre=suivre)
    except Refus as refus:
        erreurs += refus.erreurs
    accepte = micro.journal().etat(mois).accepte
    if accepte and accepte != extrait.sha256:
        seuil = charger_contrat().seuil_revision
        suite = (
            f"once dropped, it is used by itself if its number of foyers moves by {seuil:.0%} at most, else"
            f" by `ctg extrait accept {mois} {extrait.sha256[:12]}`"
        )
        erreurs.append(revision(lieu, extrait.sha256, accepte, f"ask why it was issued again; {suite}"))
    return erreurs
