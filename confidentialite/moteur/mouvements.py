"""The moves from the table of one system to another that would be masked alike.

Belongs here: what a move changes, and whether it may be made. Does not: what is hidden (`plateau.py`), what
the rule says of sums (`arbitre.py`), which moves are tried and what to hide without one (`rejeu.py`).

A move is one of two:
- cells that the same published formes hold exchange their values, with what is tied to them in their
  territories: the lots exchanged too, the engine would do the same, cell for cell;
- cells change along a combination that no published forme sees, and each forme stays on its side of the rule,
  so that the elimination refuses the same ones; a lone contributor may come or go where none is the reason
  why something is hidden, and where the newcomer could compute nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from confidentialite.moteur.arbitre import Arbitre, Change
from confidentialite.moteur.formes import Cle, Territoire, Vecteur
from confidentialite.moteur.gardes import Tour
from confidentialite.moteur.plateau import Plateau
from confidentialite.moteur.terrain import Nombres, Somme


class Mouvements:
    """The moves of one system, as its `publiee` stand.

    `au_loin`: whether some answer looked at more than the communes of what it was asked of. Who asks unsets
    it.
    """

    def __init__(self, tour: Tour, plateau: Plateau) -> None:
        """Take the moves of what is hidden on a board."""
        self.au_loin = False
        self._tour, self._chantier, self._plateau = tour, tour.chantier, plateau
        self._arbitre = Arbitre(tour.chantier, plateau)
        self._nombres = plateau.terrain.nombres

    def echange(self, i: int, j: int) -> Mapping[int, Nombres]:
        """The change that exchanges two cells, with what is tied to them in their territories; empty if none.

        Whatever ties them to a cell that stays would know them apart. So that cell goes with them.
        """
        (mesure, ici), (_, la) = self._plateau.propres(i)[-1], self._plateau.propres(j)[-1]
        ensemble: set[str] = {mesure}
        if self._nombres[i] == self._nombres[j]:
            return {}
        while True:
            nombres: dict[int, Nombres] = {}
            for m in ensemble:
                a, b = self._plateau.cellule((m, ici)), self._plateau.cellule((m, la))
                if a is None or b is None or self._plateau.signe(a) != self._plateau.signe(b):
                    return {}
                (va, na), (vb, nb) = self._nombres[a], self._nombres[b]
                nombres[a], nombres[b] = (vb - va, nb - na), (va - vb, na - nb)
            change = Change(nombres)
            avec = self._tenus(ensemble, change, ici, la)
            if avec is None:
                return {}
            if not avec:
                return change
            ensemble |= avec

    def glissements(self, i: int, j: int) -> Iterator[dict[int, int]]:
        """One more in a territory and one less in another, of a mesure, or of its wholes and it together."""
        cellule, signe = self._plateau.cellule, self._plateau.signe
        (mesure, ici), (_, la) = self._plateau.propres(i)[-1], self._plateau.propres(j)[-1]
        seules = {mesure}
        touts = {
            tout
            for lieu in (ici, la)
            for tout in self._plateau.place((mesure, lieu)).touts
            if cellule((tout, lieu)) is not None
        }
        for ensemble in (seules, seules | touts) if touts else (seules,):
            ici_la = [(cellule((m, ici)), cellule((m, la))) for m in ensemble]
            cellules = [(a, b) for a, b in ici_la if a is not None and b is not None]
            if len(cellules) == len(ensemble) and all(signe(a) == signe(b) for a, b in cellules):
                for sens in (1, -1):
                    yield {c: s for a, b in cellules for c, s in ((a, sens), (b, -sens))}

    def est_invisible(self, vecteur: Vecteur) -> bool:
        """Whether no published forme sees a change."""
        vu: dict[int, int] = defaultdict(int)
        for cellule, v in vecteur.items():
            for k, coefficient in self._plateau.publiees(cellule):
                vu[k] += v * coefficient
        return not (any(map(self._plateau.connue, vecteur)) or any(vu.values()))

    def passe(self, valeurs: Mapping[int, int], contributeurs: int | None = None) -> bool:
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
        if not self.toujours_cachees(change):
            return False
        arbitre = self._arbitre
        juges = arbitre.juges(change)
        if not arbitre.est_possible(change, juges):
            return False
        for somme, tout in juges:
            if tout is None:
                avant, apres = arbitre.etat_vrai(somme), arbitre.etat(somme, change)
            else:
                avant, apres = arbitre.reste_vrai(tout, somme), arbitre.reste(tout, somme, change)
            if avant == apres:
                continue
            if tout is not None and arbitre.double(tout, somme, change):
                continue
            if avant.gardee != apres.gardee:
                return False
            if avant.seule != apres.seule and not self._sans_suite(somme, tout, change, apres.seule):
                return False
        return True

    def toujours_cachees(self, cellules: Iterable[int]) -> bool:
        """Whether cells were shown in no proposal before this one: what it said then would differ."""
        montrees = self._tour.passe.montrees
        return not montrees or all(
            id(self._plateau.place(propres[-1]).forme) not in montrees
            for c in cellules
            if (propres := self._plateau.propres(c))
        )

    def _tenus(self, ensemble: set[str], change: Change, ici: Territoire, la: Territoire) -> set[str] | None:
        """What must move with mesures that two territories exchange: nothing, or nothing will do (None).

        A has 6 foyers, of which 2 with the AF; B has 9, of which 4; all are hidden. If they exchange the AF
        alone, A is left with 6 - 4 = 2 foyers without, where it had 4, and the rule keeps both: what it keeps
        of A is another value than before. So the foyers go with the AF.
        """
        place_de, arbitre = self._plateau.place, self._arbitre
        avec: set[str] = set()
        libre, change_de_seul = True, False
        for lieu, autre in ((ici, la), (la, ici)):
            for m in ensemble:
                place = place_de((m, lieu))
                apres, la_bas = arbitre.etat((m, lieu), change), arbitre.etat_vrai((m, autre))
                change_de_seul |= arbitre.etat_vrai((m, lieu)).seule != la_bas.seule
                tenues = [*((t, m, t) for t in place.touts), *((m, p, p) for p in place.parts)]
                if apres != la_bas and all(o in ensemble for *_, o in tenues):
                    return None
                if apres != la_bas:
                    avec.update(o for *_, o in tenues if o not in ensemble)
                for tout, part, o in tenues:
                    if o in ensemble:
                        continue
                    libre = False
                    (vt, nt), (vp, np) = (
                        arbitre.vaut((tout, lieu), change),
                        arbitre.vaut((part, lieu), change),
                    )
                    avant = arbitre.reste_vrai(tout, (part, lieu))
                    puis = arbitre.reste(tout, (part, lieu), change)
                    if vp > vt or np > nt:
                        avec.add(o)
                    elif place_de((o, lieu)).cachee:
                        if (
                            avant.gardee
                            or puis.gardee
                            or (o == part and arbitre.etat((o, lieu), change) != arbitre.etat_vrai((o, lieu)))
                        ):
                            avec.add(o)
                    elif (puis.gardee or avant.gardee) and not arbitre.double(tout, (part, lieu), change):
                        if not self._plateau.est_en_jeu((o, autre)) or place_de((o, autre)).cachee:
                            return None
                        if puis != arbitre.reste_vrai(tout, (part, autre)):
                            return None
        d_un_seul = self._plateau.terrain.d_un_seul
        autres = (d_un_seul[ici] | d_un_seul[la]) - ensemble
        if change_de_seul and autres and not self._seuls_ailleurs(ensemble, ici, la):
            avec |= autres
        if not avec and not (libre or self.toujours_cachees(change)):
            return None
        return avec

    def _seuls_ailleurs(self, ensemble: set[str], ici: Territoire, la: Territoire) -> bool:
        """Whether lone contributors may go from a territory to the other, where others are alone too."""
        self.au_loin = True
        for lieu, autre in ((ici, la), (la, ici)):
            venues = [m for m in ensemble if self._arbitre.etat_vrai((m, autre)).seule]
            partis = [self._plateau.place((m, autre)).forme for m in venues]
            if any(id(f) in self._tour.espace.accuses for f in partis):
                return False
            restees = self._plateau.terrain.d_un_seul[lieu] - ensemble
            if venues and self._portent(lieu, {*venues, *restees}):
                return False
        return True

    def _portent(self, lieu: Territoire, mesures: Iterable[str], sauf: Set[int] = frozenset()) -> bool:
        """Whether who is alone in these mesures of a territory could compute what is kept elsewhere."""
        cles = (Cle(((1, m),), lieu) for m in mesures)
        return self._tour.espace.portent([self._chantier.forme(cle) for cle in cles], sauf)

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
        self.au_loin = True
        libres = set() if tout is not None else self._liberees(somme, table)
        seules = self._plateau.terrain.d_un_seul[lieu] | {mesure}
        if tout is None and self._portent(lieu, seules, libres):
            return False
        return not self._tour.espace.portent([forme], libres) and self._autres_libres(change, table or {})

    def _liberees(self, somme: Somme, change: Change | None) -> set[int]:
        """What a part leaves of its wholes, by the `id` of the forme, where it would not be kept."""
        mesure, lieu = somme
        restes = (
            Cle(((-1, mesure), (1, tout)), lieu)
            for tout in self._plateau.place(somme).touts
            if not self._arbitre.reste(tout, somme, change).gardee
        )
        return {id(self._chantier.forme(cle)) for cle in restes if cle in self._chantier}

    def _autres_libres(self, change: Change, table: Mapping[int, Nombres]) -> bool:
        """Whether cells beside those that change vary between themselves, for who knows one, in some table.

        `table`: what changes between this table and that one.
        """
        for i in change:
            if not self._plateau.propres(i):
                return False
            if self._est_a_part(i):
                continue
            voisines = [j for j in self._plateau.semblables(i) if j != i]
            reste = sum(self._nombres[j][0] + table.get(j, (0, 0))[0] for j in voisines)
            if len(voisines) < 2 or reste <= len(voisines):
                return False
        return True

    def _est_a_part(self, cellule: int) -> bool:
        """Whether nothing published holds a cell together with another one that is hidden."""
        plateau = self._plateau
        _, lieu = somme = plateau.propres(cellule)[-1]
        place = plateau.place(somme)
        liees = set().union(*(plateau.place((m, lieu)).vecteur for m in (*place.touts, *place.parts)))
        tenue = plateau.publiees(cellule) or cellule in plateau.terrain.intervalles
        return not tenue and all(map(plateau.connue, liees))
