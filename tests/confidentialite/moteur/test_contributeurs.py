"""Who knows its own cell and can count: what a lone contributor is left with, by enumeration."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from confidentialite.moteur import resolution
from confidentialite.moteur.contributeurs import des_contributeurs
from confidentialite.moteur.ecarts import Ecarts
from confidentialite.moteur.gardes import du_dehors
from confidentialite.moteur.programmes import Bloc, Contrainte
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    Finest,
    Indicateur,
    Monde,
    masquer,
    regles,
)
from tests.confidentialite.moteur.oracle import Masques

NB = Indicateur("nb", "enfants")


def monde(communes: dict[str, Finest], **epci: str) -> Monde:
    """Children by commune, shown by commune and EPCI: all in one, unless said (`e="ab"`)."""
    territoires = {("commune", c): [c] for c in communes}
    territoires |= {("epci", e): list(siennes) for e, siennes in (epci or {"e": "".join(communes)}).items()}
    return Monde({(MILLESIME, "enfants"): communes}, territoires, (NB,))


# The three children of a are one foyer's: b and c are 2 together, and each is one at least.
TROIS = monde({"a": (3, 1, 3), "b": 1, "c": 1, "d": 12, "e": 30})
# As 26015, of which the one foyer has two: of 359, 354 are shown elsewhere.
VALEURS_26015: dict[str, Finest] = {"a": (2, 1, 2), "b": (1, 1, 1), "c": (1, 1, 1), "d": (1, 1, 1)}
COMME_26015 = monde({**VALEURS_26015, "e": 54, "f": 100, "g": 200})


def contributeurs(m: Monde) -> list[list[oracle.Forme]]:
    """What each lone contributor knows: in each commune, all that somebody is alone in."""
    par_commune: dict[frozenset[str], list[oracle.Forme]] = {}
    for f in oracle.seules(m):
        par_commune.setdefault(frozenset(commune for (_, _, commune), _ in f.vecteur), []).append(f)
    return list(par_commune.values())


def trop_sues(m: Monde, masques: Masques, assez: int = 2) -> list[str]:
    """Protected cells of which somebody, with no cell or with its own, has fewer than `assez` values."""
    publication, trouvees = oracle.lire([(m, masques)]), []
    for siennes in ([], *contributeurs(m)):
        propre = oracle.Rang(f.vecteur for f in siennes)
        tables = oracle.Tables(replace(publication, exactes=[*publication.exactes, *siennes]), m)
        for f in oracle.primaires(m):
            if not propre.contient(f.vecteur) and len(tables.valeurs(f, assez)) < assez:
                trouvees.append(f"{f} to {', '.join(map(str, siennes)) or 'all'}")
    return trouvees


def sans_la_garde(monkeypatch: pytest.MonkeyPatch) -> None:
    assert des_contributeurs in resolution.GARDES
    monkeypatch.setattr(resolution, "GARDES", (du_dehors,))


def test_a_lone_foyer_deduces_nothing_of_its_neighbours() -> None:
    masques = masquer(TROIS)
    assert trop_sues(TROIS, masques) == []
    # One more cell is what it costs: the smallest that is left.
    assert masques == {(f"commune:{c}", MILLESIME, "nb") for c in "abcd"}


def test_the_guard_off_a_lone_foyer_deduces_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    sans_la_garde(monkeypatch)
    masques = masquer(TROIS)
    assert masques == {(f"commune:{c}", MILLESIME, "nb") for c in "abc"}
    a = f"enfants commune:a {MILLESIME} = 3"
    assert trop_sues(TROIS, masques) == [f"enfants commune:{c} {MILLESIME} = 1 to {a}" for c in "bc"]


def test_the_one_foyer_of_26015_deduces_nothing_of_three_communes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert COMME_26015.somme("enfants", "epci", "e") == 359
    masques = masquer(COMME_26015)
    assert trop_sues(COMME_26015, masques) == []
    assert masques == {(f"commune:{c}", MILLESIME, "nb") for c in "abcde"}
    sans_la_garde(monkeypatch)
    assert len(trop_sues(COMME_26015, masquer(COMME_26015))) == 3


def test_who_owns_cells_of_two_communes_counts_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places of crèches: an association alone in a and in b knows that c and d share 2, one each."""
    m = monde(
        {
            **{"a": {"asso": 5}, "b": {"asso": 4}, "c": {"x": 1}, "d": {"y": 1}},
            "e": {"x": 9, "y": 8, "z": 7, "t": 6, "u": 5},
        }
    )
    siennes = [oracle.forme(m, "enfants", "commune", c) for c in "ab"]

    def valeurs_de_c(masques: Masques) -> set[int]:
        publication = oracle.lire([(m, masques)])
        tables = oracle.Tables(replace(publication, exactes=[*publication.exactes, *siennes]), m)
        return tables.valeurs(oracle.forme(m, "enfants", "commune", "c"), 2)

    assert len(valeurs_de_c(masquer(m))) == 2
    sans_la_garde(monkeypatch)
    assert valeurs_de_c(masquer(m)) == {1}


