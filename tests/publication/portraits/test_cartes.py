"""Maps: classes, hatches, outlines, and that nothing hidden can be read off them."""

import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest

from publication.commun import apparence
from publication.commun.lettres import largeur
from publication.lecture.chiffres import Cellule
from publication.portraits import cercles, noms
from publication.portraits.modele import Carte, Contours, Zone
from publication.portraits.svg import cartes
from tests.publication.portraits import dessins
from tests.publication.portraits.releve import BANDEAU, COMMUNES, Releve

SVG = "{http://www.w3.org/2000/svg}"


def dessiner(carte=None, **reste) -> str:
    return cartes.dessiner(carte or dessins.carte(Releve()), dessins.contours(), **reste)


def communes(svg: str) -> dict[str, ElementTree.Element]:
    """Paths of communes by the name that their title begins with."""
    trouvees = {}
    for trace in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        titre = trace.find(f"{SVG}title")
        if titre is not None and titre.text:
            trouvees[titre.text.split("\u00a0:")[0]] = trace
    return trouvees


def textes(svg: str) -> list[str]:
    return [t.text or "" for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_each_commune_has_the_colour_of_its_class_and_says_its_figure() -> None:
    carte = dessins.carte(Releve())
    dessinees = communes(dessiner(carte))
    couleurs = apparence.classes(len(carte.classes))
    for zone in carte.zones:
        trace = dessinees[zone.nom]
        if zone.classe is not None:
            assert trace.attrib["fill"] == couleurs[zone.classe]
            assert trace.find(f"{SVG}title").text == f"{zone.nom}\u00a0: {zone.valeur.texte}"


def test_secret_and_missing_are_hatched_each_in_its_way() -> None:
    svg = dessiner()
    dessinees = communes(svg)
    assert dessinees["Séderon"].attrib["fill"] == "url(#carte-bas-revenus-secret)"
    assert dessinees["Montbrun-les-Bains"].attrib["fill"] == "url(#carte-bas-revenus-non_disponible)"
    assert dessinees["Séderon"].find(f"{SVG}title").text == "Séderon\u00a0: s\u00a0: secret statistique"
    motifs = {
        p.attrib["id"]: ElementTree.tostring(p[1]) for p in ElementTree.fromstring(svg).iter(f"{SVG}pattern")
    }
    assert len(motifs) == len(set(motifs.values())) == 2


def test_the_legend_is_text_and_counts() -> None:
    assert [t for t in textes(dessiner()) if "(" in t] == [
        "moins de 25\u00a0% (2)",
        "de 25 à 35\u00a0% (1)",
        "35\u00a0% et plus (2)",
        "s\u00a0: secret statistique (2)",
        "nd\u00a0: non disponible (1)",
    ]


def test_a_hidden_commune_cannot_have_a_class() -> None:
    with pytest.raises(ValueError, match="has a class"):
        Zone("26340", "Séderon", 2, Cellule("s", statut="secret"))


def test_two_hidden_communes_are_drawn_alike() -> None:
    """Nothing but its outline tells one from another."""
    dessinees = communes(dessiner())
    un, autre = ({**dessinees[nom].attrib, "d": ""} for nom in ("Séderon", "Sainte-Jalle"))
    assert un == autre


def test_outlines_are_light_rounded_and_keep_holes_and_islands() -> None:
    svg = dessiner()
    dessinees = communes(svg)
    assert dessinees["Buis-les-Baronnies"].attrib["d"].count("z") == 2
    assert dessinees["Rémuzat"].attrib["d"].count("z") == 2
    assert 'fill-rule="evenodd"' in svg
    assert not re.search(r"\d\.\d\d", "".join(t.attrib["d"] for t in dessinees.values()))


def test_neighbours_keep_one_border() -> None:
    """Paths are relative, from a rounded point: the corners that two communes share stay where they are."""
    contours = dessins.contours()
    tiers = {c: (dessins.carre(10 + 95 / 3 * i, 10, 95 / 3),) for i, c in enumerate(("26220", "26063"))}
    svg = cartes.dessiner(dessins.carte(Releve()), replace(contours, communes=tiers))
    coins = []
    for nom in ("Nyons", "Buis-les-Baronnies"):
        trace = communes(svg)[nom].attrib["d"]
        assert re.fullmatch(r"M[\d. -]+l[\d. -]+z", trace)
        x, y, *pas = map(float, re.findall(r"-?[\d.]+", trace))
        points = [(x, y)]
        for dx, dy in zip(pas[::2], pas[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((round(x, 1), round(y, 1)))
        coins.append(set(points))
    assert len(coins[0] & coins[1]) == 2


def test_maps_of_a_page_share_their_outlines() -> None:
    """Drawn once, before the first map that shows it; the second only colours it."""
    carte, contours = dessins.carte(Releve()), dessins.contours()
    traits: dict[str, str] = {}
    premiere, seconde = (cartes.dessiner(carte, contours, traits=traits) for _ in range(2))
    assert set(re.findall(r'<path id="(\w+)"', premiere)) == set(traits.values())
    assert 'id="t' not in seconde and len(seconde) < len(premiere)
    for svg in (premiere, seconde):
        assert {*re.findall(r'<use href="#(\w+)"', svg)} == {*traits.values()}
        assert svg.count("<title>") == len(contours.communes)


def test_a_commune_without_a_figure_is_blank_and_one_without_an_outline_is_left_out() -> None:
    carte = dessins.carte(Releve())
    sans = replace(carte, zones=(*carte.zones[1:], Zone("26999", "Ailleurs", 0, Cellule("1", 1.0))))
    dessinees = communes(dessiner(sans))
    assert "Nyons" not in dessinees and "Ailleurs" not in dessinees
    assert dessiner(sans).count("<path d=") == dessiner(carte).count("<path d=")


def ronds(svg: str) -> list[tuple[float, float, float]]:
    return [
        tuple(float(c.attrib[nom]) for nom in ("cx", "cy", "r"))  # type: ignore[misc]
        for c in ElementTree.fromstring(svg).iter(f"{SVG}circle")
    ]


def test_a_count_is_the_area_of_a_circle_wherever_its_commune_stands() -> None:
    svg = dessiner(dessins.carte_en_cercles(Releve()))
    rayons = [r for _, _, r in ronds(svg)]
    # 400, 100, 25 and 4, then 200, 50 and 10 in the legend; zero has none.
    attendus = [(n / 400) ** 0.5 * rayons[0] for n in (400, 100, 25, 4, 200, 50, 10)]
    assert rayons == pytest.approx(attendus, abs=0.1)
    assert {"200", "50", "10"} <= set(textes(svg))
    dessinees = communes(svg)
    fonds = {nom: trace.attrib["fill"] for nom, trace in dessinees.items()}
    assert fonds["Nyons"] == fonds["Rémuzat"] == apparence.PAPIER_DOUX
    assert dessinees["Nyons"].find(f"{SVG}title").text == "Nyons\u00a0: 400"


def test_a_commune_without_a_figure_is_hatched_on_a_map_of_circles_too() -> None:
    svg = dessiner(dessins.carte_en_cercles(Releve()))
    fonds = {nom: trace.attrib["fill"] for nom, trace in communes(svg).items()}
    assert fonds["Séderon"] == fonds["Sainte-Jalle"] == "url(#carte-enfants-secret)"
    assert fonds["Montbrun-les-Bains"] == "url(#carte-enfants-non_disponible)"
    assert [t for t in textes(svg) if "(" in t] == [
        "s\u00a0: secret statistique (2)",
        "nd\u00a0: non disponible (1)",
    ]


def test_no_circle_depends_on_a_figure_that_is_not_shown() -> None:
    carte = dessins.carte_en_cercles(Releve())
    montrees = tuple(z for z in carte.zones if z.valeur.nombre is not None)
    assert ronds(dessiner(carte)) == ronds(dessiner(replace(carte, zones=montrees)))


def test_circles_never_hide_the_map_nor_a_smaller_one() -> None:
    carte, contours = dessins.carte_en_cercles(Releve()), dessins.contours()
    egaux = replace(
        carte, zones=tuple(replace(z, valeur=Cellule("9", 9.0), classe=None) for z in carte.zones)
    )
    for une in (carte, egaux):
        poses = cercles.placer(une, contours)
        assert [c.rayon for c in poses] == sorted((c.rayon for c in poses), reverse=True)
        assert sum(3.15 * c.rayon**2 for c in poses) <= 0.16 * contours.largeur * contours.hauteur
    # One structure is no town.
    seul = replace(egaux, zones=tuple(replace(z, valeur=Cellule("1", 1.0)) for z in egaux.zones))
    assert cercles.rayons(seul, contours)(1.0) < cercles.rayons(egaux, contours)(9.0)


def test_the_cover_has_the_legend_of_what_it_tells_apart() -> None:
    classes = dessins.carte(Releve())
    ecrits = textes(dessiner(classes, couverture=True))
    assert any(t.startswith(classes.classes[0]) for t in ecrits)
    assert "s\u00a0: secret statistique (2)" in ecrits
    comptes = textes(dessiner(dessins.carte_en_cercles(Releve()), couverture=True))
    assert {"200", "50", "10", "Nyons"} <= set(comptes)


def test_a_cover_of_few_communes_names_all_and_has_no_legend_of_one_class() -> None:
    ecrits = textes(dessiner(dessins.carte_de_couverture(), couverture=True))
    assert set(ecrits) <= {nom for _, nom in COMMUNES}
    assert len(ecrits) == len(COMMUNES)


def _nombreuses(cote: float) -> tuple[Carte, Contours]:
    """A hundred communes on a square of this side, the last of the list the most peopled."""
    pas = cote / 10
    codes = [f"{n:05}" for n in range(100)]
    communes = {
        code: (dessins.carre(pas * (rang % 10), pas * (rang // 10), pas),) for rang, code in enumerate(codes)
    }
    contours = replace(
        dessins.contours(),
        largeur=cote,
        hauteur=cote,
        communes=communes,
        pourtour=(dessins.carre(0, 0, cote),),
        principales=tuple(reversed(codes)),
    )
    zones = tuple(Zone(code, f"Commune-du-Val-{code}", 0, Cellule("")) for code in codes)
    return replace(dessins.carte_de_couverture(), zones=zones), contours


def test_a_small_map_has_fewer_names() -> None:
    combien = [len(noms.placer(*_nombreuses(cote), 1.0, 10, 40)) for cote in (100, 250, 900)]
    assert combien == sorted(combien) and combien[0] < combien[-1] == 9


@pytest.mark.parametrize("cote", [60, 300, 900])
def test_names_of_the_most_peopled_communes_touch_no_other_nor_leave_the_map(cote: float) -> None:
    carte, contours = _nombreuses(cote)
    places = noms.placer(carte, contours, 1.0, 10, 40)
    assert places[0].texte == "Commune-du-Val-00099"
    assert 1 <= len(places) <= 9
    boites = [(n.x, n.y, largeur(n.texte, 10) / 2) for n in places]
    for (x, y, demi), (autre_x, autre_y, autre) in combinations(boites, 2):
        assert abs(x - autre_x) >= demi + autre or abs(y - autre_y) >= 10
    assert all(x - demi >= -40 and x + demi <= cote + 40 for x, _, demi in boites)


def test_a_map_of_a_count_names_its_highest_figures_and_no_zero() -> None:
    carte, contours = _nombreuses(900)
    valeurs = {"00003": 7.0, "00050": 3.0}
    zones = tuple(
        replace(z, classe=None, valeur=Cellule(f"{n:g}", n)) if (n := valeurs.get(z.code, 0.0)) >= 0 else z
        for z in carte.zones
    )
    comptee = replace(carte, zones=zones, classes=(), reperes=(Cellule("5", 5.0),))
    ecrits = [n.texte for n in noms.placer(comptee, contours, 1.0, 10, 40)]
    assert ecrits == ["Commune-du-Val-00003", "Commune-du-Val-00050"]


def test_borders_of_epci_are_drawn_and_named_where_there_are_several() -> None:
    assert cartes.LIMITES not in textes(dessiner())
    deux = replace(dessins.contours(), epci=(dessins.carre(10, 10, 190), dessins.carre(200, 10, 190)))
    svg = cartes.dessiner(dessins.carte(Releve()), deux)
    assert cartes.LIMITES in textes(svg)
    assert svg.count('fill="none" stroke=') == dessiner().count('fill="none" stroke=') + 2


def test_an_uncertain_commune_is_hatched_over_a_neutral_fill_and_named_so() -> None:
    carte = dessins.carte(Releve())
    svg = dessiner(replace(carte, zones=(replace(carte.zones[0], classe=None), *carte.zones[1:])))
    assert communes(svg)["Nyons"].attrib["fill"] == "url(#carte-bas-revenus-incertain)"
    assert "trop incertain pour une couleur (1)" in textes(svg)
    (motif,) = (p for p in ElementTree.fromstring(svg).iter(f"{SVG}pattern") if "incertain" in p.attrib["id"])
    assert motif[0].attrib["fill"] == apparence.PAPIER_DOUX


def test_a_map_is_marked_as_a_demonstration_and_always_the_same() -> None:
    svg = dessiner(bandeau=BANDEAU)
    assert BANDEAU in textes(svg)
    assert svg == dessiner(bandeau=BANDEAU)
    racine = ElementTree.fromstring(svg)
    assert racine.attrib["role"] == "img"
    assert racine.find(f"{SVG}desc").text == dessins.carte(Releve()).alternative


def test_hostile_names_are_text() -> None:
    hostile = "<script>alert(\"x\")</script> & 'Nyons' \u202e\x00"
    carte = dessins.carte(Releve())
    svg = dessiner(replace(carte, zones=tuple(replace(z, nom=hostile) for z in carte.zones), titre=hostile))
    balises = {e.tag.removeprefix(SVG) for e in ElementTree.fromstring(svg).iter()}
    assert "script" not in balises and "\u202e" not in svg
