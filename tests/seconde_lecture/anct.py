"""Anct: Petites villes de demain, France services. Readers as in `insee`."""

import pandas as pd

from tests.seconde_lecture.fichiers import Fichiers, Lue, connu

ZONAGES = {2023: ("anct/ngeo-anct-cog2023.csv", 2023)}
# A register. The list of 2021, which is not whole, is left out: what makes a point of it is a choice.
STRUCTURES = {2024: ("anct/liste-fs-20240801.csv", 2024)}


def petites_villes(f: Fichiers, millesime: int) -> Lue:
    """Communes with an identifier of Petites villes de demain, among all communes."""
    chemin, cog = connu(ZONAGES, millesime)
    lu = f.lire(chemin, sep=",")
    return _compter(f, lu.insee_com[lu.id_pvd != ""], chemin, cog)


def france_services(f: Fichiers, millesime: int) -> Lue:
    """Points by commune."""
    chemin, cog = connu(STRUCTURES, millesime)
    return _compter(f, f.lire(chemin, sep=",").insee_com, chemin, cog)


def _compter(f: Fichiers, codes: pd.Series, chemin: str, cog: int) -> Lue:
    compte = f.geo.villes(codes).value_counts().astype(float)
    return f.sommer(compte.reindex(f.geo.communes(cog), fill_value=0.0), cog, "france", chemin)
