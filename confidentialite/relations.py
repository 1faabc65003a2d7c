"""What the rounded figures of a commune say of each other, by inclusion: `relations.csv`.

    foyers RSA of a commune, Cafdata prints 5: 3 to 7    its foyers, printed 0: 0 to 2    contradiction: never drawn
    foyers without e-mail, chain, 5: 1 to 9              its foyers, Cafdata prints 0: 0 to 2    hence 1 or 2
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pyarrow as pa

from confidentialite.regle import PETIT, Regles


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
    """Add the column `retenue`: the counts of communes of which these relations leave one value, from 1 to 4."""
    colonnes = {nom: arrondis[nom].to_pylist() for nom in ("niveau", "code", "mesure_id", "marque")}
    valeurs = arrondis["valeur"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    amplitudes = arrondis["amplitude"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    montrees = [
        n == "commune" and marque is None and not regles[m].montant
        for n, m, marque in zip(colonnes["niveau"], colonnes["mesure_id"], colonnes["marque"], strict=True)
    ]
    lignes = np.flatnonzero(montrees)
    rangs = {code: i for i, code in enumerate(sorted({colonnes["code"][i] for i in lignes}))}
    basses: dict[str, np.ndarray] = {}
    hautes: dict[str, np.ndarray] = {}
    ou: dict[str, np.ndarray] = {}
    for i in lignes:
        mesure, rang = colonnes["mesure_id"][i], rangs[colonnes["code"][i]]
        if mesure not in basses:
            basses[mesure] = np.zeros(len(rangs))
            hautes[mesure] = np.full(len(rangs), np.inf)
            ou[mesure] = np.full(len(rangs), -1)
        basses[mesure][rang] = max(0, valeurs[i] - amplitudes[i])
        hautes[mesure][rang] = valeurs[i] + amplitudes[i]
        ou[mesure][rang] = i
    _resserrer(basses, hautes)
    retenue = np.zeros(arrondis.num_rows, dtype=bool)
    for mesure, places in ou.items():
        seules = (basses[mesure] == hautes[mesure]) & (basses[mesure] >= 1) & (basses[mesure] <= PETIT)
        retenue[places[seules & (places >= 0)]] = True
    return arrondis.append_column("retenue", pa.array(retenue))


def _resserrer(basses: dict[str, np.ndarray], hautes: dict[str, np.ndarray]) -> None:
    """Narrow the intervals by the relations until none moves."""
    connues = [r for r in relations() if basses.keys() >= {*r.tout, *r.parties}]
    bouge = True
    while bouge:
        bouge = False
        for relation in connues:
            plafond = sum(hautes[m] for m in relation.tout)
            plancher = sum(basses[m] for m in relation.parties)
            for m in relation.parties:
                bouge |= _borner(hautes, m, np.minimum, plafond - (plancher - basses[m]))
            for m in relation.tout:
                bouge |= _borner(basses, m, np.maximum, plancher - (plafond - hautes[m]))


def _borner(bornes: dict[str, np.ndarray], mesure: str, borner: np.ufunc, limite: np.ndarray) -> bool:
    # Where a bound is unknown, so is the limit.
    nouvelle = borner(bornes[mesure], np.where(np.isnan(limite), bornes[mesure], limite))
    bouge = bool((nouvelle != bornes[mesure]).any())
    bornes[mesure] = nouvelle
    return bouge