def enfants(graine: int) -> Monde:
    """Few communes, few children, of fewer foyers still; one or two EPCI, in half of the worlds a CTG."""
    alea = np.random.default_rng([graine, 12])
    codes = "abcdefg"[: int(alea.integers(3, 8))]
    valeurs: dict[str, Finest] = {}
    for c in codes:
        n = int(alea.choice([0, 1, 1, 1, 1, 1, 2, 4, 9]))
        if n:
            enfants_ = sum(int(alea.choice([1, 1, 2, 3])) for _ in range(n))
            valeurs[c] = (enfants_, n, 3)
    coupe = int(alea.integers(2, len(codes) + 1))
    territoires = {("commune", c): [c] for c in codes} | {("epci", "e"): list(codes[:coupe])}
    if codes[coupe:]:
        territoires["epci", "f"] = list(codes[coupe:])
    if alea.random() < 0.5:
        territoires["ctg", "g"] = [c for c in codes if alea.random() < 0.5] or [codes[0]]
    return Monde({(MILLESIME, "enfants"): valeurs}, territoires, (NB,))


def sues_dans(graines: Iterable[int]) -> list[tuple[int, str]]:
    trouvees = []
    for graine in graines:
        m = enfants(graine)
        trouvees += [(graine, sue) for sue in trop_sues(m, masquer(m))]
    return trouvees


def test_every_whole_table_taken_each_contributor_is_left_with_two_values() -> None:
    assert sues_dans(range(25)) == []


def test_the_drawn_worlds_are_not_easy_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    sans_la_garde(monkeypatch)
    assert len({graine for graine, _ in sues_dans(range(25))}) >= 2


@pytest.mark.drill
def test_no_contributor_of_2999_worlds_knows_a_protected_cell() -> None:
    assert sues_dans(range(2999)) == []


def test_alternatives_min_is_asked_of_contributors_too() -> None:
    m = monde({"a": (3, 1, 3), "b": 1, "c": 2, "d": 12, "e": 30})
    assert trop_sues(m, masquer(m), assez=2) == []
    assert trop_sues(m, masquer(m), assez=3)
    assert trop_sues(m, masquer(m, parametres=regles(alternatives_min=3)), assez=3) == []


def test_whole_numbers_leave_less_than_real_ones() -> None:
    """p moves by two when x, y and z move by one: real numbers reach 2, whole ones do not."""
    x, y, z, p = range(4)
    vraies = {x: 2.0, y: 3.0, z: 3.0, p: 1.0}
    bloc = Bloc()
    bloc.cellules, bloc.planchers = [x, y, z, p], (1.0,) * 4
    for vecteur, bas, haut in (
        ({x: 1, y: 1, p: 1}, 6, 6),
        ({x: 1, z: 1}, 5, 5),
        ({y: 1, z: 1}, 6, 6),
        ({p: 1}, 0, 2),
    ):
        bloc.contraintes.append(Contrainte(vecteur, bas, haut, None, vecteur))
    reels, entiers = (Ecarts(bloc, vraies, entiers=e) for e in (False, True))
    assert reels.chercher({p: 1}, [], 1) == {x: -0.5, y: -0.5, z: 0.5, p: 1.0}
    assert entiers.chercher({p: 1}, [], 1) is None and entiers.etendue({p: 1}, [])[0] == 0
    bloc.contraintes.pop()
    assert Ecarts(bloc, vraies, entiers=True).chercher({p: 1}, [], 1) == {x: -1, y: -1, z: 1, p: 2}
    assert Ecarts(bloc, vraies, entiers=True).chercher({p: 1}, [{z: 1}], 1) is None
