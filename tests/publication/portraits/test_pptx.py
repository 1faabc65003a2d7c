"""The deck of a portrait, read back: figures as they are worded, charts to edit, slides that are heard."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from pptx import Presentation
from pptx.util import Inches

from publication.commun import apparence
from publication.commun.chiffres import Cellule
from publication.portraits import echelles, natifs, pptx
from publication.portraits.modele import (
    Carte,
    Colonne,
    Document,
    Liste,
    Paragraphe,
    Point,
    Section,
    Serie,
    Tableau,
)
from publication.portraits.pptx import alineas, gabarit
from tests.publication.portraits import exemples, parcours
from tests.publication.portraits.conftest import Convertir

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
    document = faire()
    tout = "\n".join(texte for slide in lire(document).slides for texte in corps(slide))
    for cellule in parcours.cellules(document):
        assert cellule.texte in tout
    for phrase in parcours.phrases(document):
        assert phrase in tout
    for tableau in parcours.tableaux(document):
        assert all(note in tout for note in (*tableau.notes, *tableau.sources))


def test_a_slide_says_where_the_notes_it_has_no_room_for_are() -> None:
    document = exemples.portrait()
    (cles,) = (t for t in parcours.tableaux(document) if t.titre == "Chiffres clés du portrait social")
    for notes, dit in ((cles.notes, False), (tuple(f"Réserve {n}." for n in range(40)), True)):
        section = Section("essai", "Essai", (replace(cles, notes=notes),))
        slides = lire(replace(document, sections=(section,))).slides
        lues = [corps(slide, notes=False) for slide in slides]
        vues = [lue for lue in lues if any("Chiffres clés" in texte for texte in lue)]
        assert vues and [alineas.SUITE in vue for vue in vues] == [dit] * len(vues)


def test_a_table_is_native_and_says_cell_by_cell_what_the_document_says() -> None:
    document = exemples.portrait()
    (cles,) = (t for t in parcours.tableaux(document) if t.titre == "Chiffres clés du portrait social")
    tables = [forme.table for slide in lire(document).slides for forme in slide.shapes if forme.has_table]
    (table,) = (t for t in tables if t.cell(0, 0).text == "Indicateur")
    assert table.first_row
    assert [c.text for c in table.rows[0].cells] == [c.titre for c in cles.colonnes]
    for rangee, ligne in zip(list(table.rows)[1:], cles.lignes, strict=True):
        for lue, cellule in zip(rangee.cells, ligne, strict=True):
            signe = apparence.SIGNES_TON[cellule.ton]
            # A tone is a colour and a sign; bounds have a mark, since they are in the notes alone.
            marque = "≈" if cellule.basse is not None else ""
            assert lue.text == "\u00a0".join(filter(None, (signe, marque, cellule.texte)))
    assert {"≈\u00a035,2\u00a0%", "≈\u00a04\u202f120"} <= {c.text for r in table.rows for c in r.cells}


def test_charts_are_native_and_print_the_words_of_the_document() -> None:
    document = exemples.portrait()
    charts = par_alternative(document)
    traces = [g for g in parcours.graphiques(document) if isinstance(g, natifs.Natif)]
    assert set(charts) == {g.alternative for g in traces}
    for graphique in traces:
        espace = charts[graphique.alternative]._chartSpace
        attendues = [t.etiquettes for t in natifs.tracer(graphique)[1]]
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


def test_a_break_cuts_a_line_and_a_scenario_is_dotted_and_hollow() -> None:
    document = exemples.portrait()
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
    document = exemples.portrait()
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


def test_an_axis_that_is_cut_says_so_on_its_slide() -> None:
    document = exemples.portrait()
    (serie,) = (g for g in parcours.graphiques(document) if g.identifiant == "foyers-allocataires")
    assert isinstance(serie, Serie)
    # Even where there are more notes than the slide has room for, which it says.
    bavarde = replace(serie, notes=tuple(f"Réserve {n}." for n in range(12)))
    for graphique, dit in ((serie, False), (bavarde, True)):
        slides = lire(replace(document, sections=(Section("x", "X", (graphique,)),))).slides
        (slide,) = (s for s in slides if graphiques_natifs(s))
        vus = corps(slide, notes=False)
        assert [texte for texte in vus if echelles.NOTE in texte]
        assert (alineas.SUITE in vus) == dit


def test_what_is_under_secrecy_is_a_hole_with_its_mark() -> None:
    document = exemples.portrait()
    charts = par_alternative(document)
    compare = next(g for g in parcours.graphiques(document) if g.identifiant == "bas-revenus-compare")
    chart = charts[compare.alternative]
    assert de_serie(chart)[0][1] == (35.2, 29.0, None, 30.4, None)
    assert list(chart.plots[0].categories)[2] == "Auvergne-Rhône-Alpes : nd"
    parts = next(g for g in parcours.graphiques(document) if g.identifiant == "modes-accueil")
    assert ("Garde à domicile", (None, None)) in de_serie(charts[parts.alternative])


def test_a_map_is_made_of_communes_that_can_be_edited_hatched_where_no_figure_is_shown() -> None:
    document = exemples.portrait()
    (carte,) = (g for g in parcours.graphiques(document) if isinstance(g, Carte))
    groupes = {
        f._element.find(".//{*}cNvPr").get("descr"): f
        for s in lire(document).slides
        for f in s.shapes
        if f.shape_type == 6
    }
    communes = {f.name: f._element for f in groupes[carte.alternative].shapes}
    ecrits = {f"Nom : {z.nom}" for z in carte.zones}
    assert set(communes) == {z.nom for z in carte.zones} | {"Pourtour", "Bandeau"} | ecrits
    assert list(textes(communes["Bandeau"])) == [exemples.BANDEAU]
    teintes = apparence.classes(len(carte.classes))
    motifs = {}
    for zone in carte.zones:
        forme = communes[zone.nom]
        assert forme.find(".//{*}cNvPr").get("descr") == f"{zone.nom} : {zone.valeur.texte}"
        if zone.classe is None:
            motifs[zone.valeur.statut] = forme.find("{*}spPr/{*}pattFill").get("prst")
        else:
            couleur = forme.find("{*}spPr/{*}solidFill/{*}srgbClr").get("val")
            assert couleur.lower() == teintes[zone.classe].lstrip("#")
    assert len(set(motifs.values())) == len(motifs) == 2
    # The second commune has a hole, the last is in two pieces: as many closed paths.
    assert len(communes["Rémuzat"].findall(".//{*}close")) == 2


def test_a_map_of_a_count_has_native_circles_as_large_as_those_of_its_legend() -> None:
    document = exemples.portrait()
    carte = exemples.carte_en_cercles(exemples.Releve())
    dessinee = replace(document, sections=(Section("x", "X", (carte,)),))
    groupes = [f for s in list(lire(dessinee).slides)[2:] for f in s.shapes if f.shape_type == 6]
    communes, legende = groupes
    noms = {f.name: f for f in communes.shapes}
    tailles = {nom: f.width for nom, f in noms.items() if nom.startswith("Cercle")}
    # Neither zero nor what shows no figure has one.
    assert set(tailles) == {f"Cercle : {z.nom}" for z in carte.zones if z.valeur.nombre}
    assert tailles["Cercle : Nyons"] == pytest.approx(2 * tailles["Cercle : Buis-les-Baronnies"], rel=0.01)
    assert noms["Séderon"]._element.find("{*}spPr/{*}pattFill") is not None
    xfrm = communes._element.find("{*}grpSpPr/{*}xfrm")
    echelle = int(xfrm.find("{*}ext").get("cx")) / int(xfrm.find("{*}chExt").get("cx"))
    (repere,) = (f for f in legende.shapes if f.name == "Légende : 200")
    assert repere.width == pytest.approx(tailles["Cercle : Nyons"] * echelle / 2**0.5, rel=0.01)
    couverture = lire(replace(document, carte=carte)).slides[0]
    assert {"200", "50", "10", "s\u00a0: secret statistique"} <= set(corps(couverture))


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
        assert exemples.BANDEAU in list(textes(slide._element))
        assert exemples.BANDEAU in list(textes(slide.notes_slide._element))
        for chart in graphiques_natifs(slide):
            assert exemples.BANDEAU in list(textes(chart._chartSpace))
    vrai = b"".join(c for _, c in parcours.archives(pptx.rendre(exemples.sans_carte())))
    assert exemples.BANDEAU.encode() not in vrai


def test_notes_carry_what_is_needed_to_quote() -> None:
    document = exemples.portrait()
    slides = {slide.shapes.title.text: slide for slide in lire(document).slides}
    for slide in slides.values():
        assert f"Pour citer : {document.edition.citation}" in slide.notes_slide.notes_text_frame.text
    essentiel = slides["L'essentiel"].notes_slide.notes_text_frame.text
    for section in document.sections[:1]:
        for message in section.elements:
            for reference in getattr(message, "chiffres", ()):
                assert reference in essentiel and document.chiffres[reference].texte in essentiel
    cles = slides["Chiffres clés du portrait social"].notes_slide.notes_text_frame.text
    assert "entre 34,9\u00a0% et 35,6\u00a0%" in cles and "3 EPCI sur 16 manquent." in cles


def test_the_contents_lead_to_each_section() -> None:
    document = exemples.portrait()
    slides = list(lire(document).slides)
    (plan,) = (s for s in slides if s.shapes.title.text == "Sommaire")
    (liste,) = (f for f in plan.shapes if f.name == "Texte")
    for paragraphe, section in zip(liste.text_frame.paragraphs, document.sections, strict=True):
        (lien,) = paragraphe._p.iter("{*}hlinkClick")
        cible = plan.part.related_part(lien.get(next(k for k in lien.attrib if k.endswith("}id"))))
        rang = next(i for i, s in enumerate(slides, 1) if s.part is cible)
        assert paragraphe.text == f"{section.titre} · {rang}"


def test_nothing_stands_outside_a_slide_nor_is_too_small_to_be_read() -> None:
    for document in (exemples.portrait(), parcours.empoisonner(exemples.portrait())):
        for rang, slide in enumerate(lire(document).slides, 1):
            for forme in slide.shapes:
                if forme.is_placeholder and forme._element.find("{*}spPr/{*}xfrm") is None:
                    continue
                hauteur = forme.height
                if forme.has_table:
                    hauteur = sum(rangee.height for rangee in forme.table.rows)
                assert forme.left >= 0 and forme.left + forme.width <= Inches(13.34), (rang, forme.name)
                assert forme.top >= 0 and forme.top + hauteur <= Inches(7.4), (rang, forme.name)
            for element in (slide._element, *(c._chartSpace for c in graphiques_natifs(slide))):
                corps_lus = [int(e.get("sz")) for e in element.iter() if e.tag.startswith(A) and e.get("sz")]
                assert min(corps_lus) >= 1200


def test_frames_of_one_slide_do_not_cover_each_other() -> None:
    for document in (exemples.portrait(), exemples.sans_carte()):
        for slide in lire(document).slides:
            cadres = [
                (f.name, f.left, f.top, f.left + f.width, f.top + f.height)
                for f in slide.shapes
                if f.has_chart
                or f.has_table
                or f.shape_type == 6
                or f.name in ("Introduction", "Notes et sources")
            ]
            for i, (nom, gauche, haut, droite, bas) in enumerate(cadres):
                for autre, g, h, d, b in cadres[i + 1 :]:
                    assert droite <= g or d <= gauche or bas <= h or b <= haut, (nom, autre)


def test_empty_sections_are_told_in_one_line_each_on_one_slide() -> None:
    vides = tuple(Section(nom, nom.title(), vide=f"Rien sur {nom}.") for nom in ("logement", "gouvernance"))
    slides = list(lire(replace(exemples.portrait(), sections=vides)).slides)
    assert len(slides) == 3
    assert {"Logement : Rien sur logement.", "Gouvernance : Rien sur gouvernance."} <= set(corps(slides[2]))


def table_longue(lignes: int, colonnes: int = 3) -> Tableau:
    return Tableau(
        "Communes",
        (Colonne("Commune"), *(Colonne(f"Colonne {i}", chiffres=True) for i in range(1, colonnes))),
        tuple(
            (Cellule(f"Commune {n}"), *(Cellule(f"{n}{i}", float(f"{n}{i}")) for i in range(1, colonnes)))
            for n in range(100, 100 + lignes)
        ),
    )


def rangees(document: Document) -> list[list[list[str]]]:
    """Cells of each native table, table by table."""
    return [
        [[c.text for c in r.cells] for r in f.table.rows]
        for s in lire(document).slides
        for f in s.shapes
        if f.has_table
    ]


def test_a_long_table_goes_on_under_its_headings_on_slides_filled_alike() -> None:
    tableau = table_longue(40)
    document = replace(exemples.portrait(), sections=(Section("x", "Annexes", (tableau,)),))
    tables = rangees(document)
    assert len(tables) > 1
    assert all(t[0] == ["Commune", "Colonne 1", "Colonne 2"] for t in tables)
    suite = [ligne for t in tables for ligne in t[1:]]
    assert suite == [[c.texte for c in ligne] for ligne in tableau.lignes]
    assert max(len(t) for t in tables) - min(len(t) for t in tables) <= 2


def test_a_wide_table_is_cut_between_columns_under_the_names_of_its_rows() -> None:
    tableau = table_longue(3, 30)
    document = replace(exemples.portrait(), sections=(Section("x", "Annexes", (tableau,)),))
    tables = rangees(document)
    assert len(tables) > 1 and {t[1][0] for t in tables} == {"Commune 100"}
    assert [titre for t in tables for titre in t[0][1:]] == [f"Colonne {i}" for i in range(1, 30)]


def test_a_table_too_long_for_a_deck_is_named_and_left_to_the_other_formats() -> None:
    document = replace(exemples.portrait(), sections=(Section("x", "Annexes", (table_longue(67),)),))
    assert rangees(document) == []
    assert "Communes (67 lignes)" in corps(lire(document).slides[2])


def test_what_introduces_a_table_too_long_for_a_deck_is_said_where_it_is_named() -> None:
    modele = exemples.portrait()
    dit = "La convention n'énonce de cible chiffrée pour aucun de ses axes."
    elements = (Paragraphe(dit), table_longue(67))
    document = replace(modele, sections=(Section("evaluation", "Évaluation", elements),))
    (slide,) = (s for s in lire(document).slides if any(dit in texte for texte in corps(s)))
    assert "Communes (67 lignes)" in corps(slide)


def test_text_that_does_not_fit_goes_to_the_next_slide_in_order() -> None:
    points = tuple(Point(f"Axe {n}", tuple(Point(f"Action {n}.{m}") for m in range(4))) for n in range(12))
    document = replace(exemples.portrait(), sections=(Section("x", "Axes", (Liste("Axes", points),)),))
    slides = list(lire(document).slides)[2:]
    assert [s.shapes.title.text for s in slides][:2] == ["Axes", "Axes (suite)"]
    lus = [p.text for s in slides for f in s.shapes if f.name == "Texte" for p in f.text_frame.paragraphs]
    assert lus == [t for p in points for t in (p.texte, *(x.texte for x in p.sous))]
    for slide in slides:
        texte = next(f for f in slide.shapes if f.name == "Texte")
        # A point is not parted from the first of those under it.
        assert not re.match("Axe", texte.text_frame.paragraphs[-1].text)


def test_hostile_texts_are_texts() -> None:
    document = parcours.empoisonner(exemples.portrait())
    octets = pptx.rendre(document)
    tout = "\n".join(t for slide in Presentation(BytesIO(octets)).slides for t in corps(slide))
    for chiffre in exemples.portrait().chiffres.values():
        assert chiffre.texte in tout
    assert "<b>&amp;</b> \"guillemets\" 'apostrophes' ]]>" in tout
    assert "\x00" not in tout and "\u202e" not in tout
    formules = [nom for nom, contenu in parcours.archives(octets) if b"<f>" in contenu]
    assert not formules


def test_the_deck_is_wide_and_carries_nothing_of_another() -> None:
    octets = pptx.rendre(exemples.portrait())
    deck = Presentation(BytesIO(octets))
    assert (deck.slide_width, deck.slide_height) == (Inches(13.333), Inches(7.5))
    assert [d.name for d in deck.slide_layouts] == ["Couverture", "Titre et texte", "Titre et contenu"]
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
