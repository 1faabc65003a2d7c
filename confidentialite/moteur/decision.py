"""The decision on one group: its phases in order, and which of its rows are hidden.

Belongs here: running the phases. Does not: each of them; groups side by side (`masques.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from confidentialite.moteur.accord import accorder
from confidentialite.moteur.allegement import alleger
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import TOUTES, Defenses
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Systeme
from confidentialite.moteur.groupes import Groupe
from confidentialite.moteur.lecture import Lecture
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


@dataclass(frozen=True)
class Decision:
    """What is decided of a group and its neighbours. `systemes`, `espaces`, `raisons`: how, one each."""

    cachees: list[Cachee]
    systemes: list[Systeme]
    espaces: list[Espace]
    raisons: list[dict[Cle, str]]


def decider_groupe(groupe: Groupe, defenses: Defenses = TOUTES) -> Decision:
    """Decide which rows of a group and its neighbours to hide.

    Raises DivulgationAnterieure, and ErreurPublication.
    """
    chantiers: list[Chantier] = []
    for voisin in (groupe, *groupe.voisins):
        premiere = sum(len(c.lecture.cellules) for c in chantiers)
        chantiers.append(_preparer(Chantier(Lecture(voisin, premiere), defenses)))
    solutions = [alleger(chantier, resoudre(chantier)) for chantier in chantiers]
    solutions = accorder(chantiers, solutions)
    cles = {id(forme): cle for chantier in chantiers for cle, forme in chantier.placees()}
    return Decision(
        [c for deux in zip(chantiers, solutions, strict=True) for c in _cachees(*deux, cles)],
        [chantier.systeme for chantier in chantiers],
        [solution.espace for solution in solutions],
        [chantier.raisons for chantier in chantiers],
    )


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


def _cachees(chantier: Chantier, solution: Solution, cles: Mapping[int, Cle]) -> list[Cachee]:
    """The rows that the formes of one system hide. `cles`: of each forme by its `id`, neighbours' too."""
    cachees = []
    for ligne in chantier.lecture.lignes:
        for position, cle in ligne.formes:
            raison = _raison(chantier, cle)
            if raison is not None:
                garde = (
                    solution.garde(chantier.forme(cle))
                    if cle in chantier and raison == raisons.BESOIN
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
