"""Communes of one's choice, added up in the page: what it prints is what SQL and `socle` say."""

import csv
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from orchestration.racine import RACINE
from publication.lecture.ecarts import QUANTILE
from publication.site import presse as presse_du_site
from socle.affichage import Unite, intervalle, nombre
from tests.publication.site.conftest import Publier
from tests.publication.site.test_navigateur import fautes, ouvrir

TROIS = ("26220", "26063", "26001")
NOMS = ("Nyons", "Buis-les-Baronnies", "Solaure en Diois")
PAS = 2
"""How far Cafdata rounds, each way: "10" stands for 8 to 12 (docs/intervalles.md)."""
POURCENT = Unite("pourcent", "nombre", "%", "point", "points", "%", "%")
FOYERS = Unite("foyers", "nombre", "", "", "", "foyer", "foyers")


def secteur(navigateur: Browser, site: Path, codes: str, **options: Any) -> Page:
    page = ouvrir(navigateur, site / "secteur.html", **options)
    page.goto(f"{(site / 'secteur.html').as_uri()}#{codes}")
    page.wait_for_selector("#somme table")
    return page


def sommes(page: Page) -> dict[str, tuple[str, str]]:
    """What the page prints of each figure: its text, and what stands under it."""
    lus = page.locator("#somme tbody tr").evaluate_all(
        "ts => ts.map(t => [t.dataset.indicateur,"
        " ...['a', '.sous'].map(s => t.querySelector(s).textContent)])"
    )
    return {indicateur_id: (texte, precision) for indicateur_id, texte, precision in lus}


def test_three_communes_add_up_as_sql_does(navigateur: Browser, site: Path) -> None:
    page = secteur(navigateur, site, ",".join(TROIS))
    dits = sommes(page)
    assert page.locator("#choisies a").all_inner_texts() == [
        "Nyons",
        "Buis-les-Baronnies",
        "Solaure en Diois",
    ]
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        lus = con.execute(
            """
            with f as (
                from marts.fct_indicateurs where territoire_id in (select 'commune:' || unnest(?))
                qualify millesime = max(millesime) over (partition by indicateur_id)
            )
            select f.indicateur_id, any_value(i.methode), any_value(u.suffixe), any_value(i.decimales),
                any_value(millesime), sum(valeur), sum(f.numerateur), sum(f.denominateur),
                sum(greatest(f.numerateur - ?, 0)), sum(f.numerateur + ?), sum(denominateur_haut)
            from f inner join marts.dim_indicateur as i using (indicateur_id)
            inner join marts.dim_unite as u on u.unite = i.unite
            group by all
            """,
            [list(TROIS), PAS, PAS],
        ).fetchall()
    for indicateur_id, methode, suffixe, decimales, annee, somme, num, den, bas, haut, den_haut in lus:
        if indicateur_id not in dits:
            continue
        texte, precision = dits[indicateur_id]
        assert precision.startswith(f"{annee} · ")
        if methode == "publie":
            assert texte == "nd" and "ne s'additionne pas" in precision
            continue
        valeur = somme if methode == "somme" else 100 * num / den
        assert texte == nombre(valeur, decimales) + ("\u202f%" if suffixe else ""), indicateur_id
        if "arrondi" in precision:
            # Of three communes the interval at 99 % is within a point of the envelope; the denominator is
            # rounded too, or exact.
            den_bas = 2 * den - den_haut
            sure = [100 * bas / den_haut, 100 * haut / den_bas]
            assert sure[0] <= valeur <= sure[1] and precision.startswith(f"{annee} · arrondi, entre ")
        else:
            assert precision == f"{annee} · observé"
    assert len(dits) == 10 and sum("arrondi" in p for _, p in dits.values()) == 2
    page.get_by_role("button", name="Citer Part des foyers allocataires au RSA").click()
    dite = page.inner_text(".annonce")
    assert (
        "Nyons + Buis-les-Baronnies + Solaure en Diois (communes 26220 + 26063 + 26001), 2024 : 13,6" in dite
    )
    assert "Source : Cnaf, Foyers allocataires par commune (Cafdata)" in dite


