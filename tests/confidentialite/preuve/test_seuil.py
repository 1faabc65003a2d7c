"""A threshold that the Caf raises: what releases told under the lower one is for a person to decide."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from petits_marts import EXIGENCES, Marts
from test_fuites import COMMUNES, PART, RSA, masques, natures, singletons
from test_montants import DEUX_FOIS, EPCI, EXIGE, VINGT_MILLE, agregats
from test_montants import marts as montants

from confidentialite.preuve.constats import Constats
from tests.confidentialite.moteur.montants import Lieu, Parts, Protege

Juger = Callable[..., Constats]
Publier = Callable[[Marts, str], Path]
ONZE = replace(EXIGENCES, seuil=11)


def incidents(constats: Constats) -> set[tuple[str, str]]:
    return {(i.cellule.territoire_id, i.cellule.indicateur_id) for i in constats.incidents}


def test_what_a_lone_contributor_was_told_of_a_count_that_became_small_is_an_incident(
    juger: Juger, publier: Publier
) -> None:
    """Of 10 in two hidden communes, 3 are one foyer's, which knew the 7 that 5 did not protect."""
    deux = Marts(
        COMMUNES,
        {("rsa", 2024): {"26001": 3, "26002": 7, "26003": 40, "26004": 30, "26005": 30, "26006": 30}},
        RSA,
        masques("26001", "26002"),
    )
    seul = singletons(("26001", "a", 3))
    assert natures(juger(deux, exigences=ONZE, singletons=seul)) == {
        ("contributeur", "commune:26002", "nb_rsa")
    }
    publier(deux, "r1")
    constats = juger(deux, exigences=ONZE, singletons=seul)
    assert not constats.echecs and incidents(constats) == {("commune:26002", "nb_rsa")}


def test_a_term_that_nothing_prints_any_more_and_that_became_small_is_an_incident(
    juger: Juger, publier: Publier
) -> None:
    foyers = {"26001": 7, "26002": 40, "26003": 60, "26004": 50, "26005": 50, "26006": 50}
    rsa = {"26001": 3, "26002": 12, "26003": 20, "26004": 20, "26005": 20, "26006": 20}
    m = Marts(COMMUNES, {("foyers", 2024): foyers, ("rsa", 2024): rsa}, PART)
    m.masques = masques("26001", "26002", indicateur="part_rsa")
    publier(m, "r1")
    sans_foyers = replace(m, indicateurs={"part_rsa": PART["part_rsa"]})
    constats = juger(sans_foyers, exigences=ONZE)
    assert not constats.echecs and incidents(constats) == {("commune:26001", "part_rsa")}


@pytest.mark.parametrize("seuil", [5, 11])
def test_nobody_among_the_few_that_a_producer_prints_may_be_shown(juger: Juger, seuil: int) -> None:
    """0 with the RSA among the 5 foyers that Cafdata prints; counted here, 5 would be too few."""
    foyers = {"26001": 5, "26002": 40, "26003": 60, "26004": 50, "26005": 50, "26006": 50}
    rsa = {"26002": 20, "26003": 30, "26004": 25, "26005": 25, "26006": 25}
    m = Marts(COMMUNES, {("foyers", 2024): foyers, ("rsa", 2024): rsa}, PART)
    publics = {
        (territoire, 2024, "nb_foyers"): m.somme("foyers", 2024, membres)
        for territoire, membres in m.territoires().items()
    }
    regle = replace(EXIGENCES, seuil=seuil)
    assert juger(replace(m, publics=publics), exigences=regle).succes
    if seuil == 11:
        assert ("primaire", "commune:26001", "part_rsa") in natures(juger(m, exigences=regle))


@pytest.mark.parametrize(
    ("parts", "cachees"), [(VINGT_MILLE, ("26001", "26002")), (DEUX_FOIS, ("26001", "26002"))]
)
def test_an_amount_that_earlier_releases_bound_closely_is_an_incident(
    juger: Juger, publier: Publier, parts: Parts, cachees: tuple[str, ...]
) -> None:
    """To anybody (20 000 beside 6), to the second contributor (600 beside 380)."""
    caches: set[Lieu] = {("commune", c) for c in cachees}
    tables = agregats([Protege(("commune", "26001"), parts["26001"])], parts)
    m = montants(parts, EPCI, ["26004"], caches)
    (trouvee,) = juger(m, exigences=EXIGE, **tables).echecs
    assert trouvee.nature == "dominance"
    publier(m, "r1")
    constats = juger(m, exigences=EXIGE, **tables)
    assert not constats.echecs
    assert {territoire for territoire, _ in incidents(constats)} == {"commune:26001"}
