from decimal import Decimal

import pytest

from confidentialite.regle import primaire
from confidentialite.regle.primaire import Compte
from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde, masquer, regles

T = regles().seuil_frequence.valeur


def compte(
    valeur: float, n: int | None = None, max1: float | None = None, max2: float | None = None
) -> Compte:
    max1_, max2_ = (None if m is None else Decimal(str(m)) for m in (max1, max2))
    return Compte(Decimal(str(valeur)), int(valeur) if n is None else n, max1_, max2_)


@pytest.mark.parametrize(
    ("valeur", "raison"), [(0, None), (1, "A"), (T - 1, "A"), (T, None), (T + 1, None), (10_000, None)]
)
def test_a_count_is_primary_from_one_to_the_threshold(valeur: int, raison: str | None) -> None:
    assert primaire.effectif(compte(valeur), regles()) == raison


def test_a_zero_is_nobody_unless_zeros_are_secret() -> None:
    secret = regles(zero_publiable=False)
    assert primaire.effectif(compte(0), regles()) is None
    assert primaire.effectif(compte(0), secret) == "A"
    assert primaire.montant(compte(0, n=0), secret) == "A"
    assert primaire.complement(compte(20), compte(20), secret)
    assert primaire.effectif(compte(T), secret) is None


def test_the_threshold_is_a_parameter() -> None:
    assert primaire.effectif(compte(10), regles(seuil_frequence=11)) == "A"
    assert primaire.effectif(compte(11), regles(seuil_frequence=11)) is None
    assert primaire.effectif(compte(4), regles(seuil_frequence=4)) is None


@pytest.mark.parametrize(
    ("enfants", "foyers", "raison"), [(9, T - 1, "A"), (9, T, None), (6, 1, "A"), (0, 0, None)]
)
def test_children_are_counted_by_the_foyers_they_come_from(
    enfants: int, foyers: int, raison: str | None
) -> None:
    assert primaire.effectif(compte(enfants, n=foyers), regles()) == raison


@pytest.mark.parametrize(("n", "raison"), [(0, None), (1, "A"), (T - 1, "A"), (T, None)])
def test_an_amount_is_primary_by_its_contributors_never_by_its_size(n: int, raison: str | None) -> None:
    assert primaire.montant(compte(50_000 * n, n=n, max1=50_000), regles(dominance_k=1.0)) == raison
    # Three euros paid to many foyers identify nobody.
    assert primaire.montant(compte(3, n=T, max1=1), regles()) is None


@pytest.mark.parametrize(
    ("max1", "raison"), [(8_499.99, None), (8_500, None), (8_500.01, "B"), (10_000, "B"), (None, None)]
)
def test_dominance_begins_strictly_above_its_share(max1: float | None, raison: str | None) -> None:
    assert primaire.montant(compte(10_000, n=40, max1=max1, max2=100), regles()) == raison


@pytest.mark.parametrize(
    ("max2", "raison"),
    [(341, "B"), (340, None), (339, None), (None, "B")],
    ids=["less left", "as much left", "more left", "the second is not told"],
)
def test_p_pourcent_begins_where_the_others_hide_less_than_its_share_of_the_first(
    max2: float | None, raison: str | None
) -> None:
    """Of 1 000, 600 are the first's: 10 % of it is 60, which the others bring beside a second of 340."""
    assert primaire.montant(compte(1_000, n=40, max1=600, max2=max2), regles(p_pourcent=10)) == raison
    assert primaire.montant(compte(1_000, n=40, max1=600, max2=max2), regles(p_pourcent=0)) is None


@pytest.mark.parametrize(("n", "raison"), [(0, None), (2, "A"), (3, None), (T - 1, None)])
def test_gestionnaires_are_fewer_than_foyers_and_have_a_threshold_of_their_own(
    n: int, raison: str | None
) -> None:
    total = Decimal(1_000 * n)
    paye = Compte(total, n, Decimal(400), Decimal(300), gestionnaires=True)
    assert primaire.montant(paye, regles(dominance_k=1.0, p_pourcent=0)) == raison


def test_an_amount_of_one_euro_is_dominated_and_guessed_like_any_other() -> None:
    seul = compte(1, n=40, max1=1)
    assert primaire.domine(seul, regles())
    assert primaire.devinee(seul, regles())
    # Nobody is known to bring anything: there is nobody to guess.
    assert primaire.marge(compte(1_000, n=40), regles()) == 0
    assert primaire.marge(compte(1_000, n=40, max1=600), regles(p_pourcent=10)) == 60


@pytest.mark.parametrize(
    ("max1", "max2", "autres"),
    [
        (600, 300, 100),
        (600, 0, 400),
        # The second is not told: it brings as much as the first, or all that the first leaves.
        (400, None, 200),
        (600, None, 0),
        (None, None, 1_000),
        # Amounts are rounded apart: what is left is never less than nothing.
        (600, 401, 0),
    ],
)
def test_what_the_two_largest_leave_of_an_amount(max1: float | None, max2: float | None, autres: int) -> None:
    assert compte(1_000, n=40, max1=max1, max2=max2).autres == autres


def test_too_few_contributors_comes_before_dominance() -> None:
    assert primaire.montant(compte(10_000, n=2, max1=9_900), regles()) == "A"


@pytest.mark.parametrize(
    ("tout", "part", "protege"),
    [(20, 20, False), (20, 19, True), (20, 21 - T, True), (20, 20 - T, False), (20, 0, False), (3, 0, True)],
)
def test_what_a_part_leaves_is_judged_as_a_count(tout: int, part: int, protege: bool) -> None:
    assert primaire.complement(compte(tout), compte(part), regles()) is protege


