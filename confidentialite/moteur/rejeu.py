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
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple

from confidentialite.moteur.formes import Cle, Forme, Territoire, Vecteur
from confidentialite.moteur.gardes import Serree, Tour
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

Tenue = tuple[str, tuple[tuple[int, int], ...]]
"""A mesure, and the published formes that hold a cell of it among others, by rank with their coefficient."""

Change = Mapping[int, Nombres]
"""By how much inner cells change."""


class Etat(NamedTuple):
    """What decides how a forme is treated: whether the rule keeps it, whether one contributor makes it."""

    gardee: bool
    seule: bool


@dataclass(slots=True)
class _Place:
    """A mesure over a territory, hidden or tied to one that is; its wholes and its parts there."""

    vecteur: Vecteur
    nombres: Nombres
    forme: Forme | None
    cachee: bool
    touts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


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
        """Find the cells that are hidden, and what holds them."""
        self._tour, self._chantier = tour, tour.chantier
        self._zero = tour.chantier.parametres.zero_publiable.valeur
        self._terrain = tour.chantier.tenir(Terrain)
        self._nombres = self._terrain.nombres
        self._mouvements = tour.memoire.mouvements
        self._jugees: dict[tuple[object, ...], bool] = {}
        # Of a cell that some move changes, two cells that make this move.
        self._varient: dict[int, tuple[int, int]] = {}
        # Whether the last search looked at more than the communes of what it tried.
        self._au_loin = False
        self._connues = self._terrain.connues()
        self._publiees: dict[int, tuple[tuple[int, int], ...]] = {}
        self._autour: dict[int, list[Somme]] = {}
        self._situer()
        self._semblables: dict[tuple[object, ...], list[int]] = defaultdict(list)
        self._signes: dict[int, tuple[object, ...]] = {}
        for cellule in self._propre:
            signe = self._signes[cellule] = self._signe(cellule)
            self._semblables[signe].append(cellule)

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
        return self._terrain.mesures[cellule], self._publiees_sur(cellule)

    def repose_sur(self, forme: Forme) -> set[int] | None:
        """The cells in whose communes lies all that makes a forme not alone; None where that is not all.

        What holds its cells (`tenue`) may change the answer too.
        """
        self._varient.clear()
        self._au_loin = False
        siennes = set(forme.vecteur)
        if not self._serree_de_pres(forme):
            return siennes
        if not self._varie(forme):
            # Nothing could be hidden for it: what tells a sum of four may be anywhere.
            return None if self._deux_de_quatre(forme) else siennes
        mouvement = self._mouvements[id(forme)]
        if self._au_loin or not all(
            self._propre[c][1].niveau == "commune" for c in mouvement if c in self._propre
        ):
            return None
        return siennes.union(mouvement)

    def _seule(self, forme: Forme) -> Serree | None:
        if not forme.protegee or forme.publiee or forme.connue or not self._serree_de_pres(forme):
            return None
        return None if self._varie(forme) else self._serree(forme)

    def _situer(self) -> None:
        """The places of hidden formes, and those tied to them."""
        terrain = self._terrain
        self._places: dict[Somme, _Place] = {}
        self._propre: dict[int, Somme] = {}
        self._cellule: dict[Somme, int] = {}
        for somme, forme in terrain.sommes:
            if forme.publiee or forme.connue:
                continue
            self._placer(somme, cachee=True)
            if len(forme.vecteur) == 1:
                self._propre[next(iter(forme.vecteur))] = somme
                self._cellule[somme] = next(iter(forme.vecteur))
        for mesure, lieu in list(self._places):
            for tout, part in terrain.couples.get(mesure, ()):
                if (part, lieu) in terrain.montrees:
                    a, b = self._placer((tout, lieu)), self._placer((part, lieu))
                    if tout not in b.touts:
                        b.touts.append(tout)
                        a.parts.append(part)

    def _placer(self, somme: Somme, *, cachee: bool = False) -> _Place:
        place = self._places.get(somme)
        if place is None:
            place = self._places[somme] = _Place(*self._terrain.endroit(somme), cachee)
        return place

    def _publiees_sur(self, cellule: int) -> tuple[tuple[int, int], ...]:
        """The published formes that hold a cell among others, by rank, each with its coefficient."""
        siennes = self._publiees.get(cellule)
        if siennes is None:
            formes = self._chantier.systeme.formes
            siennes = self._publiees[cellule] = tuple(
                (k, v)
                for k, v in self._terrain.tenantes.get(cellule, ())
                if formes[k].publiee or formes[k].connue
            )
        return siennes

    def _autour_de(self, cellule: int) -> Sequence[Somme]:
        """The places that bear on a cell that nobody knows."""
        siennes = self._autour.get(cellule)
        if siennes is None:
            places = self._places if cellule not in self._connues else ()
            siennes = [s for s in self._terrain.autour.get(cellule, ()) if s in places]
            self._autour[cellule] = siennes
        return siennes

    def _signe(self, cellule: int) -> tuple[object, ...]:
        """What two cells share that may exchange their values: the formes that hold them, and the past."""
        somme = self._propre[cellule]
        forme = self._places[somme].forme
        larges = tuple(s for s in self._autour_de(cellule) if len(self._places[s].vecteur) > 1)
        rappelee = somme in self._terrain.rappelees
        montree = forme is not None and forme.montree
        return somme[0], montree, rappelee, self._publiees_sur(cellule), larges

    def _serree_de_pres(self, forme: Forme) -> bool:
        """Whether so few cells are hidden around a forme that it may have no other value.

        A count by itself always may: all of its cells may be worth the same. One that is tied to others in
        its territory has more tables than are looked for as soon as a few are hidden alike.
        """
        if sum(s.forme is forme for s in self._tour.passe.serrees) >= _FOIS:
            return False
        return not self._lie(forme) or all(
            len(self._semblables[self._signes[c]]) <= _PEU for c in forme.vecteur if c in self._propre
        )

    def _lie(self, forme: Forme) -> bool:
        """Whether what a forme is made of is part or whole of something in its territory."""
        places = (self._places[self._propre[c]] for c in forme.vecteur if c in self._propre)
        return any(place.touts or place.parts for place in places)

    def _varie(self, forme: Forme) -> bool:
        """Whether some move changes the value of a forme."""
        if len(forme.vecteur) == 1 and (autre := self._varient.get(next(iter(forme.vecteur)))):
            self._mouvements[id(forme)] = autre
            return True
        if self._rejoue(forme):
            return True
        cellules = [c for c in forme.vecteur if c not in self._connues]
        paires = [
            (i, j)
            for i in cellules
            if i in self._propre
            for j in self._semblables[self._signes[i]]
            if j not in forme.vecteur
        ]
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
        if not (i in self._signes and self._signes[i] == self._signes.get(j)):
            return False
        return bool(self._ecart(forme, self._echange(i, j))) or self._transfere(forme, i, j)

    def _est_invisible(self, vecteur: Vecteur) -> bool:
        """Whether no published forme sees a change."""
        vu: dict[int, int] = defaultdict(int)
        for cellule, v in vecteur.items():
            for k, coefficient in self._publiees_sur(cellule):
                vu[k] += v * coefficient
        return self._connues.isdisjoint(vecteur) and not any(vu.values())

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
        (mesure, ici), (_, la) = self._propre[i], self._propre[j]
        seules = {mesure}
        touts = {
            t for lieu in (ici, la) for t in self._places[mesure, lieu].touts if (t, lieu) in self._cellule
        }
        for ensemble in (seules, seules | touts) if touts else (seules,):
            ici_la = [(self._cellule.get((m, ici)), self._cellule.get((m, la))) for m in ensemble]
            cellules = [(a, b) for a, b in ici_la if a is not None and b is not None]
            if len(cellules) == len(ensemble) and all(
                self._signes[a] == self._signes[b] for a, b in cellules
            ):
                for sens in (1, -1):
                    yield {c: s for a, b in cellules for c, s in ((a, sens), (b, -sens))}

    def _ecart(self, forme: Forme, change: Change) -> int:
        return sum(v * change[c][0] for c, v in forme.vecteur.items() if c in change)

    def _varie_autrement(self, forme: Forme, cellules: Iterable[int]) -> bool:
        essais = 0
        for i in cellules:
            for vecteur in self._tour.espace.noyau(i):
                if (essais := essais + 1) > _ESSAIS:
                    return False
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

    def _echange(self, i: int, j: int) -> dict[int, Nombres]:
        """The change that exchanges two cells, with what is tied to them in their territories; empty if none.

        Whatever ties them to a cell that stays would know them apart. So that cell goes with them.
        """
        (mesure, ici), (_, la) = self._propre[i], self._propre[j]
        ensemble: set[str] = {mesure}
        if self._nombres[i] == self._nombres[j]:
            return {}
        while True:
            change: dict[int, Nombres] = {}
            for m in ensemble:
                a, b = self._cellule.get((m, ici)), self._cellule.get((m, la))
                if a is None or b is None or self._signes[a] != self._signes[b]:
                    return {}
                (va, na), (vb, nb) = self._nombres[a], self._nombres[b]
                change[a], change[b] = (vb - va, nb - na), (va - vb, na - nb)
            avec = self._tenus(ensemble, change, ici, la)
            if avec is None:
                return {}
            if not avec:
                self._varient |= {c: (i, j) for c, (dv, _) in change.items() if dv}
                return change
            ensemble |= avec

    def _tenus(self, ensemble: set[str], change: Change, ici: Territoire, la: Territoire) -> set[str] | None:
        """What must move with mesures that two territories exchange: nothing, or nothing will do (None)."""
        avec: set[str] = set()
        libre, change_de_seul = True, False
        for lieu, autre in ((ici, la), (la, ici)):
            for m in ensemble:
                place = self._places[m, lieu]
                apres, la_bas = self._etat((m, lieu), change), self._etat((m, autre), {})
                change_de_seul |= self._etat((m, lieu), {}).seule != la_bas.seule
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
                    avant, puis = self._reste(tout, part, lieu, {}), self._reste(tout, part, lieu, change)
                    if vp > vt or np > nt:
                        avec.add(o)
                    elif self._places[o, lieu].cachee:
                        if (
                            avant.gardee
                            or puis.gardee
                            or (o == part and self._etat((o, lieu), change) != self._etat((o, lieu), {}))
                        ):
                            avec.add(o)
                    elif (puis.gardee or avant.gardee) and not self._double(tout, part, lieu, change):
                        if (o, autre) not in self._places or self._places[o, autre].cachee:
                            return None
                        if puis != self._reste(tout, part, autre, {}):
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
            venues = [m for m in ensemble if self._etat((m, autre), {}).seule]
            partis = [self._places[m, autre].forme for m in venues]
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
        change: dict[int, Nombres] = {}
        for rang, (cellule, dv) in enumerate(valeurs.items()):
            v, n = self._nombres[cellule]
            if contributeurs is None:
                change[cellule] = dv, dv if v == n else 0
            else:
                change[cellule] = dv, -contributeurs if rang else contributeurs
        if not (self._toujours_cachees(change) and self._possible(change)):
            return False
        for somme, tout in self._juges(change):
            if tout is None:
                avant, apres = self._etat(somme, {}), self._etat(somme, change)
            else:
                avant, apres = (self._reste(tout, *somme, c) for c in ({}, change))
            if tout is not None and self._double(tout, *somme, change):
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
        if not vient:
            return True
        self._au_loin = True
        libres = set() if tout is not None else self._liberees(somme, change)
        if tout is None and self._portent(lieu, self._terrain.d_un_seul[lieu] | {mesure}, libres):
            return False
        return not self._tour.espace.portent([forme], libres) and self._autres_libres(change)

    def _liberees(self, somme: Somme, change: Change) -> set[int]:
        """What a part leaves of its wholes, by the `id` of the forme, where it would not be kept."""
        mesure, lieu = somme
        restes = (
            Cle(((-1, mesure), (1, tout)), lieu)
            for tout in self._places[somme].touts
            if not self._reste(tout, mesure, lieu, change).gardee
        )
        return {id(self._chantier.forme(cle)) for cle in restes if cle in self._chantier}

    def _autres_libres(self, change: Change) -> bool:
        """Whether cells beside those that change still vary between themselves, for who knows one of them."""
        for i in change:
            if i not in self._propre:
                return False
            if self._est_a_part(i):
                continue
            voisines = [j for j in self._semblables[self._signes[i]] if j != i]
            reste = sum(self._nombres[j][0] + change.get(j, (0, 0))[0] for j in voisines)
            if len(voisines) < 2 or reste <= len(voisines):
                return False
        return True

    def _est_a_part(self, cellule: int) -> bool:
        """Whether nothing published holds a cell together with another one that is hidden."""
        mesure, lieu = self._propre[cellule]
        place = self._places[mesure, lieu]
        liees = set().union(*(self._places[m, lieu].vecteur for m in (*place.touts, *place.parts)))
        tenue = self._publiees_sur(cellule) or cellule in self._terrain.intervalles
        return liees <= self._connues and not tenue

    def _toujours_cachees(self, change: Change) -> bool:
        """Whether cells were shown in no proposal before this one: what it said then would differ."""
        montrees = self._tour.passe.montrees
        return not montrees or all(
            (somme := self._propre.get(c)) is None or id(self._places[somme].forme) not in montrees
            for c in change
        )

    def _juges(self, change: Change) -> Iterator[tuple[Somme, str | None]]:
        """What a change bears on: mesures over territories, and what they leave of wholes."""
        vus: set[tuple[Somme, str | None]] = set()
        for cellule in change:
            for mesure, lieu in self._autour_de(cellule):
                place = self._places[mesure, lieu]
                vus.add(((mesure, lieu), None))
                vus.update(((mesure, lieu), tout) for tout in place.touts)
                for part in place.parts:
                    vus |= {((part, lieu), mesure), ((part, lieu), None)}
        return iter(vus)

    def _vaut(self, somme: Somme, change: Change) -> Nombres:
        place = self._places[somme]
        v, n = place.nombres
        if change:
            for cellule, (dv, dn) in change.items():
                if coefficient := place.vecteur.get(cellule):
                    v, n = v + coefficient * dv, n + coefficient * dn
        return v, n

    def _etat(self, somme: Somme, change: Change) -> Etat:
        v, n = self._vaut(somme, change)
        if (cle := (v, n)) not in self._jugees:
            self._jugees[cle] = self._chantier.regle(Compte(Decimal(v), n, None)) is not None
        gardee = self._jugees[cle] or any(
            self._est_groupe((tout, somme[1]), (v, n), somme[0], change) for tout in self._places[somme].touts
        )
        return Etat(gardee, n == 1)

    def _est_groupe(self, tout: Somme, part: Nombres, mesure: str, change: Change) -> bool:
        entier = self._vaut(tout, change)
        if (cle := (entier, part, mesure)) not in self._jugees:
            a, b = (Compte(Decimal(v), n, None) for v, n in (entier, part))
            sensible = mesure in self._chantier.groupe.sensibles
            self._jugees[cle] = primaire.groupe(a, b, self._chantier.parametres, sensible=sensible)
        return self._jugees[cle]

    def _reste(self, tout: str, part: str, lieu: Territoire, change: Change) -> Etat:
        entier, dedans = self._vaut((tout, lieu), change), self._vaut((part, lieu), change)
        if (cle := (entier, dedans)) not in self._jugees:
            a, b = (Compte(Decimal(v), n, None) for v, n in cle)
            self._jugees[cle] = primaire.complement(a, b, self._chantier.parametres)
        gardee = self._jugees[cle]
        return Etat(gardee, gardee and 1 in (entier[0] - dedans[0], entier[1] - dedans[1]))

    def _double(self, tout: str, part: str, lieu: Territoire, change: Change) -> bool:
        """Whether to keep what a part leaves of its whole is to keep one of the two, the other being known.

        It is then hidden with it, before and after, and nobody alone in one could compute the other.
        """
        a, b = self._places[tout, lieu], self._places[part, lieu]
        if a.cachee and b.cachee:
            return False
        cachee = (tout, lieu) if a.cachee else (part, lieu)
        for etats in ({}, change):
            sienne, reste = self._etat(cachee, etats), self._reste(tout, part, lieu, etats)
            if not sienne.gardee or (reste.gardee and (sienne.seule or reste.seule)):
                return False
        return True

    def _possible(self, change: Change) -> bool:
        """Whether a change makes a table that agrees with what everybody knows."""
        for cellule, (dv, dn) in change.items():
            v, n = self._nombres[cellule]
            somme = self._propre.get(cellule)
            forme = None if somme is None else self._places[somme].forme
            plancher = 1 if self._zero and forme is not None and forme.montree else 0
            if v + dv < plancher or not min(1, v + dv) <= n + dn <= v + dv:
                return False
            for k in self._terrain.intervalles.get(cellule, ()):
                vecteur, bas, haut = self._chantier.systeme.intervalles[k]
                total = sum((self._nombres[c][0] + change.get(c, (0, 0))[0]) * x for c, x in vecteur.items())
                if not bas <= total <= haut:
                    return False
        for somme, tout in self._juges(change):
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
        if not (tenantes := self._publiees_sur(cellule)):
            return ()
        mesures, formes = self._terrain.mesures, self._chantier.systeme.formes
        etroite = min((formes[k].vecteur for k, _ in tenantes), key=len)
        return [
            c
            for c in self._terrain.a_cacher(etroite)
            if mesures[c] == mesures[cellule] and self._publiees_sur(c) == tenantes
        ]

    def _sommes_de_quatre(self, forme: Forme) -> frozenset[int]:
        """The published formes that tell the sum of two cells hidden alike, where it is told and is four."""
        if not (semblables := self._deux_de_quatre(forme)):
            return frozenset()
        cellule = next(iter(forme.vecteur))
        formes = self._chantier.systeme.formes
        tenantes = frozenset(k for k, _ in self._publiees_sur(cellule))
        seules = frozenset(k for k in tenantes if formes[k].vecteur.keys() - self._connues == semblables)
        return seules or self._ensemble(semblables)

    def _deux_de_quatre(self, forme: Forme) -> set[int]:
        """The cell of a forme and the only one hidden alike, where they are four together."""
        cellule = next(iter(forme.vecteur))
        if len(forme.vecteur) > 1 or cellule not in self._signes:
            return set()
        semblables = set(self._semblables[self._signes[cellule]])
        quatre = len(semblables) == 2 and sum(self._nombres[c][0] for c in semblables) == 4
        return semblables if quatre else set()

    def _ensemble(self, cellules: Set[int]) -> frozenset[int]:
        """The published formes that tell a sum together: hiding one is enough. None where none tell it."""
        somme = Forme(dict.fromkeys(sorted(cellules), 1), ())
        for bloc in self._tour.decoupage.blocs:
            if cellules <= set(bloc.cellules):
                (intervalle,) = bloc.sur([somme]).intervalles(_varie_assez, self._tour.memoire)
                return intervalle.liantes if intervalle.bas == intervalle.haut else frozenset()
        return frozenset()