def test_the_communes_of_a_convention_add_up_to_its_own_figures_and_bounds(
    navigateur: Browser, site: Path
) -> None:
    """A convention of several EPCI is a sum of communes in the warehouse too."""
    convention = "ctg:demonstration-2023"
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        codes = con.execute(
            "select code from marts.ctg_communes where territoire_id = ?", [convention]
        ).fetchall()
        attendus = con.execute(
            """
            select indicateur_id, valeur_affichee, statut, millesime, borne_basse, borne_haute
            from marts.mart_derniers_chiffres where territoire_id = ?
            """,
            [convention],
        ).fetchall()
    page = secteur(navigateur, site, ",".join(code for (code,) in codes))
    assert len(codes) > 5
    dits = page.evaluate(
        """codes => JSON.parse(document.getElementById("plan").textContent).chiffres
            .map(r => [r.id, window.CTG_SECTEUR.sommer(codes, r)])""",
        [code for (code,) in codes],
    )
    par_id = {indicateur_id: lu for indicateur_id, *lu in attendus}
    compares = 0
    for indicateur_id, dit in dits:
        texte, statut, annee, basse, haute = par_id[indicateur_id]
        if annee == dit["annee"] and dit["statut"] != "non_disponible":
            assert (dit["texte"], dit["statut"]) == (texte, statut), indicateur_id
            assert dit["bornes"] == pytest.approx([basse, haute], abs=1e-3), indicateur_id
            compares += statut == "arrondi"
    assert compares == 2


def test_statuts_combine_as_those_of_the_warehouse(navigateur: Browser, site: Path) -> None:
    page = secteur(navigateur, site, ",".join(TROIS))
    faire = """([statut, sans]) => {
        const d = window.CTG_DONNEES["26"], plan = JSON.parse(document.getElementById("plan").textContent);
        const regle = plan.chiffres.find((r) => r.id === "part_allocataires_rsa");
        const rang = d.indicateurs.indexOf(regle.id), c = d.communes["26001"];
        c.chiffres.find((l) => l[0] === rang)[3] = d.statuts.indexOf(statut);
        if (sans) c.termes = c.termes.filter((l) => l[0] !== rang);
        return window.CTG_SECTEUR.sommer(["26220", "26063", "26001"], regle);
    }"""
    assert page.evaluate(faire, ["arrondi", False])["statut"] == "arrondi"
    assert page.evaluate(faire, ["partiel", False])["statut"] == "partiel"
    # What was not read may be anything: no point is printed, and how many parts were read is known.
    partiel = page.evaluate(faire, ["non_disponible", True])
    assert (partiel["statut"], partiel["lues"], partiel["parts"]) == ("partiel", 2, 3)
    assert partiel["lisibilite"] == "intervalle" and partiel["texte"] == "au plus 100\u202f%"
    secret = page.evaluate(faire, ["secret", True])
    assert (secret["statut"], secret["texte"], secret["valeur"]) == ("secret", "s", None)


def test_few_foyers_together_are_still_too_few(navigateur: Browser, site: Path) -> None:
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        petites = con.execute(
            "select code from marts.fct_indicateurs where indicateur_id = 'part_allocataires_rsa'"
            " and niveau = 'commune' and millesime = 2024 and denominateur_haut < 10 order by code limit 2"
        ).fetchall()
    assert len(petites) == 2
    texte, precision = sommes(secteur(navigateur, site, ",".join(c for (c,) in petites)))[
        "part_allocataires_rsa"
    ]
    assert texte == "trop peu" and "moins de 20" in precision


def test_the_quantile_is_that_of_the_warehouse() -> None:
    with (RACINE / "dbt_project" / "seeds" / "parametres.csv").open(encoding="utf-8", newline="") as flux:
        (declare,) = (p["valeur"] for p in csv.DictReader(flux) if p["parametre"] == "quantile_intervalle")
    assert float(declare) == QUANTILE


def test_numbers_are_printed_as_everywhere_else(navigateur: Browser, site: Path) -> None:
    page = secteur(navigateur, site, "26220")
    hasard = random.Random(42)
    valeurs = [0.0, 0.05, 2.675, 1.005, 31.45, 999.95, 1234567.891, -0.04, -12.5, 68.74999999999997]
    valeurs += [hasard.uniform(-1e6, 1e6) for _ in range(100)] + [hasard.uniform(0, 100) for _ in range(100)]
    demandes = [[v, d] for v in valeurs for d in (0, 1, 2)]
    assert page.evaluate("ds => ds.map(([v, d]) => window.CTG_SECTEUR.nombre(v, d))", demandes) == [
        nombre(v, d) for v, d in demandes
    ]
    bornes = [
        [*sorted(hasard.choices([abs(v) for v in valeurs], k=2)), d] for d in (0, 1) for _ in range(100)
    ]
    bornes += [[0.0, 14.3, 1], [0.04, 14.3, 1], [5.0, 5.0, 0], [5.01, 5.02, 0], [1240.0, None, 0]]
    for unite in (POURCENT, FOYERS):
        dits = page.evaluate(
            """([bornes, suffixe]) => bornes.map(([basse, haute, decimales]) =>
                window.CTG_SECTEUR.intervalle(basse, haute, {decimales, suffixe}))""",
            [bornes, unite.suffixe],
        )
        assert dits == [intervalle(basse, haute, unite, d) for basse, haute, d in bornes]


