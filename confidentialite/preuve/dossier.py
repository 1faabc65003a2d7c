"""Everything the checks of secrecy are given: one frozen value, built once from the rows and the aggregates.

Belongs here: what is computed before anything is judged, in the order it must be: model, rank tests, bounds.
Does not: any judgement (`controles/`).
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from confidentialite.memoire.lecture import termes
from confidentialite.preuve.attributs import Reste, restes_sensibles
from confidentialite.preuve.bornes import Borne, Solutions, borner
from confidentialite.preuve.constats import Cellule, Incident, identifiant_incident
from confidentialite.preuve.construction import construire
from confidentialite.preuve.contributeurs import Restes, restes_des_contributeurs
from confidentialite.preuve.entrees import Agregats
from confidentialite.preuve.exactitude import Connaissances, connaitre, determinee, valeur_determinee
from confidentialite.preuve.exigences import Exigences
from confidentialite.preuve.lignes import Fond
from confidentialite.preuve.modele import ECHELLE, JAMAIS, Forme, Modele, Protegee
from confidentialite.preuve.montants import Montant, Second, borner_les_seconds, lire_seconds, serree


@dataclass(frozen=True)
class Dossier:
    """What is known of a build and of every earlier release.

    `savoir`: what all of it determines; `averti`: what it does to somebody who knows where nobody is counted;
    `anterieur`: what earlier releases alone do to them, None without any, worked out when it is first asked
    for; `deja_su`: the same without the zeros of this build, to be set beside `savoir`.
    `atteintes`: the protected forms that are determined, `saines` the others, whose bounds are
    `solutions` where zeros determine nothing either; `divulguees`: the forms that earlier releases determine
    by themselves; `oubliees`: those of them that bounds do without.
    `intimes`: the forms hidden for themselves, None when that is not told. `groupes`: the forms each lone
    contributor knows, `propres` what each of these is; `sans_place`: how many of its cells nothing in the
    marts stands for; `seuls`: what contributors are left with. `montants`: the amounts hidden for themselves;
    `pour_le_second`: the bounds that some leave to their second contributor; `restes_sensibles`: what
    sensitive parts leave of their wholes, bounded where it is not determined. `decides`: the incidents that a
    person has decided.
    """

    exigences: Exigences
    modele: Modele
    lignes: pd.DataFrame
    territoires: Mapping[tuple[str, str], int]
    micro: frozenset[str]
    agregats: Agregats
    decides: Container[str]
    savoir: Connaissances
    averti: Connaissances
    anterieur: Callable[[], Connaissances | None]
    deja_su: Callable[[], Connaissances | None]
    atteintes: tuple[Protegee, ...]
    saines: tuple[Protegee, ...]
    divulguees: frozenset[Forme]
    oubliees: frozenset[Forme]
    intimes: frozenset[Forme | None] | None
    groupes: tuple[tuple[Forme, ...], ...]
    propres: Mapping[Forme, int]
    sans_place: int
    seuls: Restes
    montants: Mapping[Forme, Montant]
    restes_sensibles: Sequence[Reste]
    pour_le_second: Mapping[Forme, tuple[Borne, Second]]
    solutions: Solutions

    def anodine(self, protegee: Protegee) -> bool:
        """Whether a form says nothing by itself: a term that is nobody's, of ratios of an unknown other term.

        17 of 41 families were shown of commune A, and 338 of 852 in its EPCI; all four grow by one, and the
        new 42 is hidden for others: 18 follows from the 321 that are left, and 18 of nobody knows how many is
        no share. Only of cells of this release, whose forms that are hidden for themselves are told.
        """
        if self.intimes is None or not protegee.courante:
            return False
        if protegee.en_soi or protegee.forme in self.intimes:
            return False
        return not any(determinee(self.modele, self.savoir, f) for f in protegee.avec)

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
    modele.nulles = _nulles(modele, fond.territoires, agregats)
    savoir, averti = connaitre(modele), connaitre(modele, zeros=True)

    @cache
    def anterieur() -> Connaissances | None:
        # Most nights nothing asks for it.
        return connaitre(modele, registre_seul=True, zeros=True) if fond.position.rang else None

    @cache
    def deja_su() -> Connaissances | None:
        return connaitre(modele, registre_seul=True) if fond.position.rang else None

    saines, atteintes = [], []
    for protegee in modele.protegees.values():
        if not determinee(modele, savoir, protegee.forme):
            saines.append(protegee)
        elif not _zero_admis(modele, savoir, protegee.forme):
            atteintes.append(protegee)
    avant = anterieur() if atteintes else None
    divulguees = frozenset(p.forme for p in atteintes if avant and determinee(modele, avant, p.forme))
    groupes, propres, sans_place, parts = _groupes(modele, fond.territoires, agregats)
    # What was shown and is hidden now may have been revised: where nothing tells, its old value proves none
    # of the others.
    oubliees = divulguees if agregats.fines is None else frozenset()
    reste = _sans(modele, oubliees) if oubliees else modele
    savoir_du_reste = connaitre(reste) if oubliees else savoir
    averti_du_reste = connaitre(reste, zeros=True) if oubliees else averti
    sensibles = restes_sensibles(modele, fond.lignes)
    a_borner = {
        r.forme: Protegee(r.forme, set(r.cellules))
        for r in sensibles
        # Of a known whole, a part that must be all of it is a part of which one value is left.
        if r.forme not in modele.protegees and not determinee(modele, savoir, r.tout)
    }
    ouvertes = [p for p in saines if not determinee(reste, averti_du_reste, p.forme)]
    solutions = borner(reste, averti_du_reste, [*ouvertes, *a_borner.values()], cache_des_bornes)
    intimes = _intimes(modele, fond.territoires, agregats)
    montants = _montants(modele, fond.territoires, agregats)
    seuls = restes_des_contributeurs(
        reste,
        savoir_du_reste,
        groupes,
        propres,
        [p for p in saines if intimes is None or p.forme in intimes],
        cache_des_bornes and cache_des_bornes.with_stem(f"{cache_des_bornes.stem}_contributeurs"),
        {f: montant.sommets(exigences.p_pourcent) for f, montant in montants.items()},
        parts,
    )
    seconds = lire_seconds(modele, fond.territoires, agregats.seconds, agregats.parts)

    def suffit(forme: Forme, borne: Borne, second: Second) -> bool:
        if (montant := montants.get(forme)) is None:
            return True
        marge = montant.marge_du_second(exigences.p_pourcent)
        return not serree(reste, savoir_du_reste, forme, montant.valeur, marge, borne, second.sues)

    pour_le_second = borner_les_seconds(reste, savoir_du_reste, seconds, suffit, saines)
    return Dossier(
        exigences=exigences,
        modele=modele,
        lignes=fond.lignes,
        territoires=fond.territoires,
        micro=fond.micro,
        agregats=agregats,
        decides=decides,
        savoir=savoir,
        averti=averti,
        anterieur=anterieur,
        deja_su=deja_su,
        atteintes=tuple(atteintes),
        saines=tuple(saines),
        divulguees=divulguees,
        oubliees=oubliees,
        intimes=intimes,
        groupes=groupes,
        propres=propres,
        sans_place=sans_place,
        seuls=seuls,
        montants=montants,
        restes_sensibles=sensibles,
        pour_le_second=pour_le_second,
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


def _nulles(
    modele: Modele, territoires: Mapping[tuple[str, str], int], agregats: Agregats
) -> npt.NDArray[np.bool_] | None:
    """Return which unknowns count nobody; a figure that is printed of one of them speaks first."""
    if agregats.zeros is None:
        return None
    nulles: npt.NDArray[np.bool_] = np.zeros(modele.priorite.shape, np.bool_)
    for millesime, niveau, code, mesure in _rangees(agregats.zeros, "mesure_id"):
        territoire = territoires.get((niveau, code))
        forme = None if territoire is None else modele.forme_connue({mesure: 1}, millesime, territoire)
        if forme is not None and (seule := modele.unique(forme)):
            nulles[seule] = True
    nulles &= modele.priorite == JAMAIS
    return nulles


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
) -> tuple[tuple[tuple[Forme, ...], ...], dict[Forme, int], int, list[frozenset[int]]]:
    """The cells of each lone contributor, their figures, how many have no place, what each has a part of.

    A gestionnaire has a part where it is named; a foyer, who is not, may have one of all that is in its
    commune.
    """
    groupes: dict[str, list[Forme]] = {}
    propres: dict[Forme, int] = {}
    nommes: set[str] = set()
    sans_place = 0
    for millesime, niveau, code, mesure, valeur, contributeur, nomme in _rangees(
        agregats.singletons, "mesure_id", "valeur", "contributeur", "nomme"
    ):
        territoire = territoires.get((niveau, code))
        if territoire is None:
            sans_place += 1
        elif (forme := modele.forme_connue({mesure: 1}, millesime, territoire)) is not None:
            groupes.setdefault(contributeur, []).append(forme)
            if nomme:
                nommes.add(contributeur)
            propres[forme] = round(valeur * ECHELLE)
    leurs: dict[str, set[int]] = {}
    for millesime, mesure, atome, cog, qui in _colonnes(
        agregats.parts, "millesime", "mesure_id", "atome", "cog_millesime", "contributeur"
    ):
        if qui in groupes and (mesure, millesime) in modele.blocs:
            rang = modele.geographie.commune(atome, int(cog))
            if rang < modele.nb_atomes:
                bloc = modele.blocs[mesure, millesime]
                leurs.setdefault(qui, set()).add(bloc * modele.nb_atomes + rang)
    parts = [
        frozenset(leurs.get(c, ()) if c in nommes else _de_ses_communes(modele, siennes))
        for c, siennes in sorted(groupes.items())
    ]
    return tuple(tuple(groupes[c]) for c in sorted(groupes)), propres, sans_place, parts


def _de_ses_communes(modele: Modele, siennes: Iterable[Forme]) -> set[int]:
    n = modele.nb_atomes
    atomes = {a for f in siennes if (a := modele.geographie.seul(f.territoire)) is not None}
    return {bloc * n + atome for bloc in modele.blocs_de_montants for atome in atomes}


def _montants(
    modele: Modele, territoires: Mapping[tuple[str, str], int], agregats: Agregats
) -> dict[Forme, Montant]:
    resultat: dict[Forme, Montant] = {}
    for millesime, niveau, code, mesure, valeur, max1, max2, n in _rangees(
        agregats.maxima, "mesure_id", "valeur", "max1", "max2", "n"
    ):
        # A count has contributors of several units (the children of a foyer): dominance is about money.
        territoire = territoires.get((niveau, code))
        if mesure not in modele.montants or territoire is None:
            continue
        if (forme := modele.forme_connue({mesure: 1}, millesime, territoire)) is not None:
            resultat[forme] = Montant(float(valeur), float(max1), float(max2), int(n))
    return resultat


def _colonnes(table: pa.Table | None, *colonnes: str) -> Iterable[tuple[Any, ...]]:
    """Return these columns of each row; nothing without a table."""
    return () if table is None else zip(*(table[c].to_pylist() for c in colonnes), strict=True)


def _rangees(table: pa.Table | None, *colonnes: str) -> Iterable[tuple[Any, ...]]:
    """Return `millesime, niveau, code` and these columns of each row; nothing without a table."""
    if table is None:
        return ()
    return zip(*(table[c].to_pylist() for c in ("millesime", "niveau", "code", *colonnes)), strict=True)
