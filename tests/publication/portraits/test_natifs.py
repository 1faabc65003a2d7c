"""Charts as an office suite holds them: where a line is cut, what is labelled, where an axis begins."""

from dataclasses import replace

import pytest

from publication.lecture.chiffres import Cellule
from publication.portraits import natifs
from publication.portraits.modele import Barre, Comparaison, Ligne, Parts, Rupture, Serie, Tableau
from tests.publication.portraits import exemples

VIDE = Tableau("", (), ())


def serie(**valeurs: tuple[float | None, ...]) -> Serie:
    """A series from 2019 on; a territory's line is named `territoire`."""
    longueur = len(next(iter(valeurs.values())))
    return Serie(
        identifiant="s",
        titre="t",
        unite="u",
        source="s",
        alternative="a",
        tableau=VIDE,
        annees=tuple(range(2019, 2019 + longueur)),
        lignes=tuple(
            Ligne(
                nom,
                "territoire" if nom == "territoire" else "autre",
                tuple(None if n is None else Cellule(f"{n:g}", n) for n in nombres),
            )
            for nom, nombres in valeurs.items()
        ),
    )


def nombres(graphique: natifs.Natif) -> list[tuple[float | None, ...]]:
    return [trace.nombres for trace in natifs.tracer(graphique)[1]]


def test_a_line_is_cut_at_a_break_and_the_legend_names_it_once() -> None:
    graphique = replace(serie(territoire=(1, 2, 3, 4)), ruptures=(Rupture(2021, "définition"),))
    traces = natifs.tracer(graphique)[1]
    assert [t.nombres for t in traces] == [(1, 2, None, None), (None, None, 3, 4)]
    assert [(t.nom, t.legende) for t in traces] == [("territoire", True), ("territoire (depuis 2021)", False)]


def test_a_scenario_starts_from_the_last_figure_and_labels_it_once() -> None:
    graphique = replace(serie(territoire=(1, 2, 3, 4)), projection=2021)
    avant, apres = natifs.tracer(graphique)[1]
    assert (avant.nombres, apres.nombres) == ((1, 2, None, None), (None, 2, 3, 4))
    assert (avant.etiquettes, apres.etiquettes) == (("1", "2", "", ""), ("", "", "3", "4"))
    assert apres.scenario and not avant.scenario


def test_a_scenario_that_begins_at_a_break_starts_from_nothing() -> None:
    graphique = replace(
        serie(territoire=(1, 2, 3, 4)), projection=2021, ruptures=(Rupture(2021, "définition"),)
    )
    assert nombres(graphique) == [(1, 2, None, None), (None, None, 3, 4)]


def test_what_shows_no_figure_is_an_empty_place_and_is_named() -> None:
    document = exemples.portrait()
    de = {g.identifiant: g for s in document.sections for g in s.elements if isinstance(g, natifs.Natif)}
    barres = de["bas-revenus-compare"]
    assert nombres(barres) == [(35.2, 29.0, None, 30.4, None)]
    assert natifs.tracer(barres)[0][2] == "Auvergne-Rhône-Alpes : nd"
    assert natifs.absents(de["foyers-allocataires"]) == ["Baronnies en Drôme provençale, 2022 : s"]
    assert natifs.absents(de["modes-accueil"]) == ["2019, Garde à domicile : s", "2022, Garde à domicile : s"]
    assert (None, None) in nombres(de["modes-accueil"])


def test_a_year_without_a_figure_is_a_hole_in_the_line() -> None:
    assert nombres(serie(territoire=(1, None, 3))) == [(1, None, 3)]


def test_every_year_has_its_place_and_a_break_still_cuts() -> None:
    """Names of years stand at one distance: without the empty ones, a slope would be a false one."""
    trois = replace(serie(territoire=(13.2, 13.7, 14.3)), annees=(2008, 2011, 2013))
    assert natifs.tracer(trois)[0] == [str(a) for a in range(2008, 2014)]
    assert nombres(trois) == [(13.2, None, None, 13.7, None, 14.3)]
    rompue = replace(trois, ruptures=(Rupture(2012, "source"),))
    assert nombres(rompue) == [(13.2, None, None, 13.7, None, None), (None,) * 5 + (14.3,)]


def test_a_scenario_without_a_past_leaves_from_the_first_line() -> None:
    graphique = replace(
        serie(territoire=(1, 2, None, None, None), avec=(None, None, None, 4, 5), sans=(None,) * 3 + (3, 3)),
        projection=2021,
    )
    traces = natifs.tracer(graphique)[1]
    assert [t.nombres for t in traces] == [
        (1, 2, None, None, None),
        (None, 2, None, 4, 5),
        (None, 2, None, 3, 3),
    ]
    assert [t.nom for t in traces] == ["territoire", "avec (scénario)", "sans (scénario)"]
    assert [t.etiquettes[1] for t in traces] == ["2", "", ""]
    rompue = replace(graphique, ruptures=(Rupture(2021, "définition"),))
    assert nombres(rompue)[1:] == [(None, None, None, 4, 5), (None, None, None, 3, 3)]