def test_communes_are_chosen_by_name_or_on_the_map_and_kept_in_the_address(
    navigateur: Browser, site: Path
) -> None:
    demandes: list[str] = []
    # 26184 merged into Valherbasse (26210): what its address said still leads to it.
    page = navigateur.new_page()
    page.on("request", lambda r: demandes.append(r.url))
    page.goto(f"{(site / 'secteur.html').as_uri()}#26184,99999")
    page.wait_for_selector("#somme table")
    assert page.locator("#choisies a").get_attribute("href") == "communes/26210.html"
    assert page.inner_text("#refus") == "Pas une commune de cette publication\u00a0: 99999."
    page.fill("#commune", "buis les baronnies")
    page.keyboard.press("Enter")
    page.wait_for_url("**/secteur.html#26210,26063")
    page.fill("#commune", "nulle part")
    page.keyboard.press("Enter")
    assert "Aucune commune de ce nom" in page.inner_text("#refus")
    page.locator("#c26220").click()
    page.wait_for_url("**/secteur.html#26210,26063,26220")
    page.get_by_role("button", name="Retirer Buis-les-Baronnies").press("Enter")
    page.wait_for_url("**/secteur.html#26210,26220")
    # The page reads its address after it has changed.
    expect(page.locator("#somme thead th").first).to_have_text("Somme de 2 communes")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('#choisies li').length === 3")
    assert demandes and all(url.startswith("file://") for url in demandes)


def test_without_a_script_the_page_says_what_to_do_instead(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "secteur.html", java_script_enabled=False)
    assert "Ne pas faire la moyenne des parts" in page.inner_text("noscript")
    assert not page.is_visible("#secteur")
    page.get_by_role("link", name="sa page").click()
    page.get_by_role("link", name="Nyons", exact=True).click()
    assert "des foyers allocataires perçoivent le RSA" in page.inner_text("main")


def test_a_commune_is_one_screen(navigateur: Browser, site: Path) -> None:
    for code in ("26220", "26001", "84150"):
        page = ouvrir(navigateur, site / "communes" / f"{code}.html", viewport={"width": 1280, "height": 800})
        bas = page.evaluate("document.querySelector('.dix').getBoundingClientRect().bottom")
        assert bas <= 800, code
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 844, code
    page.get_by_role("button", name="Citer Part des foyers allocataires au RSA").click()
    assert "(part_allocataires_rsa), Visan (commune:84150), 2024" in page.inner_text(".annonce")


def test_a_country_has_a_page_a_departement(
    navigateur: Browser, publier_site: Publier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presse_du_site, "COMMUNES_AU_PLUS", 1)
    site = publier_site().dossier / "site"
    assert sorted(p.name for p in (site / "communes").iterdir()) == ["01.html", "26.html"]
    # Without a script, every commune is a row; with one, that of the address is shown as on its own page.
    page = ouvrir(navigateur, site / "communes" / "26.html", java_script_enabled=False)
    assert page.locator("#\\32 6220 td").all_inner_texts() == ["31.45 ≈", "20150.00"]
    page = ouvrir(navigateur, site / "communes" / "26.html")
    assert not page.is_visible("#fiche")
    page.locator("#c26220").click()
    assert page.locator("#fiche tbody th").all_inner_texts() == [
        "31.45 ≈ des foyers allocataires perçoivent le RSA\n2022",
        "Le niveau de vie médian est de 20150.00 par an\n2019",
    ]
    assert not fautes(page)
    page.get_by_role("button", name="Citer Part des foyers au RSA").click()
    assert "(part_allocataires_rsa), Nyons (commune:26220), 2022 : 31.45 (arrondi, entre 31,2 et 31,7" in (
        page.inner_text(".annonce")
    )
    page = ouvrir(navigateur, site / "secteur.html")
    page.select_option("#departement", "26")
    page.wait_for_selector("#c26220")
    assert not fautes(page)
    page.locator("#c26220").click()
    page.wait_for_selector("#somme table")
    assert page.url.endswith("secteur.html#26220")
