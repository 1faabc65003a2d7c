"""What is read and known of a system before anything is decided, on worlds small enough to be read.

Belongs here: values that parts leave, communes of then, who contributes to what, what is protected and under
which count. Does not: which rows are hidden (the other modules).
"""

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

from confidentialite.moteur import decision
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.contributeurs import _Examen, _Visee
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.elimination import TOUTES
from confidentialite.moteur.formes import Cle, Etat, Territoire, Vecteur
from confidentialite.moteur.gardes import Passe, Tour
from confidentialite.moteur.geographie import Geographie
from confidentialite.moteur.lecture import Lecture, Valeur
from confidentialite.moteur.montants import _parts_sans_nom, a_atteindre
from confidentialite.moteur.mouvements import Mouvements
from confidentialite.moteur.phases import primaires
from confidentialite.moteur.phases.combinaisons import _annulations, _autour, _retirer_une
from confidentialite.moteur.phases.restes import contributeurs
from confidentialite.moteur.plateau import Plateau
from confidentialite.moteur.programmes import Contrainte, Memoire
from confidentialite.moteur.rejeu import Jeu
from confidentialite.moteur.resolution import faire_le_tour, publier
from confidentialite.regle.parametres import Relations
from tests.confidentialite.moteur.banc import (
    MILLESIME,
    SANS_RELATION,
    Finest,
    Indicateur,
    Monde,
    masquer,
    monde_aleatoire,
    regles,
)

MONTANT = Indicateur("financement_eaje_rpe", "financement_eaje_rpe")
FOYERS = Indicateur("nb", "foyers_allocataires")


def chantier(m: Monde, relations: Relations = SANS_RELATION) -> Chantier:
    """The system of a world of one group, before anything is decided."""
    (groupe,) = couper(m.entrees(), regles(), relations).groupes
    return decision._preparer(Chantier(Lecture(groupe), TOUTES))


def structures(communes: dict[str, Finest], *autres: tuple[Indicateur, dict[str, Finest]]) -> Monde:
    """Amounts whose gestionnaires are known, in communes and in their EPCI `e`."""
    tous = [(MONTANT, communes), *autres]
    return Monde(
        {(MILLESIME, i.numerateur): valeurs for i, valeurs in tous},
        {**{("commune", c): [c] for c in communes}, ("epci", "e"): [*communes]},
        [i for i, _ in tous],
        montants=frozenset(i.numerateur for i, _ in tous),
    )


def foyers(**communes: int) -> Monde:
    """A count in communes and in their EPCI `e`; `z` lies elsewhere."""
    return Monde(
        {(MILLESIME, "foyers_allocataires"): communes},
        {**{("commune", c): [c] for c in communes}, ("epci", "e"): [c for c in communes if c != "z"]},
        [FOYERS],
    )


def brut(valeur: int, **apports: int) -> Valeur:
    grands = sorted(map(Decimal, apports.values()), reverse=True)
    max1, max2 = (*grands, None, None)[:2]
    siens = {qui: Decimal(a) for qui, a in apports.items()}
    return Valeur(Decimal(valeur), len(siens), max1, max2, siens or None)


@pytest.mark.parametrize(
    ("parts", "reste"),
    [
        ([brut(3, x=3)], brut(7, x=3, y=4)),
        ([brut(6, x=6)], brut(4, y=4)),
        ([brut(3, x=3), brut(4, y=4)], brut(3, x=3)),
        ([brut(10, x=6, y=4)], brut(0)),
        # No parts of it: more than all of it, more than one of them brings, somebody who is not in it.
        ([brut(11)], None),
        ([brut(7, x=7)], None),
        ([brut(2, z=2)], None),
    ],
)
def test_what_parts_leave_is_what_each_gestionnaire_has_left(
    parts: list[Valeur], reste: Valeur | None
) -> None:
    assert brut(10, x=6, y=4).moins(parts) == reste