def test_a_label_stands_on_the_side_that_is_free() -> None:
    """The line of the territory runs just under another, then over it."""
    traces = natifs.tracer(serie(territoire=(50, 53, 64), drome=(58, 59, 60)), 0.2)[1]
    assert traces[0].etiquettes == ("50", "53", "64")
    assert traces[0].places == ("dessus", "dessous", "droite")
    # Last figures that are near: one beside its point, the other over or under it.
    proches = natifs.tracer(serie(drome=(13.5, 16.6), territoire=(13.2, 16.1)), 0.12)[1]
    assert {(t.nom, t.etiquettes[1], t.places[1]) for t in proches} == {
        ("territoire", "16.1", "droite"),
        ("drome", "16.6", "dessus"),
    }


def test_a_label_stands_under_the_hollow_of_its_own_line() -> None:
    (trace,) = natifs.tracer(serie(territoire=(132, 153, 137, 148, 141)))[1]
    assert trace.places == ("dessous", "dessus", "dessous", "dessus", "droite")


def test_between_two_lines_a_point_has_no_label_but_at_the_ends() -> None:
    traces = natifs.tracer(serie(territoire=(50, 53, 56), dessus=(51, 54, 57), dessous=(49, 52, 55)), 0.3)[1]
    assert traces[0].etiquettes == ("50", "", "56")


def test_two_lines_of_one_role_never_look_alike() -> None:
    traces = natifs.tracer(serie(a=(1, 2), b=(3, 4), c=(5, 6), territoire=(7, 8)))[1]
    assert len({t.role for t in traces}) == 4
    assert traces[3].role == "territoire"


def test_a_label_that_would_cover_another_is_left_to_the_table() -> None:
    traces = natifs.tracer(serie(territoire=(0, 100), proche=(50, 99), loin=(20, 40)))[1]
    assert [t.etiquettes for t in traces] == [("0", "100"), ("", ""), ("", "40")]


def test_bounds_are_told_around_labelled_points_alone() -> None:
    document = exemples.portrait()
    (graphique,) = (
        g
        for s in document.sections
        for g in s.elements
        if isinstance(g, Serie) and g.identifiant == "foyers-allocataires"
    )
    baronnies, suite, diois = natifs.tracer(graphique)[1][:3]
    assert baronnies.ecarts == ((0, 0), (0, 0), (0, 0), (2, 4), (0, 0), (0, 0), (0, 0), (0, 0))
    assert suite.ecarts is not None and suite.ecarts[4] == (112, 268)
    assert diois.ecarts is None


@pytest.mark.parametrize(
    ("valeurs", "attendu"),
    [((3, 8), 0.0), ((-10.4, -15.7), -21.0), ((-4.0, 10.0), -5.2), ((0.0, 0.0), 0.0)],
)
def test_bars_begin_at_zero_or_under_the_lowest(valeurs: tuple[float, ...], attendu: float) -> None:
    barres = tuple(Barre(str(n), "autre", Cellule(f"{n:g}", n)) for n in valeurs)
    graphique = Comparaison(
        identifiant="c", titre="t", unite="u", source="s", alternative="a", tableau=VIDE, barres=barres
    )
    assert natifs.plancher(graphique, natifs.tracer(graphique)[1]) == attendu


def test_the_axis_of_lines_begins_under_the_lowest_shown() -> None:
    graphique = serie(territoire=(21073, 20908, 20753))
    plancher = natifs.plancher(graphique, natifs.tracer(graphique)[1])
    assert plancher is not None and 20000 <= plancher < 20753


@pytest.mark.parametrize(
    ("valeurs", "attendu"),
    [
        ((41.6, 64.3), (30, 70, 10)),
        ((6.1, 9.5), (5, 10, 1)),
        ((20753, 21073), (20700, 21200, 100)),
        ((2.0, 30.7), (0, 40, 10)),
        ((-4.0, 10.0), (-10, 15, 5)),
        ((0.12, 0.18), (0.1, 0.2, 0.02)),
        ((0.0, 0.0), (0, 1, 0.2)),
        ((7.0, 7.0), (6, 8, 0.5)),
    ],
)
def test_an_axis_is_graded_by_round_steps(
    valeurs: tuple[float, ...], attendu: tuple[float, float, float]
) -> None:
    axe = natifs.axe(serie(territoire=valeurs))
    assert axe is not None
    assert (axe.bas, axe.haut, axe.pas) == pytest.approx(attendu)
    assert axe.bas <= min(valeurs) and axe.haut >= max(valeurs)
    assert natifs.coupee(serie(territoire=valeurs)) == (axe.bas > 0)


def test_an_axis_without_a_figure_is_left_to_the_program() -> None:
    graphique = Parts(
        identifiant="p",
        titre="t",
        unite="u",
        source="s",
        alternative="a",
        tableau=VIDE,
        touts=(("2019", (Barre("x", "autre", Cellule("s", statut="secret")),)),),
    )
    assert natifs.plancher(graphique, natifs.tracer(graphique)[1]) is None
    assert nombres(graphique) == [(None,)]


def test_a_line_with_no_figure_at_all_has_no_series() -> None:
    graphique = serie(territoire=(1, 2), muette=(None, None))
    assert [t.nom for t in natifs.tracer(graphique)[1]] == ["territoire"]
