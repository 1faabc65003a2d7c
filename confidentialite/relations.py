"""What a reader learns of a count from the other figures: by inclusion (`relations.csv`), along the chains,
from the exact totals of départements.

foyers of two communes, Cafdata prints 5 and 0: 3 to 7 and 0 to 2    allocataires of the year, a run of zeros:
they add to 4 at most, and are at least 3 and 1, of whom another figure says one    hence 3 and 1
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from confidentialite.regle import PETIT, Regles

Bornes = npt.NDArray[np.float64]
"""By mesure, département and rank along its chain."""
TOURS = 8
"""How often a reader reads all the figures again; what is left then moves no more, or hardly."""


@dataclass(frozen=True)
class Relation:
    """The sum of the mesures `tout` is never under the sum of the mesures `parties`, in any commune."""

    tout: tuple[str, ...]
    parties: tuple[str, ...]

    @property
    def mesures(self) -> set[str]:
        """Both sides of the relation."""
        return {*self.tout, *self.parties}


def relations() -> list[Relation]:
    """Read `relations.csv`."""
    texte = files("confidentialite").joinpath("relations.csv").read_text(encoding="utf-8")
    return [
        Relation(tuple(ligne["tout"].split("+")), tuple(ligne["parties"].split("+")))
        for ligne in csv.DictReader(texte.splitlines())
    ]


def trop_dits(cellules: pa.Table, regles: Regles) -> set[tuple[str, str]]:
    """Return the chains (mesure, département) that pin down a count of 1 to 4, or help to.

    `cellules`: `mesure_id, departement, rang, r` (what is printed of a commune, in the unit of the mesure;
    NULL where nothing is) and `total`, the exact one of the chain.
    """
    lues = _Lues(cellules, regles)
    connues = [r for r in relations() if r.mesures <= lues.places.keys()]
    for _ in range(TOURS):
        avant = lues.basses.copy(), lues.hautes.copy()
        lues.suivre_les_chaines()
        for relation in connues:
            lues.resserrer(relation)
        if np.array_equal(avant[0], lues.basses) and np.array_equal(avant[1], lues.hautes):
            break
    dits = (lues.basses == lues.hautes) & (lues.basses >= 1) & (lues.basses <= PETIT) & lues.lues
    a_tirer = set()
    for place, ou in zip(*np.nonzero(dits.any(axis=2)), strict=True):
        mesure = lues.mesures[place]
        voisines = {mesure}
        if regles[mesure].regle != "chaine":
            voisines = set().union(*(r.mesures for r in connues if mesure in r.mesures))
        a_tirer |= {(m, lues.departements[ou]) for m in voisines if regles[m].regle == "chaine"}
    return a_tirer


class _Lues:
    """What a reader knows of counts: at least `basses`, at most `hautes`."""

    def __init__(self, cellules: pa.Table, regles: Regles) -> None:
        table = cellules.to_pandas()
        self.mesures = sorted(set(table["mesure_id"]))
        self.departements = sorted(set(table["departement"]))
        self.places = {m: n for n, m in enumerate(self.mesures)}
        ou = {d: n for n, d in enumerate(self.departements)}
        forme = (len(self.mesures), len(ou), int(table["rang"].max()))
        index = (
            table["mesure_id"].map(self.places).to_numpy(),
            table["departement"].map(ou).to_numpy(),
            table["rang"].to_numpy() - 1,
        )
        self.r = np.full(forme, np.nan)
        self.r[index] = table["r"].astype(float)
        self.lues = ~np.isnan(self.r)
        totaux = np.full(forme[:2], np.nan)
        totaux[index[:2]] = table["total"].astype(float)
        de_chaine = np.array([regles[m].regle == "chaine" for m in self.mesures])
        pas = np.array([regles[m].pas for m in self.mesures])
        ampleurs = np.where(de_chaine, pas - 1, 2)[:, None, None]
        self.basses: Bornes = np.where(self.lues, np.maximum(0, np.nan_to_num(self.r) - ampleurs), 0)
        self.hautes: Bornes = np.where(self.lues, np.nan_to_num(self.r) + ampleurs, np.inf)
        self._chaines = np.nonzero(de_chaine[:, None] & self.lues.any(axis=2))
        self._pas = pas[self._chaines[0], None]
        ecarts = totaux[self._chaines] - np.nansum(self.r[self._chaines], axis=1)
        # The chain may start from any of these residues; the exact total fixes its end.
        self._departs = np.arange(self._pas.max(initial=0))[None, :]
        self._fins = self._departs + ecarts[:, None]
        self._tenables = (self._departs < self._pas) & (self._fins >= 0) & (self._fins < self._pas)

    def suivre_les_chaines(self) -> None:
        """Narrow the counts by the residues of the running sums along each chain, exactly."""
        if not len(self._pas):
            return
        r = np.nan_to_num(self.r[self._chaines])
        publiees = self.lues[self._chaines]
        basses = np.where(publiees, self.basses[self._chaines], 0)
        hautes = np.where(publiees, self.hautes[self._chaines], 0)
        n, plafond = r.shape[1], self._pas - 1
        # Residues after each commune, forward: an interval for each start.
        bas = np.empty((n + 1, *self._tenables.shape))
        haut = np.empty_like(bas)
        bas[0] = haut[0] = self._departs
        for i in range(n):
            bas[i + 1] = np.maximum(0, (basses[:, i] - r[:, i])[:, None] + bas[i])
            haut[i + 1] = np.minimum(plafond, (hautes[:, i] - r[:, i])[:, None] + haut[i])
        possibles = self._tenables & (bas <= haut).all(axis=0)
        possibles &= (bas[n] <= self._fins) & (self._fins <= haut[n])
        bas[n] = haut[n] = self._fins
        for i in reversed(range(n)):
            bas[i] = np.maximum(bas[i], (r[:, i] - hautes[:, i])[:, None] + bas[i + 1])
            haut[i] = np.minimum(haut[i], (r[:, i] - basses[:, i])[:, None] + haut[i + 1])
        possibles &= (bas <= haut).all(axis=0)
        moins = np.where(possibles, r.T[..., None] + bas[1:] - haut[:-1], np.inf).min(axis=2).T
        plus = np.where(possibles, r.T[..., None] + haut[1:] - bas[:-1], -np.inf).max(axis=2).T
        # No start explains the chain of a revised file.
        tenue = possibles.any(axis=1)[:, None] & publiees
        self.basses[self._chaines] = np.where(tenue, np.maximum(basses, moins), self.basses[self._chaines])
        self.hautes[self._chaines] = np.where(tenue, np.minimum(hautes, plus), self.hautes[self._chaines])

    def resserrer(self, relation: Relation) -> None:
        """Narrow the counts that a relation ties; a relation that does not hold tells nothing."""
        tout = [self.places[m] for m in relation.tout]
        parties = [self.places[m] for m in relation.parties]
        plafond, plancher = self.hautes[tout].sum(axis=0), self.basses[parties].sum(axis=0)
        tenue = plancher <= plafond
        hautes = np.fmin(self.hautes[parties], plafond - (plancher - self.basses[parties]))
        with np.errstate(invalid="ignore"):
            # Unbounded less unbounded says nothing.
            basses = np.fmax(self.basses[tout], plancher - (plafond - self.hautes[tout]))
        self.hautes[parties] = np.where(tenue, hautes, self.hautes[parties])
        self.basses[tout] = np.where(tenue, basses, self.basses[tout])