def fusion() -> Geographie:
    """A and B merged into A in 2025; C was left alone."""
    return Geographie(
        pa.table(
            {
                "millesime": [2024, 2024, 2024, 2025, 2025],
                "cog_millesime": [2024, 2024, 2024, 2025, 2025],
                "niveau": ["epci"] * 5,
                "code": ["e"] * 5,
                "atome": ["A", "B", "C", "A", "C"],
            }
        ),
        pa.table({"cog_millesime": [2024] * 2, "code_origine": ["A", "B"], "code_reference": ["A", "A"]}),
    )


@pytest.mark.parametrize(
    ("actuel", "atomes", "cog", "devenues"),
    [
        (2025, ["A"], 2024, (["A"], False)),
        (2025, ["B"], 2024, (["A"], False)),
        (2025, ["A", "B"], 2024, (["A"], True)),
        (2025, ["A", "B", "C"], 2024, (["A", "C"], True)),
        (2025, ["B", "C"], 2024, (["A", "C"], False)),
        # Figures that are still coded in the COG of then, and a release of after.
        (2024, ["A"], 2025, (["A", "B"], True)),
        (2024, ["B"], 2024, (["B"], True)),
        (None, ["B"], 2024, (["B"], True)),
    ],
)
def test_communes_of_then_are_found_in_the_figures_of_today(
    actuel: int | None, atomes: list[str], cog: int, devenues: tuple[list[str], bool]
) -> None:
    assert fusion().devenues(actuel, atomes, cog) == devenues


def test_a_territory_has_the_communes_of_its_cog() -> None:
    assert fusion().lieux(2024, 2024, "epci", "e") == ["A", "B", "C"]
    assert fusion().lieux(2025, 2025, "epci", "e") == ["A", "C"]
    assert fusion().lieux(2025, None, "epci", "e") == fusion().lieux(2025, 2025, "ctg", "e") == []
    assert fusion().tous(2025, 2025) == {"A", "C"}


def test_a_gestionnaire_that_is_alone_in_communes_is_one_contributor_and_bears_its_name() -> None:
    c = chantier(structures({"a": {"souris": 50}, "b": {"souris": 40}, "c": {"x": 40, "y": 30, "z": 20}}))
    (souris,) = contributeurs(c)
    assert souris.nom == "souris"
    siennes = [{c.lecture.cellules["financement_eaje_rpe", commune]: 1} for commune in "ab"]
    assert all(v in souris.sus for v in siennes)


def test_foyers_that_are_alone_in_a_commune_are_one_contributor_without_a_name() -> None:
    c = chantier(foyers(a=1, b=1, c=12))
    assert [q.nom for q in contributeurs(c)] == [None, None]
    assert {frozenset(map(str, q.sus)) for q in contributeurs(c)} == {
        frozenset([str({c.lecture.cellules["foyers_allocataires", commune]: 1})]) for commune in "ab"
    }


def test_what_a_part_leaves_of_an_amount_is_protected_with_the_contributions_that_bounds_must_not_near() -> (
    None
):
    eaje: dict[str, Finest] = {"a": {"souris": 50, "x": 40, "y": 45}}
    m = structures(
        {"a": {"souris": 50, "x": 40, "y": 45, "relais": 20}},
        (Indicateur("financement_eaje", "financement_eaje"), eaje),
    )
    c = chantier(m, Relations({}, (("financement_eaje_rpe", "financement_eaje"),)))
    reste = Cle(((-1, "financement_eaje"), (1, "financement_eaje_rpe")), Territoire("commune", "a"))
    assert c.raisons[reste] == "A"
    assert (c.montants[reste].valeur, c.montants[reste].n, c.montants[reste].max1) == (20, 1, 20)


