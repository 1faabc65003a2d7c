"""Brute force: on tiny tables, list every table of integers that fits what is published, and compare.

A masked count is what the auditor says it is exactly when all these tables agree with it.
"""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts
from test_fuites import masques

from confidentialite.preuve.bornes import borner
from confidentialite.preuve.constats import Constats
from confidentialite.preuve.construction import construire
from confidentialite.preuve.entrees import Agregats
from confidentialite.preuve.exactitude import connaitre, determinee
from confidentialite.preuve.lignes import lire
from confidentialite.preuve.modele import Modele, Protegee

Juger = Callable[..., Constats]
CODES = ["26001", "26002", "26003", "26004", "26005"]
RSA = {"nb_rsa": Indicateur("somme", "rsa")}
DEUX = {
    "nb_foyers": Indicateur("somme", "foyers"),
    "part_rsa": Indicateur("ratio", "rsa", "foyers", part=True),
}
MAXIMUM = 6
TABLES = np.array(list(itertools.product(range(MAXIMUM + 1), repeat=len(CODES))))


def monde(graine: int, indicateurs: dict[str, Indicateur]) -> Marts:
    """Draw five communes in two EPCI, a CTG across them, counts and masks."""
    tirage = random.Random(graine)
    epci = {c: tirage.choice(["E1", "E2"]) for c in CODES}
    foyers = {c: tirage.randint(0, 4) for c in CODES}
    valeurs = {("rsa", 2024): {c: tirage.randint(0, foyers[c]) for c in CODES}, ("foyers", 2024): foyers}
    ctg = {"c1": tirage.sample(CODES, tirage.randint(1, 4))}
    marts = Marts(epci, valeurs, indicateurs, ctg=ctg)
    caches: set[tuple[str, int, str]] = set()
    for indicateur, i in indicateurs.items():
        for territoire, membres in marts.territoires().items():
            # Zeros are never masked.
            if marts.somme(i.numerateur, 2024, membres) and tirage.random() < 0.45:
                caches |= masques(territoire, indicateur=indicateur)
    marts.masques = caches
    return marts


def modeliser(marts: Marts) -> Modele:
    with duckdb.connect() as con:
        marts.remplir(con)
        fond = lire(con, Path("no register"), "departement:26", frozenset())
    return construire(EXIGENCES, fond.geographie, fond.lignes, Agregats())


def tables_possibles(marts: Marts) -> list[dict[str, int]]:
    """List the tables of one mesure that fit: published sums exact, masked ones at least one."""
    conviennent = np.ones(len(TABLES), dtype=bool)
    for t, membres in marts.territoires().items():
        sommes = TABLES[:, [CODES.index(c) for c in membres]].sum(axis=1)
        if (t, 2024, "nb_rsa") in marts.masques:
            conviennent &= sommes >= 1
        else:
            conviennent &= sommes == marts.somme("rsa", 2024, membres)
    return [dict(zip(CODES, table, strict=True)) for table in TABLES[conviennent].tolist()]


def couples_possibles(marts: Marts) -> list[dict[str, tuple[int, int]]]:
    """List the tables of foyers and of those with RSA, a part of them, that fit."""
    territoires = marts.territoires()
    par_commune = {}
    for c in CODES:
        foyers = marts.valeurs["foyers", 2024][c]
        masque_foyers = (f"commune:{c}", 2024, "nb_foyers") in marts.masques
        denominateurs = range(1, 5) if masque_foyers else [int(foyers)]
        part_montree = (f"commune:{c}", 2024, "part_rsa") not in marts.masques
        par_commune[c] = [
            (r, f)
            for f in denominateurs
            for r in range(f + 1)
            if not part_montree or (r, f) == (int(marts.valeurs["rsa", 2024][c]), int(foyers))
        ]
    possibles = []
    for essai in itertools.product(*(par_commune[c] for c in CODES)):
        table = dict(zip(CODES, essai, strict=True))
        if all(_convient(marts, t, membres, table) for t, membres in territoires.items()):
            possibles.append(table)
    return possibles


def _convient(marts: Marts, t: str, membres: list[str], table: dict[str, tuple[int, int]]) -> bool:
    rsa, foyers = (sum(table[c][k] for c in membres) for k in (0, 1))
    vrais = marts.somme("rsa", 2024, membres), marts.somme("foyers", 2024, membres)
    nb_montre = (t, 2024, "nb_foyers") not in marts.masques
    if nb_montre and foyers != vrais[1]:
        return False
    if (t, 2024, "part_rsa") not in marts.masques:
        return (rsa, foyers) == vrais
    return foyers >= 1 and (not nb_montre or rsa >= 1)


def somme(modele: Modele, protegee: Protegee, table: dict[str, int]) -> int:
    noms = list(modele.geographie.atomes)
    return sum(
        c * table[noms[a]]
        for _, c in protegee.forme.lin
        for a in modele.geographie.territoires[protegee.forme.territoire].tolist()
    )


