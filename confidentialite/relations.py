"""What the rounded figures of a commune say of each other, by inclusion: `relations.csv`.

foyers RSA of a commune, Cafdata prints 5: 3 to 7    its foyers, printed 0: 0 to 2    contradiction: never
drawn foyers without e-mail, chain, 5: 1 to 9              its foyers, printed 0: 0 to 2    hence 1 or 2
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from confidentialite.regle import PETIT, Regles

Bornes = dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Relation:
    """The sum of the mesures `tout` is never under the sum of the mesures `parties`, in any commune."""

    tout: tuple[str, ...]
    parties: tuple[str, ...]


def relations() -> list[Relation]:
    """Read `relations.csv`."""
    texte = files("confidentialite").joinpath("relations.csv").read_text(encoding="utf-8")
    return [
        Relation(tuple(ligne["tout"].split("+")), tuple(ligne["parties"].split("+")))
        for ligne in csv.DictReader(texte.splitlines())
    ]


def retenir(arrondis: pa.Table, regles: Regles) -> pa.Table:
    """Add the column `retenue`: counts of communes of which these relations leave one value, from 1 to 4."""
    cadre = arrondis.select(["niveau", "code", "mesure_id", "valeur", "amplitude", "marque"]).to_pandas()
    comptes = {m for m, r in regles.items() if not r.montant}
    montrees = cadre[
        (cadre["niveau"] == "commune") & cadre["marque"].isna() & cadre["mesure_id"].isin(comptes)
    ]
    communes, _ = pd.factorize(montrees["code"])
    nombre = communes.max() + 1 if len(communes) else 0
    basses, hautes, places = {}, {}, {}
    for mesure, lot in montrees.assign(commune=communes).groupby("mesure_id", observed=True):
        valeurs, amplitudes = lot["valeur"].astype(float), lot["amplitude"].astype(float)
        basses[mesure], hautes[mesure] = np.zeros(nombre), np.full(nombre, np.inf)
        basses[mesure][lot["commune"]] = (valeurs - amplitudes).clip(lower=0)
        hautes[mesure][lot["commune"]] = valeurs + amplitudes
        places[mesure] = (lot.index.to_numpy(), lot["commune"].to_numpy())
    _resserrer(basses, hautes)
    retenue = np.zeros(arrondis.num_rows, dtype=bool)
    for mesure, (lignes, lesquelles) in places.items():
        basse, haute = basses[mesure][lesquelles], hautes[mesure][lesquelles]
        retenue[lignes] = (basse == haute) & (basse >= 1) & (basse <= PETIT)
    return arrondis.append_column("retenue", pa.array(retenue))


def _resserrer(basses: Bornes, hautes: Bornes) -> None:
    """Narrow the intervals by the relations until none moves, or as often as there are relations."""
    connues = [r for r in relations() if basses.keys() >= {*r.tout, *r.parties}]
    for _ in connues:
        avant = [borne.copy() for borne in (*basses.values(), *hautes.values())]
        for relation in connues:
            plafond = sum(hautes[m] for m in relation.tout)
            plancher = sum(basses[m] for m in relation.parties)
            for m in relation.parties:
                hautes[m] = np.fmin(hautes[m], plafond - (plancher - basses[m]))
            with np.errstate(invalid="ignore"):
                for m in relation.tout:
                    # Unbounded less unbounded says nothing.
                    basses[m] = np.fmax(basses[m], plancher - (plafond - hautes[m]))
        apres = (*basses.values(), *hautes.values())
        if all(map(np.array_equal, avant, apres)):
            return
