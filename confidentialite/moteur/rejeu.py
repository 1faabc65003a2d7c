"""Guard of replay: whoever has the code and not the key finds two values at least of each protected forme.

Belongs here: which moves are tried to find another table that would be masked as this one is, and what could
be hidden where none is found. Does not: the moves (`mouvements.py`), the lots that make them possible
(`tirage.py`), which of those cells is hidden (`resolution.py`).

An EPCI of 9 shows C 5 and hides A 2 and B 2. Of (1, 3), the foyer of A would know B, so that C would be
hidden too; of (3, 1) likewise: under any key, what is seen is (2, 2). So C is hidden. Of A 2 and B 3, (3, 2)
is masked as (2, 3) is: nothing more is hidden.

What is asked is a property of what is published: another table of the same masks finds this one, by the same
move back. Where no move is found, one more is hidden, of those that could be exchanged. Where all of these
are hidden, two that are 4 together are 2 and 2: their sum goes, as it would for 1 and 3.

Limits. Tables that only longer ways join to this one are not looked for. A mesure tied to others in its
territory (a part and its whole) is judged where few cells are hidden alike (`_PEU`): beyond, some of them may
always be exchanged. Amounts are not judged: what hides them are contributors, of whom values say nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import chain, islice
from typing import Final, NamedTuple
from weakref import proxy

from confidentialite.moteur.ecarts import Ecarts
from confidentialite.moteur.formes import Forme
from confidentialite.moteur.gardes import Serree, Tour
from confidentialite.moteur.mouvements import Mouvements
from confidentialite.moteur.plateau import Plateau, Tenue
from confidentialite.moteur.programmes import Bloc
from confidentialite.moteur.terrain import Nombres

# Changes of more cells than this are not tried: some smaller one nearly always does.
_PORTEE: Final = 8
# Of one forme, exchanges tried, and other changes.
_ESSAIS: Final = 40

# Hidden cells alike beyond which a mesure tied to others has other tables.
_PEU: Final = 3
# How many times one more is hidden for the same forme: what two more do not loosen, ten would not.
_FOIS: Final = 1


class Reponse(NamedTuple):
    """Whether a forme has no other table (`seule`) and something could be hidden for it.

    `cellules`: in whose communes all lies that says so; None where it may lie elsewhere.
    """

    seule: bool
    cellules: set[int] | None


def _varie_assez(_: Forme, bas: float, haut: float) -> bool:
    """Whether an interval is known to be none of a single value."""
    return haut - bas >= 1


def _est_juge(tour: Tour) -> bool:
    """Whether a system is judged: counts, with the other defences, without which its table is given away."""
    defenses = tour.chantier.defenses
    return defenses.rejeu and defenses.secondaires and defenses.bornes and tour.chantier.systeme.entiers


def du_rejeu(tour: Tour) -> Sequence[Serree]:
    """What running the engine again would tell."""
    jeu = jeu_de(tour)
    return jeu.serrees() if jeu else ()


def jeu_de(tour: Tour) -> "Jeu | None":
    """The search of a system; None where it is not judged."""
    return Jeu(tour) if _est_juge(tour) else None


class Jeu:
    """The search for another table of one system, as its `publiee` stand."""

    def __init__(self, tour: Tour) -> None:
        """Take note of what is seen."""
        self._tour, self._formes = tour, tour.chantier.systeme.formes
        self._plateau = Plateau(tour.chantier)
        self._mouvements = Mouvements(tour, self._plateau)
        self._nombres = self._plateau.terrain.nombres
        # Of a forme, by `id`, the move that changed its value when it was last asked of.
        self._trouves = tour.memoire.mouvements
        # Of a cell that some move changes, two cells that make this move.
        self._varient: dict[int, tuple[int, int]] = {}
        # By a weak reference: cycles of objects are not freed while groups are decided.
        self._disent = cache(partial(Jeu._ensemble, proxy(self)))

    def serrees(self) -> Sequence[Serree]:
        """The formes that have no other table, and what could be hidden for each."""
        self._varient.clear()
        serrees: list[Serree] = []
        servies: set[int] = set()
        for forme in self._formes:
            # One more hidden often serves all those that the same formes hold.
            if (serree := self._seule(forme)) and serree.cellules.isdisjoint(servies):
                serrees.append(serree)
                servies |= serree.cellules
        return serrees

    def reste_seule(self, forme: Forme) -> bool:
        """Whether one forme has no other table, and something could be hidden for it."""
        return self._seule(forme) is not None

    def tenue(self, cellule: int) -> Tenue:
        """What a cell shares with those that may be hidden in its place, or be hidden alike."""
        return self._plateau.tenue(cellule)

    def repose_sur(self, forme: Forme) -> Reponse:
        """Whether a protected forme is alone, as `reste_seule` says of one, and what that rests on.

        What holds its cells (`tenue`) may change the answer too. What was found of others is forgotten first:
        it may rest on more than their communes.
        """
        self._varient.clear()
        self._mouvements.au_loin = False
        siennes = set(forme.vecteur)
        if not self._serree_de_pres(forme):
            return Reponse(seule=False, cellules=siennes)
        if not self._varie(forme):
            # Nothing could be hidden for it: what tells a sum of four may be anywhere.
            ailleurs = self._deux_de_quatre(forme)
            return Reponse(self._serree(forme) is not None, None if ailleurs else siennes)
        mouvement = self._trouves[id(forme)]
        if self._mouvements.au_loin or not all(
            propres[-1][1].niveau == "commune" for c in mouvement if (propres := self._plateau.propres(c))
        ):
            return Reponse(seule=False, cellules=None)
        return Reponse(seule=False, cellules=siennes.union(mouvement))

    def _seule(self, forme: Forme) -> Serree | None:
        if not forme.protegee or forme.publiee or forme.connue or not self._serree_de_pres(forme):
            return None
        return None if self._varie(forme) else self._serree(forme)

    def _serree_de_pres(self, forme: Forme) -> bool:
        """Whether so few cells are hidden around a forme that it may have no other value.

        A count by itself always may: all of its cells may be worth the same. One that is tied to others in
        its territory has more tables than are looked for as soon as a few are hidden alike.
        """
        if sum(s.forme is forme for s in self._tour.passe.serrees) >= _FOIS:
            return False
        return not self._lie(forme) or all(len(self._plateau.semblables(c)) <= _PEU for c in forme.vecteur)

    def _lie(self, forme: Forme) -> bool:
        """Whether what a forme is made of is part or whole of something in its territory."""
        propres_a, place_de = self._plateau.propres, self._plateau.place
        places = (place_de(propres[-1]) for c in forme.vecteur if (propres := propres_a(c)))
        return any(place.touts or place.parts for place in places)

    # The moves that are tried -------------------------------------------------------------------------------

    def _varie(self, forme: Forme) -> bool:
        """Whether some move changes the value of a forme."""
        if len(forme.vecteur) == 1 and (autre := self._varient.get(next(iter(forme.vecteur)))):
            self._trouves[id(forme)] = autre
            return True
        if self._rejoue(forme):
            return True
        connue, semblables = self._plateau.connue, self._plateau.semblables
        cellules = [c for c in forme.vecteur if not connue(c)]
        paires = [(i, j) for i in cellules for j in semblables(i) if j not in forme.vecteur]
        essais = sorted(paires, key=lambda p: self._nombres[p[0]] == self._nombres[p[1]])[:_ESSAIS]
        # What a forme of several cells is worth elsewhere may be the same.
        echanges = (p for p in essais if _ecart(forme, self._echange(*p)))
        transferts = (p for p in essais if self._transfere(forme, *p))
        for paire in chain(echanges, transferts):
            self._trouves[id(forme)] = paire
            return True
        return self._varie_autrement(forme, cellules)

    def _rejoue(self, forme: Forme) -> bool:
        """Whether the move that changed the value of a forme when it was last asked still does."""
        mouvement = self._trouves.get(id(forme))
        if mouvement is None:
            return False
        if isinstance(mouvement, dict):
            return self._mouvements.est_invisible(mouvement) and self._mouvements.passe(mouvement)
        i, j = mouvement
        signe = self._plateau.signe(i)
        if signe is None or signe != self._plateau.signe(j):
            return False
        return bool(_ecart(forme, self._echange(i, j))) or self._transfere(forme, i, j)

    def _echange(self, i: int, j: int) -> Mapping[int, Nombres]:
        """The change that exchanges two cells, with all that goes with them; empty if none."""
        change = self._mouvements.echange(i, j)
        self._varient |= {c: (i, j) for c, (dv, _) in change.items() if dv}
        return change

    def _transfere(self, forme: Forme, i: int, j: int) -> bool:
        """Whether two cells alike may exchange their values alone, or one give to the other."""
        (vi, ni), (vj, nj) = self._nombres[i], self._nombres[j]
        donne = {i: (vj - vi, nj - ni), j: (vi - vj, ni - nj)}
        if _ecart(forme, donne) and self._mouvements.passe({i: vj - vi, j: vi - vj}, nj - ni):
            self._varient |= dict.fromkeys((i, j), (i, j))
            return True
        for vecteur in self._mouvements.glissements(i, j):
            if _ecart(forme, {c: (dv, 0) for c, dv in vecteur.items()}) and self._mouvements.passe(vecteur):
                self._varient |= dict.fromkeys(vecteur, (i, j))
                return True
        return False

    def _varie_autrement(self, forme: Forme, cellules: Iterable[int]) -> bool:
        """Whether a combination that no published forme sees changes the value of a forme."""
        vecteurs = chain.from_iterable(map(self._tour.espace.noyau, cellules))
        for vecteur in islice(vecteurs, _ESSAIS):
            if len(vecteur) > _PORTEE or any(abs(v) > 2 for v in vecteur.values()):
                continue
            if not sum(v * vecteur.get(c, 0) for c, v in forme.vecteur.items()):
                continue
            for signe in (1, -1):
                change = {c: signe * v for c, v in vecteur.items()}
                if self._mouvements.passe(change):
                    self._trouves[id(forme)] = change
                    return True
        return False

    # What could be hidden -----------------------------------------------------------------------------------

    def _serree(self, forme: Forme) -> Serree | None:
        """What to hide for a forme that no move changes: a shown cell that the same formes hold.

        Where all of those are hidden, the sum of two that are four together: of 1 and 3 it would be hidden.
        None otherwise: 1 everywhere but in one of them is masked alike, since ones beside a shown number
        would be known.
        """
        voisines = frozenset(c for d in forme.vecteur for c in self._plateau.pareilles(d))
        sommes = frozenset[int]() if voisines else self._sommes_de_quatre(forme)
        return Serree(forme, sommes, voisines) if voisines or sommes else None

    def _sommes_de_quatre(self, forme: Forme) -> frozenset[int]:
        """The published formes that tell the sum of two cells hidden alike, where it is told and is four."""
        if not (semblables := self._deux_de_quatre(forme)):
            return frozenset()
        cellule = next(iter(forme.vecteur))
        tenantes = frozenset(k for k, _ in self._plateau.publiees(cellule))
        seules = frozenset(
            k
            for k in tenantes
            if {c for c in self._formes[k].vecteur if not self._plateau.connue(c)} == semblables
        )
        return seules or self._disent(frozenset(semblables))

    def _deux_de_quatre(self, forme: Forme) -> set[int]:
        """The cell of a forme and the only one hidden alike, where they are four together."""
        cellule = next(iter(forme.vecteur))
        if len(forme.vecteur) > 1:
            return set()
        semblables = set(self._plateau.semblables(cellule))
        quatre = len(semblables) == 2 and sum(self._nombres[c][0] for c in semblables) == 4
        return semblables if quatre else set()

    def _ensemble(self, cellules: frozenset[int]) -> frozenset[int]:
        """The published formes that tell a sum together: hiding one is enough. None where none tell it."""
        somme = Forme(dict.fromkeys(sorted(cellules), 1), ())
        for bloc in self._tour.decoupage.blocs:
            if cellules <= set(bloc.cellules):
                if self._bouge(bloc, cellules):
                    return frozenset()
                (intervalle,) = bloc.sur([somme]).intervalles(_varie_assez, self._tour.memoire)
                return intervalle.liantes if intervalle.bas == intervalle.haut else frozenset()
        return frozenset()

    def _bouge(self, bloc: Bloc, cellules: frozenset[int]) -> bool:
        """Whether some change that a block allows, of those that no published forme sees, changes a sum."""
        ecarts = Ecarts(bloc, self._tour.memoire.vraies, entiers=True)
        return any(
            any(ecarts.admis({c: sens * d for c, d in vecteur.items()}) for sens in (1, -1))
            for cellule in cellules
            for vecteur in islice(self._tour.espace.noyau(cellule), _ESSAIS)
            if sum(vecteur.get(c, 0) for c in cellules)
        )


def _ecart(forme: Forme, change: Mapping[int, Nombres]) -> int:
    """By how much a change moves the value of a forme."""
    return sum(v * change[c][0] for c, v in forme.vecteur.items() if c in change)
