"""What the rule says of sums, in the true table or in one where cells have changed.

Belongs here: which side of the rule a sum is on, and whether a table agrees with what everybody knows. Does
not: the rule (`regle/primaire.py`), nor the moves that it judges (`mouvements.py`).

Of thresholds of 5, A 3 is kept. Changed by 4 it is 7, which is not; by 1, it is on the same side as before.
"""

from collections.abc import Mapping, Set
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple
from weakref import proxy

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.plateau import Plateau
from confidentialite.moteur.terrain import Nombres, Somme
from confidentialite.regle import primaire
from confidentialite.regle.primaire import Compte

Juge = tuple[Somme, str | None]
"""A sum, or what it leaves of one of its wholes."""


class Change(dict[int, Nombres]):
    """By how much inner cells change; `sommes`: what sums are worth then, kept as they are asked for."""

    __slots__ = ("sommes",)

    def __init__(self, cellules: Mapping[int, Nombres]) -> None:
        """`cellules`: by how much each changes."""
        super().__init__(cellules)
        self.sommes: dict[Somme, Nombres] = {}


class Regard(NamedTuple):
    """How the rule looks at a sum: whether it hides it, whether one contributor makes it (`seule`).

    Of thresholds of 5: 3 foyers are (hidden, not of one), 1 is (hidden, of one), 8 are (shown, not of one).
    """

    gardee: bool
    seule: bool


class Arbitre:
    """What the rule says of the sums of one system: what was asked once is kept."""

    def __init__(self, chantier: Chantier, plateau: Plateau) -> None:
        """Judge by the rule of a chantier what is hidden on a board."""
        self._chantier, self._plateau = chantier, plateau
        self._place, self._autour = plateau.place, plateau.autour
        self._zero = chantier.parametres.zero_publiable.valeur
        # What the rule says of a sum, of a part that may be all of its whole, of what a part leaves of it.
        self._gardees: dict[Nombres, bool] = {}
        self._de_tous: dict[tuple[Nombres, Nombres, str], bool] = {}
        self._laissees: dict[tuple[Nombres, Nombres], bool] = {}
        # By a weak reference: cycles of objects are not freed while groups are decided.
        arbitre = proxy(self)
        self._juges_de = cache(partial(Arbitre._juges_sur, arbitre))
        self.etat_vrai = cache(partial(Arbitre.etat, arbitre))
        self.reste_vrai = cache(partial(Arbitre.reste, arbitre))

    def juges(self, change: Change) -> Set[Juge]:
        """What a change bears on: mesures over territories, and what they leave of wholes."""
        return set().union(*map(self._juges_de, change))

    def vaut(self, somme: Somme, change: Change | None) -> Nombres:
        """What a sum is worth in the true table, or once cells change."""
        if change is None:
            return self._place(somme).nombres
        if (nombres := change.sommes.get(somme)) is None:
            place = self._place(somme)
            v, n = place.nombres
            for cellule, (dv, dn) in change.items():
                if coefficient := place.vecteur.get(cellule):
                    v, n = v + coefficient * dv, n + coefficient * dn
            nombres = change.sommes[somme] = v, n
        return nombres

    def etat(self, somme: Somme, change: Change | None = None) -> Regard:
        """How the rule looks at a sum."""
        v, n = self.vaut(somme, change)
        if (cle := (v, n)) not in self._gardees:
            self._gardees[cle] = self._chantier.regle(Compte(Decimal(v), n, None)) is not None
        gardee = self._gardees[cle] or any(
            self._est_groupe((tout, somme[1]), (v, n), somme[0], change) for tout in self._place(somme).touts
        )
        return Regard(gardee, n == 1)

    def reste(self, tout: str, part: Somme, change: Change | None = None) -> Regard:
        """How the rule looks at what a part leaves of its whole."""
        entier, dedans = self.vaut((tout, part[1]), change), self.vaut(part, change)
        if (cle := (entier, dedans)) not in self._laissees:
            a, b = (Compte(Decimal(v), n, None) for v, n in cle)
            self._laissees[cle] = primaire.complement(a, b, self._chantier.parametres)
        gardee = self._laissees[cle]
        return Regard(gardee, gardee and 1 in (entier[0] - dedans[0], entier[1] - dedans[1]))

    def double(self, tout: str, part: Somme, change: Change) -> bool:
        """Whether to keep what a part leaves of its whole is to keep one of the two, the other being known.

        Of a whole of 20 that is shown, a part of 3 is hidden: whoever has one has the other, 17. What is left
        is then hidden with the part, before and after, and nobody alone in one could compute the other.
        """
        large = tout, part[1]
        a, b = self._place(large), self._place(part)
        if a.cachee and b.cachee:
            return False
        cachee = large if a.cachee else part
        for etats in (None, change):
            sienne, reste = self.etat(cachee, etats), self.reste(tout, part, etats)
            if not sienne.gardee or (reste.gardee and (sienne.seule or reste.seule)):
                return False
        return True

    def est_possible(self, change: Change, juges: Set[Juge]) -> bool:
        """Whether a change makes a table that agrees with what everybody knows."""
        terrain, intervalles = self._plateau.terrain, self._chantier.systeme.intervalles
        for cellule, (dv, dn) in change.items():
            v, n = terrain.nombres[cellule]
            propres = self._plateau.propres(cellule)
            forme = self._place(propres[-1]).forme if propres else None
            plancher = 1 if self._zero and forme is not None and forme.montree else 0
            if v + dv < plancher or not min(1, v + dv) <= n + dn <= v + dv:
                return False
            for k in terrain.intervalles.get(cellule, ()):
                vecteur, bas, haut = intervalles[k]
                total = sum(
                    (terrain.nombres[c][0] + change.get(c, (0, 0))[0]) * x for c, x in vecteur.items()
                )
                if not bas <= total <= haut:
                    return False
        for somme, tout in juges:
            v, n = self.vaut(somme, change)
            if tout is None:
                if v < 1:
                    return False
            else:
                entier = self.vaut((tout, somme[1]), change)
                if v > entier[0] or n > entier[1]:
                    return False
        return True

    def _est_groupe(self, tout: Somme, part: Nombres, mesure: str, change: Change | None) -> bool:
        """Whether a part of a sensitive attribute is all of its whole."""
        entier = self.vaut(tout, change)
        if (cle := (entier, part, mesure)) not in self._de_tous:
            a, b = (Compte(Decimal(v), n, None) for v, n in (entier, part))
            sensible = mesure in self._chantier.groupe.sensibles
            self._de_tous[cle] = primaire.groupe(a, b, self._chantier.parametres, sensible=sensible)
        return self._de_tous[cle]

    def _juges_sur(self, cellule: int) -> Set[Juge]:
        """What a change of a cell bears on."""
        vus: set[Juge] = set()
        for mesure, lieu in self._autour(cellule):
            place = self._place((mesure, lieu))
            vus.add(((mesure, lieu), None))
            vus.update(((mesure, lieu), tout) for tout in place.touts)
            for part in place.parts:
                vus |= {((part, lieu), mesure), ((part, lieu), None)}
        return vus
