"""Drawn registers of structures that do not all say what they receive, and who attacks what is shown of them.

The attacker has its own algebra, in fractions, over cells of its own (a type of structure in a commune): it
knows which are read, which are nothing and who contributes to them, and reads the rows that are shown.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from confidentialite.regle.parametres import Relations, charger
from tests.confidentialite.moteur.banc import MILLESIME, Finest, Indicateur, Monde

# Types of structures that each mesure counts: what a register adds up, and what no reader is told.
TYPES = {
    "financement_eaje": ("eaje",),
    "financement_eaje_rpe": ("eaje", "rpe"),
    "financement_enfance_jeunesse": ("alsh",),
    "financement_caf": ("eaje", "rpe", "alsh", "laep"),
    "bonus_territoire": ("bonus",),
}
PARTITIONS = {
    "financement_eaje_rpe": ("financement_eaje",),
    "financement_caf": ("financement_eaje_rpe", "financement_enfance_jeunesse"),
}
RELATIONS = Relations(
    {},
    (
        *((tout, part) for tout, parties in PARTITIONS.items() for part in parties),
        ("financement_caf", "bonus_territoire"),
    ),
    partitions=PARTITIONS,
)
INDICATEURS = (
    Indicateur("financement_eaje_rpe", "financement_eaje_rpe"),
    Indicateur("financement_structures_enfance_jeunesse", "financement_enfance_jeunesse"),
    Indicateur("montant_bonus_territoire", "bonus_territoire"),
    Indicateur("financement_eaje", "financement_eaje", niveaux=("ctg", "epci", "departement")),
    Indicateur("financement_caf", "financement_caf", niveaux=("ctg", "epci", "departement")),
)
PARAMETRES = charger()
PEU = PARAMETRES.seuil_frequence_entreprises.valeur - 1
K = Fraction(str(PARAMETRES.dominance_k.valeur))

Cellule = tuple[str, str]
"""(type of structure, commune)."""
Vecteur = dict[Cellule, Fraction]


@dataclass(frozen=True)
class Registre:
    """What structures receive: by type and commune, of each gestionnaire; `tus`: what is not stated."""

    montants: Mapping[Cellule, Mapping[str, int]]
    tus: frozenset[Cellule]
    territoires: Mapping[tuple[str, str], Sequence[str]]

    def lue(self, mesure: str, commune: str) -> bool:
        """Whether all that a mesure adds up in a commune is stated."""
        return not any((t, commune) in self.tus for t in TYPES[mesure])

    def cellules(self, mesure: str, communes: Sequence[str]) -> list[Cellule]:
        """What a sum of a mesure over communes adds up."""
        lues = [c for c in communes if self.lue(mesure, c)]
        return [(t, c) for c in lues for t in TYPES[mesure] if self.montants.get((t, c))]

    def monde(self) -> Monde:
        """The register as the masks step receives it."""
        valeurs: dict[tuple[int, str], dict[str, Finest]] = {}
        for mesure in TYPES:
            siennes = valeurs[MILLESIME, mesure] = {}
            for commune in self.territoires["departement", "d"]:
                noms: dict[str, int] = {}
                for cellule in self.cellules(mesure, [commune]):
                    for qui, montant in self.montants[cellule].items():
                        noms[qui] = noms.get(qui, 0) + montant
                if noms:
                    siennes[commune] = noms
        return Monde(valeurs, self.territoires, INDICATEURS, montants=frozenset(TYPES))


class Attaquant:
    """Who reads the rows of a release, and reckons in fractions."""

    def __init__(self, registre: Registre, masques: set[tuple[str, int, str]]) -> None:
        self.registre = registre
        self.lignes: dict[tuple[str, str, str], Vecteur] = {}
        for i in INDICATEURS:
            for (niveau, code), communes in registre.territoires.items():
                if (i.niveaux and niveau not in i.niveaux) or (
                    (f"{niveau}:{code}", MILLESIME, i.indicateur_id) in masques
                ):
                    continue
                if cellules := registre.cellules(i.numerateur, communes):
                    self.lignes[niveau, code, i.numerateur] = dict.fromkeys(cellules, Fraction(1))

    def qui(self, vecteur: Vecteur) -> dict[str, Fraction]:
        """What each gestionnaire brings to a combination."""
        apports: dict[str, Fraction] = {}
        for cellule, coefficient in vecteur.items():
            for qui, montant in self.registre.montants[cellule].items():
                apports[qui] = apports.get(qui, Fraction(0)) + coefficient * montant
        return apports

    def noms(self, vecteur: Vecteur) -> set[str]:
        """Who has a part in a combination."""
        return {qui for cellule in vecteur for qui in self.registre.montants[cellule]}

    def de_peu(self) -> Iterator[set[str]]:
        """Sets of few gestionnaires of whom some combination of the rows is exact.

        All that is not theirs is struck out of the rows: where rows that were independent no longer are,
        some combination of them bears on theirs alone.
        """
        rang = _rang(self.lignes.values())
        tous = sorted({qui for montants in self.registre.montants.values() for qui in montants})
        for siens in combinations(tous, PEU):
            ailleurs = [
                {c: v for c, v in ligne.items() if not set(self.registre.montants[c]) <= set(siens)}
                for ligne in self.lignes.values()
            ]
            if _rang(ailleurs) < rang:
                yield set(siens)

    def petites_combinaisons(self) -> Iterator[Vecteur]:
        """Sums of a territory added and subtracted, less what communes show, where cells are added up."""
        for lieu, communes in self.registre.territoires.items():
            siennes = [v for (n, c, _), v in self.lignes.items() if (n, c) == lieu]
            dedans = [v for (n, c, _), v in self.lignes.items() if n == "commune" and c in communes]
            for signes in product((-1, 0, 1), repeat=len(siennes)):
                somme: Vecteur = {}
                for signe, vecteur in zip(signes, siennes, strict=True):
                    _ajouter(somme, vecteur, Fraction(signe))
                for vecteur in sorted(dedans, key=len, reverse=True):
                    coefficients = {somme.get(c) for c in vecteur}
                    if len(coefficients) == 1 and (k := coefficients.pop()) is not None:
                        _ajouter(somme, vecteur, -k)
                if somme and set(somme.values()) == {Fraction(1)}:
                    yield somme

    def dominees(self) -> list[Vecteur]:
        """Of these, those that one gestionnaire nearly makes."""
        return [
            v
            for v in self.petites_combinaisons()
            if max(apports := list(self.qui(v).values())) > K * sum(apports)
        ]


def _ajouter(cible: Vecteur, autre: Vecteur, facteur: Fraction) -> None:
    for cellule, v in autre.items():
        somme = cible.get(cellule, Fraction(0)) + facteur * v
        if somme:
            cible[cellule] = somme
        else:
            cible.pop(cellule, None)


def _rang(vecteurs: Iterable[Vecteur]) -> int:
    echelons: list[tuple[Cellule, Vecteur]] = []
    for vecteur in vecteurs:
        reste = dict(vecteur)
        for pivot, autre in echelons:
            if pivot in reste:
                _ajouter(reste, autre, -reste[pivot] / autre[pivot])
        if reste:
            echelons.append((min(reste), reste))
    return len(echelons)


# Eaje in A alone is what three sums of the EPCI leave: A does not say what its alsh receives.
TROIS_SOMMES = Registre(
    {
        ("eaje", "A"): {"souris": 100},
        ("eaje", "B"): {"commune de B": 70},
        ("eaje", "C"): {"commune de C": 60},
        ("eaje", "D"): {"commune de D": 50},
        ("alsh", "A"): {"amis": 80},
        ("alsh", "B"): {"foyer": 300},
        ("alsh", "C"): {"ligue": 350},
        ("alsh", "D"): {"patronage": 400},
    },
    frozenset({("alsh", "A")}),
    {
        **{("commune", c): [c] for c in "ABCD"},
        ("epci", "e"): ["A", "B", "C", "D"],
        ("departement", "d"): ["A", "B", "C", "D"],
    },
)


def tire(graine: int) -> Registre:
    """A drawn register: communes in EPCI and a CTG across them, structures that do not all say."""
    hasard = random.Random(graine)
    communes = [f"c{i}" for i in range(hasard.randint(3, 8))]
    noms = [f"g{i}" for i in range(hasard.randint(4, 8))]
    montants: dict[Cellule, dict[str, int]] = {}
    tus = set()
    for commune in communes:
        for t, chance in (("eaje", 0.7), ("rpe", 0.2), ("alsh", 0.7), ("laep", 0.2)):
            if hasard.random() < chance:
                presents = hasard.sample(noms, min(len(noms), hasard.choice((1, 1, 1, 2, 3))))
                montants[t, commune] = {qui: hasard.choice((20, 90, 100, 110, 400)) for qui in presents}
                if hasard.random() < 0.2:
                    tus.add((t, commune))
        siens = {qui for t in ("eaje", "rpe", "alsh", "laep") for qui in montants.get((t, commune), ())}
        if bonus := {qui: hasard.randint(1, 9) for qui in sorted(siens) if hasard.random() < 0.6}:
            montants["bonus", commune] = bonus
            if hasard.random() < 0.2:
                tus.add(("bonus", commune))
    coupe = hasard.randint(1, len(communes))
    territoires: dict[tuple[str, str], list[str]] = {("commune", c): [c] for c in communes}
    for nom, siennes in (("e", communes[:coupe]), ("f", communes[coupe:])):
        if siennes:
            territoires["epci", nom] = siennes
    territoires["ctg", "g"] = sorted(hasard.sample(communes, hasard.randint(1, len(communes))))
    territoires["departement", "d"] = communes
    return Registre(montants, frozenset(tus), territoires)
