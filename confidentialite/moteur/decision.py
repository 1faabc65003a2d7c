"""The decision on one group: its phases in order, and which of its rows are hidden.

Belongs here: running the phases. Does not: each of them; groups side by side (`masques.py`).
"""

from dataclasses import dataclass
from typing import NamedTuple

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import TOUTES, Defenses
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Forme, Systeme
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
from confidentialite.moteur.resolution import resoudre
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
    """What is decided of one group. `systeme`, `espaces` (by table), `raisons`: how, for benches."""

    cachees: list[Cachee]
    systeme: Systeme
    espaces: list[Espace]
    raisons: dict[Cle, str]


def decider_groupe(groupe: Groupe, defenses: Defenses = TOUTES) -> Decision:
    """Decide which rows of a group to hide. Raises DivulgationAnterieure, and ErreurPublication."""
    chantier = Chantier(Lecture(groupe), defenses)
    montrees.montrer(chantier)
    montrees.publier(chantier)
    registre.rappeler(chantier)
    if defenses.fermeture:
        complements.completer(chantier)
        complements.completer_publics(chantier)
    primaires.proteger(chantier)
    restes.separer(chantier)
    combinaisons.proteger_les_fines(chantier)
    incidents.assumer(chantier)
    espaces, pour = resoudre(chantier)
    cles = {id(forme): cle for cle, forme in chantier.placees()}
    cachees = []
    for ligne in chantier.lecture.lignes:
        for position, cle in ligne.formes:
            raison = _raison(chantier, cle)
            if raison is not None:
                garde = (
                    pour.get(id(chantier.forme(cle)))
                    if cle in chantier and raison == raisons.BESOIN
                    else None
                )
                cachees.append(
                    Cachee(
                        ligne.territoire_id,
                        ligne.millesime,
                        ligne.indicateur_id,
                        position,
                        _est_publiee(chantier, cle),
                        raison,
                        texte(cle),
                        len(chantier.lecture.atomes(cle)),
                        None if garde is None else f"{texte(cles[id(garde)])} {lieu(cles[id(garde)])}",
                    )
                )
    return Decision(cachees, chantier.systeme, espaces, chantier.raisons)


def _est_publiee(chantier: Chantier, cle: Cle) -> bool:
    """Whether nothing is hidden of a forme: it is zero, shown, or its producer's."""
    if cle not in chantier:
        return True
    forme: Forme = chantier.forme(cle)
    return forme.publiee or forme.publique or chantier.lecture.source(cle) != "micro"


def _raison(chantier: Chantier, cle: Cle) -> str | None:
    if not _est_publiee(chantier, cle):
        return chantier.raisons.get(cle, raisons.BESOIN)
    return raisons.DISCORDE if chantier.lecture.discorde(cle) else None


def texte(cle: Cle) -> str:
    """The formula of a forme, as the dictionary writes it."""
    return "".join(("-" if s < 0 else "+") + m for s, m in sorted(cle.termes, reverse=True)).removeprefix("+")


def lieu(cle: Cle) -> str:
    """The territory of a forme; `(part)` when it is not all of today's."""
    return f"{cle.lieu.niveau}:{cle.lieu.code}" + (" (part)" if cle.lieu.atomes else "")
