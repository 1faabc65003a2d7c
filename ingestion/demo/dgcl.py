"""Invented classement of the communes in France ruralités revitalisation, in the DGCL's layout.

That the Baronnies are classed comes from the published deck; the rest is drawn by EPCI.
"""

from ingestion.demo import faits
from ingestion.demo.faits import BARONNIES
from ingestion.demo.formats import classeur_xlsx
from ingestion.demo.invention import tirage

_ENTETE = ["Code_insee", "Departement", "Commune", "Classement FRR et FRR+ au 10 juillet 2025"]
_CLASSEMENTS = ["Non classée", "FRR socle", "FRR+", "FRR bénéficiaire"]


def _classement(siren: str) -> str:
    return "FRR socle" if siren == BARONNIES else _CLASSEMENTS[tirage(f"frr {siren}", 0, 3)]


def fichiers() -> dict[str, bytes]:
    """The DGCL file: path in the mirror to content."""
    lignes = [[c.code, c.departement, c.libelle, _classement(c.epci)] for c in faits.communes(2025)]
    return {"dgcl/frr_2025.xlsx": classeur_xlsx("Feuil1", [_ENTETE, *lignes])}