def test_what_several_sums_leave_is_named_after_the_narrowest_territory_around_it() -> None:
    c = chantier(foyers(a=20, b=30, z=12))
    assert _autour(c, ("a",)) == Territoire("commune", "a", ("a",))
    assert _autour(c, ("a", "b")) == Territoire("epci", "e", ("a", "b"))
    assert _autour(c, ("a", "z")) == Territoire("commune", "a", ("a", "z"))
    # No row shows the CTG.
    m = replace(foyers(a=20, b=30, c=12), indicateurs=[replace(FOYERS, niveaux=("epci",))])
    c = chantier(replace(m, territoires={**m.territoires, ("ctg", "t"): [*"ab"]}))
    c.placer(Cle(((1, "foyers_allocataires"),), Territoire("ctg", "t")))
    assert _autour(c, ("a", "b")) == Territoire("epci", "e", ("a", "b"))


@pytest.mark.parametrize(
    ("connues", "retiree"), [((), "commune:a"), (("commune:a",), "epci:e"), (("commune:a", "epci:e"), None)]
)
def test_the_narrowest_figure_that_bears_on_a_combination_is_hidden_for_it(
    connues: tuple[str, ...], retiree: str | None
) -> None:
    """What is known outside cannot be taken back, and what bears on other communes would not help."""
    c = chantier(foyers(a=20, b=30, z=12))
    noms = {f"{cle.lieu.niveau}:{cle.lieu.code}": forme for cle, forme in c.placees()}
    for nom, forme in noms.items():
        forme.publiee, forme.connue = True, nom in connues
    _retirer_une(c, {c.lecture.cellules["foyers_allocataires", "a"]: 1})
    assert [nom for nom, forme in noms.items() if forme.etat is Etat.RETENUE] == (
        [retiree] if retiree else []
    )


@pytest.mark.parametrize(
    ("montrees", "connues", "autour"),
    [
        # a lies in an EPCI with b, and b elsewhere with c: b is near, c is not.
        ("b", "", "ab"),
        ("bc", "", "ab"),
        # Nothing near can be taken back: what is farther may do.
        ("c", "", "abc"),
        ("b", "b", "abc"),
        ("", "", "abc"),
    ],
)
def test_what_may_loosen_a_cell_is_near_it_where_something_near_is_shown(
    montrees: str, connues: str, autour: str
) -> None:
    c = chantier(foyers(a=3, b=4, c=20))
    tour = faire_le_tour(c, publier(c), Memoire(c.systeme.vraies), Passe())
    examen = _Examen(tour, tour.blocs[0])
    cellules = {commune: c.lecture.cellules["foyers_allocataires", commune] for commune in "abc"}
    for cle, forme in c.placees():
        forme.publiee, forme.connue = cle.lieu.code in montrees, cle.lieu.code in connues
    de_a = c.forme(Cle(((1, "foyers_allocataires"),), Territoire("commune", "a")))
    tenantes = [
        Contrainte({cellules[x]: 1 for x in deux}, 0, 0, None, {cellules[x] for x in deux})
        for deux in ("ab", "bc")
    ]
    visee = _Visee(de_a, de_a.vecteur, 1.0)
    assert examen._autour(visee, tenantes) == {cellules[x] for x in autour}


def test_the_primary_rule_is_asked_of_what_a_row_shows_or_was_hidden_before() -> None:
    """a is 3: no row shows a commune, until an earlier release is found to have hidden it."""
    c = chantier(replace(foyers(a=3, b=30), indicateurs=[replace(FOYERS, niveaux=("epci",))]))
    cle = Cle(((1, "foyers_allocataires"),), Territoire("commune", "a"))
    forme = c.placer(cle)
    primaires.proteger(c)
    assert forme is not None and forme.etat is Etat.LIBRE and cle not in c.raisons
    c.cachees_avant.add(cle)
    primaires.proteger(c)
    assert forme.etat is Etat.PROTEGEE and c.raisons[cle] == "A"


def test_the_primary_rule_says_nothing_of_what_a_producer_publishes() -> None:
    publics = {(MILLESIME, "foyers_allocataires", "epci", "e"): (4, 4)}
    c = chantier(replace(foyers(a=3, b=1), publics=publics))
    assert {cle.lieu.niveau for cle in c.raisons} == {"commune"}


