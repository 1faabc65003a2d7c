"""Invented job seekers by commune at the fourth quarter, in the layout the contract asks of the Dares."""

from demonstration import faits
from demonstration.formats import texte_csv
from demonstration.invention import tirage

_ANNEES = range(2020, 2025)
_ARRONDI = 5
_POUR_MILLE_HABITANTS = (50, 110)


def fichiers() -> dict[str, bytes]:
    """The Dares file: path in the mirror to content."""
    lignes: list[list[object]] = []
    for annee in _ANNEES:
        for c in faits.communes(2024):
            inscrits = c.pmun[2021] * tirage(f"demandeurs {c.code}", *_POUR_MILLE_HABITANTS) // 1000
            inscrits += inscrits * tirage(f"demandeurs {c.code} {annee}", -6, 6) // 100
            lignes.append([f"{annee}-T4", c.code, _ARRONDI * round(inscrits / _ARRONDI)])
        lignes.append([f"{annee}-T4", "Total", _ARRONDI])
    entete = ["date", "code_commune", "nombre_de_demandeurs_d_emploi"]
    return {"dares/dares_defm_communales-brutes.csv": texte_csv(entete, lignes, ";")}
