"""The generated sentences: held to the figures they quote, and to what the marts allow to be said."""

import csv
import re
from collections.abc import Iterator

import pytest

from publication.lecture.evolutions import MOUVEMENTS
from publication.lecture.marts import Marts
from publication.portraits.contenu import essentiel as regles
from publication.portraits.contenu import formulations
from publication.portraits.contenu.contexte import Contexte, Options
from publication.portraits.contenu.essentiel import essentiel
from publication.portraits.contenu.faits import Faits
from tests.commande import Observatoire
from tests.publication.portraits.mondes import SEEDS, SUJET, Monde, exact
from tests.publication.portraits.phrases_tenues import (
    CONTENU,
    FORMULATIONS,
    Dictionnaire,
    ouverte,
    verifier,
)

# fmt: off
CLES_DU_DOCUMENT = {
    "population_municipale", "personnes_couvertes_caf", "part_allocataires_rsa",
    "part_allocataires_bas_revenus", "part_monoparentales_bas_revenus", "part_maisons",
    "part_residences_secondaires", "nb_foyers_jeunes_travailleurs", "nb_communes_petites_villes_de_demain",
    "part_allocataires_aide_logement", "nb_france_services", "nb_permanences_caf",
    "nb_centres_medico_sociaux", "nb_points_numeriques_caf", "nb_enfants_moins_3_ans",
    "evolution_enfants_moins_3_ans", "taux_couverture_petite_enfance", "nb_eaje", "nb_eaje_avip",
    "nb_assistants_maternels_actifs", "nb_rpe", "nb_mam", "nb_enfants_6_11_ans",
    "evolution_enfants_6_11_ans", "nb_jeunes_12_17_ans", "evolution_jeunes_12_17_ans", "nb_alsh",
    "nb_accueils_jeunes", "nb_familles_allocataires", "nb_familles_monoparentales_allocataires",
    "taux_monoparentalite_allocataires", "nb_laep", "nb_clas", "nb_centres_sociaux",
    "nb_espaces_vie_sociale",
}
# fmt: on
"""The key figures that people print in their own decks. Two more are no figure to word: a zoning, and a rate
that their document does not define."""


@pytest.fixture(scope="module")
def publication(demonstration: Observatoire) -> Iterator[Dictionnaire]:
    with ouverte(demonstration.home / "releases" / "current" / "ctg.duckdb") as con:
        yield Dictionnaire(con)


@pytest.mark.parametrize("une_sur", [10, pytest.param(1, marks=pytest.mark.drill)])
def test_each_sentence_of_a_release_is_held_to_its_figures(publication: Dictionnaire, une_sur: int) -> None:
    """From the base year of the convention and, above communes, from the first year.

    Every territory but communes, and of these one in ten; all of them in drills. Of one in five of those, the
    themes too.
    """
    vues = set()
    communes = sorted(t for t, lieu in publication.territoires.items() if lieu["niveau"] == "commune")
    for territoire_id in sorted(publication.territoires.keys() - set(communes)):
        for depuis in (2019, None):
            vues |= _tenues(publication, territoire_id, depuis)
    for rang, territoire_id in enumerate(communes[::une_sur]):
        vues |= _tenues(publication, territoire_id, 2019, themes=rang % 5 == 0)
    assert vues == set(regles.REGLES)


def _tenues(d: Dictionnaire, territoire_id: str, depuis: int | None, themes: bool = True) -> set[str]:
    """Hold each sentence of a territory to its figures; return the rules that made them."""
    messages = d.phrases(territoire_id, depuis, themes)
    for message in messages:
        verifier(d, territoire_id, message)
    return {message.regle for message in messages}


def test_a_convention_and_its_epci_have_enough_to_say(publication: Dictionnaire) -> None:
    for territoire_id in ("ctg:baronnies-2025", "epci:200068229"):
        messages = essentiel(Faits(Marts(publication.con), territoire_id, 2019, None), publication.chiffre)
        assert regles.MINIMUM <= len(messages) <= regles.MAXIMUM
        assert any("médiane des " in m.texte for m in messages)
        sujets = {FORMULATIONS["indicateurs"][m.chiffres[0].split("|")[0]].get("sujet") for m in messages}
        assert set(formulations.sujets()) <= sujets


