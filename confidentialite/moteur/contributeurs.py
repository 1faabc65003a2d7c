"""The guard of those who know some cells: a lone contributor, and whoever counts in whole numbers.

Belongs here: who knows what, and whether it leaves them two values of what is protected. Does not: the tables
(`ecarts.py`), what combinations alone tell a lone contributor (`espace.py`).

EPCI 5 is A 3, B 1 and C 1, all hidden; the 3 of A are the children of one foyer. It knows that B and C are 2
together, of two counts of 1 at least: B is 1. With D 2 hidden too, of an EPCI of 7, it is left with B 1 or 2.

No program is solved for each contributor and each forme. What is taken from C may be given to B, and so may
what is taken from D: nobody can tell both of these tables from the true one. One table is enough for all who
know none of the cells it changes, and only what is left over asks for a program of its own.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from confidentialite.moteur.algebre import engendre
from confidentialite.moteur.bornes import sans_optimum
from confidentialite.moteur.ecarts import Ecart, Ecarts
from confidentialite.moteur.formes import Forme, Vecteur
from confidentialite.moteur.gardes import Serree, Tour
from confidentialite.moteur.phases.restes import par_commune
from confidentialite.moteur.programmes import Bloc, Contrainte, SansOptimum
from confidentialite.regle import primaire

# Changes that no published forme sees, tried for one forme.
_VECTEURS: Final = 40

_DEHORS = -1
"""Who knows no cell at all, among contributors by their rank."""


def des_contributeurs(tour: Tour) -> Sequence[Serree]:
    """What outsiders know of whole numbers, and lone contributors with their own cells besides."""
    if not tour.chantier.defenses.bornes:
        return ()
    serrees: list[Serree] = []
    memoire = tour.memoire.serrees
    for bloc in tour.blocs:
        cle = bloc.cle()
        if cle not in memoire:
            try:
                memoire[cle] = list(_Examen(tour, bloc).serrees())
            except SansOptimum as statut:
                raise sans_optimum(tour.chantier.systeme, bloc, statut) from None
        serrees += memoire[cle]
    return serrees


@dataclass(eq=False)
class _Visee:
    """A hidden forme of a block: its unknown part, and who still has one value of it.

    `ecart`: how far it must move; `vers_le_haut`: above the true value alone. `parmi`: who is asked about.
    `complices`: those of them that can tell every table met so far that changes it; None before the first
    one. `quittes`: those who were found to have enough values.
    """

    forme: Forme
    vecteur: Vecteur
    ecart: float
    vers_le_haut: bool = False
    parmi: Set[int] | None = None
    complices: set[int] | None = None
    quittes: set[int] = field(default_factory=set)


class _Examen:
    """One block, and what its contributors know of it."""

    def __init__(self, tour: Tour, bloc: Bloc) -> None:
        self._tour, self._bloc = tour, bloc
        self._entiers = tour.chantier.systeme.entiers
        self._premier = tour.chantier.parametres.premiers.valeur[0]
        siennes = set(bloc.cellules)
        # What each contributor knows of the block, and who knows something of each cell.
        self._sues: dict[int, list[Vecteur]] = {}
        self._siennes: dict[tuple[int, int], bool] = {}
        self._qui: dict[int, set[int]] = defaultdict(set)
        for qui, (sus, _) in enumerate(tour.contributeurs):
            for su in sus:
                if vecteur := {c: v for c, v in su.items() if c in siennes}:
                    self._sues.setdefault(qui, []).append(vecteur)
                    for c in vecteur:
                        self._qui[c].add(qui)
        self._visees = []
        for f in bloc.formes:
            if self._entiers or (f.protegee and self._sues):
                vecteur = {c: v for c, v in f.vecteur.items() if c in siennes}
                # The tables that are asked most of serve all who ask less.
                self._visees += [_Visee(f, vecteur, e, True, qui) for e, qui in self._hausses(f)]
                self._visees.append(_Visee(f, vecteur, tour.ecart))
        self._de: dict[int, list[_Visee]] = defaultdict(list)
        for visee in self._visees:
            for c in visee.vecteur:
                self._de[c].append(visee)

    def serrees(self) -> Iterator[Serree]:
        """The formes of which somebody has too few values."""
        if not self._visees:
            return
        self._ecarts = Ecarts(self._bloc, self._tour.memoire.vraies, self._qui, entiers=self._entiers)
        for ecart in self._tour.memoire.ecarts_de(self._bloc.cellules):
            if self._ecarts.admis(ecart):
                self._ecarter(ecart)
        pas = max(v.ecart for v in self._visees if not v.vers_le_haut)
        for ecart in self._ecarts.transferts(pas, self._qui):
            self._ecarter(ecart)
        for visee in self._visees:
            while (qui := self._serre(visee)) is not None:
                sues = self._sues.get(qui, [])
                haut = visee.vers_le_haut
                autre = self._ecarts.donner(visee.vecteur, sues, visee.ecart) if haut else None
                if autre is None:
                    autre = self._change_d_un_vecteur(visee, sues)
                if autre is None:
                    autre = self._ecarts.chercher(visee.vecteur, sues, visee.ecart, vers_le_haut=haut)
                if autre is not None:
                    self._tour.memoire.retenir_ecart(autre)
                    self._ecarter(autre)
                    # The solver may stop a hair short of what was asked.
                    visee.quittes.add(qui)
                    continue
                etendue, tenantes = self._ecarts.etendue(visee.vecteur, sues, vers_le_haut=haut)
                if etendue < visee.ecart:
                    yield Serree(
                        visee.forme,
                        frozenset(c.source for c in tenantes if c.source is not None),
                        self._autour(visee, tenantes),
                        visee.ecart - etendue if haut else 0.0,
                        a_un_seul=qui != _DEHORS,
                    )
                    break
                visee.quittes.add(qui)

    def _change_d_un_vecteur(self, visee: _Visee, sues: Sequence[Vecteur]) -> Ecart | None:
        """A table that changes this forme enough and nothing of `sues`, along what no published forme sees.

        A few are tried, which costs little beside a program; that finds the others.
        """
        vecteurs = chain.from_iterable(map(self._tour.espace.noyau, visee.vecteur))
        for vecteur in islice(vecteurs, _VECTEURS):
            bouge = _produit(visee.vecteur, vecteur)
            if bouge and not any(_produit(sue, vecteur) for sue in sues):
                fois = visee.ecart / abs(bouge)
                for sens in (1,) if visee.vers_le_haut else (1, -1):
                    signe = sens * (1 if bouge > 0 else -1)
                    pas = signe * (math.ceil(fois) if self._entiers else fois)
                    ecart = {c: pas * v for c, v in vecteur.items()}
                    if self._ecarts.admis(ecart):
                        return ecart
        return None

    def _hausses(self, forme: Forme) -> Iterator[tuple[float, Set[int]]]:
        """How far above its value an amount must reach, so that its largest contribution stays uncertain.

        To who has no part of it, the other contributions are a margin already. Who may have one is taken for
        the second: a gestionnaire that is in it, the foyers of its communes.
        """
        cle, compte = self._tour.montants.get(id(forme), (None, None))
        if cle is None or compte is None or compte.max1 is None:
            return
        lecture, marge = self._tour.chantier.lecture, primaire.marge(compte, self._tour.chantier.parametres)
        noms, communes = lecture.apports(cle).keys(), lecture.atomes(cle)
        dedans = {
            qui
            for qui in self._sues
            for sus, nom in (self._tour.contributeurs[qui],)
            if (nom in noms if nom else any(lecture.lieu_de(c) in communes for su in sus for c in su))
        }
        for autres, parmi in (
            (compte.autres, dedans),
            (compte.valeur - compte.max1, self._sues.keys() - dedans),
        ):
            if parmi and (ecart := float(marge - autres)) > 0:
                yield ecart, parmi

    def _autour(self, visee: _Visee, tenantes: Sequence[Contrainte]) -> frozenset[int]:
        """Cells that may loosen a forme: those of the territories it is in, where one of them is shown."""
        proches = {
            cellule for c in tenantes if c.vecteur.keys() & visee.vecteur.keys() for cellule in c.cellules
        }
        montrees = {
            cellule
            for f in self._tour.chantier.systeme.formes
            if f.publiee and not f.connue and len(f.vecteur) == 1
            for cellule in f.vecteur
        }
        if proches & montrees:
            return frozenset(proches)
        return frozenset(cellule for c in tenantes for cellule in c.cellules)

    def _ecarter(self, ecart: Ecart) -> None:
        """Take note of a table: all who cannot tell that it is not the true one have one more value."""
        complices = {
            qui
            for qui in set().union(*(self._qui.get(c, ()) for c in ecart))
            if any(_produit(sue, ecart) for sue in self._sues[qui])
        }
        for visee in {id(v): v for c in ecart for v in self._de.get(c, ())}.values():
            bouge = _produit(visee.vecteur, ecart)
            if visee.complices != set() and (bouge if visee.vers_le_haut else abs(bouge)) >= visee.ecart:
                visee.complices = complices if visee.complices is None else visee.complices & complices

    def _serre(self, visee: _Visee) -> int | None:
        """Somebody who may have too few values of a forme; nobody knows its own too closely."""
        if visee.complices is None and _DEHORS not in visee.quittes:
            return _DEHORS
        if not visee.forme.protegee:
            return None
        restent = self._sues.keys() if visee.complices is None else visee.complices
        if visee.parmi is not None:
            restent = restent & visee.parmi
        return next((q for q in sorted(restent) if q not in visee.quittes and not self._sien(q, visee)), None)

    def _sien(self, qui: int, visee: _Visee) -> bool:
        """Whether a forme is made of a contributor's own cells alone, and of nothing elsewhere."""
        cle = qui, id(visee.forme)
        if cle not in self._siennes:
            self._siennes[cle] = self._engendre(qui, visee.forme)
        if self._siennes[cle]:
            visee.quittes.add(qui)
        return self._siennes[cle]

    def _engendre(self, qui: int, forme: Forme) -> bool:
        morceaux = par_commune(self._tour.chantier, forme.vecteur).values()
        ici = {c: v for morceau in morceaux for c, v in morceau.items()}
        sues = self._tour.contributeurs[qui].sus
        # Most of those who are asked about know nothing of it.
        tenues = set().union(*sues)
        return any(v.keys() <= tenues and engendre(self._premier, sues, v) for v in (forme.vecteur, ici))


def _produit(vecteur: Vecteur, ecart: Ecart) -> float:
    return sum(v * ecart[c] for c, v in vecteur.items() if c in ecart)
