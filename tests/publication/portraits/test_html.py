"""The page of a portrait: every figure as it is worded, in a page that everyone can read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import lxml.html
import pikepdf
import pytest

from publication.commun import apparence
from publication.lecture.statuts import NOMS
from publication.portraits import html
from publication.portraits.modele import (
    Document,
    Graphique,
    Liste,
    Message,
    Paragraphe,
    Tableau,
)
from tests.publication.portraits import exemples, parcours, releve


def arbre(document: Document) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(html.rendre(document).decode())


def choisir(depuis: lxml.html.HtmlElement, selecteur: str) -> list[lxml.html.HtmlElement]:
    """Elements under one, in the order of the page, by a little CSS: `figure.graphique td[title]`, `a, b`."""
    chemins = []
    for suite in selecteur.split(","):
        chemin = "."
        for pas in suite.split():
            balise = re.match(r"[\w-]*", pas)[0] or "*"
            chemin += f"//{balise}"
            for signe, nom in re.findall(r"([.#[])([\w-]+)", pas):
                classe = f"contains(concat(' ', normalize-space(@class), ' '), ' {nom} ')"
                chemin += {".": f"[{classe}]", "#": f"[@id='{nom}']", "[": f"[@{nom}]"}[signe]
        chemins.append(chemin)
    return depuis.xpath("|".join(chemins))


def sans_ajouts(cellule: lxml.html.HtmlElement) -> str:
    """What a cell prints, without the interval under it and the sign of its tone."""
    for ajout in choisir(cellule, "small, .cache, [aria-hidden]"):
        ajout.drop_tree()
    return cellule.text_content().strip(" \n\u00a0")


@pytest.fixture(scope="module")
def document() -> Document:
    return exemples.portrait()


@pytest.fixture(scope="module")
def page(document: Document) -> lxml.html.HtmlElement:
    return arbre(document)


def test_every_table_prints_every_cell_as_it_is(document: Document) -> None:
    lus = [
        [[sans_ajouts(c) for c in choisir(ligne, "th, td")] for ligne in choisir(table, "tbody tr")]
        for table in choisir(arbre(document), "main table")
    ]
    assert lus == [[[c.texte for c in ligne] for ligne in t.lignes] for t in parcours.tableaux(document)]


def test_every_other_text_is_there(document: Document, page: lxml.html.HtmlElement) -> None:
    texte = " ".join(page.text_content().split())

    attendus = [document.titre, document.sous_titre, document.edition.citation, document.edition.content_hash]
    attendus += [t for ligne in document.couverture for t in ligne]
    for section in parcours.sections(document):
        attendus += [section.titre, section.vide or ""]
    for e in parcours.elements(document):
        match e:
            case Message() | Paragraphe():
                attendus.append(e.texte)
            case Liste():
                attendus += [e.titre, *parcours.points(e.points)]
            case Tableau():
                attendus += [e.titre, *e.notes, *e.sources, *(c.titre for c in e.colonnes)]
            case Graphique():
                attendus += [e.titre, e.unite, e.source, e.alternative, *e.notes, e.tableau.titre]
    for attendu in attendus:
        assert " ".join(attendu.split()) in texte, attendu


def test_the_file_fetches_nothing(page: lxml.html.HtmlElement) -> None:
    for element in page.iter():
        for nom in ("src", "href", "xlink:href", "data"):
            if (valeur := element.get(nom)) is not None:
                assert valeur.startswith("#"), valeur
    style = choisir(page, "style")[0].text
    assert "url(" not in style and "@import" not in style


def test_every_link_and_every_label_leads_somewhere(page: lxml.html.HtmlElement) -> None:
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for element in page.iter():
        for nom in ("href", "aria-labelledby", "aria-describedby"):
            if (valeur := element.get(nom)) is not None:
                assert valeur.removeprefix("#") in ids, valeur


def test_the_page_has_its_landmarks_and_its_headings_in_order(
    document: Document, page: lxml.html.HtmlElement
) -> None:
    assert page.get("lang") == "fr"
    assert choisir(page, "title")[0].text == f"{document.titre} – {document.sous_titre}"
    for repere in ("header", "nav[aria-label]", "main#contenu", "footer"):
        assert len(choisir(page, f"body {repere}")) == 1, repere
    assert page.body[0].get("href") == "#contenu"
    niveaux = [int(e.tag[1]) for e in page.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert niveaux[0] == 1 and niveaux.count(1) == 1
    assert all(suivant <= niveau + 1 for niveau, suivant in pairwise(niveaux))
    sommaire = [a.text for a in choisir(page, "nav a")]
    assert sommaire == [s.titre for s in parcours.sections(document)] + ["Citer un chiffre"]


def test_tables_have_a_caption_and_headings(page: lxml.html.HtmlElement) -> None:
    for table in choisir(page, "table"):
        assert table[0].tag == "caption" and table[0].text
        assert all(th.get("scope") == "col" for th in choisir(table, "thead th"))
        assert all(
            ligne[0].tag == "th" and ligne[0].get("scope") == "row" for ligne in choisir(table, "tbody tr")
        )
        assert table.getparent().get("tabindex") == "0" and table.getparent().get("role") == "group"


def test_each_chart_stands_with_its_table(document: Document, page: lxml.html.HtmlElement) -> None:
    figures = choisir(page, "figure.graphique")
    graphiques = [e for e in parcours.elements(document) if isinstance(e, Graphique)]
    assert [f.get("id") for f in figures] == [g.identifiant for g in graphiques]
    for figure, graphique in zip(figures, graphiques, strict=True):
        assert len(choisir(figure, "svg")) == len(choisir(figure, "table")) == 1
        assert len(choisir(figure, "tbody tr")) == len(graphique.tableau.lignes)


def test_a_figure_not_shown_is_explained_where_it_stands(page: lxml.html.HtmlElement) -> None:
    for table in choisir(page, "table"):
        marques = {a.text for a in choisir(table, "abbr")}
        assert all(
            a.get("title").startswith(NOMS[s])
            for s, m in apparence.MARQUES.items()
            for a in choisir(table, "abbr")
            if a.text == m
        )
        legendes = {b.text for b in choisir(table.getparent().getparent(), ".legende b")}
        assert marques <= legendes
        if marques:
            assert choisir(table.getparent().getparent(), ".legende a")[0].get("href") == "#lire"
    [s] = [
        a for a in choisir(page, "td[data-chiffre] abbr") if "Effectif inférieur au seuil." in a.get("title")
    ][:1]
    assert s.get("title") == "secret statistique. Effectif inférieur au seuil."


def test_intervals_are_under_figures_unless_a_column_tells_them(document: Document) -> None:
    cellule = exemples.portrait().sections[1].elements[0].lignes[0][2]
    intervalle = document.chiffres[cellule.chiffre].intervalle
    deux = Tableau(
        "T",
        releve.table("T", ("a", "b", "c")).colonnes,
        ((releve.texte("x"), cellule, releve.texte("")),),
    )
    rendu = html.Rendu.de(document)
    assert intervalle in rendu.ligne(deux, deux.lignes[0])
    assert rendu.ligne(deux, (releve.texte("x"), cellule, releve.texte(intervalle))).count(intervalle) == 1


def test_a_long_table_is_folded_and_tells_intervals_by_titles(document: Document) -> None:
    court = document.sections[1].elements[0]
    long = replace(court, lignes=court.lignes * 8)
    section = replace(document.sections[1], elements=(long,))
    lue = arbre(replace(document, sections=(section,)))
    assert len(choisir(lue, "details.long table")) == 1
    assert not choisir(lue, "details.long table small")
    approche = choisir(lue, "td .approche")[0]
    assert approche.get("title").startswith("entre 34,9")
    assert approche.getparent().get("data-statut") == "arrondi"
    # A title is neither printed nor opened by a finger: a mark that the guide explains, on both.
    ecran, _, _ = str(html.style()).partition("@media print")
    assert '[data-statut] > .approche::before { content: "≈' in ecran


def test_each_figure_of_the_territory_is_ready_to_quote(
    document: Document, page: lxml.html.HtmlElement
) -> None:
    ecrites = {li.get("id"): li.text for li in choisir(page, "#citer li")}
    citees = html.citations(document)
    siennes = {r for r, c in document.chiffres.items() if c.territoire_id == document.territoire_id}
    assert siennes <= {c.chiffre.reference for c in citees}
    for citation in citees:
        c, dite = citation.chiffre, ecrites[citation.ancre]
        for mot in (
            c.libelle,
            c.texte,
            NOMS[c.statut],
            c.territoire,
            str(c.millesime),
            c.source,
            f"{c.indicateur_id}, {c.territoire_id}",
            document.edition.release_id,
            *filter(None, (c.intervalle,)),
        ):
            assert mot in dite, (mot, dite)
        assert "|" not in dite


def test_a_sentence_leads_to_its_figures(document: Document, page: lxml.html.HtmlElement) -> None:
    messages = [e for e in parcours.elements(document) if isinstance(e, Message)]
    ancres = {c.ancre: c.chiffre.reference for c in html.citations(document)}
    for li, message in zip(choisir(page, ".messages li"), messages, strict=True):
        assert tuple(ancres[a.get("href")[1:]] for a in choisir(li, "a")) == message.chiffres
        assert message.ton in li.get("class")
        assert bool(choisir(li, ".signe")) == (message.ton != "neutre")


def test_cells_carry_the_reference_of_their_figure(document: Document, page: lxml.html.HtmlElement) -> None:
    attendues = [
        c.chiffre for t in parcours.tableaux(document) for ligne in t.lignes for c in ligne if c.chiffre
    ]
    assert [e.get("data-chiffre") for e in choisir(page, "[data-chiffre]")] == attendues
    assert attendues


def test_a_demonstration_is_marked_on_the_page_and_on_each_drawing(
    document: Document, page: lxml.html.HtmlElement
) -> None:
    assert choisir(page, "header .bandeau")[0].text == document.bandeau
    assert choisir(page, "svg")
    assert all(document.bandeau in svg.text_content() for svg in choisir(page, "svg"))
    reelle = html.rendre(exemples.sans_carte()).decode()
    assert document.bandeau not in reelle and 'class="demonstration"' not in reelle


def test_without_outlines_there_is_no_map() -> None:
    page = arbre(exemples.sans_carte())
    assert not choisir(page, "figure.carte-couverture")
    with pytest.raises(ValueError, match="has no outlines"):
        html.rendre(replace(exemples.portrait(), contours=None))


def test_hostile_texts_are_text(document: Document) -> None:
    script = '<script>alert("x")</script> {{ 7*7 }} </style>'
    sale = replace(parcours.empoisonner(document), titre=script, bandeau=script)
    texte = html.rendre(sale).decode()
    page = lxml.html.document_fromstring(texte)
    assert len(choisir(page, "script")) == 2 and len(choisir(page, "style")) == 1
    assert not any(nom.startswith("on") for e in page.iter() for nom in e.attrib)
    assert 'alert("x")</script>' not in texte and "{{ 7*7 }}" in page.text_content()
    assert "\u202e" not in texte and "\x00" not in texte


def test_the_body_alone_is_what_a_site_wraps(document: Document) -> None:
    corps = html.rendre_corps(document, html.Rendu.de(document))
    assert "<html" not in corps and "<style" not in corps
    assert corps.strip() in html.rendre(document).decode()


# In a browser -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def navigateur(chromium: str) -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        ouvert = p.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield ouvert
        ouvert.close()


@pytest.fixture(scope="module")
def fichier(tmp_path_factory: pytest.TempPathFactory, document: Document) -> Path:
    cible = tmp_path_factory.mktemp("html") / "portrait.html"
    cible.write_bytes(html.rendre(document))
    return cible


@pytest.mark.parametrize("largeur", [1280, 320])
def test_axe_finds_nothing_and_nothing_overflows(navigateur, fichier: Path, largeur: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = navigateur.new_page(viewport={"width": largeur, "height": 900})
    erreurs: list[str] = []
    page.on("pageerror", lambda e: erreurs.append(str(e)))
    page.goto(fichier.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    resultat = Axe().run(page)
    assert resultat.violations_count == 0, resultat.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
    assert erreurs == []
    page.close()


def test_a_figure_is_quoted_by_the_keyboard(navigateur, fichier: Path, document: Document) -> None:
    page = navigateur.new_page()
    page.goto(fichier.as_uri())
    page.get_by_role("button", name="Citer un chiffre de la page").press("Enter")
    reference = f"{releve.ALLOCATAIRES[0]}|{releve.CTG[0]}|2021"
    page.locator(f'[data-chiffre="{reference}"]').first.press("Enter")
    dite = page.get_by_label("À copier", exact=True).input_value()
    chiffre = document.chiffres[reference]
    for mot in (
        chiffre.texte,
        "partiel",
        chiffre.intervalle,
        chiffre.libelle,
        chiffre.territoire,
        "2021",
        chiffre.source,
        document.edition.release_id,
        f"{releve.ALLOCATAIRES[0]}, {releve.CTG[0]}",
        document.bandeau,
    ):
        assert mot in dite, (mot, dite)
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()

    secret = f"{releve.MONOPARENTALES[0]}|{releve.CTG[0]}|2022"
    page.locator(f'[data-chiffre="{secret}"]').first.click()
    dite = page.get_by_label("À copier", exact=True).input_value()
    assert ": s (secret statistique, Effectif inférieur au seuil)," in dite.replace("\u00a0", " ").replace(
        " :", ":"
    )
    page.close()


def test_the_page_is_read_without_its_script(navigateur, fichier: Path, document: Document) -> None:
    contexte = navigateur.new_context(java_script_enabled=False)
    page = contexte.new_page()
    page.goto(fichier.as_uri())
    assert page.get_by_role("heading", level=2).count() == len(document.sections) + 1
    assert page.locator("dialog").count() == 0
    contexte.close()


def test_it_prints_with_its_banner_on_every_page_and_its_tables_open(
    navigateur, fichier: Path, tmp_path: Path
) -> None:
    page = navigateur.new_page()
    page.goto(fichier.as_uri())
    imprime = tmp_path / "portrait.pdf"
    page.pdf(path=imprime, prefer_css_page_size=True, print_background=True)
    with pikepdf.open(imprime) as pdf:
        assert len(pdf.pages) >= 3
        for feuille in pdf.pages:
            largeur, hauteur = (
                feuille.mediabox[2] - feuille.mediabox[0],
                feuille.mediabox[3] - feuille.mediabox[1],
            )
            assert abs(float(largeur) - 595.3) < 2 and abs(float(hauteur) - 841.9) < 2
    page.emulate_media(media="print")
    assert page.locator("header .bandeau").evaluate("(e) => getComputedStyle(e).position") == "fixed"
    assert page.locator("nav").is_hidden()
    page.close()
