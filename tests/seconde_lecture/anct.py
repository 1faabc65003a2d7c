"""Anct: Petites villes de demain, France services. Readers as in `insee`."""

import re
import unicodedata

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


def structures(f: Fichiers, millesime: int) -> Lue:
    """Structures by commune: sites of one name are one, where the first main one of the list is."""
    chemin, cog = connu(STRUCTURES, millesime)
    lu = f.lire(chemin, sep=",")
    lu = lu[lu.type_fs == "Principal"]
    nom = lu.lib_fs.str.replace(r" *[-–] *[Ss]ites? .*$", "", regex=True).map(_mots)
    de_plusieurs = lu.format_fs == "Multisites"
    cle = (lu.insee_com.str[:2] + nom.str.replace(" multisites", "")).where(de_plusieurs, lu.id_fs)
    return _compter(f, lu.insee_com[~cle.duplicated()], chemin, cog)


def _mots(texte: str) -> str:
    sans_accent = unicodedata.normalize("NFKD", texte.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", sans_accent).strip()


def _compter(f: Fichiers, codes: pd.Series, chemin: str, cog: int) -> Lue:
    compte = f.geo.villes(codes).value_counts().astype(float)
    return f.sommer(compte.reindex(f.geo.communes(cog), fill_value=0.0), cog, "france", chemin)
