"""Attacks by the thousand: worlds drawn, masked, attacked and counted, in one or two processes.

Belongs here: running, counting and printing. A world is drawn from its seed alone, so that any success is
made again by `--graine`.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.drills.secret import boite
from tests.drills.secret.attaques import ATTAQUES, Assaut, Attaque, Succes
from tests.drills.secret.boite import ErreurPublication, Masques
from tests.drills.secret.mondes import NATURES, Monde, revises

# Worlds decided in one run of the engine; its fixed cost is then shared.
_LOT = 40
Sortie = tuple[Monde, Masques]


@dataclass
class Bilan:
    """What an attack came to.

    `attaques`: protected numbers that were attacked; `trouvees`: those found. `arretes`: worlds of which the
    engine publishes nothing before a person decides. `refuses`: those with a success that the auditor
    refuses.
    """

    code: str
    mondes: int = 0
    attaques: int = 0
    touches: int = 0
    trouvees: int = 0
    arretes: int = 0
    refuses: int = 0
    premiers: list[str] = field(default_factory=list)

    def ajouter(self, autre: "Bilan") -> None:
        for nom in ("mondes", "attaques", "touches", "trouvees", "arretes", "refuses"):
            setattr(self, nom, getattr(self, nom) + getattr(autre, nom))
        self.premiers += autre.premiers


def _masquer(mondes: Sequence[Monde], registre: list[dict[str, Any]]) -> list[Masques | None]:
    """Masks of each world; None where the engine refuses to publish it."""
    try:
        return list(boite.masquer(mondes, registre))
    except ErreurPublication:
        if len(mondes) == 1:
            return [None]
        return [m for monde in mondes for m in _masquer([monde], _du(registre, monde))]


def _du(registre: list[dict[str, Any]], monde: Monde) -> list[dict[str, Any]]:
    return [r for r in registre if r["millesime"] == monde.millesime]


def sorties(mondes: Sequence[Monde], attaque: Attaque) -> Iterator[list[Sortie] | None]:
    """The releases of each world; None where nothing is published before a person decides."""
    masques = _masquer(mondes, [])
    if attaque.sorties == "une":
        yield from ([(m, x)] if x is not None else None for m, x in zip(mondes, masques, strict=True))
        return
    registre = [
        r for m, x in zip(mondes, masques, strict=True) if x is not None for r in boite.inscrire(m, x, 1)
    ]
    apres = [revises(m) for m in mondes]
    seconds = _masquer(apres, registre if attaque.sorties == "revision" else [])
    for m, x, n, y in zip(mondes, masques, apres, seconds, strict=True):
        # A disclosure that the engine declares stops the night until a person has decided.
        if x is None or y is None or "divulguee" in y.values():
            yield None
        else:
            yield [(m, x), (n, y)]


def rejouer(mondes: Sequence[Monde], cle: bytes | None = None) -> list[Masques]:
    return boite.masquer(mondes, cle=cle)


def chercher(code: str, nature: str, graine: int) -> tuple[list[Sortie] | None, list[Succes]]:
    """What an attack finds in one world."""
    attaque = ATTAQUES[code]
    (siennes,) = sorties([NATURES[nature](graine)], attaque)
    if siennes is None:
        return None, []
    return siennes, list(attaque.chercher(Assaut(siennes, rejouer)))


def _attaquer_lot(tache: tuple[str, str, tuple[int, ...], bool]) -> Bilan:
    code, nature, graines, auditer = tache
    attaque, bilan = ATTAQUES[code], Bilan(code)
    mondes = [m for m in map(NATURES[nature], graines) if m.contributeurs]
    for siennes in sorties(mondes, attaque):
        bilan.mondes += 1
        if siennes is None:
            bilan.arretes += 1
            continue
        assaut = Assaut(siennes, rejouer)
        trouves = list(attaque.chercher(assaut))
        bilan.attaques += len(assaut.protegees)
        if not trouves:
            continue
        bilan.touches += 1
        bilan.trouvees += len({s.forme.vecteur for s in trouves})
        bilan.premiers.append(f"{nature} {assaut.monde.graine}: {trouves[0]}")
        if auditer and attaque.auditee:
            bilan.refuses += bool(boite.refusee(*siennes[-1]))
    return bilan


def mener(
    code: str,
    mondes: int,
    *,
    premiere: int = 0,
    processus: int = 1,
    auditer: bool = False,
    dire: Callable[[str], None] = lambda _: None,
) -> Bilan:
    """Attack `mondes` worlds, shared between the natures an attack is made on."""
    natures = ATTAQUES[code].natures
    par_nature = -(-mondes // len(natures))
    taches = [
        (code, nature, tuple(range(debut, min(debut + _LOT, premiere + par_nature))), auditer)
        for nature in natures
        for debut in range(premiere, premiere + par_nature, _LOT)
    ]
    total = Bilan(code)
    if processus == 1:
        bilans = map(_attaquer_lot, taches)
        for bilan in bilans:
            total.ajouter(bilan)
        return total
    with multiprocessing.get_context("spawn").Pool(processus) as equipe:
        for k, bilan in enumerate(equipe.imap(_attaquer_lot, taches)):
            total.ajouter(bilan)
            dire(f"{code}: {k + 1} of {len(taches)} lots, {total.touches} worlds give something away")
    return total
