"""Which findings are told, in which order and with which words around them.

Belongs here: choice, titles, terms, numbers in words. Does not: the sentence of given facts (`tests/spec`).
"""

from typing import Any

import pytest

from publication.lecture.marts import Marts
from publication.portraits.contenu.essentiel import Constat, constats
from publication.portraits.contenu.faits import Faits
from publication.portraits.contenu.langue import de, en_lettres, fois, locatif, nom_de_lieu
from publication.portraits.contenu.termes import expliquer
from publication.portraits.contenu.titres import LONGUEUR
from publication.portraits.modele import Message
from tests.publication.portraits.mondes import LIEUX, SUJET, Cellule, Monde, exact
from tests.publication.portraits.phrases_tenues import Dictionnaire

VOISIN = LIEUX["voisin"][0]


def _constats(monde: Monde, theme: str | None = None) -> list[Constat]:
    return constats(Faits(Marts(monde.con), SUJET, None, theme), Dictionnaire(monde.con).chiffre)


def test_findings_are_the_strongest_first_each_with_its_title() -> None:
    monde = Monde()
    monde.figure("part_maisons", 2022, {"epci": exact(63), "departement": exact(60)})
    monde.figure("taux_couverture_petite_enfance", 2022, {"epci": exact(30), "departement": exact(60)})
    monde.figure("part_allocataires_rsa", 2022, {"epci": exact(12.7), "departement": exact(10.4)})
    monde.figure("nb_places_eaje", 2022, {"epci": exact(118)})
    lus = _constats(monde)
    assert [c.indicateur_id for c in lus] == [
        *("taux_couverture_petite_enfance", "part_allocataires_rsa", "part_maisons"),
        # A level that nothing sets apart is the last of findings, whatever its priority.
        "nb_places_eaje",
    ]
    assert all(len(c.titre) <= LONGUEUR and not c.titre.endswith(".") for c in lus)
    assert [c.titre[:3] for c in lus] == ["La ", "Le ", "La ", "118"]
    assert [c.indicateur_id for c in _constats(monde, "logement")] == ["part_maisons"]


def test_openings_take_turns() -> None:
    monde = Monde()
    for indicateur_id in ("part_allocataires_rsa", "part_maisons", "taux_couverture_petite_enfance"):
        monde.figure(indicateur_id, 2022, {"epci": exact(12), "departement": exact(10)})
    assert [phrase.startswith("En 2022") for phrase in monde.dire()] == [True, False, True]


@pytest.mark.parametrize("favorables", [1, 12])
def test_a_tone_that_is_readable_is_told(favorables: int) -> None:
    """However many and strong those of the other are."""
    dictionnaire: dict[str, tuple[Any, ...]] = {
        nom: ("portrait_social", nom, "pourcent", 1, "favorable", "ratio", nom, None) for nom in FAVORABLES
    }
    dictionnaire["part_allocataires_sans_courriel"] = (
        *("acces_droits", "FA", "pourcent", 1, "defavorable", "ratio", "sans_courriel", None),
    )
    monde = Monde(dictionnaire)
    for indicateur_id in FAVORABLES[:favorables]:
        monde.figure(indicateur_id, 2022, {"epci": exact(50), "departement": exact(10)})
    monde.figure("part_allocataires_sans_courriel", 2022, {"epci": exact(10.6), "departement": exact(10)})
    phrases = monde.dire()
    assert len(phrases) == min(favorables + 1, 10)
    assert any("adresse électronique" in phrase for phrase in phrases)


FAVORABLES = (
    *("part_allocataires_rsa", "part_allocataires_bas_revenus", "part_moins_15_ans", "part_75_ans_et_plus"),
    *("part_population_couverte_caf", "taux_chomage_rp", "taux_pauvrete_60", "part_maisons"),
    *("part_proprietaires", "part_logements_vacants", "taux_teledeclaration", "taux_eligibilite_ftth"),
)


@pytest.mark.parametrize(
    ("la_bas", "change", "dit"),
    [
        (exact(10.4), "", True),
        # What mart_comparaisons would make a reserve, or no gap at all.
        (exact(10.4), "source_ids = 'insee'", False),
        (exact(10.4), "champ = 'hors Mayotte'", False),
        (exact(10.4), "motif_code = 'liste_incomplete'", False),
        (exact(10.4), "lisibilite = 'intervalle'", False),
        (("arrondi", 10.4, 3.0), "", False),
        (("arrondi", 10.4, 1.0), "", True),
        (("partiel", 10.4, None), "", False),
    ],
)
def test_a_territory_asked_for_is_compared_as_the_wider_ones_are(
    la_bas: Cellule, change: str, dit: bool
) -> None:
    monde = Monde()
    monde.figure("part_allocataires_rsa", 2022, {"epci": exact(12.7), "voisin": la_bas, "france": exact(11)})
    if change:
        monde.con.execute(f"update fct_indicateurs set {change} where territoire_id = ?", [VOISIN])
    assert not [p for p in monde.dire() if "Diois" in p]
    (phrase,) = monde.dire(comparer=(VOISIN,))
    assert ("dans la CC du Diois" in phrase) is dit
    assert "en France" in phrase


def test_a_term_is_explained_where_it_is_first_used() -> None:
    textes = ("Tant au RSA ; tant à bas revenus.", "Le RSA recule.", "Les RSAS et l'AAH.")
    dits = set[str]()
    lus = expliquer((Message(t, "neutre", (), "repere") for t in textes), dits)
    assert [m.texte for m in lus] == [
        "Tant au RSA (revenu de solidarité active) ; tant à bas revenus (moins de 60 % du revenu médian).",
        "Le RSA recule.",
        "Les RSAS et l'AAH (allocation aux adultes handicapés).",
    ]
    assert expliquer(lus[1:2], dits) == lus[1:2]


@pytest.mark.parametrize(
    ("rapport", "mots"),
    [
        *((3.85, "près de quatre fois"), (4.04, "quatre fois"), (4.3, "plus de quatre fois")),
        *((3.57, "plus de trois fois"), (1.8, "près de deux fois"), (1.7, None), (10.8, None)),
        *((0.5, "la moitié de"), (0.6, None), (0.4, None), (0.0, None)),
    ],
)
def test_how_many_times(rapport: float, mots: str | None) -> None:
    assert fois(rapport) == mots


def test_numbers_up_to_ten_are_in_letters() -> None:
    assert [en_lettres(n, "un") for n in (0, 1, 2, 10, 11, 1.5, -1)] == [
        *("aucun", "un", "deux", "dix", None, None, None),
    ]
    assert [en_lettres(n, "une") for n in (0, 1, 2)] == ["aucune", "une", "deux"]


def test_names_of_territories() -> None:
    assert nom_de_lieu("departement", "26", "Drôme") == "la Drôme"
    assert nom_de_lieu("region", "93", "Provence-Alpes-Côte d'Azur") == "Provence-Alpes-Côte d'Azur"
    assert nom_de_lieu("epci", "1", "CC du Diois") == "la CC du Diois"
    assert nom_de_lieu("epci", "1", "Dijon Métropole") == "l'EPCI (Dijon Métropole)"
    assert nom_de_lieu("commune", "26220", "Nyons") == "Nyons"
    assert locatif("epci", "1", "CC du Diois") == "dans la CC du Diois"
    assert locatif("epci", "1", "Dijon Métropole") == "dans l'EPCI (Dijon Métropole)"
    assert locatif("departement", "99", "Ailleurs") == "dans le département (Ailleurs)"
    assert de("le nombre") == "du nombre"
