"""Extracts drawn for two engines to count: nulls, ends of what the contract allows, rare communes, revisions.

What is drawn is a few numbers, so that a disagreement shrinks; foyers are made of them one by one.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.schema import SCHEMA_MICRO, TRANCHES

COLONNES = charger_contrat().colonnes
FACULTATIVES = sorted(nom for nom, colonne in COLONNES.items() if colonne.nul)
COGS = (2022, 2023)
# Two communes of a département; arrondissements of one commune; one that its heirs share; one nobody knows.
LIEUX = ("26001", "26001", "26001", "26002", "75101", "75120", "69381", "13216", "01001", "26999")
NIVEAUX = {
    "26001": ("e1", "26", "84"),
    "26002": ("e1", "26", "84"),
    "75056": ("e2", "75", "11"),
    "69123": ("e3", "69", "84"),
    "13055": ("e4", "13", "93"),
    "01001": ("e1", "01", "84"),
}
# On each side of a threshold, of a half, of what a column holds.
BORDS = tuple(map(Decimal, ("0", "0.01", "0.05", "20.10", "200", "1148.99", "1149", "99999.99", "100000")))


@dataclass(frozen=True)
class Fichier:
    """A file of a month: `rang` tells revisions apart, `laissees` are the columns that the Caf left out."""

    mois: str
    cog: int
    rang: int
    foyers: int
    graine: int
    montants: tuple[Decimal, ...]
    laissees: frozenset[str]

    @property
    def sha256(self) -> str:
        return f"{self.rang:064x}"

    def lignes(self) -> list[dict[str, object]]:
        alea = random.Random(self.graine)
        return [self._foyer(alea, rang) for rang in range(self.foyers)]

    def _foyer(self, alea: random.Random, rang: int) -> dict[str, object]:
        foyer: dict[str, object] = {
            "pseudonyme": f"{self.rang:032x}{rang:032x}",
            "mois": self.mois,
            "millesime": int(self.mois[:4]),
            "fichier_sha256": self.sha256,
            "cog_millesime": self.cog,
            "code_commune": alea.choice(LIEUX),
        }
        for champ in SCHEMA_MICRO:
            colonne = COLONNES.get(champ.name)
            if champ.name in foyer:
                continue
            if champ.name in self.laissees or (colonne and colonne.nul and alea.random() < 0.15):
                foyer[champ.name] = None
            elif pa.types.is_boolean(champ.type):
                foyer[champ.name] = alea.random() < 0.8
            elif pa.types.is_decimal(champ.type):
                foyer[champ.name] = alea.choice((Decimal(0), *self.montants))
            elif champ.name == "quotient_familial":
                foyer[champ.name] = alea.choice((0, 399, 400, 799, 800, 100_000))
            elif colonne and colonne.valeurs:
                foyer[champ.name] = alea.choice(sorted(colonne.valeurs))
            else:
                foyer[champ.name] = alea.choice((0, 0, 1, 3)) + (champ.name == "nb_personnes")
        if foyer["enfants_aeeh"] is not None:
            foyer["enfants_aeeh"] = min(1, sum(int(str(foyer[t])) for t in TRANCHES))
        return foyer


@st.composite
def extraits(tirer: st.DrawFn) -> list[Fichier]:
    """One to five files in use together: months with a threshold of bas revenus and without, November too."""
    tires = tirer(
        st.lists(
            st.builds(
                Fichier,
                mois=st.sampled_from(("2017-12", "2018-12", "2022-11", "2022-12", "2022-12")),
                cog=st.sampled_from(COGS),
                rang=st.just(0),
                foyers=st.integers(0, 60),
                graine=st.integers(0, 999),
                montants=st.lists(
                    st.sampled_from(BORDS) | st.decimals(0, 100_000, places=2), min_size=1, max_size=6
                ).map(tuple),
                laissees=st.frozensets(st.sampled_from(FACULTATIVES), max_size=4),
            ),
            min_size=1,
            max_size=5,
        )
    )
    return [replace(f, rang=rang) for rang, f in enumerate(tires, 1)]


def ecrire(dossier: Path, fichiers: Sequence[Fichier]) -> list[Path]:
    """One micro Parquet a file."""
    chemins = []
    for fichier in fichiers:
        chemin = dossier / f"{fichier.rang}.parquet"
        pq.write_table(pa.Table.from_pylist(fichier.lignes(), schema=SCHEMA_MICRO), chemin)
        chemins.append(chemin)
    return chemins


def ecrire_rattachement(chemin: Path) -> Path:
    """Where each commune of both COG counts; 01001 was split between EPCI."""
    lignes = [
        (cog, code, niveau, territoire, not (code == "01001" and niveau == "epci"))
        for cog in COGS
        for code, territoires in NIVEAUX.items()
        for niveau, territoire in zip(("epci", "departement", "region"), territoires, strict=True)
    ]
    noms = ("cog_millesime", "code_origine", "niveau", "code", "unique_a_ce_niveau")
    table = pa.Table.from_pylist([dict(zip(noms, ligne, strict=True)) for ligne in lignes])
    pq.write_table(table, chemin)
    return chemin
