"""Replay: which tables the engine would have masked as it did.

Belongs here: listing the tables that agree with a release of one count or share, and running the engine, as
a black box, on each. An attacker knows the code and the parameters; of an engine that chooses under a secret,
it does not know the secret: a table stands as soon as one secret out of a few makes the same masks.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.drills.secret import boite
from tests.drills.secret.boite import Masques
from tests.drills.secret.calcul import Exact
from tests.drills.secret.lecteur import Forme, Lecteur, Savoir
from tests.drills.secret.mondes import Monde

Rejouer = Callable[[Sequence[Monde], bytes], list[Masques]]
# More tables than this: the block is not small, and is left alone.
_TABLES = 300
_PLAFOND = 40
_CLES = 24
_LOT = 8


def _contraintes(savoir: Savoir, mesure: str) -> list[tuple[dict[str, int], float, float]]:
    """What is known, on one mesure alone: the cells of the others are known, and taken out."""
    lignes = [(v, float(x), float(x)) for v, x in savoir.egales] + savoir.entre
    resultat = []
    for vecteur, bas, haut in lignes:
        connu = sum(k * savoir.vraies[c] for c, k in vecteur.items() if c[0] != mesure)
        siennes = {c[1]: k for c, k in vecteur.items() if c[0] == mesure}
        if siennes:
            resultat.append((siennes, bas - connu, haut - connu))
    return resultat


def _tables(savoir: Savoir, communes: Sequence[str], mesure: str) -> list[dict[str, int]] | None:
    """Every table of one mesure that agrees with what is shown; None when there are too many."""
    contraintes = _contraintes(savoir, mesure)
    plafonds = {
        c: min(
            (h / v[c] if v[c] > 0 else b / v[c])
            for v, b, h in contraintes
            if c in v and len({k > 0 for k in v.values()}) == 1
        )
        for c in communes
    }
    if max(plafonds.values()) > _PLAFOND:
        return None
    trouvees: list[dict[str, int]] = []

    def possible(table: dict[str, int]) -> bool:
        for v, bas, haut in contraintes:
            connue = sum(k * table[c] for c, k in v.items() if c in table)
            reste = [k * plafonds[c] for c, k in v.items() if c not in table]
            if (
                connue + sum(r for r in reste if r < 0) > haut
                or connue + sum(r for r in reste if r > 0) < bas
            ):
                return False
        return True

    def chercher(k: int, table: dict[str, int]) -> bool:
        if k == len(communes):
            trouvees.append(dict(table))
            return len(trouvees) <= _TABLES
        for v in range(int(plafonds[communes[k]]) + 1):
            table[communes[k]] = v
            if possible(table) and not chercher(k + 1, table):
                return False
            del table[communes[k]]
        return True

    return trouvees if chercher(0, {}) else None


def _avec(monde: Monde, mesure: str, table: dict[str, int], rang: int) -> Monde:
    """The world of a table, under a millésime of its own."""
    apports = {(mesure, c): {f"{c}/{k}": 1 for k in range(v)} for c, v in table.items()}
    return replace(monde, apports={**monde.apports, **apports}, graine=monde.graine + rang)


def exclure(lecteur: Lecteur, protegees: Sequence[Forme], rejouer: Rejouer) -> Iterator[Forme]:
    """Protected numbers that have one value left over the tables that the engine masks as it did.

    Of a share, the whole has to be known everywhere: the part alone is listed.
    """
    monde, savoir = lecteur.monde, lecteur.savoir()
    *touts, mesure = sorted(monde.mesures, key=lambda m: -monde.somme(m, ("epci", "200000000")))
    exact = Exact.de(savoir)
    if any(not exact.contient({(m, c, 0): 1}) for m in touts for c in monde.communes):
        return
    caches = {territoire for territoire, _ in lecteur.masques}
    cachees = [f for f in protegees if ":".join(f.lieu) in caches]
    tables = _tables(savoir, monde.communes, mesure) if cachees else None
    if not tables:
        return
    vraie = {c: monde.case(mesure, c) for c in monde.communes}

    def valeur(f: Forme, table: dict[str, int]) -> int:
        return sum(k * (table[c[1]] if c[0] == mesure else savoir.vraies[c]) for c, k in f.vecteur)

    ouvertes = [f for f in cachees if any(valeur(f, t) != f.valeur for t in tables)]
    # What has one table only is found without the engine: attack b.
    autres = [t for t in tables if t != vraie]
    while ouvertes and autres:
        autres.sort(key=lambda t: -sum(valeur(f, t) != f.valeur for f in ouvertes))
        lot, autres = autres[:_LOT], autres[_LOT:]
        for essai in range(_CLES if boite.a_une_cle() else 1):
            # Any secret but the installation's own.
            cle = hashlib.sha256(f"{monde.graine} {essai}".encode()).digest()
            rejoues = rejouer([_avec(monde, mesure, t, k) for k, t in enumerate(lot)], cle)
            for table, masques in zip(list(lot), rejoues, strict=True):
                if masques.keys() == lecteur.masques.keys():
                    lot.remove(table)
                    ouvertes = [f for f in ouvertes if valeur(f, table) == f.valeur]
            lot = [t for t in lot if any(valeur(f, t) != f.valeur for f in ouvertes)]
            if not lot:
                break
        autres = [t for t in autres if any(valeur(f, t) != f.valeur for f in ouvertes)]
    yield from ouvertes