@pytest.mark.parametrize("graine", range(40))
def test_exact_means_that_every_table_agrees(graine: int) -> None:
    marts = monde(graine, RSA)
    modele = modeliser(marts)
    savoir = connaitre(modele, registre_seul=False)
    possibles = tables_possibles(marts)
    assert any(t == marts.valeurs["rsa", 2024] for t in possibles)
    solutions = borner(modele, savoir, list(modele.protegees.values()))
    assert not solutions.echecs
    for protegee in modele.protegees.values():
        vues = {somme(modele, protegee, table) for table in possibles}
        if determinee(modele, savoir, protegee.forme):
            assert len(vues) == 1
            continue
        borne = solutions.bornes[protegee.forme]
        # The tables stop at MAXIMUM: where the auditor sees further, they only bound it from inside.
        assert borne.bas <= min(vues) and borne.haut >= max(vues)
        assert len(vues) > 1 or borne.entiers == 1
        if borne.haut <= MAXIMUM:
            assert (borne.bas, borne.haut, borne.entiers) == (min(vues), max(vues), len(vues))


@pytest.mark.parametrize("graine", range(40))
def test_shares_are_bounded_by_their_wholes(graine: int) -> None:
    marts = monde(1000 + graine, DEUX)
    modele = modeliser(marts)
    savoir = connaitre(modele, registre_seul=False)
    possibles = couples_possibles(marts)
    noms = list(modele.blocs)
    atomes = list(modele.geographie.atomes)
    solutions = borner(modele, savoir, list(modele.protegees.values()))
    assert possibles and not solutions.echecs
    for protegee in modele.protegees.values():
        membres = [atomes[a] for a in modele.geographie.territoires[protegee.forme.territoire].tolist()]
        vues = {
            sum(
                coefficient * table[c][0 if noms[bloc][0] == "rsa" else 1]
                for bloc, coefficient in protegee.forme.lin
                for c in membres
            )
            for table in possibles
        }
        if determinee(modele, savoir, protegee.forme):
            assert len(vues) == 1
        else:
            borne = solutions.bornes[protegee.forme]
            assert borne.bas <= min(vues) and borne.haut >= max(vues)
            assert borne.entiers >= len(vues)


@pytest.mark.parametrize("graine", range(15))
def test_a_rank_hit_is_a_width_of_zero(graine: int) -> None:
    """What an elimination determines, a linear program over the same equations pins."""
    marts = monde(2000 + graine, RSA)
    modele = modeliser(marts)
    savoir = connaitre(modele, registre_seul=False)
    ignorant = connaitre(modele, registre_seul=False)
    ignorant.connus = ignorant.connus & False
    ignorant.retenues = [
        *((v, s, 0) for v, s in _equations(modele, ignorant.connus)),
        *(
            ({int(b * modele.nb_atomes + a): 1}, int(modele.valeur[b, a]), 0)
            for b, a in zip(*savoir.connus.nonzero(), strict=True)
        ),
    ]
    solutions = borner(modele, ignorant, list(modele.protegees.values()))
    for protegee in modele.protegees.values():
        if determinee(modele, savoir, protegee.forme):
            borne = solutions.bornes[protegee.forme]
            assert borne.entiers == 1 and borne.bas == borne.haut


def _equations(modele: Modele, connus: object) -> list[tuple[dict[int, int], int]]:
    return [(modele.vecteur(f, connus)[0], lue.valeur) for f, lue in modele.imprimees.items()]  # type: ignore[arg-type]


@pytest.mark.parametrize("graine", range(5))
def test_neither_order_nor_names_change_the_verdict(graine: int, juger: Juger) -> None:
    marts = monde(3000 + graine, RSA)
    premier = juger(marts)
    ordre = CODES[::-1]
    retourne = Marts(
        {c: marts.communes[c] for c in ordre},
        {cle: {c: v[c] for c in ordre} for cle, v in reversed(list(marts.valeurs.items()))},
        marts.indicateurs,
        marts.masques,
        marts.ctg,
    )
    assert juger(retourne).texte() == premier.texte()


@pytest.mark.parametrize("graine", range(5))
def test_one_more_mask_never_adds_a_leak(graine: int, juger: Juger) -> None:
    """And conversely a published table never widens an interval."""
    marts = monde(4000 + graine, RSA)
    avant = {e.cellule for e in juger(marts).echecs if e.nature == "exacte"}
    montrees = [t for t, m in marts.territoires().items() if marts.somme("rsa", 2024, m)]
    for territoire in montrees:
        marts.masques = marts.masques | masques(territoire)
        apres = {e.cellule for e in juger(marts).echecs if e.nature == "exacte"}
        nouvelles = {c for c in apres - avant if c.territoire_id != territoire}
        assert not nouvelles
        avant = apres
