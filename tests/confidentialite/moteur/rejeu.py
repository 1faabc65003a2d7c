"""The attack of whoever runs the engine again: which tables would have been masked as the release is.

Belongs here: small drawn blocks, every table that agrees with what a block shows, and the engine run on each
under keys that are not its own. Calls the engine as a reader would, and looks into nothing of it. Not a test
(`test_rejeu.py`).

An EPCI of 9 shows C 5 and hides A and B, of sum 4: (1, 3), (2, 2), (3, 1). Run on (1, 3) under any key, the
engine hides C too: it is (2, 2).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import product

import numpy as np
import pyarrow as pa

from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.elimination import TOUTES, Defenses
from confidentialite.moteur.groupes import Groupe
from confidentialite.regle.parametres import charger
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, SECRET_COMMUNES, Indicateur, Monde
from tests.confidentialite.moteur.suivi import decider_groupe

Table = tuple[tuple[int, int], ...]
"""Of each commune, the whole and the part; of a block of one count, the part is zero."""
Motif = frozenset[tuple[str, str]]
"""Hidden rows: territory, indicateur."""
Quantite = tuple[str, int]
"""`tout`, `part` or `reste` (what the part leaves of the whole) in a commune."""

SEUIL = 5
INDICATEURS = (Indicateur("nb", "tout"), Indicateur("taux", "part", "tout"))


@dataclass(frozen=True)
class Bloc:
    """An EPCI of a few communes, with one count, or one and a share of it."""

    table: Table
    parts: bool

    @property
    def communes(self) -> list[str]:
        return [f"c{k}" for k in range(len(self.table))]


def tirer(graine: int, parts: bool) -> Bloc:
    """A seeded block of small values, three communes to six."""
    alea = np.random.default_rng([graine, parts])
    communes = int(alea.integers(3, 7))
    touts = [int(t) for t in alea.integers(1, 13, communes)]
    return Bloc(tuple((t, int(alea.binomial(t, alea.uniform())) if parts else 0) for t in touts), parts)


@cache
def _groupe(communes: int, parts: bool) -> Groupe:
    """The group of a block of that form, of any values."""
    codes = [f"c{k}" for k in range(communes)]
    valeurs = {(MILLESIME, m): dict.fromkeys(codes, 9) for m in ("tout", "part")[: 1 + parts]}
    territoires = {**{("commune", c): [c] for c in codes}, ("epci", "e"): codes}
    monde = Monde(valeurs, territoires, INDICATEURS[: 1 + parts])
    (groupe,) = couper(monde.entrees(), charger(), SANS_RELATION).groupes
    return groupe


def motif(table: Table, parts: bool, cle: bytes, defenses: Defenses = TOUTES) -> Motif:
    """What the engine hides of a table under a key; as many foyers as the count says."""
    groupe = _groupe(len(table), parts)
    lignes = [
        {
            **{"millesime": MILLESIME, "cog_millesime": 2022, "mesure_id": mesure, "atome": f"c{k}"},
            **{"contributeurs": "foyers", "valeur": Decimal(valeur), "n": valeur},
        }
        for k, comptes in enumerate(table)
        for mesure, valeur in list(zip(("tout", "part"), comptes, strict=True))[: 1 + parts]
    ]
    communes = pa.Table.from_pylist(lignes, schema=SECRET_COMMUNES)
    cachees = decider_groupe(replace(groupe, communes=communes, cle=cle), defenses).cachees
    return frozenset((c.territoire_id, c.indicateur_id) for c in cachees)


def tables(bloc: Bloc, cachees: Motif) -> Iterator[Table]:
    """Every table that agrees with what a block shows under these masks, the true one among them.

    What is hidden by itself is one at least, since zeros are shown.
    """
    n = len(bloc.table)
    touts = [t for t, _ in bloc.table]
    cherches = [k for k in range(n) if (f"commune:c{k}", "nb") in cachees and _tait(bloc, cachees, k)]
    total = None if ("epci:e", "nb") in cachees else sum(touts[k] for k in cherches)
    for valeurs in _sommes(len(cherches), total, sum(touts) + 4):
        essai = list(touts)
        for k, v in zip(cherches, valeurs, strict=True):
            essai[k] = v
        if not bloc.parts:
            yield tuple((t, 0) for t in essai)
            continue
        for parts in _parts(bloc, cachees, essai):
            yield tuple(zip(essai, parts, strict=True))


def _tait(bloc: Bloc, cachees: Motif, k: int) -> bool:
    """Whether no row of a commune gives its whole: the share does when it is shown."""
    return not bloc.parts or (f"commune:c{k}", "taux") in cachees


def _parts(bloc: Bloc, cachees: Motif, touts: Sequence[int]) -> Iterator[list[int]]:
    n = len(touts)
    vraies = [p for _, p in bloc.table]
    libres = [k for k in range(n) if (f"commune:c{k}", "taux") in cachees]
    total = None if ("epci:e", "taux") in cachees else sum(vraies[k] for k in libres)
    # A share is shown when its part is zero and its whole is.
    bas = [int(("commune:c" + str(k), "nb") not in cachees) for k in libres]
    domaines = [range(b, touts[k] + 1) for k, b in zip(libres, bas, strict=True)]
    for valeurs in product(*domaines[:-1]) if libres else ((),):
        fins: Sequence[int] = ()
        if libres:
            fins = domaines[-1] if total is None else (total - sum(valeurs),)
        for fin in [f for f in fins if f in domaines[-1]] if libres else [None]:
            parts = list(vraies)
            for k, v in zip(libres, [*valeurs, fin], strict=False):
                parts[k] = v  # type: ignore[call-overload]
            yield parts


def _sommes(n: int, total: int | None, haut: int) -> Iterator[tuple[int, ...]]:
    """Whole numbers from one up, of a sum where there is one."""
    if n == 0:
        yield ()
    elif total is None:
        yield from product(range(1, haut), repeat=n)
    elif n == 1:
        if total >= 1:
            yield (total,)
    else:
        for v in range(1, total - n + 2):
            for suite in _sommes(n - 1, total - v, haut):
                yield (v, *suite)


def quantites(table: Table, parts: bool) -> Mapping[Quantite, int]:
    """All that may be small in a table."""
    toutes: dict[Quantite, int] = {}
    for k, (tout, part) in enumerate(table):
        toutes["tout", k] = tout
        if parts:
            toutes["part", k], toutes["reste", k] = part, tout - part
    return toutes


def protegees(bloc: Bloc) -> list[Quantite]:
    """What the rule keeps: one to four persons."""
    return [q for q, v in quantites(bloc.table, bloc.parts).items() if 0 < v < SEUIL]


def devinees(
    bloc: Bloc, cle: bytes, cles: Sequence[bytes], assez: int = 10**9, defenses: Defenses = TOUTES
) -> list[Quantite]:
    """What is protected and keeps one value for whoever runs the engine again under any of some keys.

    `assez`: tables tried, likely ones first; what is left then counts as guessed.
    """
    cachees = motif(bloc.table, bloc.parts, cle, defenses)
    restent = protegees(bloc)
    vraies = quantites(bloc.table, bloc.parts)
    # The same communes in another order first, then the nearest.
    autres = sorted(
        tables(bloc, cachees), key=lambda t: (sorted(t) != sorted(bloc.table), _loin(t, bloc.table))
    )
    for essai in autres[:assez]:
        autre = quantites(essai, bloc.parts)
        if all(autre[q] == vraies[q] for q in restent):
            continue
        if any(motif(essai, bloc.parts, c, defenses) == cachees for c in cles):
            restent = [q for q in restent if autre[q] == vraies[q]]
        if not restent:
            break
    return restent


def _loin(a: Table, b: Table) -> tuple[int, Table]:
    """How far a table is from another; what a part leaves of its whole is as near as the part is."""
    paires = zip(a, b, strict=True)
    return sum(abs(t - u) + min(abs(p - q), abs(p - (u - q))) for (t, p), (u, q) in paires), a
