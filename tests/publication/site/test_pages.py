"""The site as files: every link leads somewhere, nothing is fetched, nothing masked is shown."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import lxml.html
import pytest

from publication.lecture.ensembles import MartsEntiers
from publication.site import adresses
from socle.erreurs import ErreurPublication
from tests.publication.site.conftest import Publier
from tests.publication.site.pages import charge, cible, ids, liens, lire, pages

pytestmark = pytest.mark.usefixtures("horloge")
HOSTILE = '<script>alert(1)</script> "L\'Épine" &amp; {{ 7 * 7 }}'


@pytest.fixture
def petit(publier_site: Publier) -> Path:
    return publier_site().dossier / "site"


def crawler(site: Path) -> None:
    """Every link of every page leads to a file of the release, and to an anchor that is there."""
    arbres = {page.resolve(): lire(page) for page in pages(site)}
    atteintes = {(site / "index.html").resolve()}
    ancres = {page: set(ids(arbre)) for page, arbre in arbres.items()}
    for page, arbre in arbres.items():
        assert len(ids(arbre)) == len(ancres[page]), f"{page}: an id stands twice"
        assert arbre.get("lang") == "fr" and len(arbre.xpath("//h1")) == 1 and len(arbre.xpath("//main")) == 1
        for ressource in charge(arbre):
            fichier, _ = cible(page, ressource)
            assert not re.match(r"[a-z]+:|/", ressource) and fichier.is_file(), f"{page}: {ressource}"
        for lien in liens(arbre):
            if lien.startswith(("https://", "http://")):
                assert "/sources/" in str(page), f"{page}: {lien}"
                continue
            fichier, ancre = cible(page, lien)
            # The manifest is written once the site is.
            assert fichier.is_file(), f"{page}: {lien}"
            # The anchor of a secteur is the list of its communes.
            if ancre and fichier in ancres and fichier.name != adresses.SECTEUR:
                assert ancre in ancres[fichier], f"{page}: {lien}"
            atteintes.add(fichier)
    assert arbres.keys() <= atteintes
    for page in pages_trouvees(site):
        fichier, ancre = cible(site / "index.html", page)
        assert fichier.is_file() and (not ancre or ancre in ancres[fichier])


def index(site: Path) -> dict[str, Any]:
    """What the search reads, communes apart."""
    return _script(site / "ressources" / "recherche-index.js")


def communes(site: Path) -> dict[str, Any]:
    """The names of communes that the search reads."""
    return _script(site / "ressources" / "recherche-communes.js")


def _script(fichier: Path) -> dict[str, Any]:
    dit: dict[str, Any] = json.loads(fichier.read_text("utf-8").partition("=")[2].rstrip().rstrip(";"))
    return dit


def pages_trouvees(site: Path) -> Iterator[str]:
    """Where the answers of the search lead."""
    lu = index(site)
    yield from (i["page"] for i in lu["indicateurs"])
    yield from (t[3] for t in lu["territoires"] if t[3])
    yield from (a[4] for a in lu["autres"])
    noms = communes(site)
    for departement, siennes in noms["departements"].items():
        for c in siennes["communes"]:
            yield noms["page"].replace("CODE", c[1]).replace("DEPARTEMENT", departement)


def test_every_link_of_a_tiny_site_resolves(petit: Path) -> None:
    crawler(petit)


def test_every_link_of_the_demonstration_resolves_and_each_territory_printed_has_its_page(site: Path) -> None:
    crawler(site)
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        imprimes = con.execute(
            "select territoire_id from marts.dim_territoire"
            " where niveau in ('ctg', 'epci', 'departement', 'region')"
        ).fetchall()
        tous = [i for (i,) in con.execute("select indicateur_id from marts.dim_indicateur").fetchall()]
    assert {p.name for p in (site / "territoires").iterdir()} == {
        Path(adresses.territoire(t)).name for (t,) in imprimes
    }
    assert {p.stem for p in (site / "indicateurs").glob("*.html")} == set(tous)
    drome = communes(site)["departements"]["26"]
    assert ["Nyons", "26220", drome["epci"].index("200068229"), 6_794] in drome["communes"]


def test_labels_are_text_whatever_they_hold(publier_site: Publier) -> None:
    cite = HOSTILE.replace("'", "''")
    site = (
        publier_site(
            f"update marts.dim_territoire set libelle = '{cite}' where niveau = 'epci';"
            f"update marts.dim_indicateur set libelle = '{cite}', description = '{cite}';"
            f"update marts.dim_source set titre = '{cite}', page = 'javascript:alert(1)';"
            f"update marts.fct_indicateurs set motif = '{cite}' where motif is not null;"
        ).dossier
        / "site"
    )
    crawler(site)
    for page in pages(site):
        arbre = lire(page)
        assert all(script.get("src") or script.get("type") for script in arbre.xpath("//script")), page
        assert not [lien for lien in liens(arbre) if lien.startswith("javascript:")]
        assert "<script>alert" not in page.read_text(encoding="utf-8")
    titre = lire(site / adresses.indicateur("nb_eaje")).xpath("//h1")[0].text_content()
    assert titre == HOSTILE
    assert HOSTILE in [i["nom"] for i in index(site)["indicateurs"]]


def _departement(code: str, nom: str, valeur: str, affichee: str, statut: str = "observe") -> str:
    """A département more, with a médiane."""
    identifiant = f"'departement:{code}' as territoire_id, '{code}' as code, '{nom}' as libelle"
    bornes = f"{valeur} as valeur, {valeur} as borne_basse, {valeur} as borne_haute"
    return (
        f"insert into marts.dim_territoire select * replace ({identifiant}) from marts.dim_territoire"
        " where territoire_id = 'departement:01';"
        f"insert into marts.fct_indicateurs select * replace ({identifiant}, {bornes},"
        f" '{affichee}' as valeur_affichee, '{statut}' as statut) from marts.fct_indicateurs"
        " where territoire_id = 'departement:01';"
    )


def test_a_masked_figure_has_neither_bar_nor_rank_nor_number(publier_site: Publier) -> None:
    site = (
        publier_site(
            _departement("07", "Ardèche", "null", "s", "secret")
            + _departement("38", "Isère", "21000", "21000")
        ).dossier
        / "site"
    )
    arbre = lire(site / adresses.indicateur("mediane_niveau_vie"))
    lignes = {
        tr.xpath("string(th)"): tr
        for tr in arbre.xpath("//table[contains(@class, 'valeurs')]//tr[@class='']")
    } or {tr.xpath("string(th)"): tr for tr in arbre.xpath("//table[contains(@class, 'valeurs')]//tbody/tr")}
    assert len(lignes["Isère"].xpath(".//span[@class='barre']")) == 1
    secrete = lignes["Ardèche"]
    assert secrete.xpath(".//abbr/text()") == ["s"] and not secrete.xpath(".//*[@data-ordre]")
    assert [s.get("class") for s in secrete.xpath(".//span[@class]") if "sous" not in s.get("class")] == [
        "hachure hachure-secret"
    ]
    with (site / adresses.valeurs("mediane_niveau_vie")).open(encoding="utf-8-sig", newline="") as fichier:
        valeurs = {v["territoire_id"]: v for v in csv.DictReader(fichier, delimiter=";")}
    assert {valeurs["departement:07"][c] for c in ("valeur", "valeur_affichee", "borne_basse")} == {"s"}


def test_what_a_plan_foresees_is_neither_shown_nor_quoted_as_observed(publier_site: Publier) -> None:
    prevu = (
        "alter table marts.dim_indicateur add column prevu boolean;"
        "update marts.dim_indicateur set prevu = indicateur_id = 'mediane_niveau_vie';"
    )
    arbre = lire(publier_site(prevu).dossier / "site" / adresses.indicateur("mediane_niveau_vie"))
    (ain,) = arbre.xpath("//table[contains(@class, 'valeurs')]//tr[@data-t='departement:01']")
    assert ain.xpath("string(td[@class='precision'])") == "prévu par le plan"
    # site.js quotes as observed what is not said to be anything else.
    assert ain.xpath("td[@class='citer']/@data-s") == ["prévu par le plan"]
    assert "(prévu par le plan)" in arbre.xpath("string(//p[@class='aide'])")


def test_bars_on_several_scales_say_so(publier_site: Publier) -> None:
    regions = "".join(
        f"insert into marts.dim_territoire select * replace ('region:{code}' as territoire_id,"
        f" '{code}' as code, '{nom}' as libelle) from marts.dim_territoire where niveau = 'region' limit 1;"
        f"insert into marts.fct_indicateurs select * replace ('region:{code}' as territoire_id,"
        f" 'region' as niveau, '{code}' as code, '{nom}' as libelle)"
        " from marts.fct_indicateurs where territoire_id = 'departement:01';"
        for code, nom in (("02", "Martinique"), ("03", "Guyane"))
    )
    deux = _departement("38", "Isère", "21000", "21000")
    seule = "Chaque niveau de territoires a sa propre échelle"

    def lus(modifications: str) -> tuple[bool, list[str]]:
        page = publier_site(modifications).dossier / "site" / adresses.indicateur("mediane_niveau_vie")
        arbre = lire(page)
        return seule in arbre.xpath("string(//caption)"), arbre.xpath("//tr[@class='groupe']//span/text()")

    assert lus(deux + regions) == (True, ["barres à l'échelle de ce groupe"] * 2)
    # One level alone has bars; all are on one scale.
    assert lus(deux) == (False, [])
    comparable = "update marts.dim_indicateur set comparable = true;"
    assert lus(deux + regions + comparable) == (False, [])


def test_every_figure_of_an_indicateur_s_page_says_which_it_is(publier_site: Publier) -> None:
    site = publier_site().dossier / "site"
    lus = 0
    for page in (site / "indicateurs").glob("*.html"):
        arbre = lire(page)
        for td in arbre.xpath(
            "//table[contains(@class, 'triable') or contains(@class, 'serie')]//td[@class='nombre']"
        ):
            assert td.text_content().strip()
            territoires = td.xpath("ancestor::tr/@data-t")
            annees = td.xpath("ancestor::*/@data-m") or td.xpath(
                "ancestor::table/thead/tr/th[$rang]/text()", rang=len(td.xpath("preceding-sibling::*")) + 1
            )
            assert len(territoires) == 1 and re.fullmatch(r"\d{4}", *annees), (page.name, td.text_content())
            lus += 1
    assert lus


def _repere(arbre: lxml.html.HtmlElement, terme: str) -> str | None:
    """What a page says beside a term of its lists; None where the term is not there."""
    dits = arbre.xpath(f"//dt[text()='{terme}']/following-sibling::dd")
    return dits[0].text_content() if dits else None


def test_a_figure_without_a_unit_is_not_said_to_be_in_one_nor_a_fact_to_rise(publier_site: Publier) -> None:
    pages_lues = {}
    for nature in ("nombre", "booleen", "date"):
        site = (
            publier_site(
                f"update marts.dim_unite set libelle_singulier = null, libelle_pluriel = null,"
                f" nature = '{nature}' where unite = 'foyers'"
            ).dossier
            / "site"
        )
        arbre = lire(site / adresses.indicateur("nb_foyers_allocataires"))
        textes = (_repere(arbre, "Unité"), _repere(arbre, "Une hausse"), _repere(arbre, "Lecture"))
        # One territory of its level has no bar, and no bounds to tell of.
        pages_lues[nature] = (arbre.xpath("//caption/text()")[:1], *(t and t[:13] for t in textes))
    complet = ["Territoires qui ont un chiffre, sur ceux de la publication."]
    assert pages_lues == {
        "nombre": (complet, "nombre sans u", "se lit avec l", "Ni favorable "),
        "booleen": (complet, "oui ou non", None, None),
        "date": (complet, "date", None, None),
    }
    arbre = lire(site / adresses.indicateur("mediane_niveau_vie"))
    assert arbre.xpath("//caption/text()")[0] == "En euros."


def test_the_demonstration_shows_what_its_release_says_of_an_indicateur(site: Path) -> None:
    indicateur_id = "part_allocataires_rsa"
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        lues = con.execute(
            "select territoire_id, millesime, valeur_affichee, statut from marts.fct_indicateurs"
            " where indicateur_id = ? and niveau <> 'commune' qualify millesime = max(millesime)"
            " filter (statut in ('observe', 'arrondi', 'partiel')) over (partition by niveau)",
            [indicateur_id],
        ).fetchall()
    arbre = lire(site / adresses.indicateur(indicateur_id))
    cites = {
        (tr.get("data-t"), int(tr.getparent().get("data-m")), tr.xpath("string(td[@class='citer']/@data-v)"))
        for tr in arbre.xpath("//table[contains(@class, 'valeurs')]//tr[@data-t]")
    }
    assert cites == {(t, m, v) for t, m, v, _ in lues} and len(cites) > 10


def test_a_figure_of_two_years_is_quoted_with_both(site: Path) -> None:
    """−10,4 % in 2022 reads as the fall of one year; a source has no figure of a year it was not read for."""
    page = (site / "indicateurs" / "evolution_enfants_6_11_ans.html").read_text("utf-8")
    assert 'data-annees="2017-2022"' in page and ", 2017-2022\u00a0: <span" in page
    page = (site / "indicateurs" / "france_services_10000_hab.html").read_text("utf-8")
    assert "2024 (dénominateur\u00a0: 2022)\u00a0: " in page
    portrait = (site / "territoires" / "ctg-baronnies-2025.html").read_text("utf-8")
    assert "Populations légales des communes, 2024 (dénominateur\u00a0: 2022)" in portrait
    assert "Populations légales des communes, 2024." not in portrait
    # Nor does its page count 2024 among the years of its figures.
    source = lire(site / adresses.source("insee_populations_legales"))
    assert _repere(source, "Années des chiffres") == "2019 à 2022"


def test_a_figure_of_another_source_than_its_neighbours_says_so(site: Path) -> None:
    """An EPCI beyond the Drôme is counted by Insee, the others by the Caf: they are not of one register."""
    arbre = lire(site / "indicateurs" / "nb_eaje.html")
    precisions = {
        tr.xpath("string(th)").strip(): tr.xpath("string(td[@class='precision'])")
        for tr in arbre.xpath("//table[contains(@class, 'valeurs')]//tr[td]")
    }
    autres = {nom for nom, dite in precisions.items() if "Source\u00a0: Insee, Base permanente" in dite}
    assert autres and "CC des Baronnies en Drôme Provençale" not in autres


def test_what_is_downloaded_says_what_its_page_says(site: Path) -> None:
    """A file goes further than its page: that its figures are invented, or of a part of France, goes too."""
    with (site / "indicateurs" / "taux_pauvrete_60.csv").open(encoding="utf-8-sig", newline="") as flux:
        lignes = list(csv.DictReader(flux, delimiter=";"))
    assert {ligne["demonstration"] for ligne in lignes} == {"oui"}
    assert {ligne["champ"] for ligne in lignes if ligne["niveau"] == "france"} == {"métropole"}


def test_no_page_prints_what_is_no_figure(site: Path) -> None:
    for page in pages(site):
        texte = " ".join(lire(page).xpath("//main//text()[not(ancestor::script)]"))
        assert not re.search(
            r"(?<![\w-])(nan|None|null|undefined|[-−]0(,0+)?)(?![\w,-])|\d[.,]\d{6}", texte
        ), page


@pytest.mark.parametrize("faux", ["epci:../../etc", "epci:a/b", "epci:", "ctg:a b", "../x", "epci:a:b", "."])
def test_an_id_that_is_no_file_name_is_refused(faux: str) -> None:
    with pytest.raises(ErreurPublication, match="cannot name a page"):
        adresses.territoire(faux)


def test_places_are_listed_in_the_order_of_the_alphabet(publier_site: Publier) -> None:
    nommer = "update marts.dim_territoire set libelle = '{}' where territoire_id = '{}';"
    site = (
        publier_site(
            nommer.format("Étoile-sur-Rhône", "commune:26220")
            + nommer.format("Izon-la-Bruisse", "commune:01001")
            + _departement("07", "Écrins", "22000", "22000")
            + _departement("38", "Isère", "21000", "21000")
            + nommer.format("Zone", "departement:01")
        ).dossier
        / "site"
    )
    listes = [
        [li.text_content().split()[0] for li in ul.xpath("li")]
        for ul in lire(site / "territoires.html").xpath("//ul[starts-with(@class, 'colonnes')]")
    ]
    assert ["Écrins", "Isère", "Zone"] in listes and ["Étoile-sur-Rhône", "Izon-la-Bruisse"] in listes
    page = lire(site / adresses.indicateur("mediane_niveau_vie"))
    rangs = page.xpath("//table[contains(@class, 'valeurs')]//tr[td]/th")
    assert [th.text_content() for th in rangs] == ["Écrins", "Isère", "Zone"]


def test_first_release_and_changes_are_told(publier_site: Publier) -> None:
    premiere = publier_site()
    assert "première publication" in (premiere.dossier / "site" / "publication.html").read_text()
    accueil = (premiere.dossier / "site" / "index.html").read_text()
    assert "c'est la première" in accueil and "changé" not in accueil
    seconde = publier_site(
        "update marts.fct_indicateurs set valeur = 3255, valeur_affichee = '3\u202f255' where niveau = 'epci'"
    )
    page = (seconde.dossier / "site" / "publication.html").read_text()
    assert premiere.release_id in page and "1 chiffre diffère" in page
    assert "1 chiffre changé" in (seconde.dossier / "site" / "index.html").read_text()
    assert "nb_foyers_allocataires.html#s-changements" in page


@pytest.mark.parametrize(
    ("code", "motif"),
    [("source_jamais_recue", "source jamais reçue"), ("source_en_attente", "source en attente")],
)
def test_a_break_and_a_figure_that_is_not_there_name_no_source_by_its_id(
    publier_site: Publier, code: str, motif: str
) -> None:
    dossier = publier_site(
        "insert into marts.ruptures_series by name from (values"
        " (null, 'epci', 'part_allocataires_rsa', 2020, 'source', 'caf_extrait, puis cnaf_x'),"
        " (null, 'france', 'part_allocataires_rsa', 2020, 'source', 'caf_extrait puis cnaf_x'),"
        " ('commune:26220', 'commune', 'part_allocataires_rsa', 2020, 'source', 'a puis b'),"
        " ('epci:200068229', 'epci', 'part_allocataires_rsa', 2021, 'perimetre_epci', 'périmètre modifié'),"
        " (null, 'epci', 'part_allocataires_rsa', 2022, 'forme', 'colonnes, puis observations'))"
        " as r (territoire_id, niveau, indicateur_id, millesime, nature, detail);"
        f"update marts.dim_indicateur set disponible = false, motif_code = '{code}',"
        f" motif = '{motif} : cnaf_x', sources = 'prevue_x' where indicateur_id = 'part_allocataires_rsa'"
    ).dossier
    for page in ("indicateurs.html", "indicateurs/part_allocataires_rsa.html"):
        lue = lire(dossier / "site" / page)
        texte = " ".join(lue.xpath("//main//text()[not(ancestor::code)]"))
        assert "cnaf_x" not in texte and "caf_extrait" not in texte, page
    assert "prevue_x prévue, pas encore lue" in lue.xpath("string(//*[@id='s-sources'])")
    assert "prevue_x" in lire(dossier / "site/publication.html").xpath("string(//main)")
    lignes = lue.xpath("//*[@aria-labelledby='s-ruptures']//li")
    ruptures = [" ".join(li.text_content().split()) for li in lignes]
    assert ruptures == [
        "2020 : changement de source, intercommunalités (EPCI), France, 1 autre territoire. Le fichier CSV"
        " dit la source de chaque chiffre.",
        # Of the year itself, and not from it on.
        "2021 : périmètre de l'intercommunalité, 1 territoire. Périmètre modifié",
    ]


def test_the_years_of_a_source_are_those_of_its_figures_beside_those_of_its_files(
    publier_site: Publier,
) -> None:
    site = publier_site().dossier / "site"
    lignes = {
        tr.xpath("string(th)").strip(): [td.text_content() for td in tr.xpath("td")[2:4]]
        for tr in lire(site / "sources.html").xpath("//tbody/tr")
    }
    assert lignes == {"Foyers allocataires": ["2024", "2022"], "Filosofi": ["2018, 2019", "2019"]}
    page = lire(site / adresses.source("insee_filosofi"))
    assert _repere(page, "Années des chiffres") == "2019"
    with duckdb.connect() as con:
        con.execute(
            "create table fct_indicateurs as from (values (2020, 'a', 'secret', null),"
            " (2019, 'a+b', 'arrondi', 2019), (2018, 'b', 'observe', null), (2018, null, 'observe', null),"
            " (2022, 'a+b', 'observe', 2021))"
            " as f (millesime, source_ids, statut, millesime_denominateur)"
        )
        assert MartsEntiers(con, None).annees == {"a": [2019], "b": [2018, 2019]}


def test_a_file_whose_lines_are_of_several_cog_says_from_which_to_which(publier_site: Publier) -> None:
    page = "site/sources/cnaf_allocataires_communes.html"
    assert "communes de 2025<" in (publier_site().dossier / page).read_text()
    plusieurs = "update marts.lignes_source set cog_millesime = millesime + 1 where sha256 = 'aa'"
    assert "communes de 2022 à 2025<" in (publier_site(plusieurs).dossier / page).read_text()
