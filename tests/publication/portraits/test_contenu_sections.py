"""The sections of a portrait and its words: their order, the convention and its plan, comments, French."""

import re
from datetime import date

import pytest

from publication.lecture.commentaires import Commentaire
from publication.lecture.marts import Marts
from publication.portraits.contenu import Options, composer
from publication.portraits.contenu.convention import constat_seul, dire_constat
from publication.portraits.contenu.langue import insecable, ordinal
from publication.portraits.modele import Document, Liste, Paragraphe, Serie, Tableau
from tests.publication.portraits.contenus import CTG, TERRITOIRES, Composer, textes
from tests.publication.portraits.parcours import elements_de, points


def test_the_sections_are_in_the_order_of_a_ctg(document: Document) -> None:
    assert [s.identifiant for s in document.sections] == [
        "essentiel",
        "portrait-social",
        "acces-droits",
        "petite-enfance",
        "enfance-jeunesse",
        "parentalite",
        "animation-vie-sociale",
        "logement",
        "metiers-services-familles",
        "sppe",
        "evaluation",
        "financement",
        "gouvernance",
        "annexes",
    ]
    for section in document.sections:
        assert section.elements or section.sections or section.vide


def test_a_section_with_nothing_says_why_in_one_line(compose: Composer) -> None:
    commune = compose("commune:26198")
    vides = {s.identifiant: s for s in commune.sections if not s.elements and not s.sections}
    assert {"evaluation", "gouvernance"} <= vides.keys()
    assert all(s.vide and "\n" not in s.vide for s in vides.values())


def test_a_commune_is_told_the_convention_that_it_is_in(compose: Composer) -> None:
    """Its evolutions are read since the year of that one; its targets, in the portrait of who bears it."""
    nyons = compose("commune:26220")
    (evaluation,) = (s for s in nyons.sections if s.identifiant == "evaluation")
    dit, bouge = evaluation.elements
    assert isinstance(dit, Paragraphe) and isinstance(bouge, Tableau)
    assert insecable("la convention « CTG des Baronnies en Drôme provençale, V2 (2025-2029) »") in dit.texte
    assert insecable("le portrait « CC des Baronnies en Drôme Provençale »") in dit.texte
    assert bouge.titre == "Ce qui a bougé"
    (gouvernance,) = (s for s in nyons.sections if s.identifiant == "gouvernance")
    (conventions,) = gouvernance.elements
    assert isinstance(conventions, Tableau)
    assert [ligne[0].texte for ligne in conventions.lignes] == ["V1", "V2"]


def test_a_territory_asked_for_is_set_beside(marts: Marts) -> None:
    voisin = marts.lignes(
        "select territoire_id, libelle from dim_territoire where niveau = 'epci' and code <> '200068229'"
        " order by 1 limit 1"
    )[0]
    lu = composer(marts, CTG, Options(comparer=(voisin["territoire_id"],)))
    entetes = {c.titre for e in elements_de(lu.sections) if isinstance(e, Tableau) for c in e.colonnes}
    assert voisin["libelle"] in entetes


def test_the_plan_of_the_convention_is_said_in_words(document: Document) -> None:
    (operations,) = (
        e
        for e in elements_de(document.sections)
        if isinstance(e, Tableau) and e.titre.startswith("Le schéma de maintien")
    )
    assert {ligne[3].texte for ligne in operations.lignes} == {"PSU", "Paje", ""}
    dits = list(textes(document))
    assert [t for t in dits if t.endswith("(axes 2, 3 et 4)")]
    assert [t for t in dits if t.startswith("Le rang va de la valeur la plus élevée")]
    assert [t for t in dits if t.startswith("Favorable, défavorable")]


def test_a_finding_that_the_series_says_too_has_no_mark(document: Document) -> None:
    """57.2 is without a year in the plan, and is the figure of 2022, though the series goes on to 64.3."""
    (section,) = (s for s in document.sections if s.identifiant == "petite-enfance")
    (focus,) = (e for e in section.elements if isinstance(e, Liste) and e.titre == "Focus sur l'évaluation")
    assert [p.texte for p in focus.points if "57,2" in p.texte]
    assert not [p.texte for p in focus.points if "[" in p.texte]


def test_a_finding_that_the_series_contradicts_is_for_its_authors() -> None:
    """The page has both figures; a slide has their words, and who presents is told in the notes."""
    contredit = {"nature": "force", "texte": "Taux passé à 50 %", "note": "Taux : 64,3 en 2023"}
    assert dire_constat(contredit) == "Point fort : Taux passé à 50 % [Taux : 64,3 en 2023]"
    assert constat_seul(contredit) == "Point fort : Taux passé à 50 %"


def test_what_the_plan_says_of_every_theme_and_of_its_making_is_there(document: Document) -> None:
    """The nine statements under their headings; a step has its day, and no state that time undoes."""
    listes = {e.titre: e for e in elements_de(document.sections) if isinstance(e, Liste)}
    synthese = listes["Synthèse de l'évaluation"].points
    assert [len(p.sous) for p in synthese] == [2, 3, 1, 2, 1]
    dits = [*points(listes["La démarche"].points)]
    assert "1er janvier 2025\u00a0: Début de la deuxième convention" in dits
    assert not [d for d in dits if "à venir" in d]


def test_what_opens_after_the_plan_is_to_come_and_an_ended_convention_is_not_in_force(
    document: Document,
) -> None:
    """The plan is of 2024: it cannot know what opened in 2025. The first convention ended that year."""
    tables = {e.titre: e for e in elements_de(document.sections) if isinstance(e, Tableau)}
    places = tables["Les places du schéma, année par année"]
    ouvertes = [c.titre for c in places.colonnes].index("Ouvertes")
    assert {ligne[ouvertes].texte for ligne in places.lignes} == {"à venir"}
    conventions = [[c.texte for c in ligne] for ligne in tables["Les conventions du territoire"].lignes]
    assert [ligne[:3] for ligne in conventions] == [
        ["V1", "terminée en 2024", "en vigueur"],
        ["V2", "projet", "projet"],
    ]


