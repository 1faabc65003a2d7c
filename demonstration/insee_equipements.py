"""Invented equipment counts, in the layout of the BPE of 2024; targets come from `calibration.csv`."""

import csv
from collections import Counter

from demonstration import faits
from demonstration.anct import communes_servies
from demonstration.faits import BARONNIES, Territoire
from demonstration.formats import archive_zip, texte_csv
from demonstration.invention import cibles, repartir

_ENTETE = "GEO;GEO_OBJECT;FACILITY_DOM;FACILITY_SDOM;FACILITY_TYPE;BPE_MEASURE;TIME_PERIOD;OBS_VALUE"
_TOTAL = "_T"
# Inhabitants for one equipment, by type and sub-domain; of those that the deck counts, with their target.
_HABITANTS = {
    ("D502", "D5", "eaje"): 3000,
    ("D503", "D5", "laep"): 20000,
    ("D504", "D5", "rpe"): 20000,
    ("D505", "D5", "alsh"): 1600,
    ("D506", "D5", "centres_sociaux"): 10000,
    ("D507", "D5", ""): 60000,
    ("A122", "A1", ""): 50000,
    ("C107", "C1", ""): 6000,
    ("C201", "C2", ""): 8000,
    ("D265", "D2", ""): 1200,
    ("F307", "F3", ""): 2500,
}


def _par_commune(cible: str, habitants: int) -> dict[str, int]:
    """Equipments of one type: each EPCI has its number, its towns first."""
    nombres: dict[str, int] = {}
    for siren in faits.epci(2024):
        membres: list[Territoire] = [c for c in faits.communes(2024) if c.epci == siren]
        population = {c.code: c.pmun[2022] for c in membres}
        total = sum(population.values()) // habitants
        if siren == BARONNIES and cible:
            total = int(cibles()[cible, f"epci:{BARONNIES}", 2024])
        nombres |= repartir(total, population)
    return nombres


def _denombrement() -> bytes:
    communes = {c.code: c for c in faits.communes(2024)}
    par_type = {
        (type_, sous_domaine): _par_commune(cible, habitants)
        for (type_, sous_domaine, cible), habitants in _HABITANTS.items()
    }
    par_type["A128", "A1"] = dict(Counter(c.code for c in communes_servies()))
    comptes: Counter[tuple[str, str, str, str, str]] = Counter()
    for (type_, sous_domaine), nombres in par_type.items():
        domaine = sous_domaine[0]
        for code, n in nombres.items():
            c = communes[code]
            for objet, geo in (("COM", code), ("EPCI", c.epci), ("DEP", c.departement)):
                # The producer repeats each count in its sub-domain, its domain and the whole.
                for niveau in (
                    (domaine, sous_domaine, type_),
                    (domaine, sous_domaine, _TOTAL),
                    (domaine, _TOTAL, _TOTAL),
                    (_TOTAL, _TOTAL, _TOTAL),
                ):
                    comptes[geo, objet, *niveau] += n
    lignes = [[*cle, "FACILITIES", "2024", n] for cle, n in sorted(comptes.items()) if n]
    return texte_csv(_ENTETE.split(";"), lignes, ";", guillemets=csv.QUOTE_ALL)


def fichiers() -> dict[str, bytes]:
    """The BPE: path in the mirror to content."""
    return {"insee/bpe/DS_BPE_CSV_FR.zip": archive_zip({"DS_BPE_2024_data.csv": _denombrement()})}
