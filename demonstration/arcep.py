"""Invented premises and their eligibility to fibre, in the layout of the Arcep's commune_techno.csv."""

from demonstration import faits
from demonstration.formats import texte_csv
from demonstration.invention import tirage

_ENTETE = (
    "code_insee;nom_com;code_dep;code_reg;nbr;type;"
    "elig_ftth;elig_coax;elig_cu;elig_thdr;elig_4gf;elig_hdr;elig_sat;date"
)
_COG = {2024: 2024, 2025: 2025}
_LOCAUX_POUR_CENT_HABITANTS = (60, 110)
# Bounds of the share of premises that fibre can serve at the end of 2024; it grows each year.
_ELIGIBLES = (55, 96)
_CROISSANCE = 3


def fichiers() -> dict[str, bytes]:
    """The Arcep files: path in the mirror to content."""
    contenus = {}
    for annee, cog in _COG.items():
        lignes = []
        for c in faits.communes(cog):
            locaux = max(1, c.pmun[2022] * tirage(f"locaux {c.code}", *_LOCAUX_POUR_CENT_HABITANTS) // 100)
            part = min(100, tirage(f"fibre {c.code}", *_ELIGIBLES) + _CROISSANCE * (annee - 2024))
            fibre = locaux * part // 100
            lieu = [c.code, c.libelle, c.departement, c.region]
            lignes.append([*lieu, locaux, "all", fibre, 0, locaux, 0, locaux, 0, locaux, f"{annee}-12-31"])
        contenus[f"arcep/commune_techno_{annee}_T4.csv"] = texte_csv(_ENTETE.split(";"), lignes, ";")
    return contenus
