"""Everything the checks of secrecy are given: one frozen value, built once from the rows and the aggregates.

Belongs here: what is computed before anything is judged, in the order it must be: model, rank tests, bounds.
Does not: any judgement (`controles/`).
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from confidentialite.memoire.lecture import termes
from confidentialite.preuve.bornes import Solutions, borner
from confidentialite.preuve.constats import Cellule, Incident, identifiant_incident
from confidentialite.preuve.construction import construire
from confidentialite.preuve.entrees import Agregats
from confidentialite.preuve.exactitude import Connaissances, connaitre, determinee, valeur_determinee
from confidentialite.preuve.exigences import Exigences
from confidentialite.preuve.lignes import Fond
from confidentialite.preuve.modele import JAMAIS, Forme, Modele, Protegee


@dataclass(frozen=True)
class Dossier:
    """What is known of a build and of every earlier release.

    `savoir`: what all of it determines; `anterieur`: what earlier releases alone do, None without any, worked
    out when it is first asked for. `atteintes`: the protected forms that are determined, `saines` the others,
    whose bounds are `solutions`; `divulguees`: the forms that earlier releases determine by themselves.
    `intimes`: the forms hidden for themselves, None when that is not told. `groupes`: the forms each lone
    contributor knows; `sans_place`: how many of its cells nothing in the marts stands for. `maxima`: the
    largest contribution to a dominated amount. `decides`: the incidents that a person has decided.
    """

    exigences: Exigences
    modele: Modele
    lignes: pd.DataFrame
    territoires: Mapping[tuple[str, str], int]
    micro: frozenset[str]
    agregats: Agregats
    decides: Container[str]
    savoir: Connaissances
    anterieur: Callable[[], Connaissances | None]
    atteintes: tuple[Protegee, ...]
    saines: tuple[Protegee, ...]
    divulguees: frozenset[Forme]
    intimes: frozenset[Forme | None] | None
    groupes: tuple[tuple[Forme, ...], ...]
    sans_place: int
    maxima: Mapping[Forme, float]
    solutions: Solutions

    def dite_avant(self, forme: Forme) -> bool:
        """Whether earlier releases determine the form by themselves."""
        anterieur = self.anterieur()
        return anterieur is not None and determinee(self.modele, anterieur, forme)

    def incidents(self, forme: Forme, cellules: Iterable[Cellule]) -> set[Incident]:
        """Return an incident for each of these cells, which the form stands for."""
        atomes = self.modele.geographie.nom(forme.territoire)
        return {
            Incident(incident, cellule, incident in self.decides)
            for cellule in cellules
            if (incident := identifiant_incident(cellule, atomes))
        }


def instruire(
    fond: Fond,
    exigences: Exigences,
    agregats: Agregats,
    decides: Container[str],
    cache_des_bornes: Path | None,
) -> Dossier:
    """Build the model of these rows, and find what it determines and how closely it bounds the rest."""
    modele = construire(exigences, fond.geographie, fond.lignes, agregats, fond.territoires)
    savoir = connaitre(modele, registre_seul=False)

    @cache
    def anterieur() -> Connaissances | None:
        # Most nights nothing asks for it.
        return connaitre(modele, registre_seul=True) if fond.position.rang else None

    saines, atteintes = [], []
    for protegee in modele.protegees.values():
        if not determinee(modele, savoir, protegee.forme):
            saines.append(protegee)
        elif not _zero_admis(modele, savoir, protegee.forme):
            atteintes.append(protegee)
    avant = anterieur() if atteintes else None
    divulguees = frozenset(p.forme for p in atteintes if avant and determinee(modele, avant, p.forme))
    groupes, sans_place = _groupes(modele, fond.territoires, agregats)
    # What was shown and is hidden now may have been revised: its old value proves nothing of others.
    reste = _sans(modele, divulguees) if divulguees else modele
    savoir_du_reste = connaitre(reste, registre_seul=False) if divulguees else savoir
    solutions = borner(reste, savoir_du_reste, saines, cache_des_bornes)
    return Dossier(
        exigences=exigences,
        modele=modele,
        lignes=fond.lignes,
        territoires=fond.territoires,
        micro=fond.micro,
        agregats=agregats,
        decides=decides,
        savoir=savoir,
        anterieur=anterieur,
        atteintes=tuple(atteintes),
        saines=tuple(saines),
        divulguees=divulguees,
        intimes=_intimes(modele, fond.territoires, agregats),
        groupes=groupes,
        sans_place=sans_place,
        maxima=_maxima(modele, fond.territoires, agregats),
        solutions=solutions,
    )


def _zero_admis(modele: Modele, savoir: Connaissances, forme: Forme) -> bool:
    """Whether a determined form is a zero that protects nobody."""
    return forme in modele.zeros_admis and valeur_determinee(modele, savoir, forme) == 0


def _sans(modele: Modele, formes: Iterable[Forme]) -> Modele:
    """Return the model without what earlier releases alone print of these forms."""
    voulues, priorite = set(formes), modele.priorite.copy()
    for forme in voulues:
        if (seule := modele.unique(forme)) and not modele.courant[seule]:
            priorite[seule] = JAMAIS
    imprimees = {f: lue for f, lue in modele.imprimees.items() if lue.courant or f not in voulues}
    return replace(modele, priorite=priorite, imprimees=imprimees)


def _intimes(
    modele: Modele, territoires: Mapping[tuple[str, str], int], agregats: Agregats
) -> frozenset[Forme | None] | None:
    if agregats.sensibles is None:
        return None
    return frozenset(
        modele.forme_connue(termes(formule), millesime, territoire)
        for millesime, niveau, code, formule in _rangees(agregats.sensibles, "formule")
        if (territoire := territoires.get((niveau, code))) is not None
    )


def _groupes(
    modele: Modele, territoires: Mapping[tuple[str, str], int], agregats: Agregats
) -> tuple[tuple[tuple[Forme, ...], ...], int]:
    groupes: dict[str, list[Forme]] = {}
    sans_place = 0
    for millesime, niveau, code, mesure, contributeur in _rangees(
        agregats.singletons, "mesure_id", "contributeur"
    ):
        territoire = territoires.get((niveau, code))
        if territoire is None:
            sans_place += 1
        elif (forme := modele.forme_connue({mesure: 1}, millesime, territoire)) is not None:
            groupes.setdefault(str(contributeur), []).append(forme)
    return tuple(tuple(groupes[c]) for c in sorted(groupes)), sans_place


def _maxima(
    modele: Modele, territoires: Mapping[tuple[str, str], int], agregats: Agregats
) -> dict[Forme, float]:
    resultat: dict[Forme, float] = {}
    for millesime, niveau, code, mesure, max1 in _rangees(agregats.maxima, "mesure_id", "max1"):
        # A count has contributors of several units (the children of a foyer): dominance is about money.
        territoire = territoires.get((niveau, code))
        if mesure not in modele.montants or territoire is None:
            continue
        if (forme := modele.forme_connue({mesure: 1}, millesime, territoire)) is not None:
            resultat[forme] = float(max1)
    return resultat


def _rangees(table: pa.Table | None, *colonnes: str) -> Iterable[tuple[Any, ...]]:
    """Return `millesime, niveau, code` and these columns of each row; nothing without a table."""
    if table is None:
        return ()
    return zip(*(table[c].to_pylist() for c in ("millesime", "niveau", "code", *colonnes)), strict=True)
