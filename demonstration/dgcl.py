"""Invented classement in France ruralités revitalisation, by EPCI; the Baronnies' comes from the deck."""

from demonstration import faits
from demonstration.faits import BARONNIES
from demonstration.formats import classeur_xlsx, texte_csv
from demonstration.invention import tirage

_ENTETE = ["Code_insee", "Departement", "Commune", "Classement FRR et FRR+ au 10 juillet 2025"]
_ENTETE_ARRETE = ["code_insee", "commune", "mention"]
_CLASSEMENTS = ["Non classée", "FRR socle", "FRR+", "FRR bénéficiaire"]
# Those who keep the benefit of the former zoning came by a law of 2025.
_CLASSES_EN_2024 = {"FRR socle", "FRR+"}


def _classement(siren: str) -> str:
    return "FRR socle" if siren == BARONNIES else _CLASSEMENTS[tirage(f"frr {siren}", 0, 3)]


def fichiers() -> dict[str, bytes]:
    """The DGCL files: path in the mirror to content."""
    lignes = [[c.code, c.departement, c.libelle, _classement(c.epci)] for c in faits.communes(2025)]
    arrete = [
        [c.code, c.libelle, ""] for c in faits.communes(2023) if _classement(c.epci) in _CLASSES_EN_2024
    ]
    return {
        "dgcl/frr_2024.csv": texte_csv(_ENTETE_ARRETE, arrete, ";"),
        "dgcl/frr_2025.xlsx": classeur_xlsx("Feuil1", [_ENTETE, *lignes]),
    }
