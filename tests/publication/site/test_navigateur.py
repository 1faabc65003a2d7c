"""The site in a browser, opened as a file: accessible, found by the keyboard, copied with its statut."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from publication.lecture.statuts import NOMS

GENRES = (
    "index.html",
    "territoires.html",
    "indicateurs.html",
    "themes/petite_enfance.html",
    "sources.html",
    "publication.html",
    "guide.html",
    "glossaire.html",
    "territoires/ctg-baronnies-2025.html",
    "communes/26220.html",
    "secteur.html",
    "indicateurs/part_allocataires_rsa.html",
    "sources/cnaf_allocataires_communes.html",
)


def ouvrir(navigateur: Browser, fichier: Path, **options: Any) -> Page:
    page = navigateur.new_context(**options).new_page()
    page.on("pageerror", lambda erreur: pytest.fail(str(erreur)))
    page.goto(fichier.as_uri())
    return page


def fautes(page: Page) -> dict[str, Any]:
    """Return what axe finds on a page, by rule."""
    trouve = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            # A dense table of links has rows lower than a finger: each is reached with space around it.
            "resultTypes": ["violations"],
        },
    )
    return {v["id"]: [n["target"] for n in v["nodes"]][:3] for v in trouve.response["violations"]}


@pytest.mark.parametrize("nom", GENRES)
def test_axe_finds_nothing_and_nothing_overflows(navigateur: Browser, site: Path, nom: str) -> None:
    for largeur in (1200, 320):
        page = ouvrir(navigateur, site / nom, viewport={"width": largeur, "height": 900})
        if nom == "index.html":
            page.fill("#cherche", "crèches cc des baronnies")
            page.wait_for_selector(".resultats .reponse")
        trouvees = fautes(page)
        assert not trouvees, f"{nom} at {largeur} px: {trouvees}"
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur, f"{nom} at {largeur} px"
        page.context.close()


def test_a_figure_is_copied_with_its_statut_and_its_release(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "indicateurs" / "part_allocataires_rsa.html")
    release = site.resolve().parent.name
    bouton = page.get_by_role("button", name="Citer CC des Baronnies en Drôme Provençale", exact=False).first
    bouton.click()
    dit = page.inner_text(".annonce")
    assert "(part_allocataires_rsa), CC des Baronnies en Drôme Provençale (epci:200068229)" in dit
    assert "%" in dit and "(arrondi" in dit and f"publication {release}" in dit
    assert ". Source : Cnaf, Foyers allocataires par EPCI (Cafdata). Observatoire CTG" in dit
    # What is invented is not quoted without a word of it.
    assert dit.endswith(", chiffre de démonstration.")
    # A bare number has its unit, as French counts: 1,9 is one.
    for indicateur_id, attendu in (
        ("taux_couverture_petite_enfance", "2023 : 64,3\u00a0places pour 100 enfants (observé)"),
        (
            "france_services_10000_hab",
            "2024 (dénominateur\u00a0: 2022) : 1,9\u00a0structure pour 10\u202f000 habitants (observé)",
        ),
    ):
        page = ouvrir(navigateur, site / "indicateurs" / f"{indicateur_id}.html")
        page.get_by_role("button", name="Citer CC des Baronnies en Drôme", exact=False).first.click()
        dite = page.inner_text(".annonce")
        assert attendu in dite
        # Without a script, the page has the sentence of its first territory, in the same words.
        page = ouvrir(navigateur, site / "indicateurs" / f"{indicateur_id}.html")
        page.get_by_role("button", name="Citer").first.click()
        copiee = page.inner_text(".annonce").removeprefix("Copié : ").removeprefix("À copier : ")
        (ecrite,) = re.findall("Pour citer\u00a0: «\u00a0(.*)\u00a0»", page.inner_text("main"))
        assert ecrite.replace("\u00a0", " ") == copiee.replace("\u00a0", " ")


def test_a_portrait_quotes_alike_in_the_site_and_alone(navigateur: Browser, site: Path) -> None:
    """A page of the site numbers its references and shares its index; a portrait carries both. One in 60."""
    seul = site.parent / "portraits" / "portrait-ctg-baronnies-2025.html"
    cites: list[list[str]] = []
    for fichier in (site / "territoires" / "ctg-baronnies-2025.html", seul):
        page = ouvrir(navigateur, fichier)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        dites = page.evaluate(
            """() => [...document.querySelectorAll("[data-chiffre]")]
              .filter((_, rang) => rang % 60 === 0)
              .map((cellule) => {
                cellule.click();
                const dialogue = document.querySelector("dialog.citer");
                const dite = dialogue.querySelector("textarea").value;
                dialogue.close();
                return dite;
            })"""
        )
        cites.append(dites)
    assert cites[0] == cites[1]
    release = site.resolve().parent.name
    assert len(cites[0]) > 10 and all(f"publication {release} du" in dite for dite in cites[0])
    assert not any("undefined" in dite for dite in cites[0])


def test_columns_sort_and_what_is_masked_stays_last(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "indicateurs" / "part_allocataires_rsa.html")
    page.get_by_role("button", name="Valeur").first.click()
    assert page.get_attribute("table.valeurs th.nombre", "aria-sort") == "descending"
    ordres = page.eval_on_selector_all(
        "table.valeurs tbody:nth-of-type(2) td.nombre", "tds => tds.map(td => td.dataset.ordre ?? null)"
    )
    rangs = [int(o) for o in ordres if o is not None]
    assert len(rangs) > 5 and rangs == sorted(rangs, reverse=True)
    assert None not in ordres[: len(rangs)]


@pytest.mark.parametrize("indicateur_id", ["part_population_couverte_caf", "nb_foyers_af"])
def test_the_communes_of_an_indicateur_are_those_of_its_release(
    navigateur: Browser, site: Path, indicateur_id: str
) -> None:
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        lues = con.execute(
            "select territoire_id, valeur_affichee, statut from marts.fct_indicateurs where indicateur_id = ?"
            " and niveau = 'commune' qualify millesime = max(millesime)"
            " filter (statut in ('observe', 'arrondi', 'partiel')) over ()",
            [indicateur_id],
        ).fetchall()
    page = ouvrir(navigateur, site / "indicateurs" / f"{indicateur_id}.html")
    page.locator("#communes").evaluate("(table) => (table.closest('details').open = true)")
    dites = page.eval_on_selector_all(
        "#communes tbody tr",
        "rangs => rangs.map((r) => [r.cells[3].dataset.t, r.cells[2].innerText.replace(/ [≈◔]$/, ''),"
        " r.cells[3].dataset.s, r.cells[2].querySelector('.note-statut') !== null])",
    )
    assert {(t, v) for t, v, *_ in dites} == {(t, v) for t, v, _ in lues} and len(dites) == len(lues) > 360
    statuts = {t: s for t, _, s in lues}
    assert all(s.startswith(NOMS[statuts[t]]) for t, _, s, _ in dites)
    assert {note for _, v, _, note in dites if v.startswith(("entre", "au plus", "trop peu"))} == {False}
    # Points first, the highest at their head; what has no rank stays last.
    page.locator("#communes").get_by_role("button", name="Valeur").click()
    ordres = page.eval_on_selector_all("#communes td.nombre", "tds => tds.map((td) => td.dataset.ordre)")
    rangs = [float(o) for o in ordres if o is not None]
    assert len(rangs) > 200 and rangs == sorted(rangs, reverse=True) and None not in ordres[: len(rangs)]
    page.locator("#communes").get_by_role("button", name="Citer Nyons", exact=False).click()
    assert "Nyons (commune:26220)" in page.inner_text(".annonce")
    page.context.close()


def test_without_a_script_the_lists_and_the_citation_are_there(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "index.html", java_script_enabled=False)
    assert not page.is_visible(".recherche")
    page.get_by_role("link", name="V2 (2025-2029)", exact=False).first.click()
    assert page.inner_text("h1")
    page.goto((site / "indicateurs" / "part_allocataires_rsa.html").as_uri())
    assert f"publication {site.resolve().parent.name}" in page.inner_text("main")