@pytest.mark.parametrize("territoire_id", ["ctg:baronnies-2025", "epci:200068229", "commune:26220"])
@pytest.mark.parametrize("depuis", [2017, 2019, None])
def test_sentences_tell_the_evolution_that_tables_tell(
    publication: Dictionnaire, territoire_id: str, depuis: int | None
) -> None:
    """Or none: where it is refused, has a reserve, or is too uncertain."""
    marts = Marts(publication.con)
    ctx = Contexte(marts, marts.territoire(territoire_id), Options(depuis=depuis))
    dites = 0
    for vue in Faits(marts, territoire_id, ctx.depuis, None).vues:
        lue = ctx.evolution(vue.indicateur_id)
        if vue.paire is None or ctx.porteur(vue.indicateur_id) != territoire_id:
            continue
        assert lue == vue.paire and lue["mouvement"] in MOUVEMENTS
        dites += 1
    assert dites


def test_formulations_are_of_indicateurs_and_of_refusals_that_exist() -> None:
    with (SEEDS / "indicateurs.csv").open() as flux:
        connus = {ligne["indicateur_id"] for ligne in csv.DictReader(flux)}
    with (SEEDS / "motifs.csv").open() as flux:
        motifs = {ligne["motif_code"] for ligne in csv.DictReader(flux)}
    assert set(FORMULATIONS["indicateurs"]) <= connus
    assert set(FORMULATIONS["refus"]) <= motifs
    assert not CLES_DU_DOCUMENT - set(FORMULATIONS["indicateurs"])
    for indicateur_id, champs in FORMULATIONS["indicateurs"].items():
        assert re.match(r"(le|la|les) |l'", champs["nom"]), indicateur_id
        assert len(re.findall(r"\{(valeur|evolue)\}", champs["niveau"])) == 1, indicateur_id
        assert re.match(r"(le|la|les) |l'", champs["court"]), indicateur_id
        assert 0 <= champs["priorite"] <= 4, indicateur_id


def test_each_departement_and_region_has_a_locative() -> None:
    with (CONTENU / "lieux.csv").open() as flux:
        declares = {(ligne["niveau"], ligne["code"]) for ligne in csv.DictReader(flux)}
    attendus = {("france", "FR")}
    for niveau in ("departement", "region"):
        with (SEEDS / f"{niveau}s.csv").open() as flux:
            attendus |= {(niveau, ligne[niveau]) for ligne in csv.DictReader(flux)}
    assert declares == attendus


@pytest.mark.parametrize(
    ("rang", "bout"),
    [
        ((1, 0, 5, 0), "la valeur la plus élevée des 5"),
        ((1, 2, 5, 0), "la valeur la plus élevée des 5"),
        ((3, 2, 5, 0), "la valeur la plus basse des 5"),
        ((3, 0, 5, 0), None),
        ((1, 4, 5, 0), None),
        ((5, 0, 5, 1), None),
    ],
)
def test_a_rank_is_told_at_both_ends_only_ex_aequo_included(
    rang: tuple[int, int, int, int], bout: str | None
) -> None:
    monde = Monde()
    cellules = {"epci": exact(12.7), "departement": exact(10.4)}
    monde.figure("part_allocataires_rsa", 2022, cellules, pairs=exact(9.5), rang=rang)
    (phrase,) = monde.dire()
    assert (bout in phrase) if bout else ("la valeur la plus" not in phrase)


@pytest.mark.parametrize(
    ("sans", "dite"), [(5, "médiane des 4 autres EPCI"), (355, "médiane de 4 des 359 autres EPCI")]
)
def test_a_median_of_few_of_its_group_says_so(sans: int, dite: str) -> None:
    monde = Monde()
    cellules = {"epci": exact(12.7), "departement": exact(10.4)}
    monde.figure("part_allocataires_rsa", 2022, cellules, pairs=exact(9.5), rang=(3, 0, 5, sans))
    (phrase,) = monde.dire()
    assert dite in phrase


@pytest.mark.parametrize("lisibilite", ["intervalle", "trop_peu"])
def test_what_is_no_point_is_not_told(lisibilite: str) -> None:
    """0,88 actif is 13,6 % unemployed: of so few, nothing is said of a territory."""
    monde = Monde()
    cellules = {"epci": exact(13.6), "departement": exact(10.4)}
    monde.figure("part_allocataires_rsa", 2022, cellules, lisibilite=lisibilite)
    monde.figure("part_maisons", 2022, cellules)
    (phrase,) = monde.dire(theme="logement")
    assert "13,6" in phrase
    assert not monde.dire(theme="portrait_social")


