"""The search in a browser, opened as a file: what it answers is what the release says, or why it does not."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page

from orchestration.racine import RACINE
from publication.lecture.vocabulaire import Lexique
from tests.publication.petits_noms import Place, ajouter, postal
from tests.publication.site.conftest import Publier
from tests.publication.site.test_navigateur import fautes, ouvrir
from tests.spec.villes import DITES, VILLES_DE_FRANCE

AILLEURS = [
    *(Place(f"commune:{10_000 + i}", nom, 10_000 + i, ici=False) for i, nom in enumerate(VILLES_DE_FRANCE)),
    Place("commune:01328", "Romans", 600, ici=False),
    Place("commune:87025", "Buis", None, ici=False),
    Place("commune:16392", "Valence", 200, ici=False),
    Place("commune:15001", "Die", 90_000, ici=False),
    Place("epci:200000001", "CC du Massif du Vercors", 11_000, ici=False),
    Place("epci:200000002", "CA Diois Agglo", 1_000, ici=False),
]
# Of a town here and one elsewhere; of two elsewhere and a third that has it for its code.
POSTAUX = [*postal("26000", AILLEURS[5:6]), *postal("10010", [AILLEURS[3], AILLEURS[20]])]
# Whole, in part, misspelt, of a level, a former one, a code: the browser reads each as the warehouse does.
NOMS = (
    *("nions", "montelimard", "buis les baronies", "Mureils", "26219", "26110", "84", "26", "Isère"),
    *("26220", "26600", "26000", "26063", "84110", "10010", "75013", "26110 Nyons", "communes 26170"),
    *("agglo de Montélimar", "CC du Vercors", "interco des Baronnies", "Arche Agglo", "CTG des Baronnies"),
    *("Saint-Jean", "Châtillon", "Diois", "la Motte", "Rhône", "Ain", "La Chapelle-en-Vercors", "Aubres zzz"),
)

ECRANS = [
    # Wherever a reader is: the header of a page, or the middle of the first one.
    pytest.param(1280, "indicateurs/part_allocataires_rsa.html", id="1280"),
    pytest.param(390, "index.html", id="390"),
]


@pytest.fixture(scope="module")
def marts(site: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(site.parent / "ctg.duckdb"), read_only=True) as con:
        con.execute("set schema = 'marts'")
        yield con


def ligne(marts: duckdb.DuckDBPyConnection, requete: str, *parametres: Any) -> tuple[Any, ...]:
    trouvee = marts.execute(requete, parametres).fetchone()
    assert trouvee is not None
    return trouvee


def _liste(valeur: Any) -> Any:
    return list(valeur) if isinstance(valeur, tuple) else valeur


def demander(page: Page, phrase: str) -> list[str]:
    """Ask, and return the lines of what answers."""
    page.fill("#cherche", "")
    page.fill("#cherche", phrase)
    page.wait_for_function("document.querySelector('.compte').textContent !== ''")
    return page.locator(".resultats li").all_inner_texts()


@pytest.mark.parametrize(("largeur", "depart"), ECRANS)
def test_five_questions_are_answered_with_what_the_release_prints(
    navigateur: Browser, site: Path, marts: duckdb.DuckDBPyConnection, largeur: int, depart: str
) -> None:
    page = ouvrir(navigateur, site / depart, viewport={"width": largeur, "height": 844})
    demandes: list[str] = []
    page.on("request", lambda requete: demandes.append(requete.url))
    for phrase, indicateur_id, territoire_id, unite in (
        ("RSA à Nyons", "part_allocataires_rsa", "commune:26220", ""),
        ("crèches CC des Baronnies", "nb_places_eaje", "epci:200068229", "\u00a0places"),
        ("QF Buis-les-Baronnies", "part_allocataires_qf_moins_800", "commune:26063", ""),
        ("évolution du RSA dans la Drôme", "part_allocataires_rsa", "departement:26", ""),
        ("habitants de Die", "population_municipale", "commune:26113", "\u00a0personnes"),
    ):
        texte, millesime = ligne(
            marts,
            "select valeur_affichee, millesime from mart_derniers_chiffres"
            " where indicateur_id = ? and territoire_id = ?",
            indicateur_id,
            territoire_id,
        )
        demander(page, phrase)
        dite = page.inner_text(".resultats li:first-child .nom")
        assert re.fullmatch(rf"{texte}{unite} en {millesime}( \((entre|au plus|au moins) .*\))?", dite), (
            phrase
        )
        assert texte in page.inner_text(".compte") or texte in page.text_content(".compte"), phrase
    assert "(entre " in demander(page, "RSA à Nyons")[0]
    demander(page, "évolution du RSA dans la Drôme")
    debut, avant, evolution = ligne(
        marts,
        "select millesime_debut, valeur_debut_affichee, evolution_affichee from mart_evolutions_dites"
        " where territoire_id = 'departement:26' and indicateur_id = 'part_allocataires_rsa' and choisie",
    )
    assert page.inner_text(".resultats .suite") == f"Évolution depuis {debut} ({avant})\u00a0: {evolution}."
    assert demandes and all(url.startswith("file:") for url in demandes)
    boite = page.locator(".resultats").bounding_box()
    assert boite and boite["x"] >= 0 and boite["x"] + boite["width"] <= largeur
    page.context.close()


@pytest.mark.parametrize(("largeur", "depart"), ECRANS)
def test_the_keyboard_alone_asks_reads_and_opens(
    navigateur: Browser, site: Path, largeur: int, depart: str
) -> None:
    page = ouvrir(navigateur, site / depart, viewport={"width": largeur, "height": 844})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "cherche":
            break
    page.keyboard.type("RSA CC des Baronnies")
    page.wait_for_selector(".resultats .reponse")
    assert page.get_attribute(".compte", "role") == "status"
    assert re.search(r"%.*\d réponses?, \d pages?\.", page.text_content(".compte") or "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.closest('.reponse') !== null")
    assert not fautes(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/epci-200068229.html#portrait-social")
    page.context.close()


def test_a_question_without_an_answer_says_why_and_shows_no_number(
    navigateur: Browser, site: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    page = ouvrir(navigateur, site / "index.html")
    (secrete,) = ligne(
        marts,
        "select territoire_id from mart_derniers_chiffres where niveau = 'commune'"
        " and indicateur_id = 'taux_pauvrete_60' and statut = 'secret' order by territoire_id",
    )
    for phrase, motif in (
        (f"taux_pauvrete_60 {secrete}", "secret statistique\u00a0: secret du producteur."),
        ("taux_chomage_localise departement:26", "aucune source reçue."),
        ("financement_caf_par_place_eaje commune:26220", "l'indicateur est donné pour\u00a0: "),
    ):
        demander(page, phrase)
        assert page.locator(".reponse").count() == 0, phrase
        refus = page.inner_text(".refus")
        assert motif in refus and motif in page.inner_text(".compte"), phrase
        assert not re.search(r"\d", refus.replace("trois", "")), refus
    # What is not there comes after what is, and what the dictionary does not count is told.
    lignes = demander(page, "chômage Drôme")
    genres = [dite.splitlines()[0] for dite in lignes]
    assert genres[:4] == ["Réponse", "Réponse", "Pas de chiffre", "Département"]
    demander(page, "pharmacies à Nyons")
    assert "Pas dans l'observatoire\u00a0: la santé n'y est pas." in page.inner_text(".compte")
    assert page.locator(".reponse").count() == 0
    page.context.close()


def test_a_comparison_sets_a_commune_beside_what_holds_it(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "index.html")
    lignes = [dite for dite in demander(page, "comparer le RSA de Nyons") if dite.startswith("Réponse")]
    for lieu, dite in zip(("Nyons", "CC des Baronnies", "Drôme", "France"), lignes, strict=True):
        assert f"RSA, {lieu}" in dite
    page.context.close()


@pytest.mark.parametrize(
    "phrase", ["RSA Montauban", "rsa nions", "crèches Baronnies", "RSA Saint-Dié", "RSA Fort-de-France"]
)
def test_a_place_that_is_not_understood_is_said_and_proposed(
    navigateur: Browser, site: Path, phrase: str
) -> None:
    """Neither a commune of part of its name nor the département answers for it, and Enter opens neither."""
    page = ouvrir(navigateur, site / "index.html")
    lignes = demander(page, phrase)
    assert page.locator(".reponse").count() == 0
    proposees = [dite for dite in lignes if dite.startswith("Peut-être")]
    assert proposees and "Lieu non reconnu\u00a0: " in page.inner_text(".compte")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.closest('.resultats')")
    assert page.url.endswith("/index.html")
    page.context.close()


def test_five_digits_are_a_postal_code_first_and_a_code_of_insee_is_said(
    navigateur: Browser, site: Path
) -> None:
    page = ouvrir(navigateur, site / "index.html")
    lignes = demander(page, "RSA 26110")
    assert page.locator(".reponse").count() == 0 and lignes[0].startswith("Peut-être\nNyons")
    dit = "26110 est le code postal de 23 communes et le code Insee de Crozes-Hermitage."
    assert page.inner_text(".compte").count(dit) == 1
    assert any("Crozes-Hermitage" in ligne for ligne in demander(page, "26110"))
    # Of several communes, each is answered for; of one, it alone.
    demander(page, "RSA 26600")
    assert page.locator(".reponse").count() == 4
    assert "26600 est le code postal de 13 communes." in page.inner_text(".compte")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.closest('.resultats')")
    assert page.url.endswith("/index.html")
    assert "Valence" in demander(page, "RSA 26000")[0]
    assert "26000 est le code postal de Valence." in page.inner_text(".compte")
    demander(page, "RSA 26063")
    assert page.locator(".reponse").count() == 1 and "code postal" not in page.inner_text(".compte")
    page.context.close()


def test_without_postal_codes_five_digits_are_said_to_be_a_code_of_insee(
    navigateur: Browser, publier_site: Publier
) -> None:
    page = ouvrir(navigateur, publier_site().dossier / "site" / "index.html")
    assert "Nyons" in demander(page, "26220")[0]
    assert "26220 est lu comme le code Insee de Nyons" in page.inner_text(".compte")
    page.context.close()


def test_pages_are_found_by_words_names_and_codes(navigateur: Browser, site: Path) -> None:
    page = ouvrir(navigateur, site / "index.html")
    for demande, attendu in (
        ("Nyons", "Nyons"),
        ("26063", "Buis-les-Baronnies"),
        ("baronnies en drome provencale", "CC des Baronnies en Drôme Provençale"),
        ("200068229", "CC des Baronnies en Drôme Provençale"),
        ("la Drôme", "Drôme"),
        ("st maurice", "Saint-Maurice-sur-Eygues"),
        ("filosofi", "Filosofi"),
        ("univers", "Univers"),
        ("petite enf", "Petite enfance"),
    ):
        assert attendu in demander(page, demande)[0], demande
    for mot, attendu in (
        ("crèche", "Places d'Eaje"),
        ("assistante maternelle", "Assistants maternels en activité"),
        ("seniors", "Part des 75 ans et plus"),
        ("soutien scolaire", "Enfants accompagnés par un Clas"),
        ("part_allocataires_rsa", "Part des foyers allocataires au RSA"),
    ):
        assert attendu in " ".join(demander(page, mot)), mot
    # One that is not printed leads to the list, which says how it is; the figures are in the release.
    assert "pas de page dans cette publication" in demander(page, "France")[0]
    page.click(".resultats a")
    page.wait_for_url("**/territoires.html#n-france")
    assert "ctg portrait france:FR" in page.inner_text("main")
    demander(page, "zzz")
    assert page.locator(".resultats a").count() == 0
    assert "Aucune réponse" in page.inner_text(".compte")
    page.keyboard.press("Escape")
    assert page.input_value("#cherche") == "" and page.inner_text(".compte") == ""
    page.context.close()


def test_the_browser_reads_sentences_as_the_warehouse_does(
    navigateur: Browser, site: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    phrases = [cas["phrase"] for cas in yaml.safe_load((RACINE / "docs/exemples/questions.yml").read_text())]
    phrases += [f"{debut}{nom}" for nom in (*VILLES_DE_FRANCE, *DITES, *NOMS) for debut in ("", "RSA ")]
    page = ouvrir(navigateur, site / "index.html")
    demander(page, "Nyons")
    _comparer(page, Lexique(marts), phrases)
    # The same where the COG has all of France: towns of the same names, EPCI of the same words.
    with duckdb.connect() as con:
        con.execute("create schema marts; use marts")
        for table in ("noms_territoires", "dim_territoire", "dim_indicateur", "ctg_conventions"):
            con.register("lue", marts.execute(f"from {table}").to_arrow_table())
            con.execute(f"create table {table} as from lue")
        ajouter(con, [*AILLEURS, *POSTAUX])
        communes = [p for p in AILLEURS if p.territoire_id.startswith("commune:")]
        page.evaluate(
            "noms => CTG_LEXIQUE.nommerDehors(noms)",
            {
                "communes": "\n".join(
                    f"{p.territoire_id[8:]} {p.libelle} {p.population or ''}" for p in communes
                ),
                "territoires": [
                    [*p.territoire_id.split(":")[:1], p.libelle, p.territoire_id.split(":")[1], p.population]
                    for p in AILLEURS
                    if p not in communes
                ],
                "autres": [],
                "postaux": "26000 10005\n10010 003 020",
            },
        )
        _comparer(page, Lexique(con), phrases)
    page.context.close()


def _comparer(page: Page, lexique: Lexique, phrases: list[str]) -> None:
    lues = page.evaluate(
        """phrases => phrases.map(phrase => {
          const lu = CTG_LEXIQUE.lire(phrase);
          lu.indicateurs = lu.indicateurs.map(rang => CTG_INDEX.indicateurs[rang].id);
          return lu;
        })""",
        phrases,
    )
    for phrase, lue in zip(phrases, lues, strict=True):
        attendue = lexique.lire(phrase)
        assert lue == {
            "indicateurs": list(attendue.indicateurs),
            "lieux": [
                {nom: _liste(valeur) for nom, valeur in asdict(lieu).items()} for lieu in attendue.lieux
            ],
            "annee": attendue.annee,
            "evolution": attendue.evolution,
            "comparaison": attendue.comparaison,
            "absents": list(attendue.absents),
            "reste": list(attendue.reste),
        }, phrase


@pytest.mark.parametrize("largeur", [1280, 390])
def test_the_header_does_not_move_when_the_search_is_ready(
    navigateur: Browser, site: Path, largeur: int
) -> None:
    ecran: dict[str, Any] = {"viewport": {"width": largeur, "height": 844}}
    hauteurs = []
    for script in (True, False):
        page = ouvrir(navigateur, site / "guide.html", java_script_enabled=script, **ecran)
        hauteurs.append(page.locator("main").bounding_box())
        assert page.is_visible(".recherche") is script
        page.context.close()
    page = ouvrir(navigateur, site / "guide.html", **ecran)
    avant = page.locator("main").bounding_box()
    demander(page, "RSA à Nyons")
    assert page.locator("main").bounding_box() == avant == hauteurs[0]
    page.context.close()


@pytest.mark.parametrize("largeur", [1280, 390])
def test_the_map_leads_to_communes_by_pointer_and_by_arrows(
    navigateur: Browser, site: Path, largeur: int
) -> None:
    page = ouvrir(navigateur, site / "index.html", viewport={"width": largeur, "height": 844})
    # One stop of the keyboard, whatever the number of shapes.
    assert page.locator(".carte-a-choisir a[tabindex='0']").count() == 1
    assert page.locator(".carte-a-choisir a").count() > 300
    page.locator(".carte-a-choisir a[tabindex='0']").focus()
    premiere = page.evaluate("document.activeElement.getAttribute('aria-label')")
    for fleche in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(fleche)
    suivante = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert premiere and suivante and page.inner_text(".designe") == f"{suivante}."
    nyons = page.get_by_role("link", name="Nyons, CC des Baronnies", exact=False)
    assert nyons.get_attribute("href") == "communes/26220.html"
    # Where nothing lies in that direction, the shape keeps the keyboard.
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    la = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == la
    page.context.close()
