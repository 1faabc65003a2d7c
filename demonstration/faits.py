"""Facts of the demonstration: territories, populations and movements, restated from their producers."""

import csv
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

DROME = "26"
BARONNIES = "200068229"
REGIONS = {"84": "Auvergne-Rhône-Alpes", "93": "Provence-Alpes-Côte d'Azur"}
DEPARTEMENTS = {
    "04": "Alpes-de-Haute-Provence",
    "05": "Hautes-Alpes",
    "07": "Ardèche",
    "26": "Drôme",
    "84": "Vaucluse",
}
# COG in which Insee published each census; the RP2017 populations are those of the DGCL's 2020 list.
# Kinds of movements by which a commune goes into another, that is there already or is new.
_FUSIONS = ("31", "32", "33")
COG_DU_RP = {2017: 2020, 2019: 2021, 2020: 2022, 2021: 2023, 2022: 2024}


@dataclass(frozen=True)
class Territoire:
    """One line of the COG, from `premier_cog` to `dernier_cog` (both included).

    `epci` is "" and `pmun`, `pcap` (persons by census year) are empty except for communes.
    """

    typecom: str
    code: str
    tncc: str
    libelle: str
    region: str
    departement: str
    arrondissement: str
    canton: str
    commune_parente: str
    premier_cog: int
    dernier_cog: int
    epci: str
    pmun: dict[int, int]
    pcap: dict[int, int]


@dataclass(frozen=True)
class Epci:
    """An EPCI as the DGCL named it between two years (both included)."""

    siren: str
    raison_sociale: str
    nature_juridique: str
    mode_financ: str
    departement: str
    premiere_annee: int
    derniere_annee: int


def _lire(nom: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


@cache
def _territoires() -> list[Territoire]:
    return [
        Territoire(
            **{c.name: ligne[c.name] for c in fields(Territoire) if c.type is str},
            premier_cog=int(ligne["premier_cog"]),
            dernier_cog=int(ligne["dernier_cog"] or 9999),
            pmun={rp: int(ligne[f"pmun_{rp}"]) for rp in COG_DU_RP if ligne[f"pmun_{rp}"]},
            pcap={rp: int(ligne[f"pcap_{rp}"]) for rp in COG_DU_RP if ligne[f"pcap_{rp}"]},
        )
        for ligne in _lire("territoires.csv")
    ]


def territoires(cog: int) -> list[Territoire]:
    """Every line of the COG of that year (COM, COMD, COMA), in the order of codes."""
    return [t for t in _territoires() if t.premier_cog <= cog <= t.dernier_cog]


def communes(cog: int) -> list[Territoire]:
    """The communes (COM) of that year's COG, in the order of codes."""
    return [t for t in territoires(cog) if t.typecom == "COM"]


def populations(annee: int, cog: int) -> dict[str, int]:
    """Population municipale of a census by commune of a COG, those merged that very year added."""
    heritieres = {
        m["code_avant"]: m["code_apres"]
        for m in mouvements(cog)
        if m["date_effet"] == f"{cog}-01-01" and m["typecom_avant"] == m["typecom_apres"] == "COM"
    }
    sommes = {c.code: c.pmun[annee] for c in communes(cog)}
    for c in communes(cog - 1):
        if c.code not in sommes:
            sommes[heritieres[c.code]] += c.pmun[annee]
    return sommes


@cache
def epci(annee: int) -> dict[str, Epci]:
    """The EPCI that touch the Drôme, by SIREN, as the DGCL named them that year."""
    tous = [
        Epci(
            **{c.name: ligne[c.name] for c in fields(Epci) if c.type is str},
            premiere_annee=int(ligne["premiere_annee"] or 0),
            derniere_annee=int(ligne["derniere_annee"] or 9999),
        )
        for ligne in _lire("epci.csv")
    ]
    return {e.siren: e for e in tous if e.premiere_annee <= annee <= e.derniere_annee}


def mouvements(cog: int) -> list[dict[str, str]]:
    """Insee's movements from 2016 to 1 January of that year that touch these communes, as told in 2025."""
    return [m for m in _lire("mouvements.csv") if m["date_effet"] <= f"{cog}-01-01"]


def fusions(cog: int) -> dict[str, str]:
    """Communes of that year's COG that merged since into another one of 2025: their code, then its."""
    pas = {
        m["code_avant"]: m["code_apres"]
        for m in mouvements(2025)
        if m["date_effet"] > f"{cog}-01-01"
        and m["mod"] in _FUSIONS
        and m["typecom_avant"] == m["typecom_apres"] == "COM"
        and m["code_avant"] != m["code_apres"]
    }

    def jusqu_au_bout(code: str) -> str:
        return jusqu_au_bout(pas[code]) if code in pas else code

    return {code: jusqu_au_bout(code) for code in pas}


@cache
def zonages() -> dict[str, dict[str, str]]:
    """Identifiers of the ANCT's programmes (`id_pvd`, `id_acv`, `id_va`), by code of commune that has one."""
    return {ligne["code"]: ligne for ligne in _lire("zonages.csv")}
