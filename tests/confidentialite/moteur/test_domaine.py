"""What the published deck and the producers' files teach: leaks by division, closure, public figures."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow.compute as pc
import pytest

from confidentialite.moteur.formes import Cle, Forme, Systeme, Territoire
from tests.confidentialite.moteur import oracle
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Indicateur,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
)
from tests.confidentialite.moteur.suivi import Resultat, decider
from tests.publication.petit_audit import chiffre, faire_audit

RSA, FA = "foyers_rsa", "foyers_allocataires"
PART = Indicateur("part_rsa", RSA, FA)
NB = Indicateur("nb", FA)


def decision(monde: Monde) -> Resultat:
    return decider(monde.entrees(), regles(), SANS_RELATION)


def trouver(resultat: Resultat, mesure: str, niveau: str, code: str) -> tuple[Systeme, Forme]:
    cle = Cle(((1, mesure),), Territoire(niveau, code))
    for systeme in resultat.systemes:
        if systeme.millesime == MILLESIME and cle in systeme.cles:
            return systeme, systeme.formes[systeme.cles.index(cle)]
    raise AssertionError(f"no forme of {mesure} at {niveau}:{code}")


def test_the_deck_gives_its_number_of_allocataires_away(tmp_path: Path) -> None:
    audit = faire_audit(
        tmp_path,
        [
            chiffre("montant_prestations_total", "18464843", "annee_non_precisee", unit="EUR"),
            chiffre(
                "montant_annuel_par_allocataire",
                "4481.76",
                "annee_non_precisee",
                unit="EUR_par_allocataire_par_an",
            ),
        ],
    )
    (c02,) = [c for c in audit.controles if c.check_id == "C02"]
    assert c02.status == "OK_MAIS_FUITE"
    assert c02.observed.startswith("4120 (seul entier")
    assert {j.chiffre.indicator_id for j in audit.jugements if j.verdict == "divulgation"} == {
        "montant_annuel_par_allocataire"
    }


def test_the_deck_gives_its_poor_lone_parents_away(tmp_path: Path) -> None:
    audit = faire_audit(
        tmp_path,
        [
            chiffre("part_monoparentales_bas_revenus", "57.3"),
            chiffre("nb_familles_monoparentales_allocataires", "510"),
        ],
    )
    (c20,) = [c for c in audit.controles if c.check_id == "C20"]
    assert (c20.status, c20.observed) == ("FUITE", "292 (unique)")
    assert audit.a_corriger


def numerateurs(den: int, decimales: int) -> dict[str, list[int]]:
    """Numerators by the rate, in percent, that each one prints (half away from zero)."""
    echelle = 10**decimales
    trouves: dict[str, list[int]] = {}
    for num in range(den + 1):
        arrondi = (2 * 100 * echelle * num + den) // (2 * den)
        trouves.setdefault(str(Fraction(arrondi, echelle)), []).append(num)
    return trouves


@pytest.mark.parametrize(("decimales", "dernier_sur"), [(0, 100), (1, 1_000)])
def test_a_printed_rate_and_its_denominator_give_the_numerator(decimales: int, dernier_sur: int) -> None:
    def ambigu(den: int) -> bool:
        return any(len(n) > 1 for n in numerateurs(den, decimales).values())

    assert not any(ambigu(den) for den in range(1, dernier_sur + 1))
    assert ambigu(dernier_sur + 1)


def commune(num: int, den: int) -> Monde:
    return Monde(
        {(MILLESIME, FA): {"c1": den}, (MILLESIME, RSA): {"c1": num} if num else {}},
        {("commune", "c1"): ["c1"]},
        (NB, PART),
    )


@pytest.mark.parametrize("den", [24, 1_001, 40_000])
def test_no_denominator_is_large_enough_for_a_rate_to_hide_its_numerator(den: int) -> None:
    # Above 1 000 the printed rate leaves a few numerators, all of them far too small a blur to count on.
    assert masquer(commune(3, den)) == {("commune:c1", MILLESIME, "part_rsa")}
    assert masquer(commune(den - 3, den)) == {("commune:c1", MILLESIME, "part_rsa")}


def test_a_mean_needs_its_sum_and_its_number_to_be_shown() -> None:
    montants = {"c1": (18_000, 4, 6_000), "c2": (90_000, 20, 9_000)}
    monde = Monde(
        {(MILLESIME, "montant"): montants, (MILLESIME, "allocataires_annee"): {"c1": 4, "c2": 20}},
        {("commune", "c1"): ["c1"], ("commune", "c2"): ["c2"]},
        (Indicateur("moyenne", "montant", "allocataires_annee", part_d_un_tout=False),),
        montants=frozenset({"montant"}),
    )
    assert masquer(monde) == {("commune:c1", MILLESIME, "moyenne")}
    # The number alone is too small: 5 foyers share the amount, 4 are counted.
    autre = replace(
        monde,
        valeurs={**monde.valeurs, (MILLESIME, "montant"): {"c1": (18_000, 5, 6_000), "c2": montants["c2"]}},
    )
    assert masquer(autre) == {("commune:c1", MILLESIME, "moyenne")}


def test_num_and_den_shown_apart_hide_their_difference() -> None:
    monde = replace(
        commune(18, 20), indicateurs=(NB, Indicateur("nb_rsa", RSA), replace(PART, niveaux=("epci",)))
    )
    assert masquer(monde) == {("commune:c1", MILLESIME, "nb_rsa")}


CAFDATA = {"c0": (0, 4), "c5": (3, 9), "c10": (8, 14)}
"""What 0 (or an absent commune), 5 and 10 mean under the envelope [v-2, v+4]."""


def _enveloppe(v: int) -> tuple[int, int]:
    return max(0, v - 2), v + 4


def mixte() -> Monde:
    """Foyers that Cafdata publishes rounded by commune and exactly by département; RSA from the extract."""
    fa = {"c0": 4, "c5": 8, "c10": 11}
    return Monde(
        {(MILLESIME, FA): fa, (MILLESIME, RSA): {"c0": 2, "c5": 6, "c10": 3}},
        {
            ("commune", "c0"): ["c0"], ("commune", "c5"): ["c5"], ("commune", "c10"): ["c10"],
            ("epci", "e"): ["c0", "c5"], ("departement", "d"): ["c0", "c5", "c10"],
        },
        (NB, PART),
        publics={(MILLESIME, FA, "commune", c): _enveloppe(int(c[1:])) for c in fa}
        | {(MILLESIME, FA, "departement", "d"): (23, 23)},
    )  # fmt: skip


def test_rounded_producer_figures_reach_the_engine_as_brackets() -> None:
    assert {c: _enveloppe(int(c[1:])) for c in CAFDATA} == CAFDATA
    resultat = decision(mixte())
    systeme, _ = trouver(resultat, RSA, "commune", "c5")
    lus = sorted((bas, haut) for _, bas, haut in systeme.intervalles)
    assert lus == [(Decimal(b), Decimal(h)) for b, h in sorted(CAFDATA.values())]
    # A rounded figure is no equation: it is neither forced nor masked.
    assert not [c for c in systeme.cles if c.termes == ((1, FA),) and c.lieu.niveau == "commune"]
    assert not {m.territoire_id for m in resultat.masques if m.indicateur_id == "nb"} & {
        "commune:c0", "commune:c5", "commune:c10",
    }  # fmt: skip


def test_a_bracket_narrower_than_its_true_value_is_widened_to_it() -> None:
    # Two sources of one count differ by their date: the system must stay one that the true table solves.
    monde = replace(mixte(), publics={(MILLESIME, FA, "commune", "c10"): (3, 9)})
    systeme, _ = trouver(decision(monde), RSA, "commune", "c5")
    assert [(bas, haut) for _, bas, haut in systeme.intervalles] == [(3, 11)]


def test_an_exact_public_figure_is_forced_and_shown() -> None:
    resultat = decision(mixte())
    _, forme = trouver(resultat, FA, "departement", "d")
    assert forme.connue and forme.publique and forme.publiee
    assert not [m for m in resultat.masques if m.territoire_id == "departement:d" and m.indicateur_id == "nb"]


def test_an_exact_public_figure_is_known_even_where_no_row_shows_it() -> None:
    """The attacker reads the producers' own files: here, of a département that no row shows."""
    valeurs = {(MILLESIME, FA): {"a": 3, "b": 12, "c": 30}}
    territoires = {("commune", c): [c] for c in "abc"} | {("departement", "d"): ["a", "b", "c"]}
    sans = Monde(valeurs, territoires, (Indicateur("nb", FA, niveaux=("commune",)),))
    avec = replace(sans, publics={(MILLESIME, FA, "departement", "d"): (45, 45)})
    assert masquer(sans) == {("commune:a", MILLESIME, "nb")}
    # Which of b and c goes with a is drawn.
    assert len(masquer(avec)) == 2 and masquer(sans) < masquer(avec)
    assert oracle.exactes([(avec, masquer(sans))], oracle.primaires(avec))
    assert not oracle.exactes([(avec, masquer(avec))], oracle.primaires(avec))


