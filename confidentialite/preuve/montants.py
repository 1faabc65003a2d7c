"""Amounts that are hidden for themselves: how far from the largest contribution bounds must stay, for whom.

Belongs here: the margins of an amount, who is second in it, what that one knows, and the bounds it is left
with. Does not: the findings (`controles/encadrement.py`).

C is 600 of g and 380 of h, D 300 of h and 40 of others, both hidden, C + D = 1 320 printed. Outside, C is at
most 1 320; h, who has 300 in D, knows that it is at most 1 020.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from confidentialite.preuve.bornes import Borne, borner
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Intervalle, Modele, Protegee

# Half a cent: bounds are of real numbers, amounts of cents.
CENTIME = 0.005


@dataclass(frozen=True)
class Montant:
    """A protected amount: its value, its two largest contributions, what the others bring."""

    valeur: float
    max1: float
    max2: float
    n: int

    def marge(self, p_pourcent: float) -> float:
        """How far from its largest contribution anybody must be kept."""
        return self.max1 * p_pourcent / 100

    def marge_du_second(self, p_pourcent: float) -> float:
        """The same for the second contributor, from whom the others hide a part already."""
        autres = max(0.0, self.valeur - self.max1 - self.max2)
        return self.marge(p_pourcent) - autres if self.n > 1 else 0.0

    def sommets(self, p_pourcent: float) -> tuple[float, float]:
        """How high it must be able to be to a lone contributor of other cells: without a part of it, and with
        one, who is taken for the second.
        """
        premier = self.max1 + self.marge(p_pourcent)
        return premier, premier + (self.max2 if self.n > 1 else 0.0)


@dataclass(frozen=True)
class Second:
    """Somebody who is second in some amounts, and what it knows of cells: at least, at most."""

    formes: tuple[Forme, ...]
    sues: Mapping[Forme, tuple[float, float]]


def lire_seconds(
    modele: Modele,
    territoires: Mapping[tuple[str, str], int],
    seconds: pa.Table | None,
    parts: pa.Table | None,
) -> tuple[Second, ...]:
    """Place what second contributors know in the model (`entrees.Agregats` says in which tables)."""
    formes: dict[str, list[Forme]] = {}
    sues: dict[str, dict[Forme, tuple[float, float]]] = {}
    if seconds is None or parts is None:
        return ()
    for millesime, niveau, code, mesure, qui in _rangs(
        seconds, "millesime", "niveau", "code", "mesure_id", "contributeur"
    ):
        territoire = territoires.get((niveau, code))
        forme = None if territoire is None else modele.forme_connue({mesure: 1}, millesime, territoire)
        if forme is not None:
            formes.setdefault(qui, []).append(forme)
    for qui, millesime, mesure, atome, cog, bas, haut in _rangs(
        parts, "contributeur", "millesime", "mesure_id", "atome", "cog_millesime", "bas", "haut"
    ):
        if qui not in formes:
            continue
        rang = modele.geographie.commune(atome, int(cog))
        if rang >= modele.nb_atomes:
            # No row bears on that commune.
            continue
        cellule = modele.forme_connue({mesure: 1}, millesime, modele.geographie.territoire([rang]))
        if cellule is not None and modele.unique(cellule):
            sues.setdefault(qui, {})[cellule] = (float(bas), float("inf") if haut is None else float(haut))
    return tuple(Second(tuple(formes[qui]), sues.get(qui, {})) for qui in sorted(formes))


def borner_pour(
    modele: Modele, savoir: Connaissances, second: Second, protegees: Iterable[Protegee]
) -> dict[Forme, Borne]:
    """Return the bounds of some amounts for somebody who knows a part of the cells."""
    intervalles = dict(modele.intervalles)
    for forme, (bas, haut) in second.sues.items():
        dit = intervalles.get(forme)
        if dit is not None:
            bas, haut = max(bas, dit.bas), min(haut, dit.haut)
        intervalles[forme] = Intervalle(bas, haut, 0, False)
    return borner(replace(modele, intervalles=intervalles), savoir, protegees).bornes


def borner_les_seconds(
    modele: Modele,
    savoir: Connaissances,
    seconds: Sequence[Second],
    suffit: Callable[[Forme, Borne, Second], bool],
    saines: Iterable[Protegee],
) -> dict[Forme, tuple[Borne, Second]]:
    """Return the bounds of the amounts that a second contributor may tell closely, for that one.

    All of them are first taken for one, who knows what each does: an amount whose bounds suffice then
    (`suffit`) is not bounded again.
    """
    if not seconds:
        return {}
    voulues = {p.forme: p for p in saines}
    modele, savoir = _en_euros(modele, savoir)
    tous = ensemble(seconds)
    ensemble_ = borner_pour(modele, savoir, tous, [voulues[f] for f in tous.formes if f in voulues])
    bornes: dict[Forme, tuple[Borne, Second]] = {}
    for second in seconds:
        siennes = {f: ensemble_[f] for f in second.formes if f in ensemble_}
        serrees = [voulues[f] for f, b in siennes.items() if not suffit(f, b, second)]
        if serrees and len(seconds) > 1:
            siennes |= borner_pour(modele, savoir, second, serrees)
        bornes |= {f: (b, second) for f, b in siennes.items()}
    return bornes


def serree(
    modele: Modele,
    savoir: Connaissances,
    forme: Forme,
    valeur: float,
    marge: float,
    borne: Borne,
    sues: Mapping[Forme, tuple[float, float]] = MappingProxyType({}),
) -> bool:
    """Whether bounds come nearer to an amount than a margin, below it only where they could be lower.

    `sues`: what is known besides of cells, at least and at most.
    """
    if marge <= 0:
        return False
    if borne.haut < valeur + marge - CENTIME:
        return True
    if borne.bas <= valeur - marge + CENTIME:
        return False
    return borne.bas > _deja_dit(modele, savoir, forme, sues) + CENTIME


def _deja_dit(
    modele: Modele, savoir: Connaissances, forme: Forme, sues: Mapping[Forme, tuple[float, float]]
) -> float:
    """What printed figures, and what somebody knows of its cells, say that an amount holds at least."""
    connus = savoir.connus
    cellules: dict[int, float] = {}
    siens = set(modele.geographie.territoires[forme.territoire].tolist())
    for bloc, _ in forme.lin:
        for atome in siens:
            su = connus[bloc, atome]
            cellules[bloc * modele.nb_atomes + atome] = (
                float(modele.valeur[bloc, atome]) / ECHELLE if su else 0
            )
    for sue, (bas, _) in sues.items():
        for cellule in modele.vecteur(sue, connus)[0]:
            if cellule in cellules:
                cellules[cellule] = max(cellules[cellule], bas)
    meilleur = sum(cellules.values())
    for lue, imprime in modele.imprimees.items():
        if not set(lue.lin) <= set(forme.lin):
            continue
        atomes = modele.geographie.territoires[lue.territoire].tolist()
        if siens.issuperset(atomes):
            dedans = {bloc * modele.nb_atomes + atome for bloc, _ in lue.lin for atome in atomes}
            hors = sum(v for c, v in cellules.items() if c not in dedans)
            meilleur = max(meilleur, imprime.valeur / ECHELLE + hors)
    return meilleur


def _en_euros(modele: Modele, savoir: Connaissances) -> tuple[Modele, Connaissances]:
    """Return what is known of amounts alone: no equation ties them to counts."""
    blocs, n = modele.blocs_de_montants, modele.nb_atomes
    retenues = [r for r in savoir.retenues if all(i // n in blocs for i in r[0])]
    return (
        replace(
            modele,
            intervalles={f: i for f, i in modele.intervalles.items() if all(b in blocs for b, _ in f.lin)},
            au_moins_un={f for f in modele.au_moins_un if all(b in blocs for b, _ in f.lin)},
        ),
        replace(savoir, retenues=retenues),
    )


def ensemble(seconds: Iterable[Second]) -> Second:
    """Return all of them as if they were one, who knows what each does: none is left with less."""
    formes: list[Forme] = []
    sues: dict[Forme, tuple[float, float]] = {}
    for second in seconds:
        formes += second.formes
        for forme, (bas, haut) in second.sues.items():
            b, h = sues.get(forme, (bas, haut))
            sues[forme] = max(b, bas), min(h, haut)
    return Second(tuple(formes), sues)


def _rangs(table: pa.Table, *colonnes: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[c].to_pylist() for c in colonnes), strict=True)
