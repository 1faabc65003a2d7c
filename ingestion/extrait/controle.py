"""`ctg extrait check`: all that the night would refuse of a file, before anything is stored.

Belongs here: the same reading as the night's, without a pseudonym, since nothing is written.
"""

from __future__ import annotations

from pathlib import Path

from ingestion.extrait import depot
from ingestion.extrait.avancement import Suivre, ne_rien_dire
from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.correspondance import Correspondance
from ingestion.extrait.erreurs import ErreurExtrait, LieuExtrait, Refus
from ingestion.extrait.lecture import Extrait, lire_extrait
from ingestion.extrait.retenus import Micro
from socle.horloge import aujourd_hui


def controler(
    foyers: Path,
    enfants: Path | None,
    mois: str,
    correspondance: Correspondance,
    micro: Micro,
    suivre: Suivre = ne_rien_dire,
) -> list[ErreurExtrait]:
    """Return what the night would refuse of the files of a month, in the order to read it.

    `suivre` hears how far it is.
    """
    lieu = LieuExtrait(mois, foyers.name)
    try:
        depot.exiger_declare(mois, correspondance)
        depot.exiger_conservable(mois, correspondance, lieu, aujourd_hui())
        depot.reconnaitre([f for f in (foyers, enfants) if f], correspondance.disposition(mois), mois)
    except ErreurExtrait as e:
        return [e]
    extrait = Extrait(mois, foyers, enfants, depot.empreinte_fichiers(foyers, enfants))
    erreurs: list[ErreurExtrait] = []
    try:
        lire_extrait(extrait, correspondance, charger_contrat(), None, suivre=suivre)
    except Refus as refus:
        erreurs += refus.erreurs
    accepte = micro.journal().etat(mois).accepte
    if accepte not in (None, extrait.sha256):
        erreurs.append(
            lieu.erreur(
                "revision",
                observe=f"{extrait.sha256[:12]} instead of {str(accepte)[:12]}",
                attendu="the content already accepted for this month",
                que_faire=f"ask why it was issued again; once dropped, `ctg extrait accept {mois} "
                f"{extrait.sha256[:12]}` uses it",
            )
        )
    return erreurs
