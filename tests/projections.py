"""Children of 0 to 4 years five years ahead: what each method would have said of past years, and its errors.

`python -m tests.projections WORKBOOK [--graine]` prints the table of docs/projections.md, or the rows of
`seeds/mouvements_passes.csv`. WORKBOOK: Insee, estim-pop-dep-sexe-aq, a sheet a year.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from python_calamine import CalamineWorkbook

# Under the heads of two rows: both sexes, men, women, each with twenty ages of five years and a total.
PREMIERE_LIGNE, AGES, FEMMES = 5, 20, 2 + 2 * 21
# Women of 15 to 49, and where they were five years before.
MERES, CINQ_ANS_AVANT = slice(3, 10), slice(2, 9)
DEPARTS = range(1990, 2017)
# Upper bounds of the children of 0 to 4 of a département, in the year that one projects from.
TAILLES = {"moins de 15 000": 15_000, "de 15 000 à 40 000": 40_000, "40 000 et plus": 10**9}
METROPOLE = 96
# Movements are read over as many years at most.
ANNEES = 8


@dataclass(frozen=True)
class Population:
    """Persons of one 1 January, by département (rows) and age of five years (columns)."""

    ensemble: np.ndarray
    femmes: np.ndarray

    @property
    def enfants(self) -> np.ndarray:
        """Children of 0 to 4."""
        return self.ensemble[:, 0]

    @property
    def par_femme(self) -> np.ndarray:
        """Children of 0 to 4 for a woman of 15 to 49."""
        return self.enfants / self.femmes[:, MERES].sum(axis=1)


def lire(chemin: Path) -> dict[int, Population]:
    """Return the population of each year, départements of métropole in the order of their code.

    Raises ValueError where a sheet does not hold 96 of them.
    """
    classeur = CalamineWorkbook.from_path(str(chemin))
    return {int(f): _feuille(classeur, f) for f in classeur.sheet_names if f.isdecimal()}


def _feuille(classeur: CalamineWorkbook, nom: str) -> Population:
    lignes = {
        code: ligne
        for ligne in classeur.get_sheet_by_name(nom).to_python()[PREMIERE_LIGNE:]
        if (code := str(ligne[0]).removesuffix(".0")) and len(code) == 2 and code[0].isdecimal()
    }
    if len(lignes) != METROPOLE:
        raise ValueError(f"sheet {nom}: {len(lignes)} départements of métropole, {METROPOLE} expected")
    tout = [lignes[code] for code in sorted(lignes)]
    return Population(
        np.array([ligne[2 : 2 + AGES] for ligne in tout], dtype=float),
        np.array([ligne[FEMMES : FEMMES + AGES] for ligne in tout], dtype=float),
    )


def constant(pop: dict[int, Population], depart: int) -> np.ndarray:
    """As many as in the year of departure."""
    return pop[depart].enfants


def tendance(pop: dict[int, Population], depart: int) -> np.ndarray:
    """What five years changed, once more."""
    return pop[depart].enfants ** 2 / pop[depart - 5].enfants


def hamilton_perry(pop: dict[int, Population], depart: int) -> np.ndarray:
    """Women of 15 to 49 carried on by the ratios of their cohorts (1962), with as many children each.

    20 to 24 in 1995: those of 15 to 19 in 1990, times (20 to 24 in 1990 / 15 to 19 in 1985).
    """
    avant, ici = pop[depart - 5].femmes, pop[depart].femmes
    return _enfants(pop[depart], ici[:, MERES] / avant[:, CINQ_ANS_AVANT])


def hamilton_perry_lisse(pop: dict[int, Population], depart: int) -> np.ndarray:
    """The same, each ratio half way to that of all départements together, which accidents move less."""
    avant, ici = pop[depart - 5].femmes, pop[depart].femmes
    propres = ici[:, MERES] / avant[:, CINQ_ANS_AVANT]
    communs = ici[:, MERES].sum(axis=0) / avant[:, CINQ_ANS_AVANT].sum(axis=0)
    return _enfants(pop[depart], (propres + communs) / 2)


def _enfants(depart: Population, rapports: np.ndarray) -> np.ndarray:
    return depart.par_femme * (depart.femmes[:, CINQ_ANS_AVANT] * rapports).sum(axis=1)


METHODES: dict[str, Callable[[dict[int, Population], int], np.ndarray]] = {
    "Autant qu'au départ": constant,
    "Tendance des cinq années d'avant": tendance,
    "Hamilton-Perry": hamilton_perry,
    "Hamilton-Perry, rapports lissés": hamilton_perry_lisse,
}


def erreurs(pop: dict[int, Population], methode: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors made five years ahead, in percent of what came, and sizes: years × départements."""
    dits = np.array([METHODES[methode](pop, d) for d in DEPARTS])
    vus = np.array([pop[d + 5].enfants for d in DEPARTS])
    return 100 * (dits - vus) / vus, np.array([pop[d].enfants for d in DEPARTS])


def mouvements(pop: dict[int, Population], annees: int) -> tuple[float, float]:
    """Return the bounds of nine movements in ten of the smallest départements, in percent."""
    departs = range(DEPARTS.start, max(pop) - annees + 1)
    avant = np.array([pop[d].enfants for d in departs])
    apres = np.array([pop[d + annees].enfants for d in departs])
    petits = avant < next(iter(TAILLES.values()))
    bas, haut = np.quantile(100 * (apres / avant - 1)[petits], (0.05, 0.95))
    return round(float(bas), 1), round(float(haut), 1)


def tableau(pop: dict[int, Population]) -> Iterator[str]:
    """Yield the table of errors of docs/projections.md: the median, then what nine in ten stay under."""
    yield "| méthode | tous | " + " | ".join(TAILLES) + " |"
    yield "| --- |" + " --- |" * (1 + len(TAILLES))
    for methode in METHODES:
        e, tailles = erreurs(pop, methode)
        classe = np.digitize(tailles, [*TAILLES.values()])
        parts = [e, *(e[classe == i] for i in range(len(TAILLES)))]
        dites = (f"{np.median(abs(p)):.1f} ; {np.quantile(abs(p), 0.9):.1f}".replace(".", ",") for p in parts)
        yield f"| {methode} | " + " | ".join(dites) + " |"


def graine(pop: dict[int, Population]) -> Iterator[str]:
    """Yield the rows of `seeds/mouvements_passes.csv`."""
    yield "annees,baisse,hausse"
    for annees in range(1, ANNEES + 1):
        yield ",".join(map(str, (annees, *mouvements(pop, annees))))


if __name__ == "__main__":
    print("\n".join((graine if "--graine" in sys.argv else tableau)(lire(Path(sys.argv[1])))))
