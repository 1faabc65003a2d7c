"""The page of each commune: its figures are those of the marts, and no commune is without one."""

import re
from pathlib import Path

import duckdb
import pytest

from publication.lecture.citation import lire_reference
from publication.lecture.ensembles import ouvrir
from publication.site import adresses
from publication.site import presse as presse_du_site
from publication.site.impression import Impression
from publication.site.presse import Presse
from tests.publication.site.conftest import Publier
from tests.publication.site.pages import lire

TAILLE = 12_200
"""Bytes of a page at most: there are five hundred in the demonstration."""


def chiffres_de(page: Path) -> dict[tuple[str, str, int], str]:
    """What a page prints of each figure that it names."""
    return {
        lire_reference(e.get("data-chiffre")): e.text_content()
        for e in lire(page).xpath("//*[@data-chiffre]")
    }


@pytest.fixture
def base(site: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True)
    con.execute("set schema = 'marts'")
    return con


def test_a_page_says_what_is_known_what_is_not_and_whose_figures_it_holds(publier_site: Publier) -> None:
    site = publier_site().dossier / "site"
    nyons = lire(site / "communes" / "26220.html")
    lignes = [tr.xpath("string(th)") for tr in nyons.xpath("//table//tbody/tr")]
    assert lignes == [
        "31.45 ≈ des foyers allocataires perçoivent le RSA2022",
        "Le niveau de vie médian est de 20150.00 par an2019",
    ]
    # Names without a figure, and the codes of communes that merged, are told where their figures are.
    assert "Compte aussi\u00a0: Paris 13e Arrondissement, Paris 1er Arrondissement, ancien code 26999." in (
        nyons.text_content()
    )
    carte = (site / "ressources" / "communes.svg").read_text(encoding="utf-8")
    assert nyons.xpath("//img/@src") == ["../ressources/communes.svg#c26220"] and 'id="c26220"' in carte
    masquee = lire(site / "communes" / "01001.html")
    assert [tr.xpath("string(th)") for tr in masquee.xpath("//table//tbody/tr")] == [
        "Part des foyers au RSA\xa0: na2022 · Dénominateur nul",
        "Médiane du niveau de vie\xa0: s2019 · Secret du producteur",
    ]
    # The name of an arrondissement leads to the commune.
    index = sorted((site / "ressources").glob("recherche*.js"))
    recherche = "".join(script.read_text(encoding="utf-8") for script in index)
    assert (
        '"Paris 13e Arrondissement","75113","dans les chiffres de Nyons","communes/26220.html"' in recherche
    )


def test_a_commune_that_is_printed_keeps_its_portrait_and_its_page_leads_there(publier_site: Publier) -> None:
    release = publier_site().dossier
    imprimes = {"commune:26220": adresses.territoire("commune:26220")}
    with ouvrir(release) as marts:
        presse = Presse(release, Impression(("commune:26220",)), imprimes, marts)
        assert presse.adresses["commune:26220"] == "communes/26220.html"
        portraits = {f["code"]: f["portrait"] for f in presse.lieux.fiches()}
    assert portraits == {"01001": None, "26220": "territoires/commune-26220.html"}


def test_the_page_of_a_departement_has_an_empty_cell_where_a_commune_has_no_figure(
    publier_site: Publier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a country: in the demonstration each commune has one of everything."""
    monkeypatch.setattr(presse_du_site, "COMMUNES_AU_PLUS", 1)
    sans = "where territoire_id = 'commune:01001' and indicateur_id = 'mediane_niveau_vie';"
    site = publier_site(f"delete from marts.mart_derniers_chiffres {sans}").dossier / "site"
    (ligne,) = lire(site / "communes" / "01.html").xpath("//tr[@id='01001']")
    assert [td.text_content().strip() for td in ligne.xpath("td")] == ["na", ""]


def test_every_commune_of_the_scope_has_its_page_and_leads_to_it(
    site: Path, base: duckdb.DuckDBPyConnection
) -> None:
    codes = {
        c for (c,) in base.execute("select code from dim_territoire where niveau = 'commune'").fetchall()
    }
    pages = list((site / "communes").glob("*.html"))
    assert {p.stem for p in pages} == codes and len(codes) > 450
    menu = lire(site / "territoires.html").xpath("//section[@aria-labelledby='n-commune']//a/@href")
    assert sorted(menu) == sorted(f"communes/{code}.html" for code in codes)
    lourdes = {p.name: p.stat().st_size for p in pages if p.stat().st_size > TAILLE}
    assert not lourdes


def test_the_figures_of_ten_communes_are_those_of_the_marts(
    site: Path, base: duckdb.DuckDBPyConnection
) -> None:
    toutes = sorted((site / "communes").glob("*.html"))
    pages = [*toutes[7::49][:9], site / "communes" / "26220.html"]
    assert len(pages) == 10
    for page in pages:
        dits = chiffres_de(page)
        ici = f"commune:{page.stem}"
        assert sum(territoire == ici for _, territoire, _ in dits) >= 10
        for (indicateur_id, territoire_id, millesime), texte in dits.items():
            (attendu,) = base.execute(
                "select valeur_affichee from fct_indicateurs"
                " where indicateur_id = ? and territoire_id = ? and millesime = ?",
                [indicateur_id, territoire_id, millesime],
            ).fetchall()
            assert (texte,) == attendu, (page.name, indicateur_id, territoire_id)
        # The last year shown of each, beside its EPCI and its département in the same year.
        for indicateur_id, territoire_id, millesime in dits:
            if territoire_id == ici:
                (dernier,) = base.execute(
                    "select millesime, valeur_epci_affichee, valeur_departement_affichee from"
                    " mart_derniers_chiffres where indicateur_id = ? and territoire_id = ?",
                    [indicateur_id, territoire_id],
                ).fetchall()
                assert millesime == dernier[0]
                a_cote = [v for (i, t, _), v in dits.items() if i == indicateur_id and t != ici]
                assert set(a_cote) <= set(dernier[1:])


def test_a_figure_that_rests_on_too_few_is_not_printed(site: Path, base: duckdb.DuckDBPyConnection) -> None:
    trop_peu = base.execute(
        "select code, millesime from fct_indicateurs where niveau = 'commune'"
        " and indicateur_id = 'part_allocataires_rsa' and lisibilite = 'trop_peu' and millesime = 2024"
    ).fetchall()
    assert trop_peu
    for code, millesime in trop_peu[:5]:
        page = site / "communes" / f"{code}.html"
        assert chiffres_de(page)["part_allocataires_rsa", f"commune:{code}", millesime] == "trop peu"
        (th,) = (t for t in lire(page).xpath("//th/text()/..") if "au RSA" in t.text_content())
        assert re.search(
            "Repose sur moins de 20 personnes, foyers ou logements\u00a0: ne dit rien de la commune$",
            th.text_content(),
        )
