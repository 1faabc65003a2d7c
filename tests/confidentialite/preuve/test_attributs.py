"""What the proof finds by itself of attributes that everybody has, on masks that the law did not make."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from petits_marts import EXIGENCES, Indicateur, Marts
from test_fuites import COMMUNES, masques, natures

from confidentialite.preuve.constats import Constats
from confidentialite.preuve.exigences import Exigences

Juger = Callable[..., Constats]
COMPTES = {"nb_rsa": Indicateur("somme", "rsa"), "nb_foyers": Indicateur("somme", "foyers")}
LIEES = replace(EXIGENCES, groupe=frozenset({"rsa"}), inclusions=(("foyers", "rsa"),))
FOYERS = {"26001": 12, "26002": 30, "26003": 25, "26004": 40, "26005": 35, "26006": 50}
RSA = {"26001": 12, "26002": 9, "26003": 11, "26004": 8, "26005": 7, "26006": 30}


def marts(**changements: object) -> Marts:
    debut = Marts(COMMUNES, {("rsa", 2024): RSA, ("foyers", 2024): FOYERS}, COMPTES)
    return replace(debut, **changements)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "eteinte",
    [replace(LIEES, groupe=frozenset()), replace(LIEES, inclusions=())],
    ids=["not sensitive", "not of it"],
)
def test_two_counts_that_are_the_same_say_it_of_everybody(juger: Juger, eteinte: Exigences) -> None:
    assert natures(juger(marts(), exigences=LIEES)) == {("primaire", "commune:26001", "nb_rsa")}
    assert juger(marts(), exigences=eteinte).succes
    sure = marts(masques=masques("26001", "26002"))
    assert juger(sure, exigences=LIEES).succes


def test_what_a_ctg_leaves_of_its_epci_is_everybody(juger: Juger) -> None:
    m = marts(niveaux=("epci", "ctg"), ctg={"c": ["26002", "26003"]})
    assert natures(juger(m, exigences=LIEES)) == {("exacte", "epci:E1", "nb_rsa")}
    assert juger(replace(m, masques=masques("ctg:c")), exigences=LIEES).succes


def test_all_of_two_hidden_communes_have_it_however_many_they_are(juger: Juger) -> None:
    """26001 and 26002 hide both counts, 5 and 5 together: a part is no more than its whole."""
    caches = masques("26001", "26002") | masques("26001", "26002", indicateur="nb_foyers")
    valeurs = {
        ("rsa", 2024): {**RSA, "26001": 2, "26002": 3},
        ("foyers", 2024): {**FOYERS, "26001": 2, "26002": 3},
    }
    m = marts(valeurs=valeurs, masques=caches)
    assert natures(juger(m, exigences=LIEES)) == {
        ("bornes", "commune:26001", "nb_rsa"),
        ("bornes", "commune:26002", "nb_rsa"),
    }
    assert juger(m, exigences=replace(LIEES, groupe=frozenset())).succes
    assert juger(replace(m, masques=caches | masques("26003")), exigences=LIEES).succes


def test_a_hidden_whole_between_two_that_are_shown_is_told(juger: Juger) -> None:
    """Of those at 75 %, no row says how many: as many as at 50 % and at 100 %, where these are the same."""
    exigences = replace(
        EXIGENCES, groupe=frozenset({"cent"}), inclusions=(("cinquante", "soixante"), ("soixante", "cent"))
    )
    indicateurs = {
        "nb_cent": Indicateur("somme", "cent"),
        "nb_cinquante": Indicateur("somme", "cinquante"),
        "nb_soixante": Indicateur("somme", "soixante"),
    }
    valeurs = {("cent", 2024): RSA, ("cinquante", 2024): {**FOYERS}, ("soixante", 2024): {**FOYERS}}
    caches = {(t, 2024, "nb_soixante") for t in Marts(COMMUNES, valeurs, indicateurs).territoires()}
    m = Marts(COMMUNES, valeurs, indicateurs, caches)
    assert ("bornes", "commune:26001", "nb_cent") in natures(juger(m, exigences=exigences))


def test_nobody_at_all_may_be_said(juger: Juger) -> None:
    valeurs = {("rsa", 2024): {**RSA, "26001": 0}, ("foyers", 2024): FOYERS}
    assert juger(marts(valeurs=valeurs), exigences=LIEES).succes
