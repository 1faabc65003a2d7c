"""The charts and the maps of a portrait: which are worth drawing, of what, with which twin table."""

import re
from bisect import bisect
from itertools import pairwise

import pytest

from publication.lecture.marts import Marts
from publication.portraits.contenu import zones
from publication.portraits.contenu.langue import insecable
from publication.portraits.modele import Carte, Comparaison, Document, Parts, Serie
from publication.portraits.svg.cartes import hachee
from tests.publication.portraits.contenus import CTG, TERRITOIRES, Composer
from tests.publication.portraits.parcours import cellules_de, cellules_tracees, elements_de


def test_each_chart_has_its_twin_with_the_same_cells(document: Document) -> None:
    dessins = [
        e for e in elements_de(document.sections) if isinstance(e, Comparaison | Parts | Serie | Carte)
    ]
    assert {type(d) for d in dessins} == {Comparaison, Parts, Serie, Carte}
    for dessin in dessins:
        traces = {c.texte for c in cellules_tracees(dessin)}
        # « 0 dans les 63 autres communes. »
        reste = {
            note.partition(" dans les ")[0] for note in dessin.tableau.notes if " autres communes" in note
        }
        assert traces <= {c.texte for c in cellules_de(dessin.tableau)} | reste
        assert dessin.alternative and dessin.source and dessin.unite
    assert len({d.identifiant for d in dessins}) == len(dessins)


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_a_chart_has_something_to_show(compose: Composer, territoire_id: str) -> None:
    """Two bars are a sentence, two years are an evolution, one class is no map."""
    for element in elements_de(compose(territoire_id).sections):
        if isinstance(element, Comparaison):
            assert sum(b.valeur.nombre is not None for b in element.barres) >= 3
        elif isinstance(element, Serie):
            assert len(element.annees) >= 3
        elif isinstance(element, Carte):
            assert len(element.classes) >= 2 or element.reperes


def cartes_d_indicateurs(lu: Document) -> list[Carte]:
    """The maps of one figure: that of zones counts criteria."""
    return [e for e in elements_de(lu.sections) if isinstance(e, Carte) and e.identifiant != zones.CARTE]


@pytest.mark.parametrize("territoire_id", [CTG, "departement:26"])
def test_the_figures_of_a_map_are_in_the_annexes(compose: Composer, territoire_id: str) -> None:
    lu = compose(territoire_id)
    annexes = {c.chiffre for e in elements_de(lu.sections[-1:]) for c in cellules_de(e)}
    cartes = cartes_d_indicateurs(lu)
    assert cartes
    for dessinee in cartes:
        # A commune without a row in the release is nd on a map, and empty in a table.
        assert {z.valeur.chiffre for z in dessinee.zones} - {None} <= annexes, dessinee.titre
        assert dessinee.renvoi and "annexe" in dessinee.renvoi


@pytest.mark.parametrize("territoire_id", ["epci:200068229", "departement:26"])
def test_a_figure_too_uncertain_for_a_class_of_a_map_is_in_none(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """What is no point in the marts has its text there, and neither number, class nor circle."""
    sures = {
        (ligne["code"], ligne["nom"], ligne["millesime"]): (ligne["lisibilite"], ligne["valeur_affichee"])
        for ligne in marts.lignes(
            "select code, replace(indicateur_id, '_', '-') as nom, millesime, lisibilite, valeur_affichee"
            " from fct_indicateurs where niveau = 'commune'"
        )
    }
    cartes = cartes_d_indicateurs(compose(territoire_id))
    vues = set()
    for dessinee in cartes:
        nom, annee = dessinee.identifiant.removeprefix("carte-"), int(dessinee.unite[-4:])
        # « moins de 10 % », « 10 à 15 % », « 15 % et plus »: one ends where the next begins.
        dits = [re.findall(r"\d[\d,]*", mots) for mots in dessinee.classes]
        assert all(avant[-1] == apres[0] for avant, apres in pairwise(dits)), dessinee.classes
        bornes = [float(d[0].replace(",", ".")) for d in dits[1:]]
        sans = sum(hachee(dessinee, z) == "incertain" for z in dessinee.zones)
        assert dessinee.reperes or sans <= len(dessinee.zones) / 3, dessinee.titre
        for zone in dessinee.zones:
            sure, imprime = sures.get((zone.code, nom, annee), (None, "nd"))
            assert zone.valeur.texte == insecable(imprime), (dessinee.titre, zone)
            assert (zone.valeur.nombre is not None) is (sure == "point"), (dessinee.titre, zone)
            assert (zone.classe is not None) is (sure == "point" and not dessinee.reperes), zone
            assert (hachee(dessinee, zone) == "incertain") is (sure in ("intervalle", "trop_peu")), zone
            if zone.classe is not None:
                assert zone.classe == bisect(bornes, zone.valeur.nombre), (dessinee.titre, zone)
            vues.add(sure)
    assert "point" in vues and vues & {"intervalle", "trop_peu"}


def test_the_outlines_of_a_departement_have_the_borders_of_its_epci(compose: Composer) -> None:
    """And say which communes are the most peopled; those of one EPCI have no border but their own."""
    drome = compose("departement:26").contours
    assert drome is not None and len(drome.epci) >= 10
    points = {p for anneaux in drome.communes.values() for anneau in anneaux for p in anneau}
    assert {p for anneau in drome.epci for p in anneau} <= points
    assert set(drome.principales) == set(drome.communes)
    assert drome.principales[0] == "26362"
    seul = compose("epci:200068229").contours
    assert seul is not None and not seul.epci


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_two_dots_are_no_map(compose: Composer, territoire_id: str) -> None:
    """The list of structures names their communes."""
    for une in (e for e in elements_de(compose(territoire_id).sections) if isinstance(e, Carte)):
        assert not une.reperes or sum(bool(z.valeur.nombre) for z in une.zones) >= 3, une.titre


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_a_count_is_mapped_by_circles_and_a_rate_by_classes(
    compose: Composer, marts: Marts, territoire_id: str
) -> None:
    """Shaded, a count would say how wide communes are."""
    lu = compose(territoire_id)
    cartes = cartes_d_indicateurs(lu)
    for une in [*cartes, *([lu.carte] if lu.carte else [])]:
        indicateur = marts.indicateurs[une.identifiant.removeprefix("carte-").replace("-", "_")]
        montres = [z.valeur.nombre for z in une.zones if z.valeur.nombre is not None]
        assert bool(une.classes) == indicateur.comparable != bool(une.reperes)
        if une.reperes:
            ronds = [c.nombre for c in une.reperes]
            assert None not in ronds and ronds == sorted(ronds, reverse=True)  # type: ignore[type-var]
            assert min(n for n in montres if n) <= ronds[-1] <= ronds[0] <= max(montres)  # type: ignore[operator]
            assert all(z.classe is None for z in une.zones)