@pytest.mark.parametrize(
    ("bas", "haut", "assez"),
    [
        (900, 1_600, True),
        (1_300, 1_500, True),
        (1_260, 1_540, True),
        # The largest contribution, 1 000 of 1 400, is to stay 10 % uncertain below (1 300) and above (1 500).
        (1_301, 1_540, False),
        (1_260, 1_499, False),
        (1_400, 1_400, False),
    ],
)
def test_a_protected_amount_stays_uncertain_on_both_sides(bas: float, haut: float, assez: bool) -> None:
    c = chantier(structures({"a": {"x": 1_000, "y": 400}, "b": {"u": 90, "v": 80, "w": 70, "z": 60}}))
    a = c.forme(Cle(((1, "financement_eaje_rpe"),), Territoire("commune", "a")))
    bornes = a_atteindre(c)
    assert (bornes[0][id(a)], bornes[1][id(a)]) == (1_300, 1_500)
    tour = Tour(c, publier(c), Memoire(c.systeme.vraies), (), *bornes)
    assert tour.assez(a, bas, haut) is assez


@pytest.mark.parametrize(
    ("avant", "change", "cachees"),
    [
        ("", "ab", True),
        ("b", "a", True),
        ("b", "b", False),
        ("b", "ab", False),
        ("ab", "ab", False),
        # c is shown, now as then.
        ("c", "ac", True),
    ],
)
def test_a_cell_that_a_proposal_before_this_one_showed_is_not_taken_for_another(
    avant: str, change: str, cachees: bool
) -> None:
    c = chantier(foyers(a=2, b=2, c=9))
    espace = publier(c)
    formes = {cle.lieu.code: forme for cle, forme in c.placees()}
    assert {code for code, forme in formes.items() if forme.publiee} == {"c", "e"}
    passe = Passe(montrees={id(formes[commune]) for commune in avant})
    mouvements = Mouvements(faire_le_tour(c, espace, Memoire(c.systeme.vraies), passe), Plateau(c))
    cellules = [c.lecture.cellules["foyers_allocataires", commune] for commune in change]
    assert mouvements.toujours_cachees(cellules) is cachees


def test_moves_are_those_of_what_was_shown_when_they_were_asked_for_first() -> None:
    """A forme is shown and, where it may not be, hidden again: what was known before is asked in between."""
    c = chantier(foyers(a=2, b=3, c=9))
    tour = faire_le_tour(c, publier(c), Memoire(c.systeme.vraies), Passe())
    jeu, a = Jeu(tour), c.lecture.cellules["foyers_allocataires", "a"]
    tenue = Jeu(tour).tenue(a)
    (epci,) = [forme for cle, forme in c.placees() if cle.lieu.code == "e"]
    assert epci.publiee
    epci.publiee = False
    assert jeu.tenue(a) == tenue != Jeu(tour).tenue(a)


@pytest.mark.parametrize(
    ("vecteurs", "annulations"),
    [
        ({1: {7: 1, 8: 1}, 2: {7: 1, 8: 1}}, [{1: 100, 2: 1}]),
        # The first two leave 7 - 9, which is the third.
        ({1: {7: 1, 8: 1}, 2: {8: 1, 9: 1}, 3: {7: 1, 9: 100}}, [{1: 100, 2: 1, 3: 1}]),
        ({1: {7: 1, 8: 1}, 2: {8: 1, 9: 1}, 3: {7: 1, 9: 1}}, []),
        # Nothing cancels 9.
        ({1: {7: 1, 8: 1}, 2: {7: 1, 8: 1, 9: 1}}, []),
    ],
)
def test_a_combination_that_is_zero_is_told_by_the_factor_of_each_vector(
    vecteurs: dict[int, Vecteur], annulations: list[Vecteur]
) -> None:
    """Modulo 101, of which 100 is less one."""
    assert list(_annulations(vecteurs, 101)) == annulations


