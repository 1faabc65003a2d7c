"""One verdict per figure, with what the warehouse says and the reading that would match."""

from pathlib import Path

import pytest
from petit_audit import EPCI, Valeur, chiffre, faire_audit

from publication.controle_documents.verdicts import Jugement

POPULATION = [(EPCI, "population_municipale", 2019, 900), (EPCI, "population_municipale", 2020, 1000)]


def _juger(tmp_path: Path, ligne: dict[str, str], valeurs: list[Valeur]) -> Jugement:
    (jugement,) = faire_audit(tmp_path, [ligne], valeurs).jugements
    return jugement


@pytest.mark.parametrize(
    ("imprime", "periode", "verdict"),
    [
        ("1000", "2020", "conforme"),
        ("1001", "2020", "ecart"),
        ("900", "annee_non_precisee", "conforme"),
        ("1000", "2021", "non_verifiable"),
        ("1000", "2019/2020", "conforme"),
        ("", "2020", "non_verifiable"),
    ],
)
def test_a_count_is_exact(tmp_path: Path, imprime: str, periode: str, verdict: str) -> None:
    jugement = _juger(tmp_path, chiffre("population_municipale", imprime, periode), POPULATION)
    assert jugement.verdict == verdict


def test_without_a_year_the_nearest_one_is_retained_and_told(tmp_path: Path) -> None:
    ligne = chiffre("population_municipale", "890", "annee_non_precisee")
    jugement = _juger(tmp_path, ligne, POPULATION)
    assert jugement.cellule and jugement.cellule.millesime == 2019
    assert (
        "sans année dans le document : le plus proche des millésimes reçus (2019, 2020)"
        in jugement.explication
    )


@pytest.mark.parametrize(
    ("imprime", "periode", "valeurs", "verdict"),
    [
        ("890", "annee_non_precisee", POPULATION[:1], "non_verifiable"),
        ("900", "annee_non_precisee", POPULATION[:1], "conforme"),
        ("890", "annee_non_precisee", POPULATION, "ecart"),
        ("890", "2019", POPULATION[:1], "ecart"),
    ],
)
def test_without_a_year_the_only_year_received_refutes_nothing(
    tmp_path: Path, imprime: str, periode: str, valeurs: list[Valeur], verdict: str
) -> None:
    jugement = _juger(tmp_path, chiffre("population_municipale", imprime, periode), valeurs)
    assert jugement.verdict == verdict
    dite = "sans année dans le document" in jugement.explication
    assert dite == (periode == "annee_non_precisee")


@pytest.mark.parametrize(
    ("imprime", "verdict"),
    [("31.5", "conforme"), ("31.4", "ecart_arrondi"), ("31", "conforme"), ("31.2", "ecart")],
)
def test_a_rate_is_compared_at_its_printed_precision(tmp_path: Path, imprime: str, verdict: str) -> None:
    valeurs = [(EPCI, "part_residences_secondaires", 2022, 31.45)]
    assert _juger(tmp_path, chiffre("part_residences_secondaires", imprime), valeurs).verdict == verdict


@pytest.mark.parametrize(
    ("imprime", "verdict"),
    [("20.0", "conforme"), ("20.1", "ecart_arrondi"), ("21.5", "non_verifiable"), ("26.0", "ecart")],
)
def test_within_bounds_is_no_proof(tmp_path: Path, imprime: str, verdict: str) -> None:
    """Bounds of a sum of rounded communes are a worst case: only what is outside them is certainly wrong."""
    valeurs = [(EPCI, "part_allocataires_rsa", 2022, 20.0, "partiel", 18.0, 25.0)]
    jugement = _juger(tmp_path, chiffre("part_allocataires_rsa", imprime), valeurs)
    assert jugement.verdict == verdict
    assert "20\u202f% [18 ; 25] (2022, partiel, insee_essai)" in jugement.explication


@pytest.mark.parametrize(
    ("imprime", "verdict"),
    [("20.0", "conforme"), ("20.1", "ecart_arrondi"), ("45.0", "non_verifiable"), ("56.0", "ecart")],
)
def test_a_point_where_ours_is_a_range_is_judged_by_it(tmp_path: Path, imprime: str, verdict: str) -> None:
    valeurs = [(EPCI, "part_allocataires_rsa", 2022, 20.0, "arrondi", 8.0, 55.0)]
    jugement = _juger(tmp_path, chiffre("part_allocataires_rsa", imprime), valeurs)
    assert jugement.verdict == verdict
    assert "[8 ; 55]\u202f% (2022, arrondi, insee_essai)" in jugement.explication
    assert "20\u202f%" not in jugement.explication


