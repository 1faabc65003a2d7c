"""Identities and inclusions of the mesures of the extract are found, not remembered.

Foyers are drawn with every field varied and counted by the SQL of the warehouse. A relation that holds in
every foyer holds in every extract, for counts are sums over foyers; one that fails in one fails in its
commune.
"""

import csv
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from scipy.optimize import linprog

from confidentialite.moteur.dictionnaire import Dictionnaire
from confidentialite.regle.parametres import Relations, relations
from tests.confidentialite.extrait_tire import DBT, compter, tirer

FOYERS = 24_000
Majoration = tuple[tuple[str, ...], tuple[str, ...]]
"""(wholes, parts)."""


@dataclass(frozen=True)
class Tirage:
    """What drawn foyers bring to each mesure: one line for each distinct foyer, amounts in cents."""

    mesures: tuple[str, ...]
    apports: npt.NDArray[np.int64]

    def somme(self, mesures: tuple[str, ...]) -> npt.NDArray[np.int64]:
        return self.apports[:, [self.mesures.index(m) for m in mesures]].sum(axis=1)

    def tient(self, majoration: Majoration) -> bool:
        touts, parts = majoration
        return bool((self.somme(parts) <= self.somme(touts)).all())


@cache
def tirage(graine: int, foyers: int = FOYERS) -> Tirage:
    mesures, apports = compter(tirer(foyers, graine))
    return Tirage(tuple(mesures), np.unique(apports, axis=0))


@cache
def lues(nom: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@cache
def montants() -> frozenset[str]:
    return frozenset(m["mesure_id"] for m in lues("mesures") if m["unite"] == "EUR")


def declarees(liens: Relations) -> list[Majoration]:
    """All that the rules and the dictionary say of the mesures, sums as two majorations."""
    seeds = [
        {**i, "numerateur": i["numerateur"] or None, "denominateur": i["denominateur"] or None}
        | {"part_d_un_tout": i["part_d_un_tout"] == "true"}
        for i in lues("indicateurs")
    ]
    couples = Dictionnaire(pa.Table.from_pylist(seeds)).couples(liens)
    sommes = [((tout,), parts) for tout, parts in liens.sommes.items()]
    return [
        *(((tout,), (part,)) for tout, part in couples),
        *liens.majorations,
        *sommes,
        *((parts, touts) for touts, parts in sommes),
    ]


@cache
def trouvees(graine: int, foyers: int = FOYERS) -> list[Majoration]:
    """Every majoration of one or two mesures by one or two that holds in all foyers; amounts apart."""
    tire = tirage(graine, foyers)
    trouvees: list[Majoration] = []
    for en_euros in (False, True):
        mesures = [m for m in tire.mesures if (m in montants()) is en_euros]
        cotes = [(m,) for m in mesures] + list(combinations_with_replacement(mesures, 2))
        sommes = np.unique(np.array([tire.somme(c) for c in cotes]), axis=1)
        # Most are refuted by few foyers.
        alea = np.random.default_rng(1)
        quelques = sommes[:, alea.permutation(sommes.shape[1])[:400]]
        for k, parts in enumerate(cotes):
            for j in np.flatnonzero((quelques[k] <= quelques).all(axis=1)):
                if not set(cotes[j]) & set(parts) and (sommes[k] <= sommes[j]).all():
                    trouvees.append((cotes[j], parts))
    return trouvees


def deduites(connues: list[Majoration], cherchees: list[Majoration]) -> list[Majoration]:
    """Those of some majorations that others imply, counts being never negative."""
    mesures = sorted({m for deux in (*connues, *cherchees) for cote in deux for m in cote})

    def vecteur(majoration: Majoration) -> npt.NDArray[np.float64]:
        v = np.zeros(len(mesures))
        for signe, cote in zip((1, -1), majoration, strict=True):
            for m in cote:
                v[mesures.index(m)] += signe
        return v

    # By the transitive closure where it is enough, by a linear program elsewhere.
    plus_grands = {m: {m} for m in mesures}
    for _ in mesures:
        avant = sum(map(len, plus_grands.values()))
        for touts, parts in connues:
            if len(touts) == 1:
                for m in parts:
                    plus_grands[m] |= plus_grands[touts[0]]
        for m in mesures:
            plus_grands[m] |= set().union(*(plus_grands[t] for t in plus_grands[m]))
        if sum(map(len, plus_grands.values())) == avant:
            break
    matrice = np.array([vecteur(c) for c in connues])
    trouvees = []
    for majoration in cherchees:
        touts, parts = majoration
        paires = product(*([plus_grands[p] for p in parts]))
        if any(all(choix.count(m) <= touts.count(m) for m in choix) for choix in paires):
            trouvees.append(majoration)
            continue
        fini = linprog(vecteur(majoration), A_ub=-matrice, b_ub=np.zeros(len(matrice)), bounds=(0, 1))
        if fini.fun > -1e-9:
            trouvees.append(majoration)
    return trouvees


def manquantes(liens: Relations, graine: int = 1, foyers: int = FOYERS) -> list[Majoration]:
    cherchees = trouvees(graine, foyers)
    assert cherchees
    connues = set(deduites(declarees(liens), cherchees))
    return [m for m in cherchees if m not in connues]


def controler(graine: int = 1, foyers: int = FOYERS) -> None:
    tire = tirage(graine, foyers)
    du_tirage = set(tire.mesures)
    fausses = [m for m in declarees(relations()) if du_tirage.issuperset(m[0] + m[1]) and not tire.tient(m)]
    assert not fausses, (
        f"relations.csv or the dictionary says (wholes, parts) that drawn foyers deny: {fausses}"
    )
    absentes = manquantes(relations(), graine, foyers)
    assert not absentes, (
        f"(wholes, parts) hold in every drawn extract, relations.csv does not say it: {absentes}"
    )


def test_the_relations_declared_are_those_that_hold() -> None:
    controler()


@pytest.mark.drill
@pytest.mark.parametrize("graine", range(2, 5))
def test_the_relations_declared_are_those_that_hold_at_length(graine: int) -> None:
    controler(graine, 40_000)


def test_an_undeclared_inclusion_would_be_missed() -> None:
    liens = relations()
    absentes = manquantes(Relations(liens.sommes, liens.inclusions))
    assert {
        (("foyers_allocataires",), ("familles_allocataires",)),
        (("foyers_allocataires",), ("allocataires_reference",)),
        (("allocataires_reference",), ("allocataires_bas_revenus", "allocataires_fragiles")),
    } <= set(absentes)


def test_one_count_under_two_names_would_be_missed() -> None:
    liens = relations()
    sommes = {t: p for t, p in liens.sommes.items() if t != "foyers_extrait"}
    deux = manquantes(Relations(sommes, liens.inclusions, liens.majorations))
    assert (("foyers_extrait",), ("foyers_allocataires",)) in deux
    assert (("foyers_allocataires",), ("foyers_extrait",)) in deux
