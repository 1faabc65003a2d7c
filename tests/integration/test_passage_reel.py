"""From each commune of the real COGs to those of today: the passage, and another reading of the same files.

The other reading knows no SQL: it plays Insee's movements forward, day after day, on the communes of a COG.
It must find each later COG as Insee published it, and the heirs that `int_passage` finds.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from commande import Observatoire

RECUS = (2019, 2021, 2022, 2023, 2024, 2025, 2026)
FICHIERS = (2022, 2023, 2024, 2025, 2026)
REFERENCE = max(RECUS)

# What bears each code, as communes of the COG one starts from.
Etat = dict[str, frozenset[str]]


@cache
def mouvements(reel: Path, annee: int) -> pd.DataFrame:
    brut = pd.read_csv(reel / f"insee/cog/v_mvt_commune_{annee}.csv", dtype=str, keep_default_na=False)
    # COMD, COMA and ARM are parts of communes: what happens to them moves none. No type is no territory.
    brut = brut[brut["TYPECOM_AV"].isin(["COM", ""]) & brut["TYPECOM_AP"].isin(["COM", ""])]
    return brut.drop_duplicates().sort_values("DATE_EFF", kind="stable")


@cache
def communes(reel: Path, annee: int) -> frozenset[str]:
    nom = "communes-2019.csv" if annee == 2019 else f"v_commune_{annee}.csv"
    cog = pd.read_csv(reel / "insee/cog" / nom, dtype=str, keep_default_na=False).rename(columns=str.upper)
    return frozenset(cog.loc[cog["TYPECOM"] == "COM", "COM"])


def jouer(etat: Etat, journee: pd.DataFrame) -> Etat:
    """The day after: every code that moved gives what it bore to each code it moved to."""
    prises = {
        (r.COM_AP, r.LIBELLE_AP)
        for r in journee.itertuples()
        if r.MOD in ("41", "50") and r.COM_AV != r.COM_AP
    }
    seconds = pd.Series([(r.COM_AV, r.LIBELLE_AV) in prises for r in journee.itertuples()], journee.index)
    for tour in (journee[~seconds], journee[seconds]):
        donnees = {avant: etat[avant] for avant in tour["COM_AV"] if avant}
        recues: dict[str, set[str]] = defaultdict(set)
        for avant, apres in zip(tour["COM_AV"], tour["COM_AP"], strict=True):
            if apres:
                recues[apres] |= donnees.get(avant, frozenset())
        etat = {c: o for c, o in etat.items() if c not in donnees}
        for code, origines in recues.items():
            # A commune that receives one and has no line of its own that day is a contradiction of the file.
            assert code not in etat, (code, journee["DATE_EFF"].iloc[0])
            etat[code] = frozenset(origines)
    return etat


def avancer(reel: Path, fichier: int, etat: Etat, de: int, a: int) -> Iterator[tuple[int, Etat]]:
    """The state on each first of January after `de`, up to `a`."""
    lignes = mouvements(reel, fichier)
    for annee in range(de + 1, a + 1):
        periode = (lignes["DATE_EFF"] > f"{annee - 1}-01-01") & (lignes["DATE_EFF"] <= f"{annee}-01-01")
        for _, journee in lignes[periode].groupby("DATE_EFF"):
            etat = jouer(etat, journee)
        yield annee, etat


@cache
def depart(reel: Path, annee: int) -> Etat:
    """Every commune of a COG bears itself. COG 2020 was not received: it is what became of 2019."""
    if annee in RECUS:
        codes = communes(reel, annee)
    else:
        *_, (_, etat) = avancer(reel, REFERENCE, depart(reel, annee - 1), annee - 1, annee)
        codes = frozenset(etat)
    return {code: frozenset((code,)) for code in codes}


@pytest.mark.parametrize("fichier", FICHIERS)
def test_movements_lead_from_each_cog_to_the_next_as_insee_published_them(reel: Path, fichier: int) -> None:
    """Every kind of movement of every file, at every COG it can reach."""
    atteints = dict(avancer(reel, fichier, depart(reel, 2019), 2019, fichier))
    compares = [annee for annee in RECUS if 2019 < annee <= fichier]
    assert {annee: frozenset(atteints[annee]) ^ communes(reel, annee) for annee in compares} == dict.fromkeys(
        compares, frozenset()
    )


@pytest.mark.parametrize("cog", range(2019, REFERENCE))
def test_the_passage_of_every_commune_is_that_of_another_reading(
    premiere: Observatoire, reel: Path, cog: int
) -> None:
    *_, (_, fin) = avancer(reel, REFERENCE, depart(reel, cog), cog, REFERENCE)
    paires = pd.DataFrame(
        [(origine, code) for code, origines in fin.items() for origine in origines],
        columns=["origine", "code"],
    )
    heritiers = paires.groupby("origine")["code"].transform("count")
    origines = paires.groupby("code")["origine"].transform("count")
    paires["nature"] = "identique"
    paires.loc[paires["origine"] != paires["code"], "nature"] = "changement_code"
    paires.loc[origines > 1, "nature"] = "fusion"
    paires.loc[heritiers > 1, "nature"] = "scission"
    modele = premiere.requete_nuit(
        "select code_origine, code_reference, nature from intermediate.int_passage where cog_millesime = ?",
        cog,
    )
    assert set(modele) ^ set(paires.itertuples(index=False, name=None)) == set()
    assert len(modele) == len(paires) > 34_800


def test_every_kind_of_movement_is_in_the_table_of_the_docs(reel: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "geographie.md").read_text(encoding="utf-8")
    dits = set(re.findall(r"^\| (\d\d) \|", page, re.MULTILINE))
    vus = set()
    for annee in FICHIERS:
        with (reel / f"insee/cog/v_mvt_commune_{annee}.csv").open(encoding="utf-8", newline="") as flux:
            vus |= {ligne["MOD"] for ligne in csv.DictReader(flux)}
    assert vus == dits
