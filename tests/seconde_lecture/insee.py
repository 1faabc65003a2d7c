"""Insee: populations légales, comparateur, Filosofi, communes of the COG.

A reader takes the files and a millésime, and raises HorsDePortee for a millésime it knows no file of.
"""

from collections.abc import Callable

import pandas as pd

from tests.seconde_lecture.fichiers import SANS_FICHIER, Fichiers, HorsDePortee, Lue, connu, nombres
from tests.seconde_lecture.geographie import ParNiveau

# File and COG of each census, columns of the code of a commune: in RP2020, 971 and 101 for 97101.
POPULATIONS = {
    2016: ("insee/populations/population2019.xls.gz", 2018, ("CODDEP", "CODCOM")),
    2019: ("insee/populations/donnees_communes_pop2019_cog2021.csv", 2021, ("COM",)),
    2020: ("insee/populations/donnees_communes_pop2020.csv", 2022, ("CODDEP", "CODCOM")),
    2021: ("insee/populations/donnees_communes_pop2021_cog2023.csv", 2023, ("COM",)),
    2022: ("insee/populations/donnees_communes_pop2022.csv", 2024, ("COM",)),
    2023: ("insee/populations/donnees_communes_pop2023.csv", 2025, ("COM",)),
}

CLASSEUR_DE_2016 = {
    "Code département": "CODDEP",
    "Code commune": "CODCOM",
    "Population municipale": "PMUN",
}


def population(f: Fichiers, millesime: int) -> Lue:
    """Population municipale: the three cities by arrondissement, Mayotte left out."""
    chemin, cog, code = connu(POPULATIONS, millesime)
    lu = f.lire(chemin).rename(columns=CLASSEUR_DE_2016)
    codes = lu[code[0]] if len(code) == 1 else lu.CODDEP.str[:2] + lu.CODCOM
    parts = nombres(lu.PMUN).groupby(f.geo.villes(codes)).sum(min_count=1)
    return f.sommer(parts, cog, "france_hors_mayotte", chemin)


COMPARATEUR = "insee/comparateur/base_cc_comparateur_csv.zip"


def comparateur(colonne: str) -> Callable[[Fichiers, int], Lue]:
    """A count of RP2018, COG 2021. Mayotte is blank; arrondissements, beside their city, are no commune."""

    def lire(f: Fichiers, millesime: int) -> Lue:
        lu = f.lire(connu({2018: COMPARATEUR}, millesime)).set_index("CODGEO")
        return f.sommer(nombres(lu[colonne]), 2021, "france_hors_mayotte", COMPARATEUR)

    return lire


# COG of the communal files; wider territories are as their file draws them.
FILOSOFI_COMMUNES = {2016: 2017, 2018: 2019, 2019: 2020}
FILOSOFI_NIVEAUX = {"epci": "EPCI", "departement": "DEP", "region": "REG", "france": "METROPOLE"}
FILOSOFI_ANNEES = (2014, 2015, 2016, 2017, 2018, 2019)
CC_2021 = "insee/filosofi/cc_filosofi_2021_COM.csv"


def filosofi(
    colonne: str = "", de_2021: str = "", du_comparateur: str = ""
) -> Callable[[Fichiers, int], Lue]:
    """A published figure of Filosofi: its column in each of three products, `{}` for the year in its name."""

    def lire(f: Fichiers, millesime: int) -> Lue:
        niveaux: ParNiveau = {}
        fichiers: dict[str, str] = {}
        communes: list[tuple[str, str, int]] = []
        if colonne and millesime in FILOSOFI_ANNEES:
            nom = colonne.format(millesime % 100)
            dossier = f"insee/filosofi/FILO{millesime}_DISP_"
            for niveau, suffixe in FILOSOFI_NIVEAUX.items():
                fichiers[niveau] = f"{dossier}{suffixe}.csv"
                niveaux[niveau] = nombres(f.lire(fichiers[niveau]).set_index("CODGEO")[nom]).dropna()
            niveaux["france"].index = pd.Index(["FR"])
            if millesime in FILOSOFI_COMMUNES:
                communes.append((f"{dossier}COM.csv", nom, FILOSOFI_COMMUNES[millesime]))
        if de_2021 and millesime == 2021:
            communes.append((CC_2021, de_2021, 2024))
        if du_comparateur and millesime == 2019:
            communes.append((COMPARATEUR, du_comparateur, 2021))
        if not niveaux and not communes:
            raise HorsDePortee(SANS_FICHIER)
        for chemin, nom, cog in communes:
            publies = f.geo.publies(nombres(f.lire(chemin).set_index("CODGEO")[nom]), cog)
            # The first product wins where it has a figure.
            niveaux["commune"] = niveaux.get("commune", publies).combine_first(publies)
            fichiers["commune"] = ", ".join(chemin for chemin, *_ in communes)
        return Lue(niveaux, fichiers)

    return lire


def communes(f: Fichiers, millesime: int) -> Lue:
    """Communes of each territory in the lists of that year: those of the COG, and the members of the EPCI."""
    niveaux: ParNiveau = {}
    fichiers = {}
    if (liste := f.geo.liste(millesime)) is not None:
        for niveau, colonne in (("departement", "DEP"), ("region", "REG")):
            niveaux[niveau] = liste[liste.TYPECOM == "COM"].groupby(colonne).size().astype(float)
            fichiers[niveau] = f"insee/cog ({millesime})"
    chemin = f"dgcl/epcicom{millesime}.xlsx"
    if (f.reel / chemin).exists():
        membres = pd.read_excel(f.reel / chemin, dtype=str, usecols=["siren"], engine="openpyxl").siren
        niveaux["epci"] = membres.astype(object).value_counts().astype(float)
        fichiers["epci"] = chemin
    return Lue(niveaux, fichiers)
