"""Pages of a territory and of an indicateur on a phone and a screen; what is taken away from charts."""

import csv
import io
import struct
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from publication.commun.tableur import en_csv
from tests.publication.site.test_navigateur import ouvrir

TERRITOIRE = "territoires/ctg-baronnies-2025.html"
DEPARTEMENT = "territoires/departement-26.html"
INDICATEUR = "indicateurs/part_population_couverte_caf.html"
ECRANS = {390: 844, 1280: 900}
"""A phone and a screen: their widths and heights."""
BARRES = "comparaison-part-allocataires-rsa"
CARTE = "carte-part-population-couverte-caf"


@pytest.fixture(params=ECRANS)
def ecran(request: pytest.FixtureRequest) -> dict[str, int]:
    return {"width": request.param, "height": ECRANS[request.param]}


def tout_voir(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.suite').forEach((d) => (d.open = true))")


@pytest.mark.parametrize(
    ("nom", "constat"), [(TERRITOIRE, ".messages li"), (INDICATEUR, ".valeurs td.nombre")]
)
def test_the_first_finding_is_on_screen_one_and_the_rest_is_asked_for(
    navigateur: Browser, site: Path, ecran: dict[str, int], nom: str, constat: str
) -> None:
    page = ouvrir(navigateur, site / nom, viewport=ecran)
    boite = page.locator(constat).first.bounding_box()
    assert boite and boite["y"] + boite["height"] <= ecran["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= ecran["width"]
    tout = page.locator(".suite > summary")
    if ecran["width"] == 390:
        boite = tout.bounding_box()
        assert boite and boite["y"] + boite["height"] <= 10 * ecran["height"]
        assert page.evaluate("document.documentElement.scrollHeight") <= 10 * ecran["height"]
        tout.press("Enter")
    else:
        assert not tout.is_visible()
    assert page.locator(".suite h2").last.is_visible()
    page.context.close()


LETTRES = """(svg) => {
  const cadre = svg.getBoundingClientRect(), fois = cadre.width / svg.viewBox.baseVal.width;
  const mots = [...svg.querySelectorAll("text")].map((t) => {
    const { left, top, right, bottom } = t.getBoundingClientRect();
    return [t.textContent, parseFloat(getComputedStyle(t).fontSize) * fois, left, top, right, bottom];
  });
  const { scrollWidth, clientWidth } = svg.closest(".defile, figure");
  const { left, top, right, bottom } = cadre;
  return { cadre: [left, top, right, bottom], mots, cache: scrollWidth - clientWidth };
}"""


@pytest.mark.parametrize("nom", [TERRITOIRE, DEPARTEMENT, INDICATEUR])
def test_what_charts_say_is_read_in_whole_on_every_screen(
    navigateur: Browser, site: Path, ecran: dict[str, int], nom: str
) -> None:
    """Letters of twelve pixels at least, inside their chart and the screen; none over another."""
    page = ouvrir(navigateur, site / nom, viewport=ecran)
    tout_voir(page)
    dessins = page.locator("figure svg").all()
    assert len(dessins) == {TERRITOIRE: 24, DEPARTEMENT: 21, INDICATEUR: 1}[nom]
    for dessin in dessins:
        lu = dessin.evaluate(LETTRES)
        gauche, haut, droite, bas = lu["cadre"]
        assert gauche >= 0 and droite <= ecran["width"] and lu["cache"] <= 1
        assert lu["mots"]
        assert all(corps >= 12 for _, corps, *_ in lu["mots"]), lu["mots"]
        # A box has the room of the highest and the lowest letters: a third of it is nobody's.
        boites = [(m, x, y + (y2 - y) / 6, x2, y2 - (y2 - y) / 6) for m, _, x, y, x2, y2 in lu["mots"]]
        for rang, (mot, x, y, x2, y2) in enumerate(boites):
            assert x >= gauche - 1 and x2 <= droite + 1 and y >= haut - 1 and y2 <= bas + 1, mot
            for autre, a, b, a2, b2 in boites[:rang]:
                assert x2 <= a + 1 or a2 <= x + 1 or y2 <= b or b2 <= y, (mot, autre)
    page.context.close()


@pytest.mark.parametrize("nom", [TERRITOIRE, INDICATEUR])
def test_a_phone_has_cards_instead_of_wide_tables(navigateur: Browser, site: Path, nom: str) -> None:
    page = ouvrir(navigateur, site / nom, viewport={"width": 390, "height": 844})
    tout_voir(page)
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    trop = page.eval_on_selector_all(
        ".fiches td",
        "tds => tds.filter(td => td.getBoundingClientRect().right > 391).map(td => td.textContent)",
    )
    assert trop == []
    nommee = page.locator(".fiches[style*='--c2'] td:nth-child(2)").first
    assert nommee.evaluate("td => getComputedStyle(td, '::before').content") == nommee.evaluate(
        "td => '\"' + td.closest('table').tHead.rows[0].cells[1].textContent + '\"'"
    )
    page.context.close()


def emporter(page: Page, figure: str) -> Locator:
    lieu = page.locator(f"#{figure}")
    lieu.locator(".emporter > summary").press("Enter")
    return lieu


def telecharge(page: Page, lieu: Locator, nom: str) -> tuple[str, bytes]:
    with page.expect_download() as fichier:
        lieu.get_by_role("button", name=nom).press("Enter")
    return fichier.value.suggested_filename, Path(fichier.value.path()).read_bytes()


@pytest.mark.parametrize("figure", [BARRES, CARTE])
def test_a_chart_is_taken_away_as_pictures(navigateur: Browser, site: Path, figure: str) -> None:
    page = ouvrir(navigateur, site / TERRITOIRE)
    lieu = emporter(page, figure)
    titre = lieu.locator("figcaption h3").inner_text()
    nom, png = telecharge(page, lieu, "Image PNG")
    assert nom == f"ctg-baronnies-2025-{figure}.png" and png[:8] == b"\x89PNG\r\n\x1a\n"
    large, haut = struct.unpack(">II", png[16:24])
    assert large >= 1000 and haut >= 600
    _, svg = telecharge(page, lieu, "Image SVG")
    arbre = ElementTree.fromstring(svg)
    dits = " ".join(t.text or "" for t in arbre.iter("{http://www.w3.org/2000/svg}text"))
    release = site.resolve().parent.name
    for mot in (titre, "CC des Baronnies", "Source", "Cnaf", release, "chiffres inventés"):
        assert mot in dits, mot
    # It stands alone: every outline and every hatch is in it.
    assert b"<use" not in svg and b"href" not in svg
    if figure == CARTE:
        assert sum(1 for _ in arbre.iter("{http://www.w3.org/2000/svg}path")) > 67
    page.context.close()


def test_the_map_of_an_indicateur_is_taken_away_with_what_it_shows_and_of_when(
    navigateur: Browser, site: Path
) -> None:
    page = ouvrir(navigateur, site / INDICATEUR)
    lieu = page.locator("figure.carte-communes")
    lieu.locator(".emporter > summary").press("Enter")
    nom, png = telecharge(page, lieu, "Image PNG")
    assert nom == f"{Path(INDICATEUR).stem}.png" and png[:8] == b"\x89PNG\r\n\x1a\n"
    _, svg = telecharge(page, lieu, "Image SVG")
    arbre = ElementTree.fromstring(svg)
    dits = " ".join(t.text or "" for t in arbre.iter("{http://www.w3.org/2000/svg}text"))
    for mot in (page.locator("h1").inner_text(), "par commune", "Source", site.resolve().parent.name):
        assert mot in dits, mot
    assert b"<use" not in svg and b"href" not in svg
    assert Axe().run(page, "figure.carte-communes").violations_count == 0
    page.context.close()


@pytest.mark.parametrize(
    "figure", [BARRES, CARTE, "serie-taux-couverture-petite-enfance", "reperes-chiffres-cl-s"]
)
def test_the_table_of_a_chart_has_the_numbers_of_the_mart(
    navigateur: Browser, site: Path, figure: str
) -> None:
    page = ouvrir(navigateur, site / TERRITOIRE)
    nom, octets = telecharge(page, emporter(page, figure), "Tableau CSV")
    assert nom.endswith(f"{figure}.csv") and octets.startswith("\ufeff".encode()) and b"|" not in octets
    lignes = list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";"))
    citees = [li for li in lignes if li["indicateur_id"]]
    assert len(citees) >= 3 and all(li["source"] and li["demonstration"] == "oui" for li in lignes)
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        for ligne in citees:
            valeur, affichee, lisibilite, unite = con.execute(
                "select valeur, valeur_affichee, lisibilite, u.libelle_pluriel from marts.fct_indicateurs"
                " join marts.dim_indicateur as i using (indicateur_id) join marts.dim_unite as u"
                " on u.unite = i.unite where indicateur_id = ? and territoire_id = ? and millesime = ?",
                [ligne["indicateur_id"], ligne["territoire_id"], int(ligne["millesime"])],
            ).fetchone()  # type: ignore[misc]
            assert ligne["valeur_affichee"] == affichee and ligne["unite"] == unite and ligne["statut"]
            if lisibilite == "point" and valeur is not None:
                assert ligne["valeur"] == en_csv(float(valeur)), ligne
    page.context.close()


