"""Attacks by the thousand: worlds drawn, masked, attacked and counted, in one or two processes.

Belongs here: running, counting and printing. A world is drawn from its seed alone, so that any success is
made again by `--graine`.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.drills.secret import boite
from tests.drills.secret.attaques import ATTAQUES, Assaut, Succes
from tests.drills.secret.boite import ErreurPublication, Masques
from tests.drills.secret.mondes import NATURES, Monde, revises

# Worlds decided in one run of the engine; its fixed cost is then shared.
_LOT = 40
Sortie = tuple[Monde, Masques]


@dataclass
class Bilan:
    """What an attack came to.

    `attaques`: protected numbers that were attacked; `trouvees`: those found. `arretes`: worlds of which the
    engine publishes nothing before a person decides. `audites`: worlds with a success that the auditor was
    asked about; `refuses`: those it refused. `sorties`: of those with a success, nature, seed and masks.
    """

    code: str
    mondes: int = 0
    attaques: int = 0
    touches: int = 0
    trouvees: int = 0
    arretes: int = 0
    audites: int = 0
    refuses: int = 0
    premiers: list[str] = field(default_factory=list)
    sorties: list[tuple[str, int, list[Masques]]] = field(default_factory=list)

    def ajouter(self, autre: "Bilan") -> None:
        for nom in ("mondes", "attaques", "touches", "trouvees", "arretes", "audites", "refuses"):
            setattr(self, nom, getattr(self, nom) + getattr(autre, nom))
        self.premiers += autre.premiers
        self.sorties += autre.sorties


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


def sorties(mondes: Sequence[Monde], lesquelles: str) -> Iterator[list[Sortie] | None]:
    """The releases of each world (`Attaque.sorties`); None where a person has to decide before any."""
    masques = _masquer(mondes, [])
    if lesquelles == "une":
        # A disclosure that the engine declares stops the night until a person has decided.
        for m, x in zip(mondes, masques, strict=True):
            yield None if x is None or "divulguee" in x.values() else [(m, x)]
        return
    registre = [
        r for m, x in zip(mondes, masques, strict=True) if x is not None for r in boite.inscrire(m, x, 1)
    ]
    apres = [revises(m) for m in mondes]
    seconds = _masquer(apres, registre if lesquelles == "revision" else [])
    for m, x, n, y in zip(mondes, masques, apres, seconds, strict=True):
        if x is None or y is None or "divulguee" in y.values():
            yield None
        else:
            yield [(m, x), (n, y)]


def rejouer(mondes: Sequence[Monde], cle: bytes) -> list[Masques]:
    return boite.masquer(mondes, cle=cle)


def chercher(code: str, nature: str, graine: int) -> tuple[list[Sortie] | None, list[Succes]]:
    """What an attack finds in one world."""
    attaque = ATTAQUES[code]
    (siennes,) = sorties([NATURES[nature](graine)], attaque.sorties)
    if siennes is None:
        return None, []
    return siennes, list(attaque.chercher(Assaut(siennes, rejouer)))


@dataclass(frozen=True)
class _Lot:
    """Worlds that are drawn and masked once for several attacks, each with the seed it ends before."""

    nature: str
    sorties: str
    graines: Sequence[int]
    codes: tuple[tuple[str, int], ...]
    audits: int


def _attaquer_lot(lot: _Lot) -> list[Bilan]:
    bilans = {code: Bilan(code) for code, _ in lot.codes}
    a_auditer = dict.fromkeys(bilans, lot.audits)
    mondes = [m for m in map(NATURES[lot.nature], lot.graines) if m.contributeurs]
    for monde, siennes in zip(mondes, sorties(mondes, lot.sorties), strict=True):
        assaut, refusee = Assaut(siennes, rejouer) if siennes else None, None
        for code, fin in lot.codes:
            if monde.graine >= fin:
                continue
            bilan = bilans[code]
            bilan.mondes += 1
            if assaut is None or siennes is None:
                bilan.arretes += 1
                continue
            trouves = list(ATTAQUES[code].chercher(assaut))
            bilan.attaques += len(assaut.protegees)
            if not trouves:
                continue
            bilan.touches += 1
            bilan.trouvees += len({s.forme.vecteur for s in trouves})
            bilan.premiers.append(f"{lot.nature} {monde.graine}: {trouves[0]}")
            bilan.sorties.append((lot.nature, monde.graine, [x for _, x in siennes]))
            if a_auditer[code] and ATTAQUES[code].auditee:
                if refusee is None:
                    refusee = bool(boite.refusee(siennes))
                a_auditer[code] -= 1
                bilan.audites += 1
                bilan.refuses += refusee
    return list(bilans.values())


def attaquer(code: str, nature: str, graines: Sequence[int]) -> Bilan:
    """Make an attack on these worlds."""
    lot = _Lot(nature, ATTAQUES[code].sorties, graines, ((code, max(graines) + 1),), 0)
    (bilan,) = _attaquer_lot(lot)
    return bilan


def juger(code: str, gardees: Iterable[tuple[str, int, list[Masques]]]) -> Bilan:
    """Ask the auditor of this checkout about releases that an engine, perhaps of another, once made."""
    bilan = Bilan(code)
    for nature, graine, masques in gardees:
        bilan.audites += 1
        monde = NATURES[nature](graine)
        if boite.refusee(list(zip((monde, revises(monde)), masques, strict=False))):
            bilan.refuses += 1
        else:
            bilan.premiers.append(f"{nature} {graine}")
    return bilan


def _lots(codes: Sequence[str], mondes: int, premiere: int, audits: int) -> Iterator[_Lot]:
    """Seeds of each nature: those of an attack on several natures are shared between them."""
    fins: dict[tuple[str, str], dict[str, int]] = {}
    for code in codes:
        attaque = ATTAQUES[code]
        fin = premiere - (-mondes // len(attaque.natures))
        for nature in attaque.natures:
            fins.setdefault((nature, attaque.sorties), {})[code] = fin
    for (nature, sortie), siennes in fins.items():
        for debut in range(premiere, max(siennes.values()), _LOT):
            voulus = tuple((code, fin) for code, fin in siennes.items() if fin > debut)
            graines = range(debut, min(debut + _LOT, max(fin for _, fin in voulus)))
            yield _Lot(nature, sortie, graines, voulus, audits)


def mener(
    codes: Sequence[str],
    mondes: int,
    *,
    premiere: int = 0,
    processus: int = 1,
    audits: int = 0,
    dire: Callable[[str], None] = lambda _: None,
) -> dict[str, Bilan]:
    """Make each attack on `mondes` worlds, shared between the natures it is made on.

    `audits`: how many worlds with a success the auditor is asked about, by lot and attack.
    """
    lots = list(_lots(codes, mondes, premiere, audits))
    totaux = {code: Bilan(code) for code in codes}

    def compter(resultats: Iterable[list[Bilan]]) -> None:
        for k, bilans in enumerate(resultats):
            for bilan in bilans:
                totaux[bilan.code].ajouter(bilan)
            dire(f"{k + 1} of {len(lots)} lots")

    if processus == 1:
        compter(map(_attaquer_lot, lots))
    else:
        with multiprocessing.get_context("spawn").Pool(processus) as equipe:
            compter(equipe.imap(_attaquer_lot, lots))
    return totaux
