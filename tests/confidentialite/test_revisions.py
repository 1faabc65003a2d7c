"""A revised month, decided and proved with what earlier releases said: one round of decisions ends it.

Foyers are drawn on the communes of the Drôme, as many as the demonstration's extract of December 2022 has,
then some of them are revised: a right that ends, another commune, other resources, an amount corrected, a
file closed.
"""

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import demonstration
from confidentialite.preuve import exigences
from confidentialite.preuve.versions import Versions
from confidentialite.regle.parametres import charger
from tests.confidentialite import deux_faces
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


@cache
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


@pytest.fixture(scope="module")
def premiere(tmp_path_factory: pytest.TempPathFactory) -> Observatoire:
    """The first release, which every revision revises."""
    ici = Observatoire(tmp_path_factory.mktemp("premiere"))
    constats = ici.nuit(monde(caf(1)))
    assert constats.succes, constats.message
    return ici


@pytest.fixture
def ici(premiere: Observatoire, tmp_path: Path) -> Observatoire:
    """An observatory that has released the first month."""
    shutil.copytree(premiere.registre, tmp_path / "registre")
    return Observatoire(tmp_path, premiere.rang)


@pytest.mark.parametrize("petites", [False, True], ids=["anywhere", "where few are"])
@pytest.mark.parametrize("taille", TAILLES)
def test_an_ordinary_revision_is_published_after_one_round_at_most(
    taille: int, petites: bool, ici: Observatoire
) -> None:
    revise = monde(caf(1).reviser(taille, 7, petites=petites))
    constats = ici.nuit(revise)
    assert not constats.echecs, constats.message
    if constats.a_decider:
        ici.decider_tout(constats)
        constats = ici.nuit(revise)
    assert constats.succes, constats.message


def test_the_night_after_a_revision_has_nothing_against_it(ici: Observatoire) -> None:
    revise = monde(caf(1).reviser(171, 7, petites=True))
    assert ici.nuit(revise).succes
    assert ici.nuit(revise).succes


def test_versions_off_a_revision_never_ends(ici: Observatoire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old words taken for equations of today: findings, or incidents, of cells that nobody can compute."""
    revise = monde(caf(1).reviser(418, 7, petites=True))
    with monkeypatch.context() as m:
        m.setattr(Versions, "tient", lambda *_: True)
        constats = ici.nuit(revise, publier=False)
        assert constats.echecs or constats.a_decider
    assert ici.nuit(revise).succes


def test_one_round_ends_what_a_revision_raises(ici: Observatoire) -> None:
    """The amounts of a commune are corrected: the same sum, which was shown, is one foyer's nearly all."""
    avant = caf(1)
    comptes = avant.compter()
    # Communes of one EPCI, shown: their sums stay, and one contributor makes each.
    shown = [
        (c, v)
        for c, v in sorted(comptes[MILLESIME, "montant_aides_logement"].items())
        if isinstance(v, tuple) and 8 <= v[1] <= 30
    ][:3]
    revise = monde(avant)
    montants = dict(revise.valeurs[MILLESIME, "montant_aides_logement"])
    montants |= {c: (v[0], v[1], v[0] - v[1]) for c, v in shown if isinstance(v, tuple)}
    revise = replace(revise, valeurs={**revise.valeurs, (MILLESIME, "montant_aides_logement"): montants})
    premier = ici.nuit(revise)
    assert not premier.echecs, premier.message
    assert {i.cellule.territoire_id for i in premier.a_decider} == {f"commune:{c}" for c, _ in shown}
    ici.decider_tout(premier)
    # No mask depends on a decision: what was listed is all there is.
    second = ici.nuit(revise)
    assert second.succes and [i.incident_id for i in second.incidents] == [
        i.incident_id for i in premier.incidents
    ]


def test_one_round_ends_what_a_raised_threshold_raises(
    ici: Observatoire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5 became 11, on the same month: counts of 5 to 10, shown until then, and what they tell with others."""
    courantes = charger()
    onze = courantes.seuil_frequence.model_copy(update={"valeur": 11})
    monkeypatch.setattr(deux_faces, "charger", lambda: courantes.model_copy(update={"seuil_frequence": onze}))
    monkeypatch.setattr(exigences.regles, "charger", deux_faces.charger)
    premier = ici.nuit(monde(caf(1)))
    assert not premier.echecs and len(premier.a_decider) > 100, premier.message
    ici.decider_tout(premier)
    assert ici.nuit(monde(caf(1))).succes
