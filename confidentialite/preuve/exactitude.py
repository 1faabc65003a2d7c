"""Rank tests: which protected forms the published figures determine, alone or with one contributor's own.

Belongs here: eliminating the equations of a model modulo each prime, and reducing the protected forms. Does
not: what non-negativity adds (`bornes.py`), what is done of a finding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from confidentialite.preuve.elimination import Elimination, Vecteur
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee

_PETIT = 1000
"""Beyond, a coefficient modulo a prime is taken for a fraction."""


@dataclass
class Connaissances:
    """What a set of releases determines: what it prints cell by cell, and its other equations, eliminated."""

    connus: npt.NDArray[np.bool_]
    eliminations: tuple[Elimination, ...]
    retenues: list[tuple[Vecteur, int, int]] = field(default_factory=list)
    """Independent equations: unknowns, second member in hundredths, priority."""
    contradictions: int = 0
    _restes: dict[Forme, Vecteur] = field(default_factory=dict)

    def reste(self, modele: Modele, forme: Forme) -> Vecteur:
        """Return what the equations leave of a form modulo the first prime, worked out once."""
        if forme not in self._restes:
            vecteur, _ = modele.vecteur(forme, self.connus)
            self._restes[forme] = self.eliminations[0].reduire(vecteur)[0]
        return self._restes[forme]


def connaitre(modele: Modele, *, registre_seul: bool = False, zeros: bool = False) -> Connaissances:
    """Eliminate the equations of the model, all of them or those of earlier releases alone.

    `zeros`: for somebody who knows where nobody is counted.

    This release speaks before older ones: where a revision contradicts them, its figures are kept. The order
    changes nothing to what is determined.
    """
    connus = modele.connus(registre_seul=registre_seul, zeros=zeros)
    equations: list[tuple[int, int, int, dict[int, int], int]] = []
    for forme, lue in modele.imprimees.items():
        if registre_seul and not lue.registre:
            continue
        vecteur, somme = modele.vecteur(forme, connus)
        equations.append((lue.priorite, len(vecteur), len(equations), vecteur, lue.valeur - somme))
    for plus, moins, valeur, priorite in modele.differences:
        (vecteur, somme), (retire, autre) = (modele.vecteur(f, connus) for f in (plus, moins))
        vecteur |= {i: -c for i, c in retire.items()}
        equations.append((priorite, len(vecteur), len(equations), vecteur, valeur - somme + autre))
    for identite in modele.identites():
        vecteur, second = _sans_connus(modele, identite, connus)
        equations.append((0, len(vecteur), len(equations), vecteur, second))
    equations.sort(key=lambda e: e[:3])
    resultat = Connaissances(connus, tuple(Elimination(p) for p in modele.exigences.premiers))
    for priorite, _, _, vecteur, second in equations:
        restes = [e.reduire(vecteur, second) for e in resultat.eliminations]
        effets = [e.ajouter(*reste) for e, reste in zip(resultat.eliminations, restes, strict=True)]
        if "nouvelle" in effets:
            # What a wide sum adds to the narrow ones is often short: bounds are then found on small systems.
            court = _entiers(resultat.eliminations, restes)
            plus_court = court is not None and len(court[0]) < len(vecteur)
            resultat.retenues.append((*(court if court and plus_court else (vecteur, second)), priorite))
        resultat.contradictions += effets[0] == "contradictoire"
    return resultat


def _entiers(
    eliminations: tuple[Elimination, ...], restes: list[tuple[Vecteur, int]]
) -> tuple[Vecteur, int] | None:
    """Return a remainder with whole coefficients; None when they are not small, or depend on the prime."""
    lus = [
        {i: c if c <= e.premier // 2 else c - e.premier for i, c in reste.items()}
        for e, (reste, _) in zip(eliminations, restes, strict=True)
    ]
    if any(lu != lus[0] for lu in lus) or any(abs(c) > _PETIT for c in lus[0].values()):
        return None
    return lus[0], _entier([(second, e.premier) for e, (_, second) in zip(eliminations, restes, strict=True)])


def _entier(restes: list[tuple[int, int]]) -> int:
    """Return the integer nearest to zero with these two remainders: (remainder, prime) each."""
    (r1, p1), (r2, p2) = restes
    produit = p1 * p2
    entier = (r1 + p1 * ((r2 - r1) * pow(p1, -1, p2) % p2)) % produit
    return entier if entier <= produit // 2 else entier - produit


def _sans_connus(
    modele: Modele, identite: dict[int, int], connus: npt.NDArray[np.bool_]
) -> tuple[dict[int, int], int]:
    inconnues, second = {}, 0
    for inconnue, c in identite.items():
        bloc, atome = divmod(inconnue, modele.nb_atomes)
        if connus[bloc, atome]:
            second -= c * int(modele.valeur[bloc, atome])
        else:
            inconnues[inconnue] = c
    return inconnues, second


def determinee(modele: Modele, savoir: Connaissances, forme: Forme) -> bool:
    """Whether these equations determine the form, modulo either prime."""
    if not savoir.reste(modele, forme):
        return True
    vecteur, _ = modele.vecteur(forme, savoir.connus)
    return any(not e.reduire(vecteur)[0] for e in savoir.eliminations[1:])


def valeur_determinee(modele: Modele, savoir: Connaissances, forme: Forme) -> float | None:
    """Return the value of a determined form, by remainders modulo both primes; None when nothing fixes it.

    For comparing with a threshold only: it goes in no message and no file.
    """
    vecteur, somme = modele.vecteur(forme, savoir.connus)
    restes = []
    for e in savoir.eliminations:
        reste, second = e.reduire(vecteur)
        if reste:
            return None
        restes.append((-second % e.premier, e.premier))
    return (_entier(restes) + somme) / ECHELLE


def lues_par_un_contributeur(
    modele: Modele, savoir: Connaissances, groupes: Iterable[Sequence[Forme]], protegees: Iterable[Protegee]
) -> list[Protegee]:
    """Return the protected forms that someone who owns the cells of one group can compute besides them.

    Whoever knows its own cells adds them to the equations. A protected form falls when nothing remains of it
    then, unless the group's cells alone are enough (it is their own, under another name).
    """
    groupes = list(groupes)
    if not groupes:
        return []
    elimination = savoir.eliminations[0]
    par_inconnue: dict[int, list[Protegee]] = {}
    for protegee in protegees:
        for inconnue in savoir.reste(modele, protegee.forme):
            par_inconnue.setdefault(inconnue, []).append(protegee)
    trouvees: dict[Forme, Protegee] = {}
    for groupe in groupes:
        siens, savoir_propre = Elimination(elimination.premier), Elimination(elimination.premier)
        touchees: dict[Forme, Protegee] = {}
        for forme in groupe:
            reste = savoir.reste(modele, forme)
            siens.ajouter(reste, 0)
            savoir_propre.ajouter(modele.vecteur(forme, savoir.connus)[0], 0)
            for inconnue in reste:
                touchees |= {p.forme: p for p in par_inconnue.get(inconnue, ())}
        for forme, protegee in touchees.items():
            reste = savoir.reste(modele, forme)
            if reste and not siens.reduire(reste)[0]:
                vecteur, _ = modele.vecteur(forme, savoir.connus)
                if savoir_propre.reduire(vecteur)[0]:
                    trouvees[forme] = protegee
    return list(trouvees.values())