@pytest.mark.parametrize(
    ("valeur", "imprime", "verdict", "dit"),
    [
        ((20.0, "arrondi", 18.0, 20.5), "19.0", "conforme", "20,00\u202f% [18,00 ; 20,50] (2022, arrondi,"),
        # At the upper wall of what is no point, nothing is proved.
        ((40.0, "arrondi", 0.0, 40.0), "0", "non_verifiable", "[0 ; 40]\u202f% (2022, arrondi, trop peu,"),
        (
            (40.0, "observe", 40.0, 40.0),
            "45.0",
            "ecart",
            "donne trop peu (2022, insee_essai), et le document",
        ),
    ],
)
def test_what_is_rounded_of_persons_is_near_where_it_is_a_point(
    tmp_path: Path, valeur: tuple[object, ...], imprime: str, verdict: str, dit: str
) -> None:
    nom = "part_allocataires_aide_logement"
    lisibilite = "point" if verdict == "conforme" else "trop_peu"
    ligne = (EPCI, nom, 2022, *valeur, None, None, None, lisibilite)
    jugement = _juger(tmp_path, chiffre(nom, imprime), [ligne])
    assert (jugement.verdict, dit in jugement.explication) == (verdict, True), jugement.explication
    assert (", à 2 près" in jugement.explication) == (verdict == "conforme")


def test_the_precision_of_a_figure_is_the_one_it_is_printed_with(tmp_path: Path) -> None:
    valeurs = [(EPCI, "part_allocataires_rsa", 2022, 30.849999999999998)]
    assert _juger(tmp_path, chiffre("part_allocataires_rsa", "30.9"), valeurs).verdict == "conforme"


def test_another_year_is_the_first_reading_looked_for(tmp_path: Path) -> None:
    jugement = _juger(tmp_path, chiffre("population_municipale", "900", "2020"), POPULATION)
    assert jugement.verdict == "ecart"
    assert jugement.lecture and jugement.lecture.millesime == 2019
    assert "lecture égale à l'arrondi : population_municipale 900 (2019" in jugement.explication


def test_another_indicateur_of_the_same_universe_is_the_next_one(tmp_path: Path) -> None:
    valeurs = [
        (EPCI, "part_residences_secondaires", 2018, 22.0),
        (EPCI, "part_hors_residence_principale", 2018, 30.12),
        (EPCI, "part_allocataires_rsa", 2018, 30.3),
    ]
    jugement = _juger(tmp_path, chiffre("part_residences_secondaires", "30.3", "2018"), valeurs)
    assert jugement.lecture and jugement.lecture.indicateur_id == "part_hors_residence_principale"
    assert "lecture très proche : part_hors_residence_principale 30,12" in jugement.explication


@pytest.mark.parametrize(
    ("libelle", "denominateur", "nomme"),
    [
        ("Ménages au RSA", "", ("MF", "RPR")),
        ("Part du RSA", "ensemble des habitants", ("POP", "MF")),
        ("Foyers allocataires au RSA", "ménages", ("MF", "RPR")),
        ("Part du RSA", "foyers allocataires (le document écrit « ménages »)", None),
        ("Allocataires du RSA parmi les ménages", "", None),
        ("Part du RSA", "", None),
    ],
)
def test_words_that_name_another_universe(
    tmp_path: Path, libelle: str, denominateur: str, nomme: tuple[str, ...] | None
) -> None:
    ligne = chiffre("part_allocataires_rsa", "12.7", label=libelle, denominator_definition=denominateur)
    jugement = _juger(tmp_path, ligne, [(EPCI, "part_allocataires_rsa", 2022, 12.7)])
    assert (jugement.faux.univers if jugement.faux else None) == nomme
    assert jugement.verdict == ("mauvais_univers" if nomme else "conforme")
    assert jugement.cellule is not None