def test_two_exact_public_figures_owe_no_secret_of_their_difference() -> None:
    # Their producer says it: nobody has to decide anything, and the communes stay protected.
    monde = replace(
        mixte(),
        valeurs={
            (MILLESIME, FA): {"c0": 4, "c5": 8, "c10": 11}, (MILLESIME, RSA): {"c0": 4, "c5": 6, "c10": 11},
        },
        publics={
            (MILLESIME, FA, "departement", "d"): (23, 23), (MILLESIME, RSA, "departement", "d"): (21, 21),
        },
    )  # fmt: skip
    masques = masquer(monde)
    assert not [m for m in masques if m[0] == "departement:d"]
    assert ("commune:c0", MILLESIME, "part_rsa") in masques
    assert not oracle.exactes([(monde, masques)], oracle.primaires(monde))


def test_a_public_producer_figure_that_leaves_one_commune_bare_is_covered() -> None:
    # RSA is exact by département: of its three communes two at least are hidden.
    monde = replace(mixte(), publics={(MILLESIME, RSA, "departement", "d"): (11, 11)})
    masques = masquer(monde)
    assert len([m for m in masques if m[0].startswith("commune:") and m[2] == "part_rsa"]) >= 2
    assert not oracle.exactes([(monde, masques)], oracle.primaires(monde))