def test_what_moves_from_few_has_no_percentage() -> None:
    monde = Monde()
    monde.mouvement("nb_enfants_moins_3_ans", (2017, exact(11)), (2022, exact(6)))
    monde.mouvement("population_municipale", (2017, exact(20)), (2022, exact(27)))
    (phrase,) = monde.dire(theme="petite_enfance")
    assert phrase.endswith("6 enfants de moins de 3 ans, contre 11 en 2017.")
    (phrase,) = monde.dire(theme="portrait_social")
    assert "contre 20 en 2017 (+35,0" in phrase


def test_a_count_beside_what_it_was_is_not_judged_of_few() -> None:
    for debut, ton in ((19, "neutre"), (20, "favorable")):
        monde = Monde()
        monde.figure("nb_places_eaje", 2024, {"epci": exact(25)})
        bouts = (2019, exact(debut)), (2024, exact(25))
        monde.mouvement("nb_places_eaje", *bouts, deja=(2024,), etablie=True)
        d = Dictionnaire(monde.con)
        assert [m.ton for m in essentiel(Faits(Marts(monde.con), SUJET, None, None), d.chiffre)] == [ton]


def test_a_median_that_roundings_leave_wide_is_not_told() -> None:
    cellules = {"epci": exact(12.7), "departement": exact(10.4)}
    for largeur, dite in ((4.9, True), (5.1, False)):
        monde = Monde()
        monde.figure("part_allocataires_rsa", 2022, cellules, pairs=("arrondi", 30, largeur))
        (phrase,) = monde.dire()
        assert ("médiane" in phrase) is dite


def test_what_is_not_significant_or_prints_alike_is_not_told() -> None:
    monde = Monde()
    monde.figure(
        "part_allocataires_rsa", 2022, {"epci": ("arrondi", 12.7, 1.5), "departement": ("arrondi", 11.8, 0.2)}
    )
    monde.figure("part_maisons", 2022, {"epci": exact(0.63), "departement": exact(0.61)})
    monde.mouvement("part_sans_mots", (2017, ("partiel", 10, 4)), (2022, ("partiel", 12, 4)))
    assert monde.dire() == monde.dire(theme="logement") == []


def test_a_comparator_that_a_reserve_sets_apart_is_not_told() -> None:
    monde = Monde()
    monde.figure(
        "part_allocataires_rsa",
        2022,
        {"epci": exact(12.7), "departement": exact(10.4), "france": exact(11)},
        pairs=exact(9.5),
        reserves=("departement", "pairs"),
    )
    (phrase,) = monde.dire()
    assert phrase == (
        "En 2022, 12,7\u202f% des foyers allocataires perçoivent le RSA, contre 11,0\u202f% en France."
    )


def test_an_indicateur_without_words_is_told_by_its_label_at_the_head_of_its_theme() -> None:
    monde = Monde()
    monde.figure("part_sans_mots", 2022, {"epci": exact(73.4), "departement": exact(63.9)})
    assert monde.dire() == []
    assert monde.dire(theme="logement") == [
        "Libellé de part_sans_mots : 73,4\u202f% en 2022, contre 63,9\u202f% dans la Drôme."
    ]
    monde = Monde()
    monde.mouvement("part_sans_mots", (2017, exact(60)), (2022, exact(73.4)))
    assert monde.dire(theme="logement") == [
        "Libellé de part_sans_mots : 73,4\u202f% en 2022, contre 60,0\u202f% en 2017."
    ]
    monde = Monde()
    monde.mouvement("part_sans_mots", (2017, exact(60)), (2022, exact(73.4)), etablie=True)
    assert monde.dire(theme="logement") == [
        "Libellé de part_sans_mots : 73,4\u202f% en 2022, en hausse depuis 2017 (60,0\u202f%)."
    ]


