"""A threshold that the Caf raises: what releases told under the lower one is for a person to decide."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from petits_marts import EXIGENCES, EXTRAIT, PUBLIC, Indicateur, Marts
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


FOYERS = {"26001": 5, "26002": 40, "26003": 60, "26004": 50, "26005": 50, "26006": 50}
AVEC = {"26002": 20, "26003": 30, "26004": 25, "26005": 25, "26006": 25}


@pytest.mark.parametrize(
    ("source", "a", "sure"),
    [
        # Of both files, on the 5 that Cafdata prints; on another number; of the extract alone.
        (f"{EXTRAIT}+{PUBLIC}", 5, True),
        (f"{EXTRAIT}+{PUBLIC}", 10, False),
        (EXTRAIT, 5, False),
    ],
)
def test_nobody_among_the_few_that_a_producer_prints_may_be_shown(
    juger: Juger, source: str, a: int, sure: bool
) -> None:
    """0 with the RSA among 5 foyers: by our own count they would be too few, under 11."""
    indicateurs = {
        **{"part_rsa": replace(PART["part_rsa"], source=source), "nb_foyers": PART["nb_foyers"]},
        # Of the extract alone: what its foyers are is known to be ours, there.
        "nb_foyers_extrait": Indicateur("somme", "foyers", niveaux=("departement",)),
    }
    m = Marts(COMMUNES, {("foyers", 2024): FOYERS, ("rsa", 2024): AVEC}, indicateurs)
    publics = {
        (t, 2024, "nb_foyers"): m.somme("foyers", 2024, membres) for t, membres in m.territoires().items()
    }
    publics["commune:26001", 2024, "nb_foyers"] = a
    constats = juger(replace(m, publics=publics), exigences=ONZE)
    assert natures(constats) == (set() if sure else {("primaire", "commune:26001", "part_rsa")})


def test_what_a_contributor_is_told_by_this_build_is_a_finding_though_zeros_would_have_told_it(
    juger: Juger, publier: Publier
) -> None:
    """A 3 of one foyer, B 4 and C of nobody, hidden in 7; then a CTG of A and B prints 7."""
    rsa = {"26001": 3, "26002": 4, "26004": 30, "26005": 30, "26006": 30}
    m = Marts(COMMUNES, {("rsa", 2024): rsa}, RSA, masques("26001", "26002", "26003"))
    nul = {"millesime": 2024, "niveau": "commune", "code": "26003", "mesure_id": "rsa"}
    options = {"singletons": singletons(("26001", "a", 3)), "zeros": pa.Table.from_pylist([nul])}
    publier(m, "r1")
    constats = juger(replace(m, ctg={"t": ["26001", "26002"]}), **options)
    assert ("contributeur", "commune:26002", "nb_rsa") in natures(constats)


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


def test_an_amount_that_this_build_tells_closer_than_any_before_is_a_finding(
    juger: Juger, publier: Publier
) -> None:
    """20 000 beside 906 hidden with it, accepted under 5 %; then a CTG with 6 of them, under 10 %."""
    parts: Parts = {
        "26001": {"x": 12_000, "y": 8_000},
        "26002": {f"b{k}": 1 for k in range(6)},
        "26003": {f"c{k}": 90 for k in range(6)},
        "26004": {f"e{k}": 9_000 for k in range(6)},
        "26005": {f"d{k}": 60 for k in range(6)},
    }
    epci = dict.fromkeys(parts, "E1")
    caches: set[Lieu] = {("commune", c) for c in ("26001", "26002", "26003", "26005")}
    tables = agregats([Protege(("commune", "26001"), parts["26001"])], parts)
    publier(montants(parts, epci, ["26004"], caches), "r1")
    dix = replace(EXIGE, p_pourcent=10.0)
    avant = juger(montants(parts, epci, ["26004"], caches), exigences=dix, **tables)
    assert not avant.echecs and {territoire for territoire, _ in incidents(avant)} == {"commune:26001"}
    plus_etroit = juger(montants(parts, epci, ["26001", "26002"], caches), exigences=dix, **tables)
    assert {e.nature for e in plus_etroit.echecs} == {"dominance"}
