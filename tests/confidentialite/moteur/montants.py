"""Worlds of amounts, and what outsiders and second contributors are left with, by programs of their own.

Belongs here: drawing, and the promise written again from docs/secret.md. Calls nothing of `confidentialite`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde

AIDES = Indicateur("aides", "aides")
Lieu = tuple[str, str]
Parts = Mapping[str, Mapping[str, int]]
"""Of each commune, what each of its contributors brings."""


@dataclass(frozen=True)
class Protege:
    """A territory whose amount may not be shown: its value, its contributions by who makes them."""

    lieu: Lieu
    parts: Mapping[str, int]

    @property
    def valeur(self) -> int:
        return sum(self.parts.values())

    @property
    def rangees(self) -> list[tuple[int, str]]:
        return sorted(((v, qui) for qui, v in self.parts.items()), key=lambda x: (-x[0], x[1]))


def monde(parts: Parts, territoires: Mapping[Lieu, list[str]] | None = None, *, nommes: bool = True) -> Monde:
    """One EPCI of these communes, besides other territories."""
    communes = list(parts)
    valeurs = {}
    for c, siennes in parts.items():
        grands = sorted((*siennes.values(), 0), reverse=True)
        valeurs[c] = dict(siennes) if nommes else (sum(grands), len(siennes), grands[0], grands[1])
    lieux = {("commune", c): [c] for c in communes} | {("epci", "e"): communes} | dict(territoires or {})
    return Monde({(MILLESIME, "aides"): valeurs}, lieux, (AIDES,), montants=frozenset({"aides"}))  # type: ignore[arg-type]


def tirer(graine: int, *, nommes: bool) -> tuple[Monde, Parts]:
    """Draw communes of unequal amounts in two EPCI, a CTG across them; gestionnaires stand in several."""
    alea = np.random.default_rng([graine, nommes])
    communes = [f"c{k}" for k in range(int(alea.integers(5, 9)))]
    parts = {}
    for k, c in enumerate(communes):
        n = int(alea.integers(1, 5 if nommes else 9))
        qui = alea.choice(7, n, replace=False).tolist() if nommes else [f"{k}-{j}" for j in range(n)]
        echelle = alea.lognormal(5, 2.5)
        montants = (echelle * alea.lognormal(0, 1, n) + 1).round().astype(int).tolist()
        parts[c] = {f"g{q}": m for q, m in zip(qui, montants, strict=True)}
    coupe = int(alea.integers(2, len(communes) - 1))
    ctg = [c for c in communes if alea.random() < 0.5] or communes[:2]
    lieux: dict[Lieu, list[str]] = {
        ("epci", "e"): communes[:coupe],
        ("epci", "f"): communes[coupe:],
        ("ctg", "t"): ctg,
        ("departement", "d"): communes,
    }
    return monde(parts, lieux, nommes=nommes), parts


def proteges(m: Monde, parts: Parts, *, seuil: int, p: float, k: float = 0.85) -> list[Protege]:
    """The amounts that the law hides, in the territories that have a row."""
    trouves = []
    for lieu, communes in m.territoires.items():
        siennes: dict[str, int] = {}
        for c in communes:
            for qui, v in parts[c].items():
                siennes[qui] = siennes.get(qui, 0) + v
        candidat = Protege(lieu, siennes)
        (x1, _), (x2, _) = [*candidat.rangees, (0, "")][:2]
        autres = candidat.valeur - x1 - x2
        if len(siennes) < seuil or x1 > k * candidat.valeur or autres < x1 * p / 100:
            trouves.append(candidat)
    return trouves


def bornes(
    m: Monde, parts: Parts, masques: Iterable[Lieu], lieu: Lieu, qui: str | None = None
) -> tuple[float, float]:
    """Smallest and largest amount of a territory, for who is outside, or for one contributor."""
    communes, caches = list(parts), set(masques)
    equations, seconds = [], []
    for autre, siennes in m.territoires.items():
        if autre not in caches:
            equations.append([float(c in siennes) for c in communes])
            seconds.append(sum(sum(parts[c].values()) for c in siennes))
    limites: list[tuple[float, float | None]] = []
    for c in communes:
        sien = parts[c].get(qui, 0) if qui else 0
        seul = qui is not None and set(parts[c]) == {qui}
        limites.append((float(sien), float(sien) if seul else None))
    objectif = np.array([float(c in m.territoires[lieu]) for c in communes])
    resultat = []
    for sens in (1, -1):
        r = linprog(
            sens * objectif,
            A_eq=np.array(equations) if equations else None,
            b_eq=np.array(seconds) if equations else None,
            bounds=limites,
            method="highs",
        )
        assert r.status in (0, 3), r.message
        resultat.append(sens * r.fun if r.status == 0 else sens * -np.inf)
    return resultat[0], resultat[1]


def deja_dit(m: Monde, parts: Parts, masques: set[Lieu], lieu: Lieu, qui: str | None = None) -> float:
    """What shown territories inside one, and what somebody has of the rest, say that it holds at least."""
    siennes = set(m.territoires[lieu])

    def seules(reste: set[str]) -> float:
        total = 0
        for c in reste:
            montre = ("commune", c) not in masques
            total += sum(parts[c].values()) if montre else parts[c].get(qui, 0) if qui else 0
        return float(total)

    meilleur = seules(siennes)
    for autre, dedans in m.territoires.items():
        if autre not in masques and set(dedans) <= siennes:
            valeur = sum(sum(parts[c].values()) for c in dedans)
            meilleur = max(meilleur, valeur + seules(siennes - set(dedans)))
    return meilleur


def rompues(
    m: Monde, parts: Parts, masques: set[Lieu], *, seuil: int, p: float, k: float = 0.85
) -> set[Lieu]:
    """The protected territories, hidden, of which the promise does not hold for somebody."""
    trouvees = set()
    for protege in proteges(m, parts, seuil=seuil, p=p, k=k):
        lieu, valeur = protege.lieu, protege.valeur
        if lieu not in masques:
            continue
        (x1, _), (x2, second) = [*protege.rangees, (0, "")][:2]
        marge = x1 * p / 100
        qui_et_marge: list[tuple[str | None, float]] = [(None, marge)]
        if second and marge > valeur - x1 - x2:
            qui_et_marge.append((second, marge - (valeur - x1 - x2)))
        for qui, voulue in qui_et_marge:
            bas, haut = bornes(m, parts, masques, lieu, qui)
            plancher = max(valeur - voulue, deja_dit(m, parts, masques, lieu, qui))
            if haut < valeur + voulue - 0.004 or bas > plancher + 0.004:
                trouvees.add(lieu)
    return trouvees
