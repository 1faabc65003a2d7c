"""Rounding a country: every mesure of the dictionary, 35 000 drawn communes, beside what is to be reached.

`python -m tests.bench.arrondi` is the process that is measured.
"""

import sys
from functools import partial

import numpy as np
import pyarrow as pa

from confidentialite import chaine
from confidentialite.chaine import EXACTS, LARGES, Arrondi, arrondir, ordonner
from confidentialite.cle import CLE_PUBLIQUE, depart
from confidentialite.regle import lire
from orchestration.nuit.base import MESURES
from tests.bench.mesure import afficher, executer

COMMUNES, DEPARTEMENTS, EPCI = 35_000, 96, 13


def comparer() -> None:
    """Print what the first count of a month costs, and its revision."""
    lignes = []
    for quoi in ("premier", "revision"):
        cout = executer([sys.executable, "-m", "tests.bench.arrondi", quoi], memoire=True)
        lignes.append((quoi, "≤ 30 s, ≤ 4 000 MB", f"{cout.processeur:.1f}", f"{cout.pic_mo:.0f}"))
    afficher("Rounding a country", ("what", "to reach", "processor", "peak MB"), lignes)


def arrondir_un_pays(*, revision: bool) -> None:
    """Draw a country and round it; then, for a revision, one count in a thousand that moved."""
    de, regles = np.random.default_rng(1), lire(MESURES)
    numeros = np.arange(COMMUNES)
    departements = numeros % DEPARTEMENTS
    codes = [f"{d:02}{n:05}" for d, n in zip(departements, numeros, strict=True)]
    tailles = de.pareto(1.0, COMMUNES) * 100 + np.where(numeros < 4 * DEPARTEMENTS, 20_000, 5)
    communes = pa.table(
        {
            "code": codes,
            "departement": [f"{d:02}" for d in departements],
            "epci": [
                f"{d:02}-{n // DEPARTEMENTS % EPCI}" for d, n in zip(departements, numeros, strict=True)
            ],
            "population": tailles.astype(int),
            "population_millesime": [2022] * COMMUNES,
        }
    )
    parts = {m: 40 if r.montant else 0.3 for m, r in regles.items()}
    comptes = {m: de.poisson(tailles * part).astype(float) for m, part in parts.items()}
    exacts = _exacts(codes, comptes)
    larges = pa.concat_tables(
        [
            pa.table({"code_origine": codes, "niveau": [niveau] * COMMUNES, "code": ou})
            for niveau, ou in (
                ("epci", communes["epci"]),
                ("departement", communes["departement"]),
                ("france", pa.array(["FR"] * COMMUNES)),
            )
        ]
    ).cast(LARGES)
    ordre = ordonner(communes.cast(chaine.COMMUNES))
    fait = arrondir(exacts, ordre, larges, regles, 2022, partial(depart, CLE_PUBLIQUE, "a"))
    if revision:
        for valeurs in comptes.values():
            valeurs[de.integers(0, COMMUNES, COMMUNES // 1000)] += 1
        tire = partial(depart, CLE_PUBLIQUE, "b")
        arrondir(_exacts(codes, comptes), ordre, larges, regles, 2022, tire, Arrondi(exacts, fait))


def _exacts(codes: list[str], comptes: dict[str, np.ndarray]) -> pa.Table:
    return pa.concat_tables(
        pa.table({"code": codes, "mesure_id": [m] * COMMUNES, "valeur": v, "marque": pa.nulls(COMMUNES)})
        for m, v in comptes.items()
    ).cast(EXACTS)


if __name__ == "__main__":
    arrondir_un_pays(revision=sys.argv[1] == "revision")
