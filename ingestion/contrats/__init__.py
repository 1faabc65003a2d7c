"""Source contracts: what a contract may say, and what follows from it alone.

Reading them needs neither Arrow nor any file of data; `ingestion.contrats.empreinte` gives the types.
"""

from ingestion.contrats.chargement import DOSSIER, ContratsInvalides, charger_contrats
from ingestion.contrats.confirmation import LayoutConnu, layouts_connus
from ingestion.contrats.grammaire import Contrat, Millesime, Ressource

__all__ = [
    "DOSSIER",
    "Contrat",
    "ContratsInvalides",
    "LayoutConnu",
    "Millesime",
    "Ressource",
    "charger_contrats",
    "layouts_connus",
]