def test_a_chart_is_cited_with_its_unit_what_is_printed_and_what_is(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / TERRITOIRE)
    lieu = emporter(page, BARRES)
    lieu.get_by_role("button", name="Citer").press("Enter")
    dite = page.get_by_label("À copier", exact=True).input_value()
    assert "(%, 2024), CC des Baronnies en Drôme Provençale" in dite and "|" not in dite
    affichee, valeur = lieu.locator("td[data-v]").first.evaluate("td => [td.innerText, td.dataset.v]")
    assert f"{affichee.strip()} (valeur {valeur}, arrondi" in dite
    assert "Source : Cnaf, Foyers allocataires par EPCI (Cafdata)" in dite.replace("\u00a0", " ")
    assert f"publication {site.resolve().parent.name}" in dite and "chiffres inventés" in dite
    page.context.close()


@pytest.fixture
def serveur(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=site.resolve())
    ) as ouvert:
        threading.Thread(target=ouvert.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{ouvert.server_port}"
        ouvert.shutdown()


@pytest.mark.parametrize("depuis", ["fichier", "serveur"])
def test_a_frame_shows_one_chart_and_where_it_comes_from(
    navigateur: Browser, site: Path, serveur: str, tmp_path: Path, depuis: str
) -> None:
    racine = serveur if depuis == "serveur" else site.as_uri()
    page = navigateur.new_page()
    demandes: list[str] = []
    page.on("request", lambda r: demandes.append(r.url))
    page.goto(f"{racine}/{TERRITOIRE}")
    emporter(page, BARRES).get_by_role("button", name="Intégrer").press("Enter")
    code = page.get_by_label("À copier", exact=True).input_value()
    hote = tmp_path / "hote.html"
    hote.write_text(f"<!doctype html><html lang=fr><title>Un blog</title><h1>Un blog</h1>{code}")
    page.goto(hote.as_uri())
    cadre = page.frame_locator("iframe")
    # The frame is lazy: its own page loads after the load of its host.
    expect(cadre.locator("h1")).to_contain_text("RSA")
    assert cadre.locator("figure").count() == 1 and cadre.locator("figure svg").is_visible()
    dit = cadre.locator("body").inner_text()
    for mot in ("Source", "CC des Baronnies en Drôme", site.resolve().parent.name, "chiffres inventés"):
        assert mot in dit, mot
    cadre.locator("td[data-chiffre]").first.click()
    assert "12,1" in cadre.get_by_label("À copier", exact=True).input_value()
    page.keyboard.press("Escape")
    assert cadre.locator(".sonde, nav, .emporter, .messages").count() == 0
    lien = cadre.get_by_role("link", name="Le portrait entier").evaluate("a => a.href")
    assert lien == f"{racine}/{TERRITOIRE}#{BARRES}"
    assert all(url.startswith((racine, hote.as_uri(), "data:", "blob:")) for url in demandes)
    page.goto(f"{racine}/{TERRITOIRE}?graphe={CARTE}")
    trouve = Axe().run(page)
    assert trouve.violations_count == 0, trouve.generate_report()
    page.close()


@pytest.mark.parametrize("nom", [DEPARTEMENT, INDICATEUR])
def test_a_map_is_one_stop_of_the_keyboard_and_names_what_is_pointed_at(
    navigateur: Browser, site: Path, nom: str
) -> None:
    page = ouvrir(navigateur, site / nom)
    figure = page.locator("figure:has(.sonde)").last
    liste, bulle = figure.locator(".sonde"), figure.locator(".bulle")
    assert figure.locator("select").count() == 1 and figure.locator("svg [tabindex], svg a").count() == 0
    assert figure.locator("svg title").count() > 360 and liste.locator("option").count() > 360
    liste.focus()
    assert bulle.is_hidden()
    vues = []
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        vues.append(bulle.inner_text())
        assert liste.evaluate("s => s.selectedOptions[0].text") == vues[-1]
        boite = bulle.bounding_box()
        assert boite and boite["x"] >= 0 and boite["x"] + boite["width"] <= 1280
    assert len(set(vues)) == 3 and vues == sorted(vues)
    assert figure.locator(".visee").count() == 1
    page.keyboard.press("Escape")
    assert bulle.is_hidden()
    commune = figure.locator("g > :has(> title)").filter(has_text="Nyons").first
    commune.hover(force=True)
    assert bulle.inner_text().startswith("Nyons") and liste.evaluate(
        "s => s.selectedOptions[0].text"
    ).startswith("Nyons")
    page.context.close()


def test_borders_of_epci_are_over_communes_and_seen_on_dark_ones(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / DEPARTEMENT)
    traits = page.locator(f"#{CARTE} svg g g > *").evaluate_all(
        "es => es.map(e => [!!e.querySelector('title'), e.getAttribute('stroke'), e.getAttribute('href')])"
    )
    rangs = [n for n, (commune, _, _) in enumerate(traits) if commune]
    (clair, lisere), (sombre, bord) = [(s, h) for commune, s, h in traits[max(rangs) + 1 :] if not commune][
        :2
    ]
    assert clair == "#ffffff" and sombre != clair and lisere == bord
    page.context.close()


@pytest.mark.parametrize("nom", [TERRITOIRE, INDICATEUR])
def test_opened_on_a_phone_axe_finds_nothing_and_nothing_is_asked_outside(
    navigateur: Browser, site: Path, nom: str
) -> None:
    demandes: list[str] = []
    contexte = navigateur.new_context(viewport={"width": 390, "height": 844})
    page = contexte.new_page()
    page.on("request", lambda r: demandes.append(r.url))
    page.goto((site / nom).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    trouve = Axe().run(page)
    assert trouve.violations_count == 0, trouve.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert demandes and all(url.startswith(site.as_uri()) for url in demandes)
    contexte.close()


def test_contents_on_a_phone_lead_to_what_is_folded_and_hide_nothing(navigateur: Browser, site: Path) -> None:
    page = ouvrir(
        navigateur, site / TERRITOIRE, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    sommaire = page.locator("nav[aria-label=Sommaire]")
    sommaire.locator("summary").press("Enter")
    sommaire.get_by_role("link", name="Logement").press("Enter")
    titre = page.locator("#logement h2")
    page.wait_for_function("document.querySelector('#logement h2').getBoundingClientRect().top < 844")
    assert sommaire.locator("ol").is_hidden() and titre.is_visible()
    boite, barre = titre.bounding_box(), sommaire.bounding_box()
    assert boite and barre and barre["y"] + barre["height"] <= boite["y"]
    page.context.close()


def test_without_a_script_what_is_folded_opens_by_hand_and_by_a_link(navigateur: Browser, site: Path) -> None:
    options: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    page = ouvrir(navigateur, site / TERRITOIRE, **options)
    assert page.locator("#logement h2").is_hidden() and page.locator("nav ol").is_hidden()
    page.locator(".suite > summary").click()
    assert page.locator("#logement svg").first.is_visible()
    page.locator("nav[aria-label=Sommaire] summary").click()
    assert page.locator("nav ol").is_visible()
    page.context.close()
    page = ouvrir(navigateur, site / TERRITOIRE, **options)
    page.goto((site / TERRITOIRE).as_uri() + "#logement")
    assert page.locator("#logement h2").is_visible()
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_paper_has_all_that_a_phone_folds(navigateur: Browser, site: Path, script: bool) -> None:
    for nom, titre in ((TERRITOIRE, "#logement h2"), (INDICATEUR, "#s-definition")):
        page = ouvrir(
            navigateur, site / nom, viewport={"width": 390, "height": 844}, java_script_enabled=script
        )
        page.emulate_media(media="print")
        assert page.locator(titre).is_visible() and page.locator(".suite > summary").is_hidden()
        assert page.locator(".emporter, .sonde").locator("visible=true").count() == 0
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_forced_colours_bars_and_their_bounds_stay(navigateur: Browser, site: Path, theme: str) -> None:
    page = ouvrir(navigateur, site / INDICATEUR, forced_colors="active", color_scheme=theme)
    fonds = {
        quoi: page.locator(quoi).first.evaluate("e => getComputedStyle(e).backgroundColor")
        for quoi in ("body", ".barre", ".etendue")
    }
    assert len(set(fonds.values())) == 3, fonds
    page.context.close()
