"""Replay: which tables the engine would have masked as it did.

Belongs here: listing the tables that agree with a release of one count of foyers, and running the engine, as
a black box, on each. An attacker knows the code and the parameters; of an engine that chooses under a secret,
it does not know the secret: a table stands as soon as one secret out of a few makes the same masks.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.drills.secret import boite
from tests.drills.secret.boite import Masques
from tests.drills.secret.lecteur import Forme, Lecteur
from tests.drills.secret.mondes import Monde

Rejouer = Callable[[Sequence[Monde], bytes], list[Masques]]
# More tables than this: the block is not small, and is left alone.
_TABLES = 300
_CLES = 40
_LOT = 8


def _tables(lecteur: Lecteur, mesure: str) -> list[dict[str, int]] | None:
    """Every table that agrees with what is shown; None when there are too many."""
    monde, savoir = lecteur.monde, lecteur.savoir()
    sommes: list[tuple[frozenset[str], float, float]] = [
        (frozenset(c for _, c, _ in v), float(x), float(x)) for v, x in savoir.egales
    ]
    sommes += [(frozenset(c for _, c, _ in v), b, h) for v, b, h in savoir.entre]
    communes = list(monde.communes)
    total = next((x for membres, x, y in sommes if len(membres) == len(communes) and x == y), None)
    if total is None:
        return None
    trouvees: list[dict[str, int]] = []

    def possible(table: dict[str, int], reste: set[str]) -> bool:
        for membres, bas, haut in sommes:
            connue = sum(v for c, v in table.items() if c in membres)
            if connue > haut or (not membres & reste and connue < bas):
                return False
        return True

    def chercher(k: int, table: dict[str, int]) -> bool:
        if k == len(communes):
            trouvees.append(dict(table))
            return len(trouvees) <= _TABLES
        reste = set(communes[k + 1 :])
        for v in range(int(total - sum(table.values())) + 1):
            table[communes[k]] = v
            if possible(table, reste) and not chercher(k + 1, table):
                return False
            del table[communes[k]]
        return True

    return trouvees if chercher(0, {}) else None


def _avec(monde: Monde, mesure: str, table: dict[str, int], rang: int) -> Monde:
    """The world of a table, under a millésime of its own."""
    apports = {(mesure, c): {f"{c}/{k}": 1 for k in range(v)} for c, v in table.items()}
    return replace(monde, apports=apports, graine=monde.graine + rang)


def exclure(lecteur: Lecteur, protegees: Sequence[Forme], rejouer: Rejouer) -> Iterator[Forme]:
    """Protected numbers that have one value left over the tables that the engine masks as it did."""
    monde = lecteur.monde
    (mesure,) = monde.mesures
    cachees = [f for f in protegees if (":".join(f.lieu), monde.indicateurs[0]) in lecteur.masques]
    tables = _tables(lecteur, mesure) if cachees else None
    if not tables:
        return
    vraie = {c: monde.case(mesure, c) for c in monde.communes}

    def valeur(f: Forme, table: dict[str, int]) -> int:
        return sum(k * table[c] for (_, c, _), k in f.vecteur)

    ouvertes = [f for f in cachees if any(valeur(f, t) != f.valeur for t in tables)]
    # What has one table only is found without the engine: attack b.
    autres = [t for t in tables if t != vraie]
    while ouvertes and autres:
        autres.sort(key=lambda t: -sum(valeur(f, t) != f.valeur for f in ouvertes))
        lot, autres = autres[:_LOT], autres[_LOT:]
        possibles: set[int] = set()
        for essai in range(_CLES if boite.a_une_cle() else 1):
            voulues = [k for k in range(len(lot)) if k not in possibles]
            if not voulues:
                break
            # Any secret but the installation's own.
            cle = hashlib.sha256(f"{monde.graine} {essai}".encode()).digest()
            rejoues = rejouer([_avec(monde, mesure, lot[k], k) for k in voulues], cle)
            possibles |= {
                k for k, m in zip(voulues, rejoues, strict=True) if m.keys() == lecteur.masques.keys()
            }
        ouvertes = [f for f in ouvertes if all(valeur(f, lot[k]) == f.valeur for k in possibles)]
        autres = [t for t in autres if any(valeur(f, t) != f.valeur for f in ouvertes)]
    yield from ouvertes
