"""The decision on one group: its phases in order, its parcels, and which of its rows are hidden.

Belongs here: running the phases. Does not: each of them; how a group is cut (`parcelles.py`); groups side by
side (`masques.py`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from confidentialite.moteur.accord import accorder
from confidentialite.moteur.allegement import alleger
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import TOUTES, Defenses
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Systeme
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.lecture import Lecture, Ligne
from confidentialite.moteur.parcelles import Esquisse, Parcelle, Total, parceller
from confidentialite.moteur.phases import (
    combinaisons,
    complements,
    incidents,
    montrees,
    primaires,
    registre,
    restes,
)
from confidentialite.moteur.resolution import Solution, resoudre
from confidentialite.regle import raisons


class Cachee(NamedTuple):
    """A row that a forme of the group hides, and why.

    `position`: which of the two terms of the row; `faible`: whether any other reason of the row goes first.
    `formule` over `communes` is the forme; `protege`: what it is hidden for, when not for itself.
    """

    territoire_id: str
    millesime: int
    indicateur_id: str
    position: int
    faible: bool
    raison: str
    formule: str
    communes: int
    protege: str | None


class Decidee(NamedTuple):
    """The rows of a parcel that are hidden; what releases had told of it, and what the next one will have."""

    cachees: list[Cachee]
    avant: str
    apres: str


@dataclass(frozen=True)
class Decision:
    """What is decided of a group and its neighbours. `systemes`, `espaces`, `raisons`: how, one each."""

    cachees: list[Cachee]
    systemes: list[Systeme]
    espaces: list[Espace]
    raisons: list[dict[Cle, str]]


class Ouvrage:
    """A group while it is decided: its parcels, those that are left to decide, its rows once none is.

    A parcel that cannot be safe beside its part of a total is decided again, as one with another that shares
    it: of two départements whose own totals are hidden, that of their région tells both together. The others
    stay decided.
    """

    def __init__(self, groupe: Groupe, defenses: Defenses = TOUTES) -> None:
        """Say all that is known and protected, and cut. Raises DivulgationAnterieure."""
        self._chantiers: list[Chantier] = []
        for voisin in (groupe, *groupe.voisins):
            premiere = sum(len(c.lecture.cellules) for c in self._chantiers)
            self._chantiers.append(_preparer(Chantier(Lecture(voisin, premiere), defenses)))
        self._jointes: list[list[str]] = []
        self._decidees: dict[frozenset[str], list[Cachee]] = {}
        self._couper()

    def _couper(self) -> None:
        self._parcellaire = parceller(self._chantiers, self._jointes)

    def a_decider(self) -> list[Esquisse]:
        """The parcels that are left to decide."""
        return [p for p in self._parcellaire.parcelles if p.nom not in self._decidees]

    def recevoir(self, parcelle: Esquisse, cachees: list[Cachee]) -> None:
        """Take note of the decision on a parcel."""
        self._decidees[parcelle.nom] = cachees

    def joindre(self, seules: Sequence[tuple[Esquisse, Set[Total]]]) -> None:
        """Join each parcel that could not be decided alone with those that failed beside the same total.

        The narrowest of the totals that it could not show its part of; where no other failed, the smallest
        parcel that shares it. Raises DivulgationAnterieure.
        """
        if not seules:
            return
        partagent: dict[Total, list[Esquisse]] = defaultdict(list)
        for parcelle in self._parcellaire.parcelles:
            for total in parcelle.totaux:
                partagent[total].append(parcelle)
        ensembles: dict[Total, list[Esquisse]] = defaultdict(list)
        for parcelle, totaux in seules:
            ensembles[min(totaux, key=lambda t: (len(partagent[t]), str(t)))].append(parcelle)
        for total, ensemble in ensembles.items():
            if len(ensemble) == 1:
                autres = [p for p in partagent[total] if p.nom != ensemble[0].nom]
                ensemble.append(min(autres, key=lambda p: (p.taille, min(p.nom))))
            self._jointes.append([min(p.nom) for p in ensemble])
        self._couper()

    def noms(self) -> list[frozenset[str]]:
        """The parcels, by name."""
        return [p.nom for p in self._parcellaire.parcelles]

    def cachees(self) -> list[Cachee]:
        """The rows that are hidden, once every parcel is decided."""
        for forme in self._parcellaire.partages:
            forme.publiee = True
        cachees = [c for p in self._parcellaire.parcelles for c in self._decidees[p.nom]]
        for chantier, lignes in zip(self._chantiers, self._parcellaire.restent, strict=False):
            cachees += _cachees(chantier, lignes, None, {})
        return cachees


def decider_parcelle(parcelle: Parcelle) -> Decision:
    """Decide which rows of a parcel to hide.

    Raises DivulgationAnterieure, ErreurPublication, and TotauxCaches.
    """
    chantiers = parcelle.chantiers
    solutions = [alleger(chantier, resoudre(chantier)) for chantier in chantiers]
    solutions = accorder(chantiers, solutions)
    parcelle.verifier()
    cles = {id(forme): cle for chantier in chantiers for cle, forme in chantier.placees()}
    return Decision(
        [
            c
            for x, s in zip(chantiers, solutions, strict=True)
            for c in _cachees(x, x.lecture.lignes, s, cles)
        ],
        [chantier.systeme for chantier in chantiers],
        [solution.espace for solution in solutions],
        [chantier.raisons for chantier in chantiers],
    )


def retenues(parcelle: Parcelle) -> list[Cachee]:
    """The rows that show a forme which earlier releases hid and never showed. Any other reason goes first."""
    return [
        Cachee(
            ligne.territoire_id,
            ligne.millesime,
            ligne.indicateur_id,
            position,
            faible=True,
            raison=raisons.ANTERIEURE,
            formule=texte(cle),
            communes=len(chantier.lecture.atomes(cle)),
            protege=None,
        )
        for chantier in parcelle.chantiers
        for ligne in chantier.lecture.lignes
        for position, cle in ligne.formes
        if cle in chantier.cachees_avant and cle in chantier and not chantier.forme(cle).connue
    ]


def _preparer(chantier: Chantier) -> Chantier:
    """Say all that is known and protected of a system, before anything is decided."""
    montrees.montrer(chantier)
    montrees.publier(chantier)
    registre.rappeler(chantier)
    if chantier.defenses.fermeture:
        complements.completer(chantier)
        complements.completer_publics(chantier)
    primaires.proteger(chantier)
    restes.separer(chantier)
    combinaisons.proteger_les_fines(chantier)
    incidents.assumer(chantier)
    return chantier


def _cachees(
    chantier: Chantier, lignes: Sequence[Ligne], solution: Solution | None, cles: Mapping[int, Cle]
) -> list[Cachee]:
    """The rows that the formes of one system hide. `cles`: of each forme by its `id`, neighbours' too."""
    cachees = []
    for ligne in lignes:
        for position, cle in ligne.formes:
            raison = _raison(chantier, cle)
            if raison is not None:
                garde = (
                    solution.garde(chantier.forme(cle))
                    if solution and cle in chantier and raison == raisons.BESOIN
                    else None
                )
                cachees.append(
                    Cachee(
                        ligne.territoire_id,
                        ligne.millesime,
                        ligne.indicateur_id,
                        position,
                        chantier.montre(cle),
                        raison,
                        texte(cle),
                        len(chantier.lecture.atomes(cle)),
                        None if garde is None else f"{texte(cles[id(garde)])} {lieu(cles[id(garde)])}",
                    )
                )
    return cachees


def _raison(chantier: Chantier, cle: Cle) -> str | None:
    if not chantier.montre(cle):
        return chantier.raisons.get(cle, raisons.BESOIN)
    return raisons.DISCORDE if chantier.lecture.discorde(cle) else None


def texte(cle: Cle) -> str:
    """The formula of a forme, as the dictionary writes it."""
    return "".join(("-" if s < 0 else "+") + m for s, m in sorted(cle.termes, reverse=True)).removeprefix("+")


def lieu(cle: Cle) -> str:
    """The territory of a forme; `(part)` when it is not all of today's."""
    return f"{cle.lieu.niveau}:{cle.lieu.code}" + (" (part)" if cle.lieu.atomes else "")
