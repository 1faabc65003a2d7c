"""The home page and the pages of themes: a map, what moved, the figures of a theme side by side."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import lxml.html
import pytest

from publication.lecture.ensembles import MartsEntiers
from publication.site import adresses
from publication.site.carte_accueil import a_choisir
from publication.site.nouveautes import nouveautes
from publication.site.themes import lieux
from tests.publication.petits_marts import RELEASE, construire_base
from tests.publication.site.conftest import COMPLEMENTS, Publier
from tests.publication.site.pages import lire

pytestmark = pytest.mark.usefixtures("horloge")
CHANGEMENTS = """
create table marts.changements (territoire_id varchar, niveau varchar, indicateur_id varchar,
    millesime integer, nature varchar, avant double, avant_affichee varchar, avant_statut varchar,
    apres double, apres_affichee varchar, apres_statut varchar, cause varchar);
update marts.fct_indicateurs set lisibilite = 'point', borne_basse = valeur - 1, borne_haute = valeur + 1;
"""
Ouvrir = Callable[[str], MartsEntiers]


@pytest.fixture
def ouvrir(tmp_path: Path) -> Iterator[Ouvrir]:
    """Open the tiny marts after `modifications`, as a release that came after another."""
    with duckdb.connect() as memoire:

        def faire(modifications: str) -> MartsEntiers:
            base = construire_base(tmp_path / "build" / "nuit.duckdb", COMPLEMENTS + modifications)
            memoire.execute(f"attach '{base}' as base (read_only)")
            memoire.execute("set search_path = 'base.marts'")
            marts = MartsEntiers(memoire, {})
            marts.__dict__["release"] = {**RELEASE, "precedente": "20260101T010000Z-00000000"}
            return marts

        yield faire


def changement(
    avant: float, apres: float, cause: str, nature: str = "valeur", statut: str = "arrondi"
) -> str:
    return (
        "insert into marts.changements values ('epci:200068229', 'epci', 'nb_foyers_allocataires', 2022,"
        f" '{nature}', {avant}, '{avant:.0f}', '{statut}', {apres}, '{apres:.0f}', 'arrondi', '{cause}');"
    )


REVISE = changement(3_000, 3_250, "révision")


@pytest.mark.parametrize(
    ("modifications", "dits"),
    [
        (REVISE, [("3000\u00a0foyers", "dans la publication précédente")]),
        # Within its own bounds, by another rule than its producer's, from what was no figure: nothing moved.
        (changement(3_250.5, 3_250, "révision"), []),
        (changement(3_000, 3_250, "définition"), []),
        (changement(3_000, 3_250, "révision", statut="secret"), []),
        (REVISE + "update marts.fct_indicateurs set lisibilite = 'trop_peu';", []),
        (changement(3_000, 3_250, "nouveau millésime", nature="ajout"), []),
    ],
)
def test_what_moved_is_what_was_revised_beyond_its_bounds(
    ouvrir: Ouvrir, modifications: str, dits: list[tuple[str, str]]
) -> None:
    lues = nouveautes(ouvrir(CHANGEMENTS + modifications), {})
    assert [(n["avant"], n["quand"]) for n in lues] == dits


@pytest.mark.parametrize(
    ("lecture", "dit"),
    [("'favorable', null", True), ("'neutre', null", True), ("'neutre', 'trop_peu'", False)],
)
def test_a_new_year_is_told_where_the_marts_read_a_movement(ouvrir: Ouvrir, lecture: str, dit: bool) -> None:
    evolution = (
        "insert into marts.mart_evolutions (territoire_id, indicateur_id, millesime_debut, millesime_fin,"
        " consecutifs, statut, lisibilite, valeur_debut, valeur_debut_affichee, evolution_affichee,"
        " evolution_relative, evolution_lecture, lecture_motif_code) values ('epci:200068229',"
        " 'nb_foyers_allocataires', 2021, 2022, true, 'observe', 'point', 3000, '3000', '+8 %', 8,"
        f" {lecture});"
    )
    ajout = changement(0, 3_250, "nouveau millésime", nature="ajout")
    lues = nouveautes(ouvrir(CHANGEMENTS + ajout + evolution), {})
    assert [(n["avant"], n["quand"], n["suite"]) for n in lues] == [
        ("3000\u00a0foyers", "en 2021", "+8 %")
    ] * dit


def test_a_first_release_has_no_news(ouvrir: Ouvrir) -> None:
    marts = ouvrir(CHANGEMENTS + REVISE)
    marts.__dict__["release"] = {**RELEASE, "precedente": None}
    assert nouveautes(marts, {}) == []


def test_a_map_of_communes_or_of_departements_links_each_shape(
    ouvrir: Ouvrir, monkeypatch: pytest.MonkeyPatch
) -> None:
    marts = ouvrir("")
    pages = {"commune:26220": "communes/26220.html"}
    carte = a_choisir(marts, pages)
    assert carte is not None and carte.nature == "commune"
    svg = lxml.html.fragment_fromstring(str(carte.dessin))
    assert [(a.get("href"), a.get("aria-label")) for a in svg.xpath("//a")] == [
        ("communes/26220.html", "Nyons, CC des Baronnies")
    ]
    # What has no page is drawn, and leads nowhere.
    assert len(svg.xpath("//path[not(@class)]")) == 2
    assert a_choisir(marts, {}) is None
    monkeypatch.setattr("publication.site.carte_accueil.COMMUNES_AU_PLUS", 1)
    carte = a_choisir(marts, pages)
    assert carte is not None and carte.nature == "département"
    svg = lxml.html.fragment_fromstring(str(carte.dessin))
    assert [(a.get("href"), a.get("aria-label")) for a in svg.xpath("//a")] == [("communes/01.html", "Ain")]


def test_a_theme_says_its_last_figures_and_why_others_have_none(publier_site: Publier) -> None:
    site = publier_site().dossier / "site"
    page = lire(site / adresses.theme("petite_enfance"))
    assert [li.text_content() for li in page.xpath("//section[@aria-labelledby='t-absents']//li")] == [
        "Eajesource jamais reçue\u00a0: caf_equipements"
    ]
    page = lire(site / adresses.theme("portrait_social"))
    assert page.xpath("//tbody/tr/th/a/text()")[0] == "Foyers allocataires"
    (cellule,) = page.xpath("//td[@data-lieu='CC des Baronnies en Drôme provençale']/span/span/@data-chiffre")
    assert cellule == "nb_foyers_allocataires|epci:200068229|2022"


def test_the_columns_of_a_theme_are_the_last_conventions_and_what_holds_them(site: Path) -> None:
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        con.execute("set schema = 'marts'")
        assert [t["territoire_id"] for t in lieux(MartsEntiers(con, {}))] == [
            *("ctg:baronnies-2025", "ctg:demonstration-2023"),
            *("departement:26", "region:84", "france:FR"),
        ]
        attendues = set(
            con.execute(
                "select indicateur_id || '|' || territoire_id || '|' || millesime, valeur_affichee"
                " from mart_derniers_chiffres where theme = 'petite_enfance'"
            ).fetchall()
        )
    page = lire(site / adresses.theme("petite_enfance"))
    imprimes = {(e.get("data-chiffre"), e.text) for e in page.xpath("//table//*[@data-chiffre]")}
    assert len(imprimes) > 80 and imprimes <= attendues
