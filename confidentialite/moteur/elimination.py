"""Secondary suppression: which formes to hide so that no protected one can be computed from those shown.

Belongs here: publishing the formes of one system one after the other. Does not: what a published one implies
(`espace.py`), which are primary (`phases/`), intervals (`bornes.py`).

EPCI 10 is wide: published first. Of its communes B 7, C 4 and A 3, with A hidden, the largest goes first: B
is published; C would leave 10 - 7 - 4, that is A: it is refused, and hidden for A.
"""

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme


@dataclass(frozen=True)
class Defenses:
    """Which defences are on. All of them, except in the tests and benches that show what each one is for."""

    secondaires: bool = True
    singletons: bool = True
    fermeture: bool = True
    connues: bool = True
    bornes: bool = True
    rejeu: bool = True


TOUTES = Defenses()


class DejaDivulguees(Exception):
    """Formes that what is known outside gives away, whatever is hidden now."""

    def __init__(self, formes: list[Forme]) -> None:
        """Keep the formes; the message says how many."""
        self.formes = formes
        super().__init__(f"{len(formes)} protected formes are implied by what was already released")


def eliminer(
    formes: list[Forme],
    premier: int,
    defenses: Defenses = TOUTES,
    groupes: Iterable[list[Forme]] = (),
    parmi: Container[int] | None = None,
    avant: Container[int] = (),
) -> Espace:
    """Decide `publiee` for every forme of one system, in their order; return the space they span.

    `groupes`: formes with one contributor each, who may be the same person. `parmi`: the `id` of formes that
    were all published together; no other is published, and what they tell lone contributors is not asked
    again, of them nor of the space. `avant`: those that the proposal before published, when fewer were
    hidden and the same were protected.

    Raises `DejaDivulguees` when what was released before gives a protected forme away. A forme that is only
    `RETENUE` and is implied by what was released is let go, and is `connue` from then on: hiding it protects
    nothing.
    """
    derniere: dict[int, tuple[Any, ...]] = {}
    for forme in formes:
        if len(forme.vecteur) == 1 and forme.montree and not forme.cachee:
            (cellule,) = forme.vecteur
            derniere[cellule] = max(derniere.get(cellule, ()), forme.ordre)
    singletons = defenses.singletons and parmi is None
    rangs = {c: (ordre, c) for c, ordre in derniere.items()}
    espace = Espace(premier, lambda c: rangs.get(c) or ((math.inf,), c))
    surveillees = [f for f in formes if f.cachee or (f.seule and defenses.singletons)]
    # Of formes published together, only what has to be hidden since may be given away.
    menacees = surveillees if parmi is None else [f for f in surveillees if f.cachee and id(f) in parmi]
    for forme in menacees:
        espace.surveiller(forme)
    for forme in formes:
        forme.publiee = False
    if singletons:
        for groupe in groupes:
            espace.reunir(groupe)
    for forme in formes:
        if forme.connue and defenses.connues:
            espace.publier(forme.vecteur, singletons=False, forcer=True)
    trahies = espace.trahies()
    if perdues := [f for f in trahies if f.protegee]:
        raise DejaDivulguees(perdues)
    for forme in trahies:
        forme.etat, forme.connue = Etat.LIBRE, True
    # As long as nothing else is published than before, less is: what told no lone contributor too much then
    # does not now, for they are asked about what is protected. What is hidden since is asked about.
    moins = True
    for forme in sorted(formes, key=lambda f: f.ordre):
        if forme.publique:
            forme.publiee = forme.montree
        elif forme.montree and not forme.cachee and (parmi is None or id(forme) in parmi):
            deja = id(forme) in avant
            forme.publiee = espace.publier(
                forme.vecteur,
                singletons=singletons and not (moins and deja),
                forcer=not defenses.secondaires,
            )
            moins = moins and (deja or not forme.publiee)
            if not forme.publiee and espace.garde is not None:
                espace.gardes[id(forme)] = espace.garde
    if parmi is not None:
        suivies = {id(f) for f in menacees}
        for forme in surveillees:
            if id(forme) not in suivies:
                espace.surveiller(forme)
    return espace
