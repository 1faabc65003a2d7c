"""No more is hidden than safety asks for, and a total is hidden where that costs readers less."""

from dataclasses import replace

import pytest

from confidentialite.moteur import allegement
from confidentialite.moteur import decision as decisions
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.resolution import Solution
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Indicateur,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
    territoire_synthetique,
)
from tests.confidentialite.moteur.suivi import decider_groupe

NB = Indicateur("nb", "nb")
PART = Indicateur("part", "part", "nb", niveaux=("commune",))


def decider(m: Monde, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Chantier, Solution]]:
    """Each group's system once it is decided."""
    vues: list[tuple[Chantier, Solution]] = []

    def alleger(chantier: Chantier, solution: Solution) -> Solution:
        allegee = allegement.alleger(chantier, solution)
        vues.append((chantier, allegee))
        return allegee

    with monkeypatch.context() as pendant:
        pendant.setattr(decisions, "alleger", alleger)
        for groupe in couper(m.entrees(), regles(), SANS_RELATION).groupes:
            decider_groupe(groupe)
    return vues


@pytest.mark.parametrize("graine", range(60))
def test_no_secondary_can_be_shown(graine: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one, shown besides all that is, gives a protected forme away, or is refused by a guard."""
    m = monde_aleatoire(graine, 2 + graine % 2, 5, maximum=9)
    for chantier, solution in decider(m, monkeypatch):
        for forme in chantier.systeme.formes:
            if not forme.montree or forme.publiee or forme.protegee:
                continue
            photo = chantier.photographier()
            solution.pour.setdefault(id(forme), forme)
            issue = allegement.Essais(chantier, solution).montrer(forme)
            assert isinstance(issue, allegement.Refus), forme
            assert chantier.photographier() == photo


def test_what_a_guard_had_hidden_first_is_shown_again_where_what_came_after_does() -> None:
    m = territoire_synthetique(1, 67, 4_120)
    avec = masquer(m)
    with pytest.MonkeyPatch.context() as pendant:
        pendant.setattr(decisions, "alleger", lambda _, solution: solution)
        sans = masquer(m)
    assert len(avec) < len(sans)


def bourg(habitants_de_b: int) -> Monde:
    """An EPCI of a, 3 foyers and 100 inhabitants, and of b, 40 foyers; communes show a share of nb too."""
    return Monde(
        {(MILLESIME, "nb"): {"a": 3, "b": 40}, (MILLESIME, "part"): {"b": 20}},
        {("commune", "a"): ["a"], ("commune", "b"): ["b"], ("epci", "e"): ["a", "b"]},
        (NB, PART),
        habitants={
            ("commune", "a"): 100,
            ("commune", "b"): habitants_de_b,
            ("epci", "e"): 100 + habitants_de_b,
        },
    )


def caches(m: Monde) -> set[str]:
    return {f"{territoire} {indicateur}" for territoire, _, indicateur in masquer(m)}


def test_a_total_is_hidden_where_that_costs_readers_less() -> None:
    """b is read in two rows of 900 inhabitants each, its EPCI in one of 1 000."""
    assert caches(bourg(900)) == {"commune:a nb", "commune:a part", "epci:e nb"}
    (groupe,) = couper(bourg(900).entrees(), regles(), SANS_RELATION).groupes
    proteges = {c.territoire_id: c.protege for c in decider_groupe(groupe).cachees}
    assert proteges["epci:e"] == "nb commune:a"


def test_only_a_total_that_is_shown_is_tried_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one that is protected: to be tried, it would be protected no more."""
    m = replace(bourg(900), valeurs={(MILLESIME, "nb"): {"a": 3, "b": 1}, (MILLESIME, "part"): {"b": 1}})
    ((chantier, _),) = decider(m, monkeypatch)
    assert not [f for f in chantier.systeme.formes if f.publiee]
    assert allegement._totaux(chantier) == [] and allegement._economies(chantier) == {}


def test_a_total_is_shown_where_hiding_it_costs_as_much() -> None:
    """Two rows of 100 inhabitants, or one of 200."""
    assert caches(bourg(100)) == {"commune:a nb", "commune:a part", "commune:b nb", "commune:b part"}


def test_what_a_territory_weighs_is_part_of_what_a_decision_depends_on() -> None:
    deux = [couper(bourg(n).entrees(), regles(), SANS_RELATION).groupes[0].faits() for n in (900, 100)]
    assert deux[0] != deux[1]
