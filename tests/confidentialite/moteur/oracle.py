"""What an attacker can compute from a small world, by other means than the engine's.

Belongs here: reading the published rows as equations, rational elimination, enumeration of every integer
table that agrees with what is published, and the primary rule written again. Calls nothing of
`confidentialite`: a mistake of the engine must not be repeated here.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde, contributeurs, valeur

Case = tuple[int, str, str]
"""An inner cell: millésime, mesure, commune."""
Vecteur = dict[Case, int]
Masques = set[tuple[str, int, str]]
SEUIL = 5


@dataclass(frozen=True)
class Forme:
    """A number the attacker may want: its vector over the inner cells that are not zero, and its value."""

    nom: str
    vecteur: tuple[tuple[Case, int], ...]
    valeur: int

    def __str__(self) -> str:
        return f"{self.nom} = {self.valeur}"


def termes(texte: str) -> list[tuple[int, str]]:
    """Terms of `a+b-c`, read character by character."""
    lus, signe, mot = [], 1, ""
    for c in texte + "+":
        if c in "+-":
            if mot:
                lus.append((signe, mot))
            signe, mot = (-1 if c == "-" else 1), ""
        elif c != " ":
            mot += c
    return lus


def forme(monde: Monde, texte: str, niveau: str, code: str, annee: int = MILLESIME) -> Forme:
    """The forme of a formula at a territory."""
    vecteur: Vecteur = {}
    total = 0
    for signe, mesure in termes(texte):
        for commune in monde.territoires[niveau, code]:
            v = valeur(monde.valeurs.get((annee, mesure), {}).get(commune, 0))
            if v:
                case = (annee, mesure, commune)
                vecteur[case] = vecteur.get(case, 0) + signe
                total += signe * v
    reste = tuple(sorted((c, k) for c, k in vecteur.items() if k))
    return Forme(f"{texte} {niveau}:{code} {annee}", reste, total)


def formes_de(monde: Monde, indicateur: Indicateur, niveau: str, code: str, annee: int) -> list[Forme]:
    """Formes that a row shows: numerator, denominator or base."""
    montrees = [forme(monde, indicateur.numerateur, niveau, code, annee)]
    if indicateur.denominateur:
        montrees.append(forme(monde, indicateur.denominateur, niveau, code, annee))
    if indicateur.methode in ("evolution", "difference"):
        base = annee - (indicateur.decalage or 0)
        montrees.append(forme(monde, indicateur.numerateur, niveau, code, base))
    return montrees


class Rang:
    """Rational elimination, with fractions."""

    def __init__(self, vecteurs: Iterable[Iterable[tuple[Case, int]]] = ()) -> None:
        self._base: dict[Case, dict[Case, Fraction]] = {}
        for v in vecteurs:
            self.ajouter(v)

    def reste(self, vecteur: Iterable[tuple[Case, int]]) -> dict[Case, Fraction]:
        reste = {c: Fraction(k) for c, k in vecteur}
        # Pivots in the order they were found: a vector never holds an earlier pivot.
        for pivot, base in self._base.items():
            if k := reste.get(pivot):
                for c, b in base.items():
                    reste[c] = reste.get(c, Fraction(0)) - k * b
        return {c: k for c, k in reste.items() if k}

    def ajouter(self, vecteur: Iterable[tuple[Case, int]]) -> bool:
        reste = self.reste(vecteur)
        if not reste:
            return False
        pivot = min(reste)
        self._base[pivot] = {c: k / reste[pivot] for c, k in reste.items()}
        return True

    def contient(self, vecteur: Iterable[tuple[Case, int]]) -> bool:
        return not self.reste(vecteur)


@dataclass
class Publication:
    """What is known outside: exact formes, intervals, and the inner cells that are shown to be hidden."""

    exactes: list[Forme] = field(default_factory=list)
    intervalles: list[tuple[Forme, int, int]] = field(default_factory=list)
    marquees: set[Case] = field(default_factory=set)
    inclusions: list[tuple[Case, Case]] = field(default_factory=list)

    def rang(self) -> Rang:
        return Rang(f.vecteur for f in self.exactes)


def lire(mondes: Sequence[tuple[Monde, Masques]]) -> Publication:
    """Read successive releases, each a world and its masks."""
    publication = Publication()
    for monde, masques in mondes:
        indicateurs = {i.indicateur_id: i for i in monde.indicateurs}
        for ligne in monde.cellules():
            indicateur = indicateurs[ligne["indicateur_id"]]
            lieu = ligne["niveau"], ligne["code"]
            annee = ligne["millesime"]
            cachee = (ligne["territoire_id"], annee, ligne["indicateur_id"]) in masques
            for f in formes_de(monde, indicateur, *lieu, annee):
                if not cachee:
                    _montrer(publication, monde, f, lieu)
                elif not indicateur.denominateur and len(f.vecteur) == 1 and not indicateur.methode:
                    # Zeros are shown: a hidden count is one at least.
                    publication.marquees.add(f.vecteur[0][0])
        for (annee, mesure, niveau, code), (bas, haut) in monde.publics.items():
            f = forme(monde, mesure, niveau, code, annee)
            if bas == haut:
                publication.exactes.append(f)
            else:
                publication.intervalles.append((f, min(bas, f.valeur), max(haut, f.valeur)))
        for (annee, mesure), valeurs in monde.valeurs.items():
            for tout in _touts(monde, mesure):
                for commune in valeurs:
                    publication.inclusions.append(((annee, mesure, commune), (annee, tout, commune)))
    return publication


def _montrer(publication: Publication, monde: Monde, f: Forme, lieu: tuple[str, str]) -> None:
    texte, _, annee = f.nom.split(" ")
    public = monde.publics.get((int(annee), texte, *lieu))
    if public is None or public[0] == public[1]:
        publication.exactes.append(f)


def _touts(monde: Monde, mesure: str) -> list[str]:
    return [
        i.denominateur
        for i in monde.indicateurs
        if i.numerateur == mesure and i.denominateur and i.part_d_un_tout
    ]


def primaires(monde: Monde, sensibles: frozenset[str] = frozenset()) -> list[Forme]:
    """Formes that must not be computed: the rule of the specification, node by node."""
    trouvees: dict[tuple[tuple[Case, int], ...], Forme] = {}

    def retenir(f: Forme) -> None:
        trouvees.setdefault(f.vecteur, f)

    indicateurs = {i.indicateur_id: i for i in monde.indicateurs}
    for ligne in monde.cellules():
        i = indicateurs[ligne["indicateur_id"]]
        niveau, code, annee = ligne["niveau"], ligne["code"], ligne["millesime"]
        for f in formes_de(monde, i, niveau, code, annee):
            texte, _, an = f.nom.split(" ")
            if (int(an), texte, niveau, code) in monde.publics:
                continue
            n = sum(
                s * contributeurs(monde.valeurs.get((int(an), m), {}).get(c, 0))
                for s, m in termes(texte)
                for c in monde.territoires[niveau, code]
            )
            if 0 < n < SEUIL or 0 < f.valeur < SEUIL:
                retenir(f)
        if i.denominateur and i.part_d_un_tout:
            num, den = formes_de(monde, i, niveau, code, annee)
            terme = [monde.publics.get((annee, m, niveau, code)) for m in (i.numerateur, i.denominateur)]
            publics = all(t and t[0] == t[1] for t in terme)
            if 0 < den.valeur - num.valeur < SEUIL and not publics:
                retenir(forme(monde, f"{i.denominateur}-{i.numerateur}", niveau, code, annee))
            if i.numerateur in sensibles and 0 < num.valeur == den.valeur:
                retenir(num)
    return list(trouvees.values())


def exactes(mondes: Sequence[tuple[Monde, Masques]], protegees: Iterable[Forme]) -> list[Forme]:
    """Protected formes that are a combination of what is published."""
    rang = lire(mondes).rang()
    return [f for f in protegees if rang.contient(f.vecteur)]


def lignes_recalculables(mondes: Sequence[tuple[Monde, Masques]]) -> list[tuple[str, int, str]]:
    """Masked rows of the last release of which every figure can be computed."""
    rang = lire(mondes).rang()
    monde, masques = mondes[-1]
    indicateurs = {i.indicateur_id: i for i in monde.indicateurs}
    trouvees = []
    for ligne in monde.cellules():
        cle = (ligne["territoire_id"], ligne["millesime"], ligne["indicateur_id"])
        if cle in masques:
            formes = formes_de(monde, indicateurs[cle[2]], ligne["niveau"], ligne["code"], cle[1])
            if all(rang.contient(f.vecteur) for f in formes):
                trouvees.append(cle)
    return trouvees


def a_la_portee(
    mondes: Sequence[tuple[Monde, Masques]], protegees: Sequence[Forme], seules: Iterable[Forme]
) -> list[tuple[Forme, Forme]]:
    """(contributor's own forme, protected forme) that its lone contributor computes."""
    publication = lire(mondes)
    trouvees = []
    for s in seules:
        rang = publication.rang()
        if not rang.ajouter(s.vecteur):
            continue
        trouvees += [(s, f) for f in protegees if f.vecteur != s.vecteur and rang.contient(f.vecteur)]
    return trouvees


def seules(monde: Monde) -> list[Forme]:
    """Shown or hidden formes that one foyer makes alone, what a part leaves of its whole included."""
    trouvees: dict[tuple[tuple[Case, int], ...], Forme] = {}
    indicateurs = {i.indicateur_id: i for i in monde.indicateurs}
    for ligne in monde.cellules():
        i = indicateurs[ligne["indicateur_id"]]
        for f in formes_de(monde, i, ligne["niveau"], ligne["code"], ligne["millesime"]):
            n = sum(
                k * contributeurs(monde.valeurs[annee, mesure][commune])
                for (annee, mesure, commune), k in f.vecteur
            )
            if n == 1:
                trouvees.setdefault(f.vecteur, f)
        if i.denominateur and i.part_d_un_tout:
            lieu = ligne["niveau"], ligne["code"], ligne["millesime"]
            reste = forme(monde, f"{i.denominateur}-{i.numerateur}", *lieu)
            if reste.valeur == 1:
                trouvees.setdefault(reste.vecteur, reste)
    return list(trouvees.values())


class Tables:
    """Every integer table that agrees with what is published, within a range that holds the true one."""

    def __init__(self, publication: Publication, monde: Monde, marge: int = 12) -> None:
        """`marge`: how far above its true value a cell is tried, where nothing published bounds it."""
        vraies = {
            (annee, mesure, commune): valeur(v)
            for (annee, mesure), valeurs in monde.valeurs.items()
            for commune, v in valeurs.items()
            if valeur(v)
        }
        self._vraies = vraies
        self._bas = {c: 1 if c in publication.marquees else 0 for c in vraies}
        self._haut = {c: v + marge for c, v in vraies.items()}
        self._contraintes: list[tuple[Vecteur, int, int]] = [
            (dict(f.vecteur), f.valeur, f.valeur) for f in publication.exactes if f.vecteur
        ]
        self._contraintes += [
            (dict(f.vecteur), bas, haut) for f, bas, haut in publication.intervalles if f.vecteur
        ]
        for part, tout in publication.inclusions:
            if part in vraies and tout in vraies:
                self._contraintes.append(({tout: 1, part: -1}, 0, 10**6))

    def valeurs(self, f: Forme, assez: int) -> set[int]:
        """Values that a forme takes over all tables; the search ends once `assez` are found."""
        trouvees = {f.valeur}
        portee = sum(self._haut[c] for c, _ in f.vecteur)
        for ecart in itertools.chain.from_iterable((d, -d) for d in range(1, portee + 1)):
            if len(trouvees) >= assez:
                break
            v = f.valeur + ecart
            if self._possible([*self._contraintes, (dict(f.vecteur), v, v)]):
                trouvees.add(v)
        return trouvees

    def _possible(self, contraintes: list[tuple[Vecteur, int, int]]) -> bool:
        par_case: dict[Case, list[tuple[Vecteur, int, int]]] = {}
        for contrainte in contraintes:
            for c in contrainte[0]:
                par_case.setdefault(c, []).append(contrainte)
        return any(True for _ in self._chercher(dict(self._bas), dict(self._haut), contraintes, par_case))

    def _chercher(
        self,
        bas: dict[Case, int],
        haut: dict[Case, int],
        a_voir: list[tuple[Vecteur, int, int]],
        par_case: dict[Case, list[tuple[Vecteur, int, int]]],
    ) -> Iterator[dict[Case, int]]:
        file = list(a_voir)
        while file:
            vecteur, mini, maxi = file.pop()
            plus_bas = sum(k * (bas[c] if k > 0 else haut[c]) for c, k in vecteur.items())
            plus_haut = sum(k * (haut[c] if k > 0 else bas[c]) for c, k in vecteur.items())
            if plus_bas > maxi or plus_haut < mini:
                return
            for c, k in vecteur.items():
                # What the others leave to this cell; coefficients are 1 or -1.
                autres_bas = plus_bas - k * (bas[c] if k > 0 else haut[c])
                autres_haut = plus_haut - k * (haut[c] if k > 0 else bas[c])
                b, h = (mini - autres_haut, maxi - autres_bas)
                if k < 0:
                    b, h = -h, -b
                if b > bas[c] or h < haut[c]:
                    bas[c], haut[c] = max(bas[c], b), min(haut[c], h)
                    if bas[c] > haut[c]:
                        return
                    file += par_case[c]
                    plus_bas = sum(q * (bas[x] if q > 0 else haut[x]) for x, q in vecteur.items())
                    plus_haut = sum(q * (haut[x] if q > 0 else bas[x]) for x, q in vecteur.items())
        libres = [c for c in bas if bas[c] < haut[c] and c in par_case]
        if not libres:
            yield bas
            return
        choisie = min(libres, key=lambda c: (haut[c] - bas[c], c))
        for v in range(bas[choisie], haut[choisie] + 1):
            yield from self._chercher({**bas, choisie: v}, {**haut, choisie: v}, par_case[choisie], par_case)