def test_evolutions_that_cannot_be_read_are_told_once_with_their_reason() -> None:
    monde = Monde()
    for indicateur_id in ("part_allocataires_rsa", "part_maisons"):
        fins = (2017, exact(60)), (2022, exact(40))
        monde.mouvement(indicateur_id, *fins, refus="sources_differentes")
    # Its producer began another series in 2021, which marts compare with the one before: tables have it.
    monde.mouvement("taux_couverture_petite_enfance", (2017, exact(50)), (2022, exact(60)))
    monde.rupture("taux_couverture_petite_enfance", 2021)
    # A motif that nobody worded.
    monde.mouvement("nb_enfants_moins_3_ans", (2017, exact(50)), (2022, exact(60)), refus="motif_nouveau")
    assert [phrase for phrase in monde.dire() if "ne se lit pas" in phrase] == [
        "L'évolution de la part des foyers allocataires au RSA et de la part des maisons parmi les logements"
        " entre 2017 et 2022 ne se lit pas : les deux chiffres viennent de sources différentes."
    ]
    monde = Monde()
    monde.mouvement("taux_couverture_petite_enfance", (2017, exact(50)), (2022, exact(60)))
    monde.rupture("taux_couverture_petite_enfance", 2021)
    assert monde.dire() == []


def test_an_evolution_of_the_dictionary_gives_way_to_that_of_its_count() -> None:
    for refus, attendu in (
        (None, "contre 487 en 2017 (−11,1\u202f%)."),
        ("recensements_trop_proches", "En 2021, le territoire compte 433 enfants de moins de 3 ans."),
    ):
        monde = Monde()
        cellules = {"epci": exact(-11.1), "departement": exact(-9.9)}
        monde.figure("evolution_enfants_moins_3_ans", 2021, cellules)
        monde.mouvement("nb_enfants_moins_3_ans", (2017, exact(487)), (2021, exact(433)), refus=refus)
        phrases = monde.dire()
        assert phrases[0].endswith(attendu)
        assert len(phrases) == (1 if refus is None else 2)


def test_what_is_planned_and_what_is_a_date_does_not_rise() -> None:
    monde = Monde()
    monde.mouvement("nb_places_eaje_cible", (2025, exact(127)), (2029, exact(139)))
    monde.mouvement("ctg_v2_debut", (2019, exact(2019)), (2025, exact(2025)))
    assert monde.dire(theme="petite_enfance") == monde.dire(theme="gouvernance") == []


def test_a_territory_of_which_all_is_masked_says_nothing() -> None:
    monde = Monde()
    secret = ("secret", 12.7, 0)
    monde.figure(
        "part_allocataires_rsa", 2022, {"epci": secret, "departement": exact(10.4)}, pairs=exact(9.5)
    )
    monde.figure("part_maisons", 2022, {"epci": exact(70), "departement": ("secret", 60, 0)})
    monde.figure("population_municipale", 2022, {"epci": ("secret", 3, 0)})
    monde.mouvement("nb_enfants_moins_3_ans", (2017, exact(487)), (2021, ("secret", 433, 0)))
    assert monde.dire() == monde.dire(theme="portrait_social") == []


def test_a_year_before_the_secret_one_is_not_told_as_the_last() -> None:
    """Of a rate that is secret since, or a count, no sentence steps back; one not published since is told."""
    monde = Monde()
    for annee, statut in ((2017, "observe"), (2022, "secret")):
        monde.figure(
            "part_allocataires_rsa", annee, {"epci": (statut, 0, 0), "departement": exact(10.4)}, exact(9.5)
        )
        monde.figure("population_municipale", annee, {"epci": (statut, 900, 0)})
    monde.mouvement("nb_enfants_moins_3_ans", (2012, exact(487)), (2017, exact(433)))
    monde.figure("nb_enfants_moins_3_ans", 2022, {"epci": ("secret", 4, 0)})
    assert monde.dire() == monde.dire(theme="portrait_social") == []

    monde = Monde()
    monde.figure("part_maisons", 2022, {"epci": exact(70), "departement": exact(60)})
    monde.figure("part_maisons", 2023, {"epci": ("non_disponible", 0, 0)})
    (phrase,) = monde.dire(theme="logement")
    assert "70,0" in phrase and "en 2022" in phrase.lower()


def test_a_field_that_leaves_something_out_is_named() -> None:
    monde = Monde()
    monde.figure("population_municipale", 2022, {"epci": exact(20753)}, champ="hors Mayotte")
    assert monde.dire() == [
        "En 2022, le territoire compte 20\u202f753 habitants (population municipale) ; champ : hors Mayotte."
    ]