def test_public_at_one_level_and_micro_at_another() -> None:
    resultat = decision(mixte())
    masques = {(m.territoire_id, m.indicateur_id) for m in resultat.masques}
    # foyers_allocataires of the EPCI (12) is micro; of its communes rounded, of its département exact.
    _, epci = trouver(resultat, FA, "epci", "e")
    assert epci.montree and not epci.publique
    # c0 and c10 have too few RSA foyers; the rate of the EPCI (8 of 12) leaves 4 others.
    assert {("commune:c0", "part_rsa"), ("commune:c10", "part_rsa"), ("epci:e", "part_rsa")} <= masques
    monde = mixte()
    cles = {(m.territoire_id, m.millesime, m.indicateur_id) for m in resultat.masques}
    assert not oracle.exactes([(monde, cles)], oracle.primaires(monde))
    tables = oracle.Tables(oracle.lire([(monde, cles)]), monde)
    for protegee in oracle.primaires(monde):
        assert len(tables.valeurs(protegee, 2)) == 2, protegee


@pytest.mark.parametrize("publics", [False, True])
def test_rounded_denominators_do_not_pin_a_small_numerator(publics: bool) -> None:
    """Exact or rounded wholes, mixed: every protected forme keeps two values in all integer tables."""
    base = monde_aleatoire(11, 2, 5, maximum=9)
    tout = base.valeurs[MILLESIME, "tout"]
    monde = replace(
        base,
        publics={
            (MILLESIME, "tout", "commune", c): _enveloppe(5 * round(int(str(v)) / 5)) for c, v in tout.items()
        }
        if publics
        else {},
    )
    masques = masquer(monde)
    tables = oracle.Tables(oracle.lire([(monde, masques)]), monde)
    protegees = oracle.primaires(monde)
    assert protegees
    for protegee in protegees:
        assert len(tables.valeurs(protegee, 2)) == 2, protegee


def test_a_sum_of_two_mesures_is_one_forme() -> None:
    # a + b is shown: with a shown too, b is known, hence a has to go where b is small.
    monde = Monde(
        {(MILLESIME, "a"): {"c1": 40}, (MILLESIME, "b"): {"c1": 3}},
        {("commune", "c1"): ["c1"]},
        (Indicateur("deux", "a+b"), Indicateur("a", "a"), Indicateur("b", "b")),
    )
    masques = {i for _, _, i in masquer(monde)}
    assert "b" in masques and len(masques) == 2
    assert oracle.exactes([(monde, masquer(monde))], oracle.primaires(monde)) == []


def test_a_sum_with_a_public_mesure_is_judged_by_its_micro_term_alone() -> None:
    # z comes from another source, known everywhere: a + z is a, less a known number.
    monde = Monde(
        {(MILLESIME, "a"): {"c1": 3, "c2": 10, "c3": 20}, (MILLESIME, "z"): {"c1": 70, "c2": 80, "c3": 90}},
        {("commune", c): [c] for c in ("c1", "c2", "c3")} | {("epci", "e"): ["c1", "c2", "c3"]},
        (Indicateur("deux", "a+z"),),
    )
    entrees = monde.entrees()
    entrees = replace(
        entrees,
        secret_cellules=entrees.secret_cellules.filter(pc.field("mesure_id") == "a"),
        secret_communes=entrees.secret_communes.filter(pc.field("mesure_id") == "a"),
    )
    masques = decider(entrees, regles(), SANS_RELATION).masques
    caches = {m.territoire_id for m in masques}
    assert caches in ({"commune:c1", "commune:c2"}, {"commune:c1", "commune:c3"})


def test_a_difference_of_two_mesures_is_judged_by_its_own_value() -> None:
    # 40 - 37: three foyers.
    monde = Monde(
        {(MILLESIME, "a"): {"c1": 40}, (MILLESIME, "b"): {"c1": 37}},
        {("commune", "c1"): ["c1"]},
        (Indicateur("sans_b", "a-b"), Indicateur("a", "a"), Indicateur("b", "b")),
    )
    masques = {i for _, _, i in masquer(monde)}
    assert "sans_b" in masques and len(masques) == 2
    assert oracle.exactes([(monde, masquer(monde))], oracle.primaires(monde)) == []
    grand = replace(monde, valeurs={(MILLESIME, "a"): {"c1": 40}, (MILLESIME, "b"): {"c1": 30}})
    assert masquer(grand) == set()
