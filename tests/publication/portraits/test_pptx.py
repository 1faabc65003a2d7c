"""The deck of a portrait, read back: figures as they are worded, charts to edit, slides that are heard."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from pptx import Presentation
from pptx.util import Inches

from publication.commun import apparence
from publication.lecture.chiffres import Cellule, Role, Ton
from publication.portraits import natifs, pptx
from publication.portraits.modele import (
    Carte,
    Document,
    Message,
    Parts,
    Repere,
    Reperes,
    Serie,
    Tableau,
    Vue,
)
from publication.portraits.pptx import charte, gabarit, tuiles
from publication.portraits.pptx.couleurs import encre
from publication.portraits.pptx.texte import Alinea
from tests.publication.portraits import dessins, exemples, parcours, releve
from tests.publication.portraits.conftest import Convertir
from tests.publication.portraits.contenus import Composer

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DECORATIF = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


def lire(document: Document) -> Any:
    return Presentation(BytesIO(pptx.rendre(document)))


def textes(element: Any) -> Iterator[str]:
    """Every paragraph under an element."""
    for paragraphe in element.iter(f"{A}p"):
        if texte := "".join(t.text or "" for t in paragraphe.iter(f"{A}t")):
            yield texte


def graphiques_natifs(slide: Any) -> list[Any]:
    return [forme.chart for forme in slide.shapes if forme.has_chart]


def corps(slide: Any, notes: bool = True) -> list[str]:
    """Every text of a slide: shapes, tables, charts, and its notes."""
    lus = list(textes(slide._element))
    for chart in graphiques_natifs(slide):
        lus += textes(chart._chartSpace)
        lus += [v.text for v in chart._chartSpace.iter("{*}v") if v.text]
    if notes:
        lus += textes(slide.notes_slide._element)
    return lus


def de_serie(chart: Any) -> list[tuple[str, tuple[float | None, ...]]]:
    return [(serie.name, tuple(serie.values)) for serie in chart.plots[0].series]


def par_alternative(document: Document) -> dict[str, Any]:
    """The native charts of the deck, by their alternative text."""
    return {
        forme._element.find(".//{*}cNvPr").get("descr"): forme.chart
        for slide in lire(document).slides
        for forme in slide.shapes
        if forme.has_chart
    }


@pytest.mark.parametrize("faire", [exemples.portrait, exemples.sans_carte])
def test_every_figure_and_every_sentence_is_read_back(faire: Any) -> None:
    """On its slide, or in the notes of who speaks."""
    document = parcours.presentee(faire())
    tout = "\n".join(texte for slide in lire(document).slides for texte in corps(slide))
    for cellule in parcours.cellules(document):
        assert cellule.texte in tout
    # What key figures are together is their section, told over the title.
    ensembles = {e.titre for e in parcours.elements(document) if isinstance(e, Reperes)}
    for phrase in parcours.phrases(document):
        assert phrase in tout or phrase in ensembles
    for vue in document.presentation:
        assert all(note in tout for note in vue.notes)


NOMBRE = re.compile(r"(?<!\w)\d+(?:[\u202f,]\d+)*")


@pytest.mark.parametrize("territoire_id", ["ctg:baronnies-2025", "epci:200040459", "commune:26220"])
def test_the_words_of_a_slide_are_of_one_size_and_bear_its_title_out(
    compose: Composer, territoire_id: str
) -> None:
    for slide in lire(compose(territoire_id)).slides:
        ecrits = [forme for forme in slide.shapes if forme.name == "Texte"]
        tailles = {int(rpr.get("sz")) for forme in ecrits for rpr in forme._element.iter(f"{A}rPr")}
        assert len(tailles) <= 1, (slide.shapes.title.text, tailles)
        lus = corps(slide, notes=False)
        assert not [texte for texte in lus if "[" in texte or "mart_" in texte]
        titre = slide.shapes.title.text
        lus.remove(titre)
        autres = " ".join(lus)
        # A period is told by its two days.
        manquent = [n for n in NOMBRE.findall(titre) if n not in autres]
        assert not manquent, (titre, manquent)


def test_a_table_is_native_and_says_cell_by_cell_what_the_document_says() -> None:
    document = parcours.presentee(exemples.portrait())
    (poste,) = (e for e in parcours.elements(document) if isinstance(e, Tableau))
    (table,) = (f.table for slide in lire(document).slides for f in slide.shapes if f.has_table)
    assert table.first_row
    assert [c.text for c in table.rows[0].cells] == [c.titre for c in poste.colonnes]
    lues = [[c.text for c in rangee.cells] for rangee in list(table.rows)[1:]]
    assert lues == [[c.texte for c in ligne] for ligne in poste.lignes]


def test_charts_are_native_and_print_the_words_of_the_document() -> None:
    document = parcours.presentee(exemples.portrait())
    charts = par_alternative(document)
    traces = [g for g in parcours.graphiques(document) if isinstance(g, natifs.Natif)]
    assert set(charts) == {g.alternative for g in traces}
    for graphique in traces:
        espace = charts[graphique.alternative]._chartSpace
        # The last figure of a line is in its name, at its end.
        attendues = [
            (*t.etiquettes[:-1], "") if isinstance(graphique, Serie) else t.etiquettes
            for t in natifs.tracer(graphique)[1]
        ]
        for serie, etiquettes in zip(espace.iter("{*}ser"), attendues, strict=True):
            lues = {int(d.find("{*}idx").get("val")): "".join(textes(d)) for d in serie.iter("{*}dLbl")}
            # Left out, programs take it for true, and draw the legend's key beside each number.
            cles = [
                d.find("{*}showLegendKey")
                for d in serie.iter("{*}dLbl", "{*}dLbls")
                if d.find("{*}showVal") is not None
            ]
            assert all(c is not None and c.get("val") == "0" for c in cles)
            assert {rang: t for rang, t in lues.items() if t} == {r: t for r, t in enumerate(etiquettes) if t}
        vides = [e.get("val") for e in espace.iter("{*}dispBlanksAs")]
        assert vides == (["span"] if isinstance(graphique, Serie) else [])


def test_lines_are_named_at_their_ends_with_their_last_figure_and_have_no_legend() -> None:
    document = parcours.presentee(exemples.portrait())
    noms = [f for s in lire(document).slides for f in s.shapes if f.name == "Noms des courbes"]
    series = [g for g in parcours.graphiques(document) if isinstance(g, Serie)]
    charts = par_alternative(document)
    assert len(noms) == len(series)
    for serie, groupe in zip(series, noms, strict=True):
        dits = " ".join(f.text_frame.text for f in groupe.shapes if f.has_text_frame)
        for ligne in serie.lignes:
            assert ligne.libelle.split(" ")[0] in dits
            fin = ligne.valeurs[-1]
            assert fin is None or fin.nombre is None or fin.texte in dits
        assert not charts[serie.alternative].has_legend
        # Beside the chart, none over another.
        boites = sorted((f.top, f.top + f.height) for f in groupe.shapes if f.has_text_frame)
        assert all(bas <= haut + 2 for (_, bas), (haut, _) in pairwise(boites))


def test_years_that_would_touch_are_written_one_in_so_many() -> None:
    serie = dessins.serie(releve.Releve())
    longue = replace(
        serie,
        annees=tuple(range(2000, 2024)),
        lignes=tuple(replace(li, valeurs=li.valeurs * 3) for li in serie.lignes),
    )
    for colonnes, serree in ((((serie,),), False), (((longue,), (exemples.CONSTATS,)), True)):
        document = replace(exemples.portrait(), presentation=(Vue("x", "x", "Courbes", colonnes),))
        (chart,) = par_alternative(document).values()
        (axe,) = chart._chartSpace.iter("{*}catAx")
        assert (axe.find("{*}tickLblPos").get("val") == "none") is serree
        (noms,) = (f for s in lire(document).slides for f in s.shapes if f.name == "Noms des courbes")
        dites = [f for f in noms.shapes if f.has_text_frame and re.fullmatch(r"20\d\d", f.text_frame.text)]
        assert bool(dites) is serree
        boites = sorted((f.left, f.left + f.width) for f in dites)
        assert all(droite <= gauche for (_, droite), (gauche, _) in pairwise(boites))
    assert max(f.text_frame.text for f in dites) == "2023"


def test_a_break_cuts_a_line_and_a_scenario_is_dotted_and_hollow() -> None:
    document = parcours.presentee(exemples.portrait())
    charts = par_alternative(document)
    serie, scenario = (
        next(g for g in parcours.graphiques(document) if g.identifiant == nom)
        for nom in ("foyers-allocataires", "scenario-couverture")
    )
    lues = de_serie(charts[serie.alternative])
    assert lues[0] == ("Baronnies en Drôme provençale", (3280, 3275, None, 3270, None, None, None, None))
    assert lues[1][1] == (None, None, None, None, 3250, None, 3210, 3190)
    lignes = list(charts[scenario.alternative]._chartSpace.iter("{*}ser"))
    tirets = [li.find("{*}spPr/{*}ln/{*}prstDash").get("val") for li in lignes]
    assert tirets[:2] == ["solid", "sysDot"]


def test_a_chart_holds_no_number_that_is_not_shown() -> None:
    """Nor does the workbook behind it, which an editor opens: an empty place is not a zero."""
    document = parcours.presentee(exemples.portrait())
    montres = {c.nombre for c in parcours.cellules(document) if c.nombre is not None}
    bornes = {
        round(abs(borne - c.nombre), 6)
        for c in parcours.cellules(document)
        if c.nombre is not None
        for borne in (c.basse, c.haute)
        if borne is not None
    }
    octets = pptx.rendre(document)
    classeurs = 0
    for nom, contenu in parcours.archives(octets):
        if re.fullmatch(r"ppt/charts/chart\d+\.xml", nom):
            xml = re.sub(r"(?s)<c:cat>.*?</c:cat>", "", contenu.decode())
            nombres = {float(v) for v in re.findall(r"<c:v>(-?[\d.]+)</c:v>", xml)}
            assert nombres <= montres | bornes | {0.0}
    for partie in Presentation(BytesIO(octets)).part.package.iter_parts():
        if str(partie.partname).endswith(".xlsx"):
            classeurs += 1
            livre = openpyxl.load_workbook(BytesIO(partie.blob))
            valeurs = [
                c.value for r in livre.active.iter_rows() for c in r if isinstance(c.value, int | float)
            ]
            assert valeurs and set(valeurs) <= montres
    assert classeurs == 4


def test_what_is_under_secrecy_is_a_hole_with_its_mark() -> None:
    document = parcours.presentee(exemples.portrait())
    charts = par_alternative(document)
    compare = next(g for g in parcours.graphiques(document) if g.identifiant == "bas-revenus-compare")
    chart = charts[compare.alternative]
    assert de_serie(chart)[0][1] == (35.2, 29.0, None, 30.4, None)
    assert list(chart.plots[0].categories)[2] == "Auvergne-Rhône-Alpes : nd"
    parts = next(g for g in parcours.graphiques(document) if g.identifiant == "modes-accueil")
    assert ("Garde à domicile", (None, None)) in de_serie(charts[parts.alternative])


def test_a_part_without_a_figure_is_said_on_the_slide() -> None:
    """Not in the notes alone: nothing else on the slide tells it from zero."""
    parts = next(g for g in parcours.graphiques(exemples.portrait()) if isinstance(g, Parts))

    def dits(touts: Any) -> list[str]:
        vue = Vue("v", "Petite enfance", "Une vue", ((replace(parts, touts=touts),),))
        return corps(lire(replace(exemples.portrait(), presentation=(vue,))).slides[1], notes=False)

    serie = next(
        g for g in parcours.graphiques(exemples.portrait()) if g.identifiant == "foyers-allocataires"
    )
    vue = Vue("v", "Allocataires", "Une vue", ((serie,),))
    (_, slide) = lire(replace(exemples.portrait(), presentation=(vue,))).slides
    assert "Baronnies en Drôme provençale, 2022 : s" in corps(slide, notes=False)
    absents = natifs.absents(parts)
    assert " ; ".join(absents) in dits(parts.touts)
    # Many of them would leave no room to draw in.
    beaucoup = tuple((f"{n} {nom}", barres) for n in range(8) for nom, barres in parts.touts)
    comptes = f"{8 * len(absents)} chiffres ne sont pas montrés (s, nd ou na) : voir les commentaires."
    assert comptes in dits(beaucoup)


def test_a_slide_that_goes_on_is_titled_by_its_own_chart() -> None:
    """A finding is of the key figures that it stands over: under it, another chart may say its contrary."""
    (cles,) = (g for g in parcours.graphiques(exemples.portrait()) if isinstance(g, Reperes))
    tete = replace(cles, lignes=cles.lignes * 5)
    dessin = next(g for g in parcours.graphiques(exemples.portrait()) if isinstance(g, Serie))

    def titres(titre: str, *colonnes: Any) -> list[str]:
        vue = Vue("v", "Petite enfance", titre, colonnes, tete)
        slides = lire(replace(exemples.portrait(), presentation=(vue,))).slides
        assert all(corps(slide, notes=False).count(dessin.titre) < 2 for slide in slides)
        return [slide.shapes.title.text for slide in slides][1:]

    assert titres("Une hausse", (dessin,)) == ["Une hausse", dessin.titre]
    assert titres(dessin.titre, (dessin,)) == [dessin.titre, f"{dessin.titre} (suite)"]
    message = Message("Une phrase.", "neutre", (), "repere")
    assert titres("Une hausse", (dessin, message)) == ["Une hausse", "Petite enfance (suite)"]


def test_comparators_share_a_line_in_one_colour_alone() -> None:
    def lignes(*tons: Ton) -> list[Alinea]:
        epci, drome = (Cellule("20,8", 20.8, ton=ton) for ton in tons)
        beside: tuple[tuple[Role, str, Cellule], ...] = (
            ("autre", "EPCI", epci),
            ("departement", "Drôme", drome),
        )
        repere = Repere("Taux", Cellule("18,5", 18.5), beside, "2023")
        return tuiles._alineas(repere, 300, charte.ouvrir(exemples.portrait(), None, ""))[2:]

    assert [a.texte for a in lignes("favorable", "favorable")] == ["◇ EPCI 20,8 · ◇ Drôme 20,8"]
    deux = lignes("favorable", "defavorable")
    assert [a.texte for a in deux] == ["◇ EPCI 20,8", "◆ Drôme 20,8"]
    assert [a.couleur for a in deux] == [encre("favorable"), encre("defavorable")]


def test_producers_whose_names_hold_commas_are_told_apart() -> None:
    (vue, *_) = exemples.portrait().presentation
    vue = replace(vue, producteurs=("Caf", "Caf, action sociale"))
    (_, slide, *_) = lire(replace(exemples.portrait(), presentation=(vue,))).slides
    assert any(t.startswith("Sources : Caf ; Caf, action sociale") for t in corps(slide, notes=False))


def test_the_map_of_the_cover_has_the_legend_of_its_classes() -> None:
    document = exemples.portrait()
    (carte,) = (g for g in parcours.graphiques(document) if isinstance(g, Carte))
    une, plusieurs = (lire(d).slides[0] for d in (document, replace(document, carte=carte)))
    assert not [texte for texte in corps(une) if texte == "commune de la convention"]
    assert {*carte.classes, "s\u00a0: secret statistique", "nd\u00a0: non disponible"} <= set(
        corps(plusieurs)
    )


def test_each_slide_has_a_title_and_each_picture_its_words() -> None:
    for rang, slide in enumerate(lire(exemples.portrait()).slides, 1):
        assert slide.shapes.title is not None and slide.shapes.title.text.strip(), rang
        for forme in slide._element.iter("{*}graphicFrame", "{*}pic", "{*}grpSp"):
            assert forme.find(".//{*}cNvPr").get("descr"), (rang, forme.find(".//{*}cNvPr").get("name"))
        for forme in slide._element.iter("{*}sp"):
            proprietes = forme.find(".//{*}cNvPr")
            dit = list(textes(forme)) or proprietes.get("descr") or list(proprietes.iter(DECORATIF))
            assert dit or forme.find(".//{*}fld") is not None, (rang, proprietes.get("name"))


def test_a_slide_is_heard_from_its_title_to_its_number() -> None:
    for slide in lire(exemples.portrait()).slides:
        noms = [forme.name for forme in slide.shapes]
        assert noms[0] == "Titre" and noms[-2:] == ["Pied de page", "Numéro de diapositive"]


def test_every_text_is_in_french() -> None:
    for nom, contenu in parcours.archives(pptx.rendre(exemples.portrait())):
        if re.match(r"ppt/(slides|charts|notesSlides|slideLayouts|slideMasters)/[^/]*xml", nom):
            for proprietes in re.findall(r"<a:(?:rPr|endParaRPr)\b[^>]*>", contenu.decode()):
                assert 'lang="fr-FR"' in proprietes, (nom, proprietes)


def test_every_slide_chart_and_note_says_that_the_figures_are_invented() -> None:
    for slide in lire(exemples.portrait()).slides:
        assert releve.BANDEAU in list(textes(slide._element))
        assert releve.BANDEAU in list(textes(slide.notes_slide._element))
        for chart in graphiques_natifs(slide):
            assert releve.BANDEAU in list(textes(chart._chartSpace))
    vrai = b"".join(c for _, c in parcours.archives(pptx.rendre(exemples.sans_carte())))
    assert releve.BANDEAU.encode() not in vrai


def test_hostile_texts_are_texts() -> None:
    document = parcours.empoisonner(exemples.portrait())
    octets = pptx.rendre(document)
    tout = "\n".join(t for slide in Presentation(BytesIO(octets)).slides for t in corps(slide))
    for cellule in parcours.cellules(parcours.presentee(document)):
        if cellule.chiffre:
            assert cellule.texte in tout
    assert "<b>&amp;</b> \"guillemets\" 'apostrophes' ]]>" in tout
    assert "\x00" not in tout and "\u202e" not in tout
    formules = [nom for nom, contenu in parcours.archives(octets) if b"<f>" in contenu]
    assert not formules


def test_the_deck_is_wide_and_carries_nothing_of_another() -> None:
    octets = pptx.rendre(exemples.portrait())
    deck = Presentation(BytesIO(octets))
    assert (deck.slide_width, deck.slide_height) == (Inches(13.333), Inches(7.5))
    assert [d.name for d in deck.slide_layouts] == [
        "Couverture",
        "Titre et contenu",
        "Titre et deux contenus",
        "Titre seul",
    ]
    proprietes = deck.core_properties
    assert proprietes.title.startswith(exemples.portrait().titre) and proprietes.language == "fr-FR"
    assert proprietes.created == proprietes.modified == gabarit.SANS_DATE
    noms = [nom for nom, _ in parcours.archives(octets)]
    assert not [n for n in noms if "thumbnail" in n or "printerSettings" in n]
    theme = next(c.decode() for n, c in parcours.archives(octets) if n == "ppt/theme/theme1.xml")
    assert apparence.ACCENT.lstrip("#").upper() in theme and "Office Theme" not in theme


@pytest.mark.parametrize("faire", [exemples.portrait, lambda: parcours.empoisonner(exemples.portrait())])
def test_libreoffice_opens_it_slide_for_slide(convertir: Convertir, tmp_path: Path, faire: Any) -> None:
    document = faire()
    fichier = tmp_path / "portrait.pptx"
    fichier.write_bytes(pptx.rendre(document))
    (pdf,) = convertir(fichier, "pdf")
    with pikepdf.open(pdf) as lu:
        assert len(lu.pages) == len(lire(document).slides)