def test_what_a_part_leaves_is_judged_by_its_foyers_too() -> None:
    # Six children are left, of two foyers.
    assert primaire.complement(compte(30, n=12), compte(24, n=10), regles())
    assert not primaire.complement(compte(30, n=12), compte(24, n=7), regles())
    # Four children are left, and they are judged as children though many foyers have one elsewhere.
    assert primaire.complement(compte(24, n=20), compte(20, n=10), regles())


@pytest.mark.parametrize(
    ("tout", "part", "touche"), [(20, 20, True), (1, 1, True), (20, 19, False), (0, 0, False)]
)
def test_a_sensitive_attribute_of_everybody_is_primary(tout: int, part: int, touche: bool) -> None:
    eteint = regles(attribut_groupe=False)
    assert primaire.groupe(compte(tout), compte(part), regles(), sensible=True) is touche
    assert not primaire.groupe(compte(tout), compte(part), regles(), sensible=False)
    assert not primaire.groupe(compte(tout), compte(part), eteint, sensible=True)


def _seul(part: int, mesure: str, tout: int = 40) -> Monde:
    """One territory, one share of a whole."""
    valeurs = {
        (MILLESIME, "foyers_allocataires"): {"c1": tout},
        (MILLESIME, mesure): {"c1": part} if part else {},
    }
    indicateurs = (Indicateur("nb", "foyers_allocataires"), Indicateur("part", mesure, "foyers_allocataires"))
    return Monde(valeurs, {("commune", "c1"): ["c1"]}, indicateurs)


@pytest.mark.parametrize(
    ("part", "mesure", "cachee"),
    [
        (0, "foyers_rsa", False),
        (1, "foyers_rsa", True),
        (T - 1, "foyers_rsa", True),
        (T, "foyers_rsa", False),
        (40 - T, "foyers_rsa", False),
        (41 - T, "foyers_rsa", True),
        (39, "foyers_rsa", True),
        (40, "foyers_rsa", True),
        # A 100 % rate of what is not sensitive tells nothing that its publication does not mean to tell.
        (40, "foyers_af", False),
    ],
)
def test_a_share_is_hidden_at_the_edges_of_its_rules(part: int, mesure: str, cachee: bool) -> None:
    masques = masquer(_seul(part, mesure))
    assert (("commune:c1", MILLESIME, "part") in masques) is cachee
    assert ("commune:c1", MILLESIME, "nb") not in masques


def test_a_whole_under_the_threshold_takes_its_share_with_it() -> None:
    assert masquer(_seul(0, "foyers_rsa", tout=T - 1)) == {
        ("commune:c1", MILLESIME, "nb"),
        ("commune:c1", MILLESIME, "part"),
    }


@pytest.mark.parametrize(("enfants", "cachee"), [((12, 4, 4), True), ((12, 5, 3), False), (0, False)])
def test_children_of_few_foyers_are_hidden(enfants: tuple[int, int, int] | int, cachee: bool) -> None:
    valeurs = {(MILLESIME, "enfants_6_11"): {"c1": enfants, "c2": (90, 50, 4)}}
    territoires = {("commune", "c1"): ["c1"]}
    assert bool(masquer(Monde(valeurs, territoires, (Indicateur("enfants", "enfants_6_11"),)))) is cachee


@pytest.mark.parametrize(
    ("montant", "cachee"), [((9_000, 4, 3_000), True), ((9_000, 5, 3_000), False), ((9_000, 30, 8_000), True)]
)
def test_amounts_are_hidden_for_few_or_dominant_contributors(
    montant: tuple[int, int, int], cachee: bool
) -> None:
    monde = Monde(
        {(MILLESIME, "aides"): {"c1": montant}},
        {("commune", "c1"): ["c1"]},
        (Indicateur("aides", "aides"),),
        montants=frozenset({"aides"}),
    )
    assert bool(masquer(monde)) is cachee


@pytest.mark.parametrize(("n", "cachee"), [(0, False), (1, True), (T - 1, True), (T, False)])
def test_a_median_is_hidden_when_few_foyers_are_in_it(n: int, cachee: bool) -> None:
    monde = Monde(
        {(MILLESIME, "foyers_allocataires"): {"c1": 60}},
        {("epci", "e"): ["c1"]},
        (Indicateur("effort", "taux_effort", methode="publie"), Indicateur("nb", "foyers_allocataires")),
        medianes={(MILLESIME, "taux_effort", "epci", "e"): (21.4, n)},
    )
    assert masquer(monde) == ({("epci:e", MILLESIME, "effort")} if cachee else set())


@pytest.mark.parametrize(
    ("tout", "part", "cachee"),
    [
        (T - 1, 2, True),
        (3, 1, True),
        (1, 1, True),
        (40, 40 - T, False),
        (40, 41 - T, True),
        (40, 39, True),
        (40, 40, False),
        (40, 41, False),
        (T, T, False),
        (T - 1, 0, False),
        # Its producer rounds: a printed 0 is no whole of few.
        (0, 2, False),
    ],
)
def test_a_part_of_a_public_whole_is_hidden_where_few_are_in_it_or_left_out(
    tout: int, part: int, cachee: bool
) -> None:
    assert primaire.tout_public(tout, part, regles(), sensible=False) is cachee


@pytest.mark.parametrize("part", [40, 41])
def test_a_sensitive_part_that_is_all_of_a_public_whole_is_hidden(part: int) -> None:
    """Its producer rounds the whole: 41 of a printed 40 are everybody, too."""
    assert primaire.tout_public(40, part, regles(), sensible=True)
    assert not primaire.tout_public(40, part, regles(attribut_groupe=False), sensible=True)