def test_who_comes_second_in_an_amount_is_nobody_known_where_it_is_not_told() -> None:
    """Three euros of three foyers, one each: whoever has one is the second, once what it brings is told."""
    for finest, connues in (((3, 3, 1), 0), ((3, 3, 1, 1), 1)):
        m = Monde(
            {(MILLESIME, "aides"): {"a": finest}},
            {("commune", "a"): ["a"]},
            (Indicateur("aides", "aides"),),
            montants=frozenset({"aides"}),
        )
        c = chantier(m)
        cle = Cle(((1, "aides"),), Territoire("commune", "a"))
        assert len(list(_parts_sans_nom(c.lecture, cle, c.compte(cle)))) == connues


def test_a_mesure_is_as_deep_as_the_wholes_it_is_in() -> None:
    (groupe,) = couper(monde_aleatoire(1, 4, 5).entrees(), regles(), SANS_RELATION).groupes
    assert {m: groupe.profondeurs[m] for m in ("tout", "part_a", "part_b", "part_c")} == {
        **{"tout": 0, "part_a": 1, "part_b": 1},
        **{"part_c": 2},
    }


def test_a_part_is_published_after_its_whole_in_territories_of_one_width() -> None:
    m = Monde(
        {
            (MILLESIME, "foyers_allocataires"): {"a": 30, "b": 30},
            (MILLESIME, "foyers_rsa"): {"a": 10, "b": 12},
        },
        {**{("commune", c): [c] for c in "ab"}, ("epci", "e"): [*"ab"]},
        (FOYERS, Indicateur("part", "foyers_rsa", "foyers_allocataires")),
    )
    formes = sorted(chantier(m).placees(), key=lambda deux: deux[1].ordre)
    assert [(cle.lieu.niveau, cle.termes[0][1]) for cle, f in formes if f.montree] == [
        *(("epci", mesure) for mesure in ("foyers_allocataires", "foyers_rsa")),
        *(("commune", mesure) for mesure in ("foyers_allocataires", "foyers_rsa") for _ in "ab"),
    ]
    assert not any(f.seule for _, f in formes)


def test_a_cell_of_few_gestionnaires_that_no_row_shows_is_protected_as_it_is() -> None:
    """Rows show the EPCI alone; a is of one gestionnaire, b of four that are alike."""
    m = structures({"a": {"souris": 50}, "b": {"x": 20, "y": 20, "z": 20, "t": 20}})
    c = chantier(replace(m, indicateurs=[replace(MONTANT, niveaux=("epci",))]))
    cellule = c.lecture.cellules["financement_eaje_rpe", "a"]
    lieu = Territoire("commune", "a", ("a",))
    assert {cle: r for cle, r in c.raisons.items() if cle.cellules} == {
        Cle(((1, "financement_eaje_rpe"),), lieu, ((cellule, 1),)): "A"
    }


def test_a_sensitive_attribute_of_all_that_a_ctg_leaves_of_its_epci_is_not_told() -> None:
    """Communes have no row; c, which the CTG leaves of the EPCI, is 20 foyers that all have the RSA."""
    niveaux = ("epci", "ctg")
    m = Monde(
        {
            (MILLESIME, "foyers_allocataires"): {"a": 30, "b": 30, "c": 20},
            (MILLESIME, "foyers_rsa"): {"a": 10, "b": 12, "c": 20},
        },
        {("epci", "e"): [*"abc"], ("ctg", "t"): [*"ab"]},
        (
            replace(FOYERS, niveaux=niveaux),
            Indicateur("part", "foyers_rsa", "foyers_allocataires", niveaux=niveaux),
        ),
    )
    parts = {("epci:e", MILLESIME, "part"), ("ctg:t", MILLESIME, "part")}
    assert len(masquer(m) & parts) == 1
    # So it is where 3 of the 20 do not have it, and not where 5 do not.
    for rsa, cachees in ((17, 1), (15, 0)):
        autres = {**m.valeurs, (MILLESIME, "foyers_rsa"): {"a": 10, "b": 12, "c": rsa}}
        assert len(masquer(replace(m, valeurs=autres))) == cachees
