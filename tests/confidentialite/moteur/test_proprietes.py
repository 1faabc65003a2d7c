"""Seeded random worlds against an oracle that shares nothing with the engine (`oracle.py`)."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from confidentialite import masquer as etape
from confidentialite.moteur.elimination import Defenses
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
    territoire_synthetique,
)
from tests.confidentialite.moteur.suivi import Resultat, decider, intervalles

P1 = regles().premiers.valeur[0]
MONDES = [
    (dimensions, communes, graine) for dimensions in (2, 3, 4) for communes in (5, 8) for graine in range(6)
]
MINUSCULES = [(dimensions, 4, graine) for dimensions in (2, 3, 4) for graine in range(12)]
SENSIBLES = frozenset({"part_a"})


@cache
def monde_masque(dimensions: int, communes: int, graine: int) -> tuple[Monde, oracle.Masques, Resultat]:
    monde = replace(monde_aleatoire(graine, dimensions, communes), sensibles=SENSIBLES)
    resultat = decider(monde.entrees(), regles(), SANS_RELATION)
    return monde, {(m.territoire_id, m.millesime, m.indicateur_id) for m in resultat.masques}, resultat


def test_the_seeded_worlds_hold_what_they_promise() -> None:
    mondes = [monde_aleatoire(graine, d, c) for d, c, graine in MONDES]
    for monde, (d, c, _) in zip(mondes, MONDES, strict=True):
        assert len(monde.indicateurs) == d
        assert sum(n == "commune" for n, _ in monde.territoires) == c
        epci = [set(v) for (n, _), v in monde.territoires.items() if n == "epci"]
        assert any(len(e) == 1 for e in epci) and all(not a & b for a, b in pairwise(epci))
        assert all(f"c{c - 1:02d}" not in valeurs for valeurs in monde.valeurs.values())
    # Overlapping zonings, zeros beside values, all-of-a-kind communes.
    assert any(
        set(m.territoires["ctg", "g"]) & set(m.territoires["epci", "e1"]) != set(m.territoires["epci", "e1"])
        for m in mondes
    )
    assert any(set(m.valeurs[MILLESIME, "part_a"]) < set(m.valeurs[MILLESIME, "tout"]) for m in mondes)
    assert any(
        m.valeurs[MILLESIME, "part_a"].get(c) == v
        for m in mondes
        for c, v in m.valeurs[MILLESIME, "tout"].items()
    )


@pytest.mark.parametrize("cle", MONDES, ids=str)
def test_no_protected_cell_is_exact_nor_in_reach_of_a_lone_contributor(cle: tuple[int, int, int]) -> None:
    monde, masques, _ = monde_masque(*cle)
    protegees = oracle.primaires(monde, SENSIBLES)
    assert protegees
    assert oracle.exactes([(monde, masques)], protegees) == []
    assert oracle.lignes_recalculables([(monde, masques)]) == []
    assert oracle.a_la_portee([(monde, masques)], protegees, oracle.seules(monde)) == []


@pytest.mark.parametrize("cle", MINUSCULES, ids=str)
def test_every_integer_table_taken_each_hidden_cell_keeps_two_values(cle: tuple[int, int, int]) -> None:
    monde, masques, _ = monde_masque(*cle)
    publication = oracle.lire([(monde, masques)])
    tables = oracle.Tables(publication, monde)
    rang = publication.rang()
    indicateurs = {i.indicateur_id: i for i in monde.indicateurs}
    # Not only primaries: whatever a masked row hides.
    cachees = {f.vecteur: f for f in oracle.primaires(monde, SENSIBLES)}
    for ligne in monde.cellules():
        if (ligne["territoire_id"], ligne["millesime"], ligne["indicateur_id"]) in masques:
            i = indicateurs[ligne["indicateur_id"]]
            for f in oracle.formes_de(monde, i, ligne["niveau"], ligne["code"], ligne["millesime"]):
                if not rang.contient(f.vecteur):
                    cachees[f.vecteur] = f
    for f in cachees.values():
        assert len(tables.valeurs(f, 2)) == 2, f


def chevauchements(graine: int, dimensions: int) -> Monde:
    """Three more perimeters that overlap each other; half of these worlds show nothing by commune."""
    m = monde_aleatoire(graine, dimensions, 6, maximum=6)
    alea = np.random.default_rng([graine, 7])
    communes = [c for n, c in m.territoires if n == "commune"]
    territoires = dict(m.territoires)
    for k in range(3):
        territoires["ctg", f"h{k}"] = [c for c in communes if alea.random() < 0.5] or communes[:1]
    larges = ("epci", "ctg", "departement") if graine % 2 else ()
    return replace(
        m, territoires=territoires, indicateurs=tuple(replace(i, niveaux=larges) for i in m.indicateurs)
    )


@pytest.mark.parametrize("graine", range(10))
def test_overlapping_perimeters_and_foyers_that_know_all_of_their_commune(graine: int) -> None:
    m = chevauchements(graine, 2)
    masques = masquer(m)
    protegees = oracle.primaires(m)
    assert protegees
    assert oracle.exactes([(m, masques)], protegees) == []
    publication = oracle.lire([(m, masques)])
    tables = oracle.Tables(publication, m, marge=8)
    for f in protegees:
        assert len(tables.valeurs(f, 2)) == 2, f
    # The one foyer of a commune knows every cell of it, where the commune is shown: not one cell at a time.
    if m.indicateurs[0].niveaux:
        return
    for commune, n in m.valeurs[MILLESIME, "tout"].items():
        if n != 1:
            continue
        siennes = [(a, mesure, commune) for (a, mesure), v in m.valeurs.items() if v.get(commune)]
        rang = publication.rang()
        for case in siennes:
            rang.ajouter([(case, 1)])
        autres = [f for f in protegees if not {c for c, _ in f.vecteur} <= set(siennes)]
        assert not [f for f in autres if rang.contient(f.vecteur)]


def test_hiding_primaries_only_leaks_in_most_worlds() -> None:
    """The property is no accident of easy worlds: without secondaries, it fails."""
    fuites = 0
    for cle in MONDES:
        monde, _, _ = monde_masque(*cle)
        nus = decider(
            monde.entrees(),
            regles(),
            SANS_RELATION,
            Defenses(secondaires=False, bornes=False),
        )
        masques = {(m.territoire_id, m.millesime, m.indicateur_id) for m in nus.masques}
        fuites += bool(oracle.exactes([(monde, masques)], oracle.primaires(monde, SENSIBLES)))
    assert fuites > len(MONDES) / 2


def test_a_rank_hit_is_an_interval_of_no_width() -> None:
    touchees = 0
    for cle in MONDES:
        monde, _, _ = monde_masque(*cle)
        sans = Defenses(secondaires=False, bornes=False)
        resultat = decider(monde.entrees(), regles(), SANS_RELATION, sans)
        for systeme, espace in zip(resultat.systemes, resultat.espaces, strict=True):
            trahies = espace.trahies()
            for intervalle in intervalles(systeme, P1, zero_connu=True):
                if any(intervalle.forme is f for f in trahies):
                    touchees += 1
                    assert intervalle.haut - intervalle.bas == pytest.approx(0, abs=1e-6)
                    assert intervalle.entiers() == 1
    assert touchees > len(MONDES)


@pytest.mark.parametrize("cle", MONDES[::3], ids=str)
def test_the_interval_of_a_hidden_forme_holds_its_true_value(cle: tuple[int, int, int]) -> None:
    *_, resultat = monde_masque(*cle)
    lus = 0
    for systeme in resultat.systemes:
        vraies = {id(f): v for f, v in zip(systeme.formes, systeme.valeurs, strict=True)}
        for intervalle in intervalles(systeme, P1, zero_connu=True):
            lus += 1
            assert intervalle.bas - 1e-6 <= vraies[id(intervalle.forme)] <= intervalle.haut + 1e-6
            assert intervalle.entiers() >= 2
    assert lus


def _octets(table: pa.Table) -> bytes:
    tampon = pa.BufferOutputStream()
    with pa.ipc.new_file(tampon, table.schema) as flux:
        flux.write_table(table)
    return tampon.getvalue().to_pybytes()


@pytest.mark.parametrize("cle", [(3, 8, 2), (4, 8, 5)], ids=str)
def test_masks_are_byte_identical_on_rerun(cle: tuple[int, int, int]) -> None:
    entrees = monde_masque(*cle)[0].entrees()
    premiere = etape(entrees)
    assert premiere.num_rows
    assert _octets(premiere) == _octets(etape(entrees))


@pytest.mark.parametrize("graine", [1, 2])
def test_an_epci_of_67_communes_with_amounts(graine: int) -> None:
    """The synthetic EPCI of the specification: counts, shares, families, amounts, an overlapping CTG."""
    monde = territoire_synthetique(1, 67, 4_120, graine)
    resultat = decider(monde.entrees(), regles(), SANS_RELATION)
    masques = {(m.territoire_id, m.millesime, m.indicateur_id) for m in resultat.masques}
    protegees = oracle.primaires(monde, monde.sensibles)
    assert len(protegees) > 100
    assert oracle.exactes([(monde, masques)], protegees) == []
    assert oracle.lignes_recalculables([(monde, masques)]) == []
    assert oracle.a_la_portee([(monde, masques)], protegees, oracle.seules(monde)) == []
