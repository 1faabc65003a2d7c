"""Source contracts: their grammar and what follows from it, without Arrow nor any data file."""

from ingestion.contrats.chargement import DOSSIER, ContratsInvalides, charger_contrats
from ingestion.contrats.confirmation import LayoutConnu, layouts_connus
from ingestion.contrats.fiche import Contrat
from ingestion.contrats.grammaire import Millesime, Ressource

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
