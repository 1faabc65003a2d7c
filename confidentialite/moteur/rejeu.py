"""Guard of replay: whoever has the code and not the key finds two values at least of each protected forme.

Belongs here: other tables that would be masked as this one is. Does not: the lots that make them possible
(`tirage.py`), what to hide where there is no such table (`resolution.py`).

An EPCI of 9 shows C 5 and hides A 2 and B 2. Of (1, 3), the foyer of A would know B, so that C would be
hidden too; of (3, 1) likewise: under any key, what is seen is (2, 2). So C is hidden. Of A 2 and B 3, (3, 2)
is masked as (2, 3) is: nothing more is hidden.

What is asked is a property of what is published: another table of the same masks finds this one, by the same
move back. A move is one of two:
- cells that the same published formes hold exchange their values, with what is tied to them in their
  territories: the lots exchanged too, the engine would do the same, cell for cell;
- cells change along a combination that no published forme sees, and each forme stays on its side of the rule,
  so that the elimination refuses the same ones; a lone contributor may come or go where none is the reason
  why something is hidden, and where the newcomer could compute nothing.
Where no move is found, one more is hidden, of those that could be exchanged. Where all of these are hidden,
two that are 4 together are 2 and 2: their sum goes, as it would for 1 and 3.

Limits. Tables that only longer ways join to this one are not looked for. A mesure tied to others in its
territory (a part and its whole) is judged where few cells are hidden alike (`_PEU`): beyond, some of them may
always be exchanged. Amounts are not judged: what hides them are contributors, of whom values say nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from itertools import chain, islice
from typing import Final, NamedTuple
from weakref import proxy

from confidentialite.moteur.ecarts import Ecarts
from confidentialite.moteur.formes import Cle, Forme, Territoire, Vecteur
from confidentialite.moteur.gardes import Serree, Tour
from confidentialite.moteur.programmes import Bloc
from confidentialite.moteur.terrain import Nombres, Somme, Terrain
from confidentialite.regle import primaire
from confidentialite.regle.primaire import Compte

# Changes of more cells than this are not tried: some smaller one nearly always does.
_PORTEE: Final = 8
# Of one forme, exchanges tried, and other changes.
_ESSAIS: Final = 40

# Hidden cells alike beyond which a mesure tied to others has other tables.
_PEU: Final = 3
# How many times one more is hidden for the same forme: what two more do not loosen, ten would not.
_FOIS: Final = 1


class Signe(NamedTuple):
    """What cells share that may exchange their values: what holds them, and what they were.

    `montree`: whether some row would show them; `rappelee`: whether an earlier release hid them; `tenantes`:
    the published formes that hold them among others; `larges`: the places of several cells they are in.
    """

    mesure: str
    montree: bool
    rappelee: bool
    tenantes: tuple[tuple[int, int], ...]
    larges: tuple[Somme, ...]


Tenue = tuple[str, tuple[tuple[int, int], ...]]
"""A mesure, and the published formes that hold a cell of it among others, by rank with their coefficient."""

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


class Reponse(NamedTuple):
    """Whether a forme has no other table (`seule`) and something could be hidden for it.

    `cellules`: in whose communes all lies that says so; None where it may lie elsewhere.
    """

    seule: bool
    cellules: set[int] | None


@dataclass(slots=True)
class _Place:
    """A mesure over a territory, hidden or tied to one that is; its wholes and its parts there."""

    vecteur: Vecteur
    nombres: Nombres
    forme: Forme | None
    cachee: bool
    touts: list[str]
    parts: list[str]


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
    """The moves of a system; None where it is not judged."""
    return Jeu(tour) if _est_juge(tour) else None


class Jeu:
    """The moves of one system, as its `publiee` stand."""

    def __init__(self, tour: Tour) -> None:
        """Take note of what is seen."""
        self._tour, self._chantier = tour, tour.chantier
        self._zero = tour.chantier.parametres.zero_publiable.valeur
        self._terrain = tour.chantier.tenir(Terrain)
        self._nombres = self._terrain.nombres
        self._mouvements = tour.memoire.mouvements
        # What the rule says of a sum, of a part that may be all of its whole, of what a part leaves of it.
        self._gardees: dict[Nombres, bool] = {}
        self._de_tous: dict[tuple[Nombres, Nombres, str], bool] = {}
        self._laissees: dict[tuple[Nombres, Nombres], bool] = {}
        # Of a cell that some move changes, two cells that make this move.
        self._varient: dict[int, tuple[int, int]] = {}
        # Whether the last search looked at more than the communes of what it tried.
        self._au_loin = False
        # The formes that are not seen, by rank: they may be by the time that something is asked.
        self._tues = {k for k, f in enumerate(tour.chantier.systeme.formes) if not (f.publiee or f.connue)}
        # Found when asked for: to judge one forme, a few cells are looked at. By a weak reference: cycles of
        # objects are not freed while groups are decided.
        jeu = proxy(self)
        self._connue = cache(partial(Jeu._est_connue, jeu))
        self._place = cache(partial(Jeu._situer, jeu))
        self._propres = cache(partial(Jeu._propres_a, jeu))
        self._publiees = cache(partial(Jeu._publiees_sur, jeu))
        self._autour = cache(partial(Jeu._autour_de, jeu))
        self._signe = cache(partial(Jeu._signer, jeu))
        self._de_signe = cache(partial(Jeu._semblables_de, jeu))
        self._juges_de = cache(partial(Jeu._juges_sur, jeu))
        self._disent = cache(partial(Jeu._ensemble, jeu))
        self._etat_vrai = cache(partial(Jeu._etat, jeu))
        self._reste_vrai = cache(partial(Jeu._reste, jeu))

    def serrees(self) -> Sequence[Serree]:
        """The formes that have no other table, and what could be hidden for each."""
        self._varient.clear()
        serrees: list[Serree] = []
        servies: set[int] = set()
        for forme in self._chantier.systeme.formes:
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
        return self._terrain.mesures[cellule], self._publiees(cellule)

    def repose_sur(self, forme: Forme) -> Reponse:
        """Whether a protected forme is alone, as `reste_seule` says of one, and what that rests on.

        What holds its cells (`tenue`) may change the answer too. What was found of others is forgotten first:
        it may rest on more than their communes.
        """
        self._varient.clear()
        self._au_loin = False
        siennes = set(forme.vecteur)
        if not self._serree_de_pres(forme):
            return Reponse(seule=False, cellules=siennes)
        if not self._varie(forme):
            # Nothing could be hidden for it: what tells a sum of four may be anywhere.
            ailleurs = self._deux_de_quatre(forme)
            return Reponse(self._serree(forme) is not None, None if ailleurs else siennes)
        mouvement = self._mouvements[id(forme)]
        if self._au_loin or not all(
            propres[-1][1].niveau == "commune" for c in mouvement if (propres := self._propres(c))
        ):
            return Reponse(seule=False, cellules=None)
        return Reponse(seule=False, cellules=siennes.union(mouvement))

    def _seule(self, forme: Forme) -> Serree | None:
        if not forme.protegee or forme.publiee or forme.connue or not self._serree_de_pres(forme):
            return None
        return None if self._varie(forme) else self._serree(forme)

    def _est_connue(self, cellule: int) -> bool:
        """Whether a forme that is a cell alone tells it."""
        return not self._tues.issuperset(self._terrain.seules.get(cellule, ()))

    def _est_cachee(self, somme: Somme) -> bool:
        """Whether a sum is hidden that some row would show, or that an earlier release hid."""
        return self._terrain.sommes.get(somme) in self._tues

    def _est_en_jeu(self, somme: Somme) -> bool:
        """Whether a sum is hidden, or tied to one that is: it has a place."""
        return not self._tues.isdisjoint(self._terrain.en_jeu.get(somme, ()))

    def _situer(self, somme: Somme) -> _Place:
        """The place of a sum. Raises KeyError where it has none."""
        if not self._est_en_jeu(somme):
            raise KeyError(somme)
        (mesure, lieu), cachee = somme, self._est_cachee(somme)
        touts, parts = list[str](), list[str]()
        for tout, part in self._terrain.liens(somme):
            if part == mesure and (cachee or self._est_cachee((tout, lieu))):
                touts.append(tout)
            if tout == mesure and (cachee or self._est_cachee((part, lieu))):
                parts.append(part)
        return _Place(*self._terrain.endroits[somme], cachee, touts, parts)

    def _propres_a(self, cellule: int) -> Sequence[Somme]:
        """The hidden sums that are one cell."""
        return [s for s in self._terrain.propres.get(cellule, ()) if self._est_cachee(s)]

    def _cellule(self, somme: Somme) -> int | None:
        """The cell of a hidden sum that is one."""
        return self._terrain.cellule.get(somme) if self._est_cachee(somme) else None

    def _publiees_sur(self, cellule: int) -> tuple[tuple[int, int], ...]:
        """The published formes that hold a cell among others, by rank, each with its coefficient."""
        return tuple((k, v) for k, v in self._terrain.tenantes.get(cellule, ()) if k not in self._tues)

    def _plus_etroite(self, tenantes: Iterable[tuple[int, int]]) -> Vecteur:
        """The smallest of some formes that hold a cell: those that all of them hold are among its cells."""
        return min((self._chantier.systeme.formes[k].vecteur for k, _ in tenantes), key=len)

    def _autour_de(self, cellule: int) -> Sequence[Somme]:
        """The places that bear on a cell that nobody knows."""
        if self._connue(cellule):
            return ()
        return [s for s in self._terrain.autour.get(cellule, ()) if self._est_en_jeu(s)]

    def _signer(self, cellule: int) -> Signe | None:
        """The sign of a cell; None of one that no hidden sum is."""
        if not (propres := self._propres(cellule)):
            return None
        somme = propres[-1]
        forme = self._place(somme).forme
        autour = () if self._connue(cellule) else self._terrain.larges.get(cellule, ())
        larges = tuple(s for s in autour if self._est_en_jeu(s))
        rappelee = somme in self._terrain.rappelees
        montree = forme is not None and forme.montree
        return Signe(somme[0], montree, rappelee, self._publiees(cellule), larges)

    def _semblables_de(self, signe: Signe) -> Sequence[int]:
        """The cells of one sign."""
        candidates: Iterable[int] = self._terrain.de_mesure[signe.mesure]
        if signe.tenantes:
            etroite = self._plus_etroite(signe.tenantes)
            candidates = (c for c in candidates if c in etroite)
        return [c for c in candidates if self._signe(c) == signe]

    def _semblables(self, cellule: int) -> Sequence[int]:
        """The cells that may exchange their values with one, itself too."""
        signe = self._signe(cellule)
        return self._de_signe(signe) if signe else ()

    def _serree_de_pres(self, forme: Forme) -> bool:
        """Whether so few cells are hidden around a forme that it may have no other value.

        A count by itself always may: all of its cells may be worth the same. One that is tied to others in
        its territory has more tables than are looked for as soon as a few are hidden alike.
        """
        if sum(s.forme is forme for s in self._tour.passe.serrees) >= _FOIS:
            return False
        return not self._lie(forme) or all(len(self._semblables(c)) <= _PEU for c in forme.vecteur)

    def _lie(self, forme: Forme) -> bool:
        """Whether what a forme is made of is part or whole of something in its territory."""
        places = (self._place(propres[-1]) for c in forme.vecteur if (propres := self._propres(c)))
        return any(place.touts or place.parts for place in places)

    def _varie(self, forme: Forme) -> bool:
        """Whether some move changes the value of a forme."""
        if len(forme.vecteur) == 1 and (autre := self._varient.get(next(iter(forme.vecteur)))):
            self._mouvements[id(forme)] = autre
            return True
        if self._rejoue(forme):
            return True
        cellules = [c for c in forme.vecteur if not self._connue(c)]
        paires = [(i, j) for i in cellules for j in self._semblables(i) if j not in forme.vecteur]
        essais = sorted(paires, key=lambda p: self._nombres[p[0]] == self._nombres[p[1]])[:_ESSAIS]
        # What a forme of several cells is worth elsewhere may be the same.
        echanges = (p for p in essais if self._ecart(forme, self._echange(*p)))
        transferts = (p for p in essais if self._transfere(forme, *p))
        for paire in chain(echanges, transferts):
            self._mouvements[id(forme)] = paire
            return True
        return self._varie_autrement(forme, cellules)

    def _rejoue(self, forme: Forme) -> bool:
        """Whether the move that changed the value of a forme when it was last asked still does."""
        mouvement = self._mouvements.get(id(forme))
        if mouvement is None:
            return False
        if isinstance(mouvement, dict):
            return self._est_invisible(mouvement) and self._passe(mouvement)
        i, j = mouvement
        if self._signe(i) is None or self._signe(i) != self._signe(j):
            return False
        return bool(self._ecart(forme, self._echange(i, j))) or self._transfere(forme, i, j)

    def _est_invisible(self, vecteur: Vecteur) -> bool:
        """Whether no published forme sees a change."""
        vu: dict[int, int] = defaultdict(int)
        for cellule, v in vecteur.items():
            for k, coefficient in self._publiees(cellule):
                vu[k] += v * coefficient
        return not (any(map(self._connue, vecteur)) or any(vu.values()))

    def _transfere(self, forme: Forme, i: int, j: int) -> bool:
        """Whether two cells alike may exchange their values alone, or one give to the other."""
        (vi, ni), (vj, nj) = self._nombres[i], self._nombres[j]
        donne = {i: (vj - vi, nj - ni), j: (vi - vj, ni - nj)}
        if self._ecart(forme, donne) and self._passe({i: vj - vi, j: vi - vj}, nj - ni):
            self._varient |= dict.fromkeys((i, j), (i, j))
            return True
        for vecteur in self._glissements(i, j):
            if self._ecart(forme, {c: (dv, 0) for c, dv in vecteur.items()}) and self._passe(vecteur):
                self._varient |= dict.fromkeys(vecteur, (i, j))
                return True
        return False

    def _glissements(self, i: int, j: int) -> Iterator[dict[int, int]]:
        """One more in a territory and one less in another, of a mesure, or of its wholes and it together."""
        (mesure, ici), (_, la) = self._propres(i)[-1], self._propres(j)[-1]
        seules = {mesure}
        touts = {
            tout
            for lieu in (ici, la)
            for tout in self._place((mesure, lieu)).touts
            if self._cellule((tout, lieu)) is not None
        }
        for ensemble in (seules, seules | touts) if touts else (seules,):
            ici_la = [(self._cellule((m, ici)), self._cellule((m, la))) for m in ensemble]
            cellules = [(a, b) for a, b in ici_la if a is not None and b is not None]
            if len(cellules) == len(ensemble) and all(self._signe(a) == self._signe(b) for a, b in cellules):
                for sens in (1, -1):
                    yield {c: s for a, b in cellules for c, s in ((a, sens), (b, -sens))}

    def _ecart(self, forme: Forme, change: Mapping[int, Nombres]) -> int:
        return sum(v * change[c][0] for c, v in forme.vecteur.items() if c in change)

    def _varie_autrement(self, forme: Forme, cellules: Iterable[int]) -> bool:
        vecteurs = chain.from_iterable(map(self._tour.espace.noyau, cellules))
        for vecteur in islice(vecteurs, _ESSAIS):
            if len(vecteur) > _PORTEE or any(abs(v) > 2 for v in vecteur.values()):
                continue
            if not sum(v * vecteur.get(c, 0) for c, v in forme.vecteur.items()):
                continue
            for signe in (1, -1):
                change = {c: signe * v for c, v in vecteur.items()}
                if self._passe(change):
                    self._mouvements[id(forme)] = change
                    return True
        return False

    def _echange(self, i: int, j: int) -> Mapping[int, Nombres]:
        """The change that exchanges two cells, with what is tied to them in their territories; empty if none.

        Whatever ties them to a cell that stays would know them apart. So that cell goes with them.
        """
        (mesure, ici), (_, la) = self._propres(i)[-1], self._propres(j)[-1]
        ensemble: set[str] = {mesure}
        if self._nombres[i] == self._nombres[j]:
            return {}
        while True:
            nombres: dict[int, Nombres] = {}
            for m in ensemble:
                a, b = self._cellule((m, ici)), self._cellule((m, la))
                if a is None or b is None or self._signe(a) != self._signe(b):
                    return {}
                (va, na), (vb, nb) = self._nombres[a], self._nombres[b]
                nombres[a], nombres[b] = (vb - va, nb - na), (va - vb, na - nb)
            change = Change(nombres)
            avec = self._tenus(ensemble, change, ici, la)
            if avec is None:
                return {}
            if not avec:
                self._varient |= {c: (i, j) for c, (dv, _) in change.items() if dv}
                return change
            ensemble |= avec

    def _tenus(self, ensemble: set[str], change: Change, ici: Territoire, la: Territoire) -> set[str] | None:
        """What must move with mesures that two territories exchange: nothing, or nothing will do (None).

        A has 6 foyers, of which 2 with the AF; B has 9, of which 4; all are hidden. If they exchange the AF
        alone, A is left with 6 - 4 = 2 foyers without, where it had 4, and the rule keeps both: what it keeps
        of A is another value than before. So the foyers go with the AF.
        """
        avec: set[str] = set()
        libre, change_de_seul = True, False
        for lieu, autre in ((ici, la), (la, ici)):
            for m in ensemble:
                place = self._place((m, lieu))
                apres, la_bas = self._etat((m, lieu), change), self._etat_vrai((m, autre))
                change_de_seul |= self._etat_vrai((m, lieu)).seule != la_bas.seule
                tenues = [*((t, m, t) for t in place.touts), *((m, p, p) for p in place.parts)]
                if apres != la_bas and all(o in ensemble for *_, o in tenues):
                    return None
                if apres != la_bas:
                    avec.update(o for *_, o in tenues if o not in ensemble)
                for tout, part, o in tenues:
                    if o in ensemble:
                        continue
                    libre = False
                    (vt, nt), (vp, np) = self._vaut((tout, lieu), change), self._vaut((part, lieu), change)
                    avant = self._reste_vrai(tout, (part, lieu))
                    puis = self._reste(tout, (part, lieu), change)
                    if vp > vt or np > nt:
                        avec.add(o)
                    elif self._place((o, lieu)).cachee:
                        if (
                            avant.gardee
                            or puis.gardee
                            or (o == part and self._etat((o, lieu), change) != self._etat_vrai((o, lieu)))
                        ):
                            avec.add(o)
                    elif (puis.gardee or avant.gardee) and not self._double(tout, (part, lieu), change):
                        if not self._est_en_jeu((o, autre)) or self._place((o, autre)).cachee:
                            return None
                        if puis != self._reste_vrai(tout, (part, autre)):
                            return None
        autres = (self._terrain.d_un_seul[ici] | self._terrain.d_un_seul[la]) - ensemble
        if change_de_seul and autres and not self._seuls_ailleurs(ensemble, ici, la):
            avec |= autres
        if not avec and not (libre or self._toujours_cachees(change)):
            return None
        return avec

    def _seuls_ailleurs(self, ensemble: set[str], ici: Territoire, la: Territoire) -> bool:
        """Whether lone contributors may go from a territory to the other, where others are alone too."""
        self._au_loin = True
        for lieu, autre in ((ici, la), (la, ici)):
            venues = [m for m in ensemble if self._etat_vrai((m, autre)).seule]
            partis = [self._place((m, autre)).forme for m in venues]
            if any(id(f) in self._tour.espace.accuses for f in partis):
                return False
            if venues and self._portent(lieu, {*venues, *(self._terrain.d_un_seul[lieu] - ensemble)}):
                return False
        return True

    def _portent(self, lieu: Territoire, mesures: Iterable[str], sauf: Set[int] = frozenset()) -> bool:
        """Whether who is alone in these mesures of a territory could compute what is kept elsewhere."""
        cles = (Cle(((1, m),), lieu) for m in mesures)
        return self._tour.espace.portent([self._chantier.forme(cle) for cle in cles], sauf)

    def _passe(self, valeurs: Mapping[int, int], contributeurs: int | None = None) -> bool:
        """Whether cells may change by that much, each forme staying on its side of the rule.

        `contributeurs`: by how much those of the first cell change, and those of the second the other way;
        None when a cell that counts its contributors has one more for one more.
        """
        nombres: dict[int, Nombres] = {}
        for rang, (cellule, dv) in enumerate(valeurs.items()):
            v, n = self._nombres[cellule]
            if contributeurs is None:
                nombres[cellule] = dv, dv if v == n else 0
            else:
                nombres[cellule] = dv, -contributeurs if rang else contributeurs
        change = Change(nombres)
        if not self._toujours_cachees(change):
            return False
        juges = self._juges(change)
        if not self._possible(change, juges):
            return False
        for somme, tout in juges:
            if tout is None:
                avant, apres = self._etat_vrai(somme), self._etat(somme, change)
            else:
                avant, apres = self._reste_vrai(tout, somme), self._reste(tout, somme, change)
            if avant == apres:
                continue
            if tout is not None and self._double(tout, somme, change):
                continue
            if avant.gardee != apres.gardee:
                return False
            if avant.seule != apres.seule and not self._sans_suite(somme, tout, change, apres.seule):
                return False
        return True

    def _sans_suite(self, somme: Somme, tout: str | None, change: Change, vient: bool) -> bool:
        """Whether a lone contributor may come, or go, and nothing be decided otherwise."""
        mesure, lieu = somme
        cle = Cle(((1, mesure),) if tout is None else ((-1, mesure), (1, tout)), lieu)
        if cle not in self._chantier:
            return True
        forme = self._chantier.forme(cle)
        if id(forme) in self._tour.espace.accuses:
            return False
        if any(not s.cellules.isdisjoint(forme.vecteur) for s in self._tour.passe.serrees):
            return False
        # What one who is alone could compute is asked of the table where one is: that of the move, or this
        # one, where the move back leads.
        table = change if vient else None
        self._au_loin = True
        libres = set() if tout is not None else self._liberees(somme, table)
        if tout is None and self._portent(lieu, self._terrain.d_un_seul[lieu] | {mesure}, libres):
            return False
        return not self._tour.espace.portent([forme], libres) and self._autres_libres(change, table or {})

    def _liberees(self, somme: Somme, change: Change | None) -> set[int]:
        """What a part leaves of its wholes, by the `id` of the forme, where it would not be kept."""
        mesure, lieu = somme
        restes = (
            Cle(((-1, mesure), (1, tout)), lieu)
            for tout in self._place(somme).touts
            if not self._reste(tout, somme, change).gardee
        )
        return {id(self._chantier.forme(cle)) for cle in restes if cle in self._chantier}

    def _autres_libres(self, change: Change, table: Mapping[int, Nombres]) -> bool:
        """Whether cells beside those that change vary between themselves, for who knows one, in some table.

        `table`: what changes between this table and that one.
        """
        for i in change:
            if not self._propres(i):
                return False
            if self._est_a_part(i):
                continue
            voisines = [j for j in self._semblables(i) if j != i]
            reste = sum(self._nombres[j][0] + table.get(j, (0, 0))[0] for j in voisines)
            if len(voisines) < 2 or reste <= len(voisines):
                return False
        return True

    def _est_a_part(self, cellule: int) -> bool:
        """Whether nothing published holds a cell together with another one that is hidden."""
        _, lieu = somme = self._propres(cellule)[-1]
        place = self._place(somme)
        liees = set().union(*(self._place((m, lieu)).vecteur for m in (*place.touts, *place.parts)))
        tenue = self._publiees(cellule) or cellule in self._terrain.intervalles
        return not tenue and all(map(self._connue, liees))

    def _toujours_cachees(self, change: Change) -> bool:
        """Whether cells were shown in no proposal before this one: what it said then would differ."""
        montrees = self._tour.passe.montrees
        return not montrees or all(
            id(self._place(propres[-1]).forme) not in montrees
            for c in change
            if (propres := self._propres(c))
        )

    def _juges(self, change: Change) -> Set[Juge]:
        """What a change bears on."""
        return set().union(*map(self._juges_de, change))

    def _juges_sur(self, cellule: int) -> Set[Juge]:
        """What a change of a cell bears on: mesures over territories, and what they leave of wholes."""
        vus: set[Juge] = set()
        for mesure, lieu in self._autour(cellule):
            place = self._place((mesure, lieu))
            vus.add(((mesure, lieu), None))
            vus.update(((mesure, lieu), tout) for tout in place.touts)
            for part in place.parts:
                vus |= {((part, lieu), mesure), ((part, lieu), None)}
        return vus

    def _vaut(self, somme: Somme, change: Change | None) -> Nombres:
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

    def _etat(self, somme: Somme, change: Change | None = None) -> Regard:
        v, n = self._vaut(somme, change)
        if (cle := (v, n)) not in self._gardees:
            self._gardees[cle] = self._chantier.regle(Compte(Decimal(v), n, None)) is not None
        gardee = self._gardees[cle] or any(
            self._est_groupe((tout, somme[1]), (v, n), somme[0], change) for tout in self._place(somme).touts
        )
        return Regard(gardee, n == 1)

    def _est_groupe(self, tout: Somme, part: Nombres, mesure: str, change: Change | None) -> bool:
        entier = self._vaut(tout, change)
        if (cle := (entier, part, mesure)) not in self._de_tous:
            a, b = (Compte(Decimal(v), n, None) for v, n in (entier, part))
            sensible = mesure in self._chantier.groupe.sensibles
            self._de_tous[cle] = primaire.groupe(a, b, self._chantier.parametres, sensible=sensible)
        return self._de_tous[cle]

    def _reste(self, tout: str, part: Somme, change: Change | None = None) -> Regard:
        entier, dedans = self._vaut((tout, part[1]), change), self._vaut(part, change)
        if (cle := (entier, dedans)) not in self._laissees:
            a, b = (Compte(Decimal(v), n, None) for v, n in cle)
            self._laissees[cle] = primaire.complement(a, b, self._chantier.parametres)
        gardee = self._laissees[cle]
        return Regard(gardee, gardee and 1 in (entier[0] - dedans[0], entier[1] - dedans[1]))

    def _double(self, tout: str, part: Somme, change: Change) -> bool:
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
            sienne, reste = self._etat(cachee, etats), self._reste(tout, part, etats)
            if not sienne.gardee or (reste.gardee and (sienne.seule or reste.seule)):
                return False
        return True

    def _possible(self, change: Change, juges: Set[Juge]) -> bool:
        """Whether a change makes a table that agrees with what everybody knows."""
        for cellule, (dv, dn) in change.items():
            v, n = self._nombres[cellule]
            propres = self._propres(cellule)
            forme = self._place(propres[-1]).forme if propres else None
            plancher = 1 if self._zero and forme is not None and forme.montree else 0
            if v + dv < plancher or not min(1, v + dv) <= n + dn <= v + dv:
                return False
            for k in self._terrain.intervalles.get(cellule, ()):
                vecteur, bas, haut = self._chantier.systeme.intervalles[k]
                total = sum((self._nombres[c][0] + change.get(c, (0, 0))[0]) * x for c, x in vecteur.items())
                if not bas <= total <= haut:
                    return False
        for somme, tout in juges:
            v, n = self._vaut(somme, change)
            if tout is None:
                if v < 1:
                    return False
            else:
                entier = self._vaut((tout, somme[1]), change)
                if v > entier[0] or n > entier[1]:
                    return False
        return True

    def _serree(self, forme: Forme) -> Serree | None:
        """What to hide for a forme that no move changes: a shown cell that the same formes hold.

        Where all of those are hidden, the sum of two that are four together: of 1 and 3 it would be hidden.
        None otherwise: 1 everywhere but in one of them is masked alike, since ones beside a shown number
        would be known.
        """
        voisines = frozenset(c for d in forme.vecteur for c in self._pareilles(d))
        sommes = frozenset[int]() if voisines else self._sommes_de_quatre(forme)
        return Serree(forme, sommes, voisines) if voisines or sommes else None

    def _pareilles(self, cellule: int) -> Sequence[int]:
        """The shown cells of a mesure that the same published formes hold, and no other."""
        if not (tenantes := self._publiees(cellule)):
            return ()
        mesures = self._terrain.mesures
        return [
            c
            for c in self._terrain.a_cacher(self._plus_etroite(tenantes))
            if mesures[c] == mesures[cellule] and self._publiees(c) == tenantes
        ]

    def _sommes_de_quatre(self, forme: Forme) -> frozenset[int]:
        """The published formes that tell the sum of two cells hidden alike, where it is told and is four."""
        if not (semblables := self._deux_de_quatre(forme)):
            return frozenset()
        cellule = next(iter(forme.vecteur))
        formes = self._chantier.systeme.formes
        tenantes = frozenset(k for k, _ in self._publiees(cellule))
        seules = frozenset(
            k for k in tenantes if {c for c in formes[k].vecteur if not self._connue(c)} == semblables
        )
        return seules or self._disent(frozenset(semblables))

    def _deux_de_quatre(self, forme: Forme) -> set[int]:
        """The cell of a forme and the only one hidden alike, where they are four together."""
        cellule = next(iter(forme.vecteur))
        if len(forme.vecteur) > 1:
            return set()
        semblables = set(self._semblables(cellule))
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