def test_a_sentence_names_universes_and_the_unit_of_a_gap(tmp_path: Path) -> None:
    ligne = chiffre("part_allocataires_rsa", "14.7", label="Ménages au RSA")
    jugement = _juger(tmp_path, ligne, [(EPCI, "part_allocataires_rsa", 2022, 12.7)])
    assert "« ménages » (ménages fiscaux), le dictionnaire « Libellé de " in jugement.explication
    assert "(foyers allocataires)" in jugement.explication
    assert "soit un écart de +2 points" in jugement.explication
    # A universe without a name in this release.
    (tmp_path / "autre").mkdir()
    ligne = chiffre("part_allocataires_rsa", "12.7", label="Actifs au RSA")
    (autre,) = faire_audit(
        tmp_path / "autre", [ligne], [(EPCI, "part_allocataires_rsa", 2022, 12.7)]
    ).jugements
    assert autre.explication.startswith("le document dit « actifs », le dictionnaire « Libellé de ")


def test_words_are_about_people_and_homes_only(tmp_path: Path) -> None:
    """« Enfants » in the name of a place is not the universe of a number of places."""
    ligne = chiffre("nb_eaje", "3", label="Lieux d'accueil enfants-parents")
    assert _juger(tmp_path, ligne, [(EPCI, "nb_eaje", 2022, 3)]).verdict == "conforme"


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        (chiffre("nb_inconnu", "3"), "indicateur absent du dictionnaire"),
        (chiffre("nb_eaje", "3"), "source jamais reçue : insee_essai"),
        (chiffre("nb_eaje", "3", territory_code="999999999"), "epci:999999999 est inconnu de la release"),
    ],
)
def test_what_cannot_be_verified_says_why(tmp_path: Path, ligne: dict[str, str], raison: str) -> None:
    jugement = _juger(tmp_path, ligne, [])
    assert jugement.verdict == "non_verifiable"
    assert raison in jugement.explication


@pytest.mark.parametrize(
    ("periode", "verdict"),
    [("2022", "divulgation"), ("annee_non_precisee", "divulgation"), ("2021", "mauvais_univers")],
)
def test_a_printed_secret_is_a_divulgation(tmp_path: Path, periode: str, verdict: str) -> None:
    ligne = chiffre("nb_menages_fiscaux", "3", periode, label="Foyers allocataires")
    jugement = _juger(tmp_path, ligne, [(EPCI, "nb_menages_fiscaux", 2022, None, "secret")])
    assert jugement.verdict == verdict
    assert jugement.ecart is None


@pytest.mark.parametrize(("imprime", "verdict"), [("499", "divulgation"), ("5200", "non_verifiable")])
def test_a_count_far_above_any_floor_gives_nothing_away(tmp_path: Path, imprime: str, verdict: str) -> None:
    jugement = _juger(
        tmp_path, chiffre("nb_menages_fiscaux", imprime), [(EPCI, "nb_menages_fiscaux", 2022, None, "secret")]
    )
    assert jugement.verdict == verdict
    assert "l'entrepôt tient ce chiffre secret (2022, insee_essai)" in jugement.explication


@pytest.mark.parametrize(
    ("indicateur", "unite", "imprime", "entrepot", "verdict"),
    [
        ("zonage_frr", "booleen", "oui", 1, "conforme"),
        ("zonage_frr", "booleen", "non", 1, "ecart"),
        ("schema_petite_enfance_periode", "intervalle", "2022-2026", "2022-01-01/2026-12-31", "conforme"),
        ("schema_petite_enfance_periode", "intervalle", "2022-2027", "2022-2026", "ecart"),
        ("schema_petite_enfance_periode", "date", "2022-01-01", "2022-01-01", "conforme"),
        ("schema_petite_enfance_periode", "annee", "2022", "2022-01-01", "conforme"),
        ("schema_petite_enfance_periode", "annee", "2021", 2022, "ecart"),
    ],
)
def test_texts_dates_and_booleans(
    tmp_path: Path, indicateur: str, unite: str, imprime: str, entrepot: object, verdict: str
) -> None:
    ligne = chiffre(indicateur, imprime, unit=unite)
    assert _juger(tmp_path, ligne, [(EPCI, indicateur, 2022, entrepot)]).verdict == verdict


@pytest.mark.parametrize(("periode", "verdict"), [("2017/2021", "conforme"), ("2016/2021", "non_verifiable")])
def test_an_evolution_has_two_ends(tmp_path: Path, periode: str, verdict: str) -> None:
    valeurs = [(EPCI, "evolution_enfants_moins_3_ans", 2021, -7.0, "observe", -7.0, -7.0, 2017)]
    ligne = chiffre("evolution_enfants_moins_3_ans", "-7", periode)
    assert _juger(tmp_path, ligne, valeurs).verdict == verdict
