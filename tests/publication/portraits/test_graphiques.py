"""Bars, shares and series: what is drawn, what is not, and that nothing hidden can be read off them."""

import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from publication.commun import apparence
from publication.commun.lettres import couper, largeur
from publication.lecture.chiffres import Cellule
from publication.portraits import echelles
from publication.portraits import svg as graphiques
from publication.portraits.modele import Barre, Dessine, Halteres, Ligne, Reperes, Rupture, Serie
from tests.publication.portraits import dessins
from tests.publication.portraits.releve import BANDEAU, Releve

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(\"x\")</script> & 'Nyons' \u202e\x00\x1b ]]>"


def lire(svg: str) -> ElementTree.Element:
    """Well-formed, or the test fails here; what strokes of a group share is read on each of them."""
    dessin = ElementTree.fromstring(svg)
    for groupe in dessin.iter(f"{SVG}g"):
        for trace in groupe:
            trace.attrib.update({nom: dit for nom, dit in groupe.attrib.items() if nom not in trace.attrib})
    return dessin


def textes(svg: str) -> list[str]:
    return [t.text or "" for t in lire(svg).iter(f"{SVG}text")]


def barres(svg: str) -> list[dict[str, str]]:
    """Rectangles that are bars or parts: neither the paper nor the squares of figures not shown."""
    return [
        r.attrib
        for r in lire(svg).findall(f"{SVG}g/{SVG}rect")
        if not r.attrib["fill"].startswith("url(#") and float(r.attrib["height"]) > 11
    ]


def lignes(svg: str, tirets: str | None) -> list[list[tuple[float, float]]]:
    """Polylines with these dashes, as points."""
    return [
        [tuple(map(float, p.split(","))) for p in trace.attrib["d"][1:].split("L")]
        for trace in lire(svg).iter(f"{SVG}path")
        if trace.attrib.get("stroke-width") == "2.6" and trace.attrib.get("stroke-dasharray") == tirets
    ]


TOUS = [
    dessins.comparaison,
    dessins.parts,
    dessins.serie,
    dessins.scenario,
    dessins.halteres,
    dessins.reperes,
]


@pytest.fixture(params=TOUS, ids=lambda f: f.__name__)
def graphique(request: pytest.FixtureRequest) -> Dessine:
    return request.param(Releve())


def test_a_chart_is_an_image_with_a_name_and_words(graphique: Dessine) -> None:
    svg = graphiques.dessiner(graphique)
    racine = lire(svg)
    assert racine.attrib["role"] == "img"
    par_id = {e.attrib["id"]: e for e in racine.iter() if "id" in e.attrib}
    assert all(i.startswith(graphique.identifiant) for i in par_id)
    assert par_id[racine.attrib["aria-labelledby"]].text == graphique.titre
    assert par_id[racine.attrib["aria-describedby"]].text == graphique.alternative
    for cible in re.findall(r"url\(#([^)]*)\)", svg):
        assert cible in par_id


def test_the_same_chart_is_the_same_bytes_and_is_marked_as_a_demonstration(
    graphique: Dessine,
) -> None:
    assert graphiques.dessiner(graphique) == graphiques.dessiner(graphique)
    assert BANDEAU in textes(graphiques.dessiner(graphique, BANDEAU))


def test_every_text_is_a_text_of_the_document(graphique: Dessine) -> None:
    """Nothing is formatted here: a number that is written is one that some cell prints."""
    connus = {c.texte for ligne in graphique.tableau.lignes for c in ligne}
    connus |= {c.titre for c in graphique.tableau.colonnes}
    if isinstance(graphique, Serie):
        connus |= {str(a) for a in graphique.annees} | {r.libelle for r in graphique.ruptures}
    if isinstance(graphique, Halteres):
        connus |= {str(a) for li in graphique.lignes for a in (li.annee_debut, li.annee_fin)}
        connus |= {li.libelle for li in graphique.lignes}
    if isinstance(graphique, Reperes):
        connus |= {nom for li in graphique.lignes for _, nom, _ in li.reperes}
    connus |= {b.libelle for b in getattr(graphique, "barres", ())}
    for texte in textes(graphiques.dessiner(graphique)):
        for nombre in re.findall(r"\d[\d\u202f]*(?:,\d+)?", texte):
            assert any(nombre in connu for connu in connus), texte


def test_a_phone_shows_letters_of_twelve_pixels_and_none_outside(graphique: Dessine) -> None:
    """That of 360 pixels shows a chart as it is drawn: any other, larger."""
    dessin = lire(graphiques.dessiner(graphique, "Démonstration : chiffres inventés"))
    assert float(dessin.attrib["width"]) <= 360 - 2 * 16
    assert float(dessin.find(f"{SVG}g").attrib["font-size"]) >= 12
    for texte in dessin.iter(f"{SVG}text"):
        assert float(texte.attrib.get("font-size", 12)) >= 12
        large = largeur(texte.text or "", 12, "font-weight" in texte.attrib)
        part = {"start": 0, "middle": 0.5, "end": 1}[texte.attrib.get("text-anchor", "start")]
        gauche = float(texte.attrib["x"]) - large * part
        assert gauche >= -1 and gauche + large <= float(dessin.attrib["width"]) + 1, texte.text


def test_bars_print_their_text_and_differ_by_more_than_colour() -> None:
    graphique = dessins.comparaison(Releve())
    svg = graphiques.dessiner(graphique)
    assert {"35,2\u00a0%", "29,0\u00a0%", "30,4\u00a0%"} <= set(textes(svg))
    territoire, drome, france = barres(svg)
    assert territoire["height"] != drome["height"] == france["height"]
    assert territoire["stroke"] == territoire["fill"] and drome["stroke"] != drome["fill"]
    assert float(drome["width"]) / float(territoire["width"]) == pytest.approx(29.0 / 35.2, abs=0.002)


def test_a_rounded_figure_has_its_interval() -> None:
    graphique = dessins.comparaison(Releve())
    sans = replace(
        graphique,
        barres=tuple(replace(b, valeur=replace(b.valeur, basse=None, haute=None)) for b in graphique.barres),
    )
    large = replace(
        graphique,
        barres=(
            replace(graphique.barres[0], valeur=replace(graphique.barres[0].valeur, basse=31.0, haute=39.0)),
            *sans.barres[1:],
        ),
    )
    assert graphiques.dessiner(large).count("<path") == graphiques.dessiner(sans).count("<path") + 6
    # Half a point is a blot on the end of a bar: the table says it.
    assert graphiques.dessiner(graphique).count("<path") == graphiques.dessiner(sans).count("<path")


def test_a_figure_not_shown_is_a_hatched_mark_of_one_size() -> None:
    svg = graphiques.dessiner(dessins.comparaison(Releve()))
    cases = [r.attrib for r in lire(svg).findall(f"{SVG}g/{SVG}rect") if r.attrib["fill"].startswith("url(#")]
    assert [c["fill"] for c in cases] == [
        "url(#bas-revenus-compare-non_disponible)",
        "url(#bas-revenus-compare-secret)",
    ]
    assert {(c["x"], c["width"], c["height"]) for c in cases} == {(cases[0]["x"], "11", "11")}
    assert {"nd (non disponible)", "s (secret statistique)"} <= set(textes(svg))


def test_no_scale_depends_on_a_figure_that_is_not_shown() -> None:
    """The bars of the others do not move when it goes."""
    graphique = dessins.comparaison(Releve())
    montrees = tuple(b for b in graphique.barres if b.valeur.nombre is not None)
    largeurs = [(b["x"], b["width"]) for b in barres(graphiques.dessiner(graphique))]
    assert largeurs == [
        (b["x"], b["width"]) for b in barres(graphiques.dessiner(replace(graphique, barres=montrees)))
    ]

    serie = dessins.serie(Releve())
    muette = replace(
        serie,
        lignes=tuple(
            replace(li, valeurs=tuple(None if c and c.nombre is None else c for c in li.valeurs))
            for li in serie.lignes
        ),
    )
    points = [c.attrib for c in lire(graphiques.dessiner(serie)).iter(f"{SVG}circle")]
    assert points == [c.attrib for c in lire(graphiques.dessiner(muette)).iter(f"{SVG}circle")]

    parts = dessins.parts(Releve())
    pleines = replace(
        parts, touts=tuple((n, tuple(p for p in ps if p.valeur.nombre is not None)) for n, ps in parts.touts)
    )
    etendues = [(b["x"], b["width"]) for b in barres(graphiques.dessiner(parts, None, 440))]
    assert etendues == [(b["x"], b["width"]) for b in barres(graphiques.dessiner(pleines, None, 440))]


@pytest.mark.parametrize("statut", ["secret", "non_disponible", "sans_objet"])
def test_a_cell_that_hides_a_number_cannot_be_made(statut: str) -> None:
    for reste in ({"nombre": 7.0}, {"basse": 0.0}, {"haute": 10.0}):
        with pytest.raises(ValueError, match="holds a number"):
            Cellule("s", statut=statut, **reste)


def test_all_hidden_is_marks_without_a_bar() -> None:
    graphique = dessins.comparaison(Releve())
    muettes = tuple(replace(b, valeur=Cellule("s", statut="secret")) for b in graphique.barres)
    svg = graphiques.dessiner(replace(graphique, barres=muettes))
    assert barres(svg) == []
    assert textes(svg).count("s (secret statistique)") == len(muettes)


def test_negative_figures_go_left_of_zero() -> None:
    graphique = dessins.comparaison(Releve())
    deux = (
        Barre("Baronnies", "territoire", Cellule("−10,4\u00a0%", -10.4, 1)),
        Barre("Drôme", "departement", Cellule("+2,0\u00a0%", 2.0, 1)),
    )
    gauche, droite = barres(graphiques.dessiner(replace(graphique, barres=deux)))
    zero = float(droite["x"])
    assert float(gauche["x"]) + float(gauche["width"]) == pytest.approx(zero, abs=0.11)
    assert float(gauche["width"]) > float(droite["width"])


def test_the_bars_a_territory_is_judged_by_are_marked_on_its_own() -> None:
    """The département and the median, each with its mark; a figure in the way of one stands after it."""
    graphique = dessins.comparaison(Releve())
    barres_ = (
        Barre("Baronnies", "territoire", Cellule("20,0\u00a0%", 20.0, 1)),
        Barre("Drôme", "departement", Cellule("22,0\u00a0%", 22.0, 1)),
        Barre("France", "france", Cellule("40,0\u00a0%", 40.0, 1)),
        Barre("Médiane", "pairs", Cellule("10,0\u00a0%", 10.0, 1)),
    )
    svg = graphiques.dessiner(replace(graphique, barres=barres_))
    _, drome, _, mediane = barres(svg)
    for barre, role, tirets in ((drome, "departement", None), (mediane, "pairs", "3 2")):
        marques = [
            t.attrib
            for t in lire(svg).iter(f"{SVG}path")
            if t.attrib["stroke"] == apparence.TRAITS[role].couleur  # type: ignore[index]
        ]
        bout = float(barre["x"]) + float(barre["width"])
        assert all(float(m["d"][1:].split(",")[0]) == pytest.approx(bout, abs=0.1) for m in marques)
        assert len(marques) == 2 and {m.get("stroke-dasharray") for m in marques} == {tirets}
    assert not [t for t in lire(svg).iter() if t.attrib.get("stroke") == apparence.TRAITS["france"].couleur]
    (dit,) = (t for t in lire(svg).iter(f"{SVG}text") if t.text == "20,0\u00a0%")
    assert float(dit.attrib["x"]) > float(drome["x"]) + float(drome["width"])


def test_an_axis_cut_short_is_said_and_drawn_so_and_that_of_bars_never_is() -> None:
    courbe = dessins.serie(Releve())
    pied = [t for t in lire(graphiques.dessiner(courbe)).iter(f"{SVG}path") if t.attrib["d"].count("L") == 6]
    assert echelles.NOTE in textes(graphiques.dessiner(courbe)) and len(pied) == 1
    for autre in (dessins.comparaison(Releve()), dessins.parts(Releve())):
        svg = graphiques.dessiner(autre)
        assert echelles.NOTE not in textes(svg)
    # From zero on, lengths are as figures are.
    hautes = replace(
        dessins.comparaison(Releve()),
        barres=tuple(
            Barre(n, "autre", Cellule(f"{v}", float(v))) for n, v in (("a", 90), ("b", 100), ("c", 95))
        ),
    )
    longueurs = [float(b["width"]) for b in barres(graphiques.dessiner(hautes))]
    assert longueurs[0] / longueurs[1] == pytest.approx(0.9, abs=0.01)


def test_parts_are_named_once_and_hold_their_figures() -> None:
    ecrits = textes(graphiques.dessiner(dessins.parts(Releve())))
    assert ecrits.count("Accueil collectif") == 1
    # A figure too wide for its part is over it, after its name.
    assert {"168", "210", "21", "192", "160", "17"} <= {e.split(" ")[-1] for e in ecrits}
    assert ecrits.count("Garde à domicile\u00a0: s (secret statistique)") == 2


def test_names_that_would_pile_up_become_letters() -> None:
    graphique = dessins.parts(Releve())
    longues = [f"Taux de couverture par un mode d'accueil au nom sans fin, {i}" for i in range(6)]
    valeurs = (27, 3, 30, 3, 1, 1)
    parts = tuple(
        Barre(nom, "autre", Cellule(f"{v},5", v + 0.5, 1)) for nom, v in zip(longues, valeurs, strict=True)
    )
    svg = graphiques.dessiner(replace(graphique, touts=(("Baronnies", parts), ("Drôme", parts))))
    ecrits = textes(svg)
    assert [t for t in ecrits if len(t) == 1] == list("ABCDEF")
    assert ecrits.count("A\u00a0 27,5") == ecrits.count("F\u00a0 1,5") == 2
    # The sixth colour is the first one, hatched.
    assert "url(#modes-accueil-partie-5)" in svg


def test_a_line_joins_figures_that_follow_one_another_and_stops_at_a_break() -> None:
    graphique = dessins.serie(Releve())
    svg = graphiques.dessiner(graphique)
    # Neither the year that is not there, 2019, nor the one that is not shown, 2022, parts its neighbours.
    assert [len(trace) for trace in lignes(svg, None)] == [3, 3]
    assert len(lire(svg).findall(f".//{SVG}circle")) == 6 + 8
    assert "rupture\u00a0: nouvelle définition" in textes(svg)
    sans_rupture = graphiques.dessiner(replace(graphique, ruptures=()))
    assert [len(trace) for trace in lignes(sans_rupture, None)] == [6]


def test_years_stand_as_far_apart_as_they_are() -> None:
    graphique = dessins.serie(Releve())
    trois = tuple(Cellule(f"{n}", float(n)) for n in (10, 11, 15))
    annees = (2008, 2011, 2022)
    loin = replace(graphique, annees=annees, lignes=(Ligne("Nyons", "territoire", trois),), ruptures=())
    ((a, b, c),) = lignes(graphiques.dessiner(loin), None)
    assert (b[0] - a[0]) / (c[0] - a[0]) == pytest.approx(3 / 14, abs=0.001)


def test_breaks_that_stand_too_near_have_one_word() -> None:
    graphique = dessins.serie(Releve())
    deux = (Rupture(2018, "périmètre"), Rupture(2019, "périmètre"))
    longue = replace(
        graphique,
        annees=tuple(range(2000, 2025)),
        lignes=(Ligne("Nyons", "territoire", tuple(Cellule("5", 5.0) for _ in range(25))),),
    )
    ecrits = textes(graphiques.dessiner(replace(longue, ruptures=deux)))
    assert "ruptures" in ecrits and "rupture" not in ecrits
    loin = textes(graphiques.dessiner(replace(longue, ruptures=(Rupture(2005, "source"), deux[1]))))
    assert loin.count("rupture") == 2


def test_the_last_figure_of_each_line_is_with_its_name() -> None:
    """Beside points that are this near, one would hide another."""
    graphique = dessins.serie(Releve())
    fins = {"Drôme": 16.6, "Baronnies": 16.1, "Auvergne": 15.9, "France": 15.8}
    proches = tuple(
        Ligne(
            nom,
            "territoire" if nom == "Baronnies" else "autre",
            (Cellule("13", 13.0), Cellule(f"{n:.1f}".replace(".", ","), n)),
        )
        for nom, n in fins.items()
    )
    ecrits = textes(graphiques.dessiner(replace(graphique, annees=(2016, 2022), lignes=proches, ruptures=())))
    for nom, n in fins.items():
        assert f"{n:.1f} {nom}".replace(".", ",") in ecrits


def test_a_figure_stands_under_the_hollow_of_its_line() -> None:
    graphique = dessins.serie(Releve())
    valeurs = tuple(Cellule(f"{n}", float(n)) for n in (147, 137, 144, 141))
    ligne = Ligne("Nyons", "territoire", valeurs)
    svg = graphiques.dessiner(
        replace(graphique, annees=(2021, 2022, 2023, 2024), lignes=(ligne,), ruptures=())
    )
    hauts = {t.text: float(t.attrib["y"]) for t in lire(svg).iter(f"{SVG}text")}
    points = [float(c.attrib["cy"]) for c in lire(svg).iter(f"{SVG}circle")]
    assert hauts["137"] > points[1] + 8 and hauts["144"] < points[2]


def test_no_leader_of_a_short_part_crosses_the_label_of_the_next() -> None:
    graphique = dessins.parts(Releve())
    valeurs = (17.9, 1.9, 39.9, 1.0, 1.5)
    parts = tuple(
        Barre(f"Taux de couverture par un mode d'accueil au nom long, {i}", "autre", Cellule(f"{v}", v, 1))
        for i, v in enumerate(valeurs)
    )
    svg = lire(graphiques.dessiner(replace(graphique, touts=(("Drôme", parts),))))
    etiquettes = [t for t in svg.iter(f"{SVG}text") if re.match("[A-E]\u00a0 ", t.text or "")]
    leaders = [
        [tuple(map(float, p.split(","))) for p in t.attrib["d"][1:].split("L")]
        for t in svg.iter(f"{SVG}path")
        if t.attrib.get("stroke-width") == "0.8"
    ]
    assert leaders
    for (x, bas), (_, haut) in leaders:
        for t in etiquettes:
            gauche, y = float(t.attrib["x"]), float(t.attrib["y"])
            crossed = gauche - 0.5 < x < gauche + largeur(t.text or "", 12) and haut < y - 1 < bas
            assert not crossed or t.attrib.get("text-anchor") == "middle", t.text


def test_a_scenario_is_dotted_from_the_last_observed_year() -> None:
    svg = graphiques.dessiner(dessins.scenario(Releve()))
    assert [len(trace) for trace in lignes(svg, None)] == [3]
    assert [len(trace) for trace in lignes(svg, "2 4")] == [6]
    assert "scénario" in textes(svg)
    creux = [c for c in lire(svg).iter(f"{SVG}circle") if c.attrib["fill"] == "#ffffff"]
    assert len(creux) == 5


def test_a_scenario_of_its_own_leaves_from_what_was_observed() -> None:
    graphique = dessins.scenario(Releve())
    ligne = graphique.lignes[0]
    observe = Ligne("Taux observé", "territoire", (*ligne.valeurs[:3], *[None] * 5))
    deux = tuple(
        Ligne(nom, "autre", (*[None] * 4, *ligne.valeurs[4:])) for nom in ("Avec tout", "Sans le privé")
    )
    svg = graphiques.dessiner(replace(graphique, lignes=(observe, *deux)))
    assert [len(trace) for trace in lignes(svg, None)] == [3]
    pointilles = [
        trace.attrib["d"]
        for trace in lire(svg).iter(f"{SVG}path")
        if trace.attrib.get("stroke-dasharray") == "2 4"
    ]
    # Both from the last observed point, over the year that has nothing: four planned years and that point.
    (fin_observee,) = {t.rpartition("L")[2] for t in (lire_traits(svg))}
    assert [p[1:].count("L") for p in pointilles] == [4, 4]
    assert all(p[1:].partition("L")[0] == fin_observee for p in pointilles)
    assert sum("58,4" in t for t in textes(svg)) == 1


def lire_traits(svg: str) -> list[str]:
    return [
        t.attrib["d"]
        for t in lire(svg).iter(f"{SVG}path")
        if t.attrib.get("stroke-width") == "2.6" and "stroke-dasharray" not in t.attrib
    ]


def test_a_scale_that_does_not_start_at_zero_says_so() -> None:
    graphique = dessins.serie(Releve())
    assert "L'échelle ne part pas de zéro." in textes(graphiques.dessiner(graphique))
    bas = replace(
        graphique,
        annees=(2020, 2021),
        lignes=(Ligne("Nyons", "territoire", (Cellule("1", 1.0), Cellule("9", 9.0))),),
    )
    assert "L'échelle ne part pas de zéro." not in textes(graphiques.dessiner(bas))


def test_lines_of_one_role_have_strokes_of_their_own() -> None:
    graphique = dessins.serie(Releve())
    valeurs = (Cellule("1", 1.0), Cellule("2", 2.0))
    trois = tuple(Ligne(f"Mode {i}", "autre", valeurs) for i in range(3))
    svg = graphiques.dessiner(replace(graphique, annees=(2020, 2021), lignes=trois, ruptures=()))
    traits = {
        (p.attrib["stroke"], p.attrib.get("stroke-dasharray"))
        for p in lire(svg).iter(f"{SVG}path")
        if p.attrib.get("stroke-width") == "1.7"
    }
    assert len(traits) == 3


@pytest.mark.parametrize("annees", [(2024,), (2023, 2024)])
def test_a_short_series_or_one_without_figures_is_drawn(annees: tuple[int, ...]) -> None:
    graphique = dessins.serie(Releve())
    muette = tuple(Cellule("nd", statut="non_disponible") for _ in annees)
    egale = tuple(Cellule("5", 5.0) for _ in annees)
    for valeurs in (muette, egale, (None,) * len(annees)):
        court = replace(
            graphique, annees=annees, lignes=(Ligne("Nyons", "territoire", valeurs),), ruptures=()
        )
        svg = graphiques.dessiner(court)
        assert "nan" not in svg and "inf" not in svg
        lire(svg)


def test_texts_are_measured_and_broken_the_same_everywhere() -> None:
    assert largeur("Nyons", 12) == pytest.approx(12 * (722 + 500 + 556 + 556 + 500) / 1000)
    assert largeur("é", 10) == largeur("e", 10)
    assert couper("Baronnies en Drôme provençale", 90, 12) == ["Baronnies en", "Drôme", "provençale"]
    assert couper("Auvergne-Rhône-Alpes", 70, 12) == ["Auvergne-", "Rhône-Alpes"]
    assert couper("un deux trois quatre", 40, 12, lignes=1)[0].endswith("…")
    assert all(largeur(rang, 12) <= 60 for rang in couper("anticonstitutionnellement long", 60, 12))
    assert couper("", 60, 12) == []


def test_a_label_of_thousands_of_letters_is_cut_in_no_time() -> None:
    debut = time.process_time()
    (coupe,) = couper("é" * 100_000, 60, 12)
    assert coupe.endswith("é…") and largeur(coupe, 12) <= 60 < largeur(coupe + "é", 12)
    assert time.process_time() - debut < 5
