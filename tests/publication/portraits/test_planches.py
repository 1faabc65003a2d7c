"""Charts of dots: where they are, what is written, whatever they are drawn in."""

from dataclasses import replace
from itertools import combinations

import pytest

from publication.commun import apparence
from publication.lecture.chiffres import Cellule
from publication.portraits import planches
from publication.portraits.modele import Haltere, Repere
from publication.portraits.planches import Marque, Mot, Planche
from tests.publication.portraits import dessins
from tests.publication.portraits.releve import Releve

LARGEURS = (apparence.LARGEUR_GRAPHIQUE - 4, 440, 560, 888)
"""A page, which a phone shows too, paper, a slide."""


def part(nombre: float) -> Cellule:
    return Cellule(f"{nombre:.1f}\u202f%".replace(".", ","), nombre, 1, "\u202f%")


def effectif(nombre: float) -> Cellule:
    return Cellule(f"{nombre:.0f}", nombre)


def mots(planche: Planche) -> list[Mot]:
    return [t for t in planche.traits if isinstance(t, Mot)]


def ronds(planche: Planche) -> list[Marque]:
    """The dots of the territory, those of the legend left out."""
    return [t for t in planche.traits if isinstance(t, Marque) and t.rayon > 12 * 0.37]


def lus(*lignes: Haltere, largeur: float = 440) -> Planche:
    return planches.tracer(replace(dessins.halteres(Releve()), lignes=lignes), largeur, 12)


@pytest.mark.parametrize("largeur", LARGEURS)
@pytest.mark.parametrize("graphique", [dessins.halteres(Releve()), dessins.reperes(Releve())])
def test_no_word_covers_another_or_leaves_the_chart(graphique, largeur: float) -> None:
    for corps in (12, 16):
        planche = planches.tracer(graphique, largeur, corps)
        boites = [
            (m.gauche, m.y - m.corps / 2, m.gauche + m.largeur, m.y + m.corps / 2) for m in mots(planche)
        ]
        for (x, y, x2, y2), (a, b, a2, b2) in combinations(boites, 2):
            assert x2 <= a + 0.5 or a2 <= x + 0.5 or y2 <= b + 0.5 or b2 <= y + 0.5, (largeur, corps)
        if corps == 12:
            assert all(x >= -1 and x2 <= largeur + 1 for x, _, x2, _ in boites), largeur
        assert all(y >= 0 and y2 <= planche.hauteur for _, y, _, y2 in boites)


def test_narrow_key_figures_have_their_whole_names_over_them() -> None:
    lignes = (
        Repere("Part des familles monoparentales à bas revenus", part(56.9), periode="2022"),
        Repere("Foyers allocataires", effectif(3190)),
    )
    graphique = replace(dessins.reperes(Releve()), lignes=lignes)
    dits = {m.texte: m for m in mots(planches.tracer(graphique, LARGEURS[0], 12))}
    assert dits["Part des familles monoparentales à bas revenus, 2022"].y < dits[part(56.9).texte].y
    assert dits[part(56.9).texte].y < dits["Foyers allocataires"].y < dits["3190"].y
    larges = [m.texte for m in mots(planches.tracer(graphique, 440, 12))]
    assert "2022" in larges


def test_dumbbells_of_shares_are_on_one_scale_and_counts_on_that_of_their_first_year() -> None:
    """Two points are as far on each line; 100 to 80 goes as far as 50 to 40."""
    deux, quatre = Haltere("a", part(10), part(12), 2019, 2024), Haltere("b", part(60), part(56), 2019, 2024)
    debut, fin, autre_debut, autre_fin = (r.x for r in ronds(lus(deux, quatre)))
    assert debut == autre_debut
    assert autre_debut - autre_fin == pytest.approx(2 * (fin - debut))
    cent, cinquante = (Haltere("c", effectif(n), effectif(0.8 * n), 2019, 2024) for n in (100, 50))
    debut, fin, autre_debut, autre_fin = (r.x for r in ronds(lus(cent, cinquante)))
    assert fin - debut == pytest.approx(autre_fin - autre_debut) and fin < debut


