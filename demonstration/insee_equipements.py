"""Invented equipments: counts in the layout of the BPE of 2024, minutes to each in that of Insee's squares.

Targets come from `calibration.csv`; where roads go is invented, where communes are is not.
"""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from demonstration import faits
from demonstration.anct import communes_servies
from demonstration.faits import BARONNIES, Territoire
from demonstration.formats import archive_zip, texte_csv
from demonstration.hasard import Alea, Reels
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
# In the squares: the types of the BPE above that their file tells, and three that it lacks.
_ACCES = {
    **{t: (nom, n) for (t, _, nom), n in _HABITANTS.items() if t in ("D265", "D502", "D504", "D505")},
    "C108": ("", 700),
    "C109": ("", 5000),
    "D115": ("", 9000),
}
# Kilometres of a degree of longitude (at 44.6° N) and of latitude; minutes of a kilometre as the crow flies,
# on roads that turn.
_DEGRE, _LENTEUR = (79.2, 111.2), 1.7


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


def _centres() -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the middle of each outline, by commune of 2018."""
    territoires = json.loads((Path(__file__).parent / "contours.geojson").read_bytes())["features"]
    centres = {}
    for t in territoires:
        forme = t["geometry"]
        anneaux = [forme["coordinates"]] if forme["type"] == "Polygon" else forme["coordinates"]
        points = np.array(max((a[0] for a in anneaux), key=len))
        centres[t["properties"]["code"]] = tuple(((points.min(axis=0) + points.max(axis=0)) / 2).tolist())
    return centres


def _carreaux() -> pa.Table:
    """A few squares for each commune, the file of every région together: one line per square and type."""
    centres, communes = _centres(), faits.communes(2024)
    codes = [c.code for c in communes]
    places: Reels = np.array([centres[c] for c in codes]) * _DEGRE
    nombres = [min(7, 2 + c.pmun[2022] // 600) for c in communes]
    rangs = np.repeat(np.arange(len(codes)), nombres)
    alea = Alea("carreaux")
    # People of a household that no tax return knows are missing; squares further out have fewer.
    parts = alea.uniforme(len(rangs)) + 0.3
    habitants = np.array([c.pmun[2022] * 0.97 for c in communes]) / np.bincount(rangs, parts)
    pop = np.maximum(np.round(habitants[rangs] * parts * 2) / 2, 0.5)
    ecarts = alea.uniforme(2 * len(rangs)).reshape(-1, 2) * 5 - 2.5
    ici: Reels = places[rangs] + ecarts
    x, y = (np.round((ici - places.min(axis=0)) * 5).astype(np.int64) * 200 + (3_900_000, 2_300_000)).T
    par_type = {type_: _par_commune(cible, n) for type_, (cible, n) in _ACCES.items()}
    par_type["A128"] = dict(Counter(c.code for c in communes_servies()))
    tables = []
    for type_, offerts in sorted(par_type.items()):
        ou = places[[i for i, c in enumerate(codes) if offerts.get(c)]]
        noms = np.array([c for c in codes if offerts.get(c)])
        distances = np.sqrt(((ici[:, None, :] - ou[None, :, :]) ** 2).sum(axis=2))
        proches = distances.argmin(axis=1)
        euclidienne = np.round(distances[np.arange(len(ici)), proches], 3)
        duree = np.round(1 + euclidienne * _LENTEUR * (0.85 + 0.3 * alea.uniforme(len(ici))), 2)
        tables.append(
            pa.table(
                {
                    "idSrc": [f"{a}_{b}" for a, b in zip(x.tolist(), y.tolist(), strict=True)],
                    "X": x,
                    "Y": y,
                    "typeeq_id": [type_] * len(ici),
                    "distance": np.round(euclidienne * 1.3, 3),
                    "deuclidienne": euclidienne,
                    "duree": duree,
                    "depcom": [codes[i] for i in rangs],
                    # As many IRIS as squares: two squares of a commune may fall in the same place.
                    "iris": [f"{codes[i]}{n % 10000:04}" for n, i in enumerate(rangs)],
                    "pop": pop,
                    "domaine": [type_[0]] * len(ici),
                    "depcom_eq": noms[proches].tolist(),
                    "dep": [communes[i].departement for i in rangs],
                    "reg": [communes[i].region for i in rangs],
                }
            )
        )
    return pa.concat_tables(tables)


def _parquet(table: pa.Table) -> bytes:
    sortie = io.BytesIO()
    pq.write_table(table, sortie, compression="zstd")
    return sortie.getvalue()


def fichiers() -> dict[str, bytes]:
    """The BPE and the squares of each région: path in the mirror to content."""
    carreaux = _carreaux()
    return {
        "insee/bpe/DS_BPE_CSV_FR.zip": archive_zip({"DS_BPE_2024_data.csv": _denombrement()}),
        **{
            f"insee/acces_equipements/donnees-2024-reg{region}.parquet": _parquet(
                carreaux.filter(pc.equal(carreaux["reg"], region))
            )
            for region in faits.REGIONS
        },
    }
