"""Systems that share no constraint: what is unknown, split so that each piece is bounded by itself.

Belongs here: the constraints on what is not known, their connected components, the digest of each. Does not:
solving them (`bornes.py`).
"""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee, moins


@dataclass(slots=True)
class Contrainte:
    """`bas` ≤ sum of coefficient × unknown ≤ `haut`, in hundredths; `priorite` as in the model."""

    vecteur: dict[int, int]
    bas: float
    haut: float
    priorite: int


@dataclass
class Composante:
    """A system of its own: its unknowns, its constraints, and its forms, each with its unknown part and the
    value of the rest."""

    inconnues: list[int] = field(default_factory=list)
    contraintes: list[Contrainte] = field(default_factory=list)
    formes: list[tuple[Protegee, dict[int, int], int]] = field(default_factory=list)


def pas(modele: Modele, forme: Forme) -> float:
    """Return the step between two values of the form: one, or one cent."""
    return 0.01 if any(bloc in modele.blocs_de_montants for bloc, _ in forme.lin) else 1.0


def decouper(
    modele: Modele,
    savoir: Connaissances,
    protegees: Iterable[Protegee],
    liens: Iterable[dict[int, int]] = (),
) -> list[Composante]:
    """Split what is unknown into systems that share no constraint; `liens`: what else ties unknowns.

    For example, with A + B = 10 and C + D = 5, where A, B, C and D are hidden: {A, B} and {C, D}.
    """
    formes = []
    for protegee in protegees:
        vecteur, somme = modele.vecteur(protegee.forme, savoir.connus)
        if vecteur:
            formes.append((protegee, vecteur, somme))
    contraintes = [Contrainte(v, float(s), float(s), p) for v, s, p in savoir.retenues]
    for forme, lu in modele.intervalles.items():
        vecteur, somme = modele.vecteur(forme, savoir.connus)
        if vecteur:
            haut = lu.haut * ECHELLE - somme
            contraintes.append(Contrainte(vecteur, lu.bas * ECHELLE - somme, haut, lu.priorite))
    if modele.exigences.zero_publiable:
        for forme in modele.au_moins_un:
            vecteur, somme = modele.vecteur(forme, savoir.connus)
            if vecteur:
                bas = pas(modele, forme) * ECHELLE - somme
                contraintes.append(Contrainte(vecteur, bas, math.inf, 0))
    univers = {i for c in contraintes for i in c.vecteur} | {i for _, v, _ in formes for i in v}
    contraintes += _majorations(modele, savoir, univers)

    de = _composante_de([*(c.vecteur for c in contraintes), *(v for _, v, _ in formes), *liens])
    composantes: dict[int, Composante] = {}
    for forme_ in formes:
        composantes.setdefault(de[next(iter(forme_[1]))], Composante()).formes.append(forme_)
    for contrainte in contraintes:
        if composante := composantes.get(de[next(iter(contrainte.vecteur))]):
            composante.contraintes.append(contrainte)
    for composante in composantes.values():
        composante.inconnues = sorted(
            {i for c in composante.contraintes for i in c.vecteur}
            | {i for _, v, _ in composante.formes for i in v}
        )
    return list(composantes.values())


def _composante_de(vecteurs: list[dict[int, int]]) -> dict[int, int]:
    """Return the rank of the component of each unknown: those of one vector are in the same one."""
    if not vecteurs:
        return {}
    inconnues = np.fromiter((i for v in vecteurs for i in v), np.int64)
    premieres = np.fromiter((next(iter(v)) for v in vecteurs for _ in v), np.int64)
    noms, rangs = np.unique(np.concatenate([inconnues, premieres]), return_inverse=True)
    un, autre = np.split(rangs, 2)
    liens = coo_array((np.ones(len(un), np.bool_), (un, autre)), shape=(len(noms), len(noms)))
    return dict(zip(noms.tolist(), connected_components(liens, directed=False)[1].tolist(), strict=True))


def _majorations(modele: Modele, savoir: Connaissances, univers: set[int]) -> list[Contrainte]:
    """Parts never exceed their wholes, commune by commune."""
    contraintes = []
    n = modele.nb_atomes
    atomes_par_bloc: dict[int, set[int]] = {}
    for inconnue in univers:
        atomes_par_bloc.setdefault(inconnue // n, set()).add(inconnue % n)
    for num, den in sorted(modele.parts | modele.majorations()):
        blocs = {b for b, _ in (*num, *den)}
        for atome in sorted(set().union(*(atomes_par_bloc.get(b, set()) for b in blocs))):
            if not all(modele.lue(bloc, atome) for bloc in blocs):
                continue
            vecteur: dict[int, int] = {}
            constante = 0
            for bloc, c in moins(den, num):
                if savoir.connus[bloc, atome]:
                    constante += c * int(modele.valeur[bloc, atome])
                else:
                    vecteur[bloc * n + atome] = c
            if vecteur:
                contraintes.append(Contrainte(vecteur, float(-constante), math.inf, 0))
    return contraintes


def empreinte(modele: Modele, composante: Composante) -> str:
    """SHA-256 of a component, told in names that do not depend on the order anything was read in."""
    noms, atomes, n = list(modele.blocs), list(modele.geographie.atomes), modele.nb_atomes

    def dire(vecteur: dict[int, int]) -> list[list[object]]:
        return sorted([*noms[i // n], atomes[i % n], c] for i, c in vecteur.items())

    contenu = {
        "contraintes": sorted(
            [dire(c.vecteur), str(c.bas), str(c.haut), c.priorite] for c in composante.contraintes
        ),
        "formes": [[dire(v), s, pas(modele, p.forme)] for p, v, s in composante.formes],
        "alternatives": modele.exigences.alternatives_min,
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()