def test_a_dumbbell_says_both_years_and_its_tone_by_more_than_colour() -> None:
    planche = lus(Haltere("RSA", part(13.3), part(12.1), 2020, 2024, "favorable"))
    dits = {m.texte: m for m in mots(planche)}
    assert "13,3\u202f% (2020)" in dits and dits["12,1\u202f% (2024)"].gras
    debut, fin = ronds(planche)
    (signe,) = (t for t in planche.traits if isinstance(t, Marque) and t.forme == "diamond" and t.y == fin.y)
    assert signe.fond == apparence.PAPIER and dits["12,1\u202f% (2024)"].x < signe.x < fin.x
    assert (debut.fond, fin.fond) == (apparence.PAPIER, apparence.TONS["favorable"])
    # The last figure is at the left of a fall, and its words on that side.
    assert dits["12,1\u202f% (2024)"].gauche < fin.x < debut.x < dits["13,3\u202f% (2020)"].gauche


def test_two_charts_side_by_side_are_on_one_scale() -> None:
    un, sept = Haltere("a", part(10), part(9), 2019, 2024), Haltere("b", part(10), part(17), 2019, 2024)
    graphique = dessins.halteres(Releve())
    for largeur in (440, 888):
        courte = planches.tracer(replace(graphique, lignes=(un,), avec=(sept,)), largeur, 12)
        longue = planches.tracer(replace(graphique, lignes=(sept,), avec=(un,)), largeur, 12)
        (debut, fin), (autre_debut, autre_fin) = ([r.x for r in ronds(p)] for p in (courte, longue))
        assert debut == autre_debut
        assert autre_fin - autre_debut == pytest.approx(7 * (debut - fin))


def test_a_figure_that_is_not_shown_has_words_and_no_dot() -> None:
    planche = lus(Haltere("Places", Cellule("0", 0.0), Cellule("s", statut="secret"), 2019, 2024))
    assert not ronds(planche)
    assert "0 (2019) → s (2024)" in {m.texte for m in mots(planche)}


def test_a_count_too_rounded_for_a_proportion_has_words_and_no_dot() -> None:
    """30 then 35, each known by 5: no length says how much of the first is left. A share moves by points."""
    trente = replace(Haltere("Chômeurs", effectif(30), effectif(35), 2023, 2024), en_proportion=False)
    assert "Nombres : sans proportion lisible" in {m.texte for m in mots(lus(trente))}
    assert not ronds(lus(trente)) and "30 (2023) → 35 (2024)" in {m.texte for m in mots(lus(trente))}
    assert len(ronds(lus(replace(trente, debut=part(30), fin=part(35))))) == 2


def test_a_title_says_how_many_movements_are_drawn_where_some_are_not() -> None:
    lignes = tuple(Haltere(nom, part(10), part(9), 2019, 2024) for nom in "abcd")
    quatre = replace(dessins.halteres(Releve()), titre="Ce qui s'améliore", lignes=lignes)
    quatre = replace(quatre, sens="Ce qui s'améliore", combien=4)
    assert quatre.premieres(4) == quatre
    assert quatre.premieres(3).titre == "Ce qui s'améliore\u00a0: 3 sur 4"
    assert [li.libelle for li in quatre.premieres(3).premieres(2).lignes] == ["a", "b"]
    assert quatre.premieres(3).premieres(2).titre == "Ce qui s'améliore\u00a0: 2 sur 4"


def test_the_strip_of_a_key_figure_orders_its_dots_and_keeps_close_ones_close() -> None:
    def places(*nombres: float) -> list[float]:
        ici, autre, pairs = map(part, nombres)
        repere = Repere("x", ici, (("departement", "Drôme", autre), ("pairs", "Médiane", pairs)))
        marques = [t for t in planches.bande(repere, 0, 0, 100, 12) if isinstance(t, Marque)]
        assert [m.forme for m in marques] == ["square", "tick", "circle"]
        return [m.x for m in marques]

    drome, pairs, ici = places(35, 29, 31)
    assert drome < pairs < ici and all(0 <= x <= 100 for x in (drome, pairs, ici))
    proches = places(31, 31.2, 31.1)
    assert max(proches) - min(proches) < 5
    assert not planches.bande(Repere("seul", part(30)), 0, 0, 100, 12)
    cache = Repere("s", Cellule("s", statut="secret"), (("departement", "Drôme", part(3)),) * 2)
    assert not planches.bande(cache, 0, 0, 100, 12)


def test_lines_stand_apart_where_there_is_room_and_a_chart_never_shrinks_its_type() -> None:
    graphique = dessins.halteres(Releve())
    serree = planches.tracer(graphique, 888, 16)
    assert serree.hauteur < planches.tracer(graphique, 888, 16, 400).hauteur <= 400.5
    assert planches.tracer(graphique, 888, 16, 50) == serree
    assert {m.corps for m in mots(serree)} == {16}
