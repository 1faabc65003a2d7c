"""Identities and inclusions of mesures are found, not remembered.

Foyers of the extract, and structures of the Caf's register, are drawn with every field varied, and counted by
the SQL of the warehouse. A relation that holds in every line holds in every file, for mesures are sums over
lines; one that fails in one fails in its commune. Other registers give each mesure in a column of its own:
nothing but their contract could tie them, and it does not.
"""

import csv
from collections.abc import Iterable
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
from tests.confidentialite.extrait_tire import DBT, compter, compter_subventions, tirer
from tests.profondeur import PROFONDEUR

FOYERS = 24_000
Majoration = tuple[tuple[str, ...], tuple[str, ...]]
"""(wholes, parts)."""


@dataclass(frozen=True)
class Tirage:
    """What drawn lines bring to each mesure: one line for each distinct one, amounts in cents."""

    mesures: tuple[str, ...]
    apports: npt.NDArray[np.int64]

    def somme(self, mesures: tuple[str, ...]) -> npt.NDArray[np.int64]:
        return self.apports[:, [self.mesures.index(m) for m in mesures]].sum(axis=1)

    def tient(self, majoration: Majoration) -> bool:
        touts, parts = majoration
        return bool((self.somme(parts) <= self.somme(touts)).all())


@cache
def tirages(graine: int, nombre: int) -> tuple[Tirage, ...]:
    """Foyers of the extract, structures of the register."""
    lus = compter(tirer(nombre, graine)), compter_subventions(nombre // 10, graine)
    return tuple(Tirage(tuple(mesures), np.unique(apports, axis=0)) for mesures, apports in lus)


@cache
def lues(nom: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@cache
def montants() -> frozenset[str]:
    monnaies = {u["unite"] for u in lues("unites") if u["monnaie"] == "true"}
    return frozenset(m["mesure_id"] for m in lues("mesures") if m["unite"] in monnaies)


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
def trouvees(graine: int, nombre: int) -> list[Majoration]:
    """Every majoration of one or two mesures by one or two that holds in all lines; amounts apart."""
    trouvees: list[Majoration] = []
    for tire, en_euros in product(tirages(graine, nombre), (False, True)):
        mesures = [m for m in tire.mesures if (m in montants()) is en_euros]
        cotes = [(m,) for m in mesures] + list(combinations_with_replacement(mesures, 2))
        if not cotes:
            continue
        sommes = np.unique(np.array([tire.somme(c) for c in cotes]), axis=1)
        # Most are refuted by few lines.
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


def manquantes(liens: Relations, graine: int = 1, nombre: int = FOYERS) -> list[Majoration]:
    cherchees = trouvees(graine, nombre)
    assert cherchees
    connues = set(deduites(declarees(liens), cherchees))
    return [m for m in cherchees if m not in connues]


def controler(graine: int = 1, nombre: int = FOYERS) -> None:
    for tire in tirages(graine, nombre):
        siennes = [m for m in declarees(relations()) if set(tire.mesures).issuperset(m[0] + m[1])]
        fausses = [m for m in siennes if not tire.tient(m)]
        assert siennes
        assert not fausses, (
            f"relations.csv or the dictionary says (wholes, parts) that drawn lines deny: {fausses}"
        )
    absentes = manquantes(relations(), graine, nombre)
    assert not absentes, (
        f"(wholes, parts) hold in every drawn file, relations.csv does not say it: {absentes}"
    )


def test_the_relations_declared_are_those_that_hold() -> None:
    controler()


@pytest.mark.drill
@pytest.mark.parametrize("graine", range(2, 2 + PROFONDEUR.tirages))
def test_the_relations_declared_are_those_that_hold_at_length(graine: int) -> None:
    controler(graine, 40_000)


def test_what_an_inclusion_leaves_is_of_its_univers_and_no_majoration_s_is() -> None:
    """The rule of docs/secret.md: one mesure in one other of its univers leaves people of that univers."""
    univers = {m["mesure_id"]: m["univers"] for m in lues("mesures")}
    liens = relations()
    assert all(univers[tout] == univers[part] for tout, part in liens.inclusions)
    d_un_univers = [
        (touts, parts)
        for touts, parts in liens.majorations
        if len(touts) == len(parts) == 1 and univers[touts[0]] == univers[parts[0]]
    ]
    assert not d_un_univers, f"inclusions, by the rule: {d_un_univers}"


def test_every_relation_declared_was_drawn_or_is_of_no_line() -> None:
    tirees = {m for tire in tirages(1, FOYERS) for m in tire.mesures}
    liens = relations()
    nommees = {m for m in liens.sommes} | {m for p in liens.sommes.values() for m in p}
    nommees |= {m for couple in liens.inclusions for m in couple}
    nommees |= {m for majoration in liens.majorations for cote in majoration for m in cote}
    assert nommees <= tirees


def manqueraient(liens: Relations, attendues: Iterable[Majoration]) -> bool:
    """Whether each of these holds in what was drawn, and follows from nothing that `liens` says."""
    cherchees = list(attendues)
    return set(cherchees) <= set(trouvees(1, FOYERS)) and not deduites(declarees(liens), cherchees)


def test_an_undeclared_inclusion_would_be_missed() -> None:
    liens = relations()
    assert manqueraient(
        Relations(liens.sommes, liens.inclusions),
        (
            (("foyers_allocataires",), ("familles_allocataires",)),
            (("foyers_allocataires",), ("allocataires_reference",)),
            (("allocataires_reference",), ("allocataires_bas_revenus", "allocataires_fragiles")),
            (("financement_caf",), ("financement_eaje_rpe", "financement_enfance_jeunesse")),
        ),
    )


def test_one_count_under_two_names_would_be_missed() -> None:
    liens = relations()
    sommes = {t: p for t, p in liens.sommes.items() if t != "foyers_extrait"}
    assert manqueraient(
        Relations(sommes, liens.inclusions, liens.majorations),
        (
            (("foyers_extrait",), ("foyers_allocataires",)),
            (("foyers_allocataires",), ("foyers_extrait",)),
        ),
    )
