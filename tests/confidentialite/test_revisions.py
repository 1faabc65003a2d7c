"""A revised month, decided and proved with what earlier releases said: nothing is blocked, one round ends it.

Foyers are drawn on the communes of the Drôme, as many as the demonstration's extract of December 2022 has,
then some of them are revised: a right that ends, another commune, other resources, an amount corrected, a
file closed.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import demonstration
from tests.confidentialite.deux_faces import Observatoire
from tests.confidentialite.moteur.banc import MILLESIME, TABLES, Finest, Monde

FOYERS = 122_965
# Foyers changed in revisions that an attack from outside made; the last three never ended.
TAILLES = (18, 67, 171, 388, 418)
COMPTES = {
    "allocataires_reference": ("droit",),
    "allocataires_bas_revenus": ("droit", "pauvre"),
    "allocataires_dependance_50": ("droit", "dependant"),
    "familles_allocataires": ("droit", "famille"),
    "familles_monoparentales_allocataires": ("droit", "famille", "seul"),
}
TRAITS = ("droit", "pauvre", "dependant", "famille", "seul")


@dataclass(frozen=True)
class Caf:
    """Foyers: the commune of each (its rank in `codes`), its traits, what it is paid."""

    codes: tuple[str, ...]
    commune: np.ndarray
    traits: Mapping[str, np.ndarray]
    montant: np.ndarray

    def compter(self) -> dict[tuple[int, str], dict[str, Finest]]:
        """The finest values: counts and amounts by commune, those that are not zero."""
        valeurs: dict[tuple[int, str], dict[str, Finest]] = {}
        for mesure, traits in COMPTES.items():
            qui = np.logical_and.reduce([self.traits[t] for t in traits])
            comptes = np.bincount(self.commune[qui], minlength=len(self.codes))
            valeurs[MILLESIME, mesure] = {c: int(n) for c, n in zip(self.codes, comptes, strict=True) if n}
        payes = self.montant > 0
        sommes = np.bincount(self.commune, self.montant, len(self.codes))
        nombres = np.bincount(self.commune[payes], minlength=len(self.codes))
        plus_grands = np.zeros(len(self.codes))
        np.maximum.at(plus_grands, self.commune, self.montant)
        valeurs[MILLESIME, "montant_aides_logement"] = {
            c: (int(s), int(n), int(m))
            for c, s, n, m in zip(self.codes, sommes, nombres, plus_grands, strict=True)
            if n
        }
        return valeurs

    def reviser(self, nombre: int, graine: int, *, petites: bool = False) -> "Caf":
        """The same foyers but for some, drawn anywhere, or in the communes where there are few."""
        alea = np.random.default_rng([graine, nombre])
        tailles = np.bincount(self.commune, minlength=len(self.codes))
        parmi = np.flatnonzero(tailles[self.commune] < 80) if petites else np.arange(len(self.commune))
        commune, montant = self.commune.copy(), self.montant.copy()
        traits = {t: v.copy() for t, v in self.traits.items()}
        for foyer in alea.choice(parmi, nombre, replace=False).tolist():
            quoi = int(alea.integers(0, 8))
            if quoi < len(TRAITS):
                traits[TRAITS[quoi]][foyer] ^= True
            elif quoi == 5:
                commune[foyer] = alea.integers(0, len(self.codes))
            elif quoi == 6:
                montant[foyer] = alea.integers(0, 4000)
            else:
                traits["droit"][foyer], montant[foyer] = False, 0
        return replace(self, commune=commune, traits=traits, montant=montant)


@cache
def territoires() -> tuple[dict[str, int], dict[tuple[str, str], list[str]]]:
    """The communes of the Drôme with their inhabitants, and the territories they make; two CTG cut across."""
    table = Path(demonstration.__file__).with_name("territoires.csv")
    with table.open(encoding="utf-8", newline="") as fichier:
        lues = [
            (ligne["code"], int(ligne["pmun_2022"]), ligne["epci"])
            for ligne in csv.DictReader(fichier)
            if ligne["typecom"] == "COM" and ligne["departement"] == "26" and ligne["pmun_2022"]
        ]
    habitants = {code: n for code, n, _ in lues}
    lieux: dict[tuple[str, str], list[str]] = {("commune", c): [c] for c in habitants}
    for code, _, epci in lues:
        lieux.setdefault(("epci", epci), []).append(code)
    epcis = [cs for (niveau, _), cs in lieux.items() if niveau == "epci" and len(cs) > 12]
    lieux["ctg", "a"] = epcis[0][: len(epcis[0]) // 2]
    lieux["ctg", "b"] = epcis[1][len(epcis[1]) // 2 :] + epcis[2][:5]
    lieux["departement", "26"] = list(habitants)
    return habitants, lieux


def caf(graine: int) -> Caf:
    """Draw foyers where inhabitants are."""
    alea = np.random.default_rng(graine)
    habitants, _ = territoires()
    poids = np.array(list(habitants.values()), float)
    parts = {"droit": 0.85, "pauvre": 0.35, "dependant": 0.22, "famille": 0.42, "seul": 0.38}
    return Caf(
        tuple(habitants),
        alea.choice(len(poids), FOYERS, p=poids / poids.sum()),
        {t: alea.random(FOYERS) < p for t, p in parts.items()},
        np.where(alea.random(FOYERS) < 0.45, alea.lognormal(7.5, 0.8, FOYERS).round(), 0),
    )


def monde(foyers: Caf) -> Monde:
    """The world that these foyers make."""
    return Monde(foyers.compter(), territoires()[1], TABLES, montants=frozenset({"montant_aides_logement"}))


@pytest.mark.parametrize("petites", [False, True], ids=["anywhere", "where few are"])
@pytest.mark.parametrize("taille", TAILLES)
def test_an_ordinary_revision_is_published_after_one_round_at_most(
    taille: int, petites: bool, tmp_path: Path
) -> None:
    ici = Observatoire(tmp_path)
    avant = caf(1)
    premiere = ici.nuit(monde(avant))
    assert premiere.succes, premiere.message
    apres = monde(avant.reviser(taille, 7, petites=petites))
    constats = ici.nuit(apres)
    assert not constats.echecs, constats.message
    if constats.a_decider:
        ici.decider_tout(constats)
        constats = ici.nuit(apres)
        assert constats.succes, constats.message
    # It is in the register now, and the next night has nothing against it.
    assert ici.nuit(apres).succes