def test_a_comment_stands_where_its_author_asked(marts: Marts) -> None:
    """Before the section, after it or as a note; of this territory alone. An empty section still says why."""

    def ecrit(section: str, place: str, texte: str, territoire_id: str = "commune:26220") -> Commentaire:
        jour = date(2026, 3, 3)
        return Commentaire(
            territoire_id, section, place, texte, "Coordination", jour, None, territoire_id, None, None
        )

    nus = {s.identifiant: s for s in composer(marts, "commune:26220").sections}
    ecrits = (
        ecrit("acces_droits", "note", "sous"),
        ecrit("acces_droits", "après", "après"),
        ecrit("acces_droits", "avant", "avant"),
        ecrit("sppe", "avant", "ailleurs", "commune:26063"),
        ecrit("gouvernance", "avant", "seul"),
    )
    notes = composer(marts, "commune:26220", Options(commentaires=ecrits)).sections
    lus = {s.identifiant: [getattr(e, "texte", e) for e in s.elements] for s in notes}
    signe = "Note de l'auteur — Coordination, 3 mars 2026\u00a0: "
    assert lus["acces-droits"] == [
        *(f"{signe}avant", *(getattr(e, "texte", e) for e in nus["acces-droits"].elements)),
        *(f"{signe}après", f"{signe}sous"),
    ]
    assert lus["sppe"] == [getattr(e, "texte", e) for e in nus["sppe"].elements]
    assert lus["gouvernance"][0] == f"{signe}seul"


def test_a_comment_is_in_the_view_of_its_section_too(marts: Marts, document: Document) -> None:
    """Before and after in its columns, a note among those of who speaks; else in one of its own."""
    jour = date(2026, 3, 3)

    def ecrit(section: str, place: str, texte: str) -> Commentaire:
        return Commentaire(CTG, section, place, texte, "Coordination", jour, None, CTG, None, None)

    ecrits = (
        ecrit("logement", "avant", "un"),
        ecrit("logement", "après", "deux"),
        ecrit("logement", "note", "trois"),
        ecrit("essentiel", "après", "quatre"),
    )
    nues = {vue.identifiant: vue for vue in document.presentation}
    vues = {v.identifiant: v for v in composer(marts, CTG, Options(commentaires=ecrits)).presentation}
    # Tiles leave no room: what is said of them follows.
    suite = [*nues]
    suite.insert(suite.index("chiffres-cles") + 1, "chiffres-cles-commentaires")
    assert [*vues] == suite
    colonnes = vues["logement"].colonnes
    assert getattr(colonnes[0][0], "texte", "").endswith("un")
    assert getattr(colonnes[-1][-1], "texte", "").endswith("deux")
    assert colonnes[0][1:] == nues["logement"].colonnes[0]
    assert vues["logement"].notes[:-1] == nues["logement"].notes
    assert vues["logement"].notes[-1].endswith("trois")
    assert [getattr(e, "texte", "")[-6:] for c in vues["chiffres-cles-commentaires"].colonnes for e in c] == [
        "quatre"
    ]
    # The views of a commune of few inhabitants are few.
    seul = Commentaire(
        "commune:26063", "sppe", "note", "cinq", "Qui", jour, None, "commune:26063", None, None
    )
    *_, derniere = composer(marts, "commune:26063", Options(commentaires=(seul,))).presentation
    assert derniere.identifiant == "commentaires"


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_no_text_betrays_the_machine(compose: Composer, territoire_id: str) -> None:
    for texte in textes(compose(territoire_id)):
        assert not re.search(r"\bnan\b|\bNone\b|-0\b|\d[.,]\d{5,}|\binf\b|\{|\}", texte), texte


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_what_is_read_holds_no_id_of_a_source(marts: Marts, compose: Composer, territoire_id: str) -> None:
    """Ids stand in the column of the annexes that is made for them."""
    ids = re.compile(rf"\b({'|'.join(marts.sources)})\b")
    for element in elements_de(compose(territoire_id).sections):
        assert not [n for n in getattr(element, "notes", ()) if ids.search(n)]
        if isinstance(element, Serie):
            assert not [r for r in element.ruptures if ids.search(r.libelle)]
        if isinstance(element, Tableau):
            rang = next((n for n, c in enumerate(element.colonnes) if c.titre == "Identifiant"), None)
            for ligne in element.lignes:
                assert not [c for n, c in enumerate(ligne) if n != rang and ids.search(c.texte)]


@pytest.mark.parametrize("territoire_id", TERRITOIRES)
def test_no_line_cuts_a_number_nor_begins_with_a_sign(compose: Composer, territoire_id: str) -> None:
    for texte in textes(compose(territoire_id)):
        assert not re.search(r" [:;?!%€»](\W|$)|« |\d \d{3}\b", texte), texte


def test_what_french_sets_apart_stays_on_its_line() -> None:
    assert insecable("15 000 à 30 000 habitants en 2022") == "15\u00a0000 à 30\u00a0000 habitants en 2022"
    assert insecable("Part : 12 %, « oui » ; bon ?") == (
        "Part\u00a0: 12\u00a0%, «\u00a0oui\u00a0»\u00a0; bon\u00a0?"
    )
    assert insecable("https://a.fr :8080") == "https://a.fr :8080"


def test_a_rank_is_written_as_french_does() -> None:
    assert [ordinal(n) for n in (1, 2, 11)] == ["1\u02b3\u1d49", "2\u1d49", "11\u1d49"]
