"""Cnaf: foyers allocataires by commune, rates and places of petite enfance. Readers as in `insee`."""

from collections.abc import Callable

import pandas as pd

from tests.seconde_lecture.fichiers import SANS_FICHIER, Fichiers, HorsDePortee, Lue, nombres
from tests.seconde_lecture.geographie import ParNiveau

CAFDATA = "cnaf/cafdata/s_ben_com_f.csv"


def cafdata(colonne: str) -> Callable[[Fichiers, int], Lue]:
    """A count of December by commune of the Drôme. The copy carried every year to the communes of 2025."""

    def lire(f: Fichiers, millesime: int) -> Lue:
        lu = f.lire(CAFDATA)
        lu = lu[lu.dtreffre == f"{millesime}-12"].set_index("numcomdo")
        if lu.empty:
            raise HorsDePortee(SANS_FICHIER)
        return f.sommer(nombres(lu[colonne]), 2025, "departement:26", CAFDATA)

    return lire


# File and key of each level: towns of 2017 to 2022, in COG 2023; EPCI and France of 2023.
TAUX = {
    "commune": ("cnaf/cafdata/txcouv_pe_com_hist.csv", "numcom", "txcouv{}_com"),
    "epci": ("cnaf/cafdata/txcouv_pe_epci.csv", "numepci", "txcouv{}_epci"),
    "france": ("cnaf/cafdata/txcouv_pe_nat.csv", "national", "txcouv{}_nat"),
}
OFFRE = {"commune": ("cnaf/cafdata/nbpla_pe_com_hist.csv", "numcom", "tot_offre_com")}


def petite_enfance(
    fichiers: dict[str, tuple[str, str, str]], mode: str = ""
) -> Callable[[Fichiers, int], Lue]:
    """A rate or a number of places, as published at each level; some modes are in the file of towns alone."""

    def lire(f: Fichiers, millesime: int) -> Lue:
        niveaux: ParNiveau = {}
        for niveau, (chemin, cle, modele) in fichiers.items():
            lu, colonne = f.lire(chemin), modele.format(mode)
            # A year (2023) or its last month (2023-12-01).
            lu = lu[lu.annee.str[:4] == str(millesime)]
            if lu.empty or colonne not in lu:
                continue
            valeurs = nombres(lu.set_index(cle)[colonne])
            niveaux[niveau] = f.geo.publies(valeurs, 2023) if niveau == "commune" else valeurs.dropna()
        if not niveaux:
            raise HorsDePortee(SANS_FICHIER)
        if "france" in niveaux:
            niveaux["france"].index = pd.Index(["FR"])
        return Lue(niveaux, {niveau: fichiers[niveau][0] for niveau in niveaux})

    return lire
