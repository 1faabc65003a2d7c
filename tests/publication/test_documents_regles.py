"""Each rule on small invented documents: what passes, and what does not."""

from fractions import Fraction
from pathlib import Path

import pytest
from petit_audit import AMONT, AVAL, EPCI, Valeur, a_commune, chiffre, faire_audit, faire_release

from publication.controle_documents import Audit
from publication.controle_documents.contexte import Resultat
from publication.controle_documents.entrepot import charger

TOTAL = {
    "montant_aides_logement": "100",
    "montant_prestations_precarite": "200",
    "montant_prestations_familiales": "300",
    "montant_prestations_handicap": "400",
}
SANS_ANNEE = "annee_non_precisee"
MOYENNE = "montant_annuel_par_allocataire"


def _document(**valeurs: str) -> list[dict[str, str]]:
    return [chiffre(indicateur, valeur) for indicateur, valeur in valeurs.items()]


def _controle(audit: Audit, check_id: str, indicateur: str = "") -> Resultat:
    (trouve,) = [c for c in audit.controles if c.check_id == check_id and indicateur in c.expression]
    return trouve


def _verdicts(audit: Audit) -> dict[str, str]:
    return {j.chiffre.indicator_id: j.verdict for j in audit.jugements}


@pytest.mark.parametrize(
    ("total", "statut", "delta", "verdict"),
    [
        ("1000", "OK", 0, "non_verifiable"),
        ("1002", "OK_ARRONDI", -2, "ecart_arrondi"),
        ("1003", "KO", -3, "ecart"),
    ],
)
def test_c01_amounts_add_up(tmp_path: Path, total: str, statut: str, delta: int, verdict: str) -> None:
    """Four amounts to the euro and their total: up to 2.5 EUR may come from rounding."""
    audit = faire_audit(tmp_path, _document(**TOTAL, montant_prestations_total=total))
    controle = _controle(audit, "C01")
    assert (controle.status, controle.observed, controle.delta) == (statut, "1000", delta)
    assert controle.severity == ("majeur" if statut == "KO" else "info")
    assert _verdicts(audit)["montant_prestations_total"] == verdict


@pytest.mark.parametrize(
    ("total", "moyenne", "statut", "verdict"),
    [
        # Of four persons or fewer, a quotient that is told alone is a leak; of more, it is none.
        ("4938.28", "1234.57", "OK_MAIS_FUITE", "divulgation"),
        ("1000001", "1234.57", "OK", "non_verifiable"),
        ("10000010", "1234", "OK", "non_verifiable"),
        ("1000300", "1250.00", "KO", "ecart"),
    ],
)
def test_c02_a_total_over_a_mean(tmp_path: Path, total: str, moyenne: str, statut: str, verdict: str) -> None:
    """The quotient may be 4 or 810 alone, any of 8101 to 8107, or no whole number (800.2)."""
    lignes = [
        *_document(montant_prestations_total=total),
        chiffre("montant_annuel_par_allocataire", moyenne, unit="EUR_par_allocataire_par_an"),
    ]
    audit = faire_audit(tmp_path, lignes)
    controle = _controle(audit, "C02")
    assert controle.status == statut
    assert _verdicts(audit)["montant_annuel_par_allocataire"] == verdict
    assert ("(seul entier de" in controle.observed) == (total in ("4938.28", "1000001"))


def test_c02_what_the_document_prints_is_not_divulged(tmp_path: Path) -> None:
    lignes = [
        *_document(montant_prestations_total="1000001", nb_foyers_allocataires="810"),
        chiffre("montant_annuel_par_allocataire", "1234.57", unit="EUR_par_allocataire_par_an"),
    ]
    assert "C02" in faire_audit(tmp_path, lignes).sans_objet


@pytest.mark.parametrize(("taux", "statut"), [("25.0", "OK"), ("25", "OK"), ("26.0", "KO")])
def test_c03_a_ratio_of_printed_counts(tmp_path: Path, taux: str, statut: str) -> None:
    lignes = _document(
        nb_familles_monoparentales_allocataires="50",
        nb_familles_allocataires="200",
        taux_monoparentalite_allocataires=taux,
    )
    assert _controle(faire_audit(tmp_path, lignes), "C03").status == statut


@pytest.mark.parametrize(
    ("part", "menages", "statut"),
    [("60.0", 1000, "KO"), ("10.0", 1000, "KO_LIBELLE"), ("60.0", None, "A_VERIFIER")],
)
def test_c04_a_share_of_the_wrong_universe(
    tmp_path: Path, part: str, menages: int | None, statut: str
) -> None:
    """60 % of 1 000 ménages is more than the 500 foyers allocataires there are; 10 % proves nothing."""
    valeurs: list[Valeur] = [(EPCI, "nb_foyers_allocataires", 2022, 500)]
    if menages:
        valeurs.append((EPCI, "nb_menages_fiscaux", 2021, menages))
    audit = faire_audit(tmp_path, [chiffre("part_allocataires_rsa", part, label="Ménages au RSA")], valeurs)
    assert _controle(audit, "C04").status == statut
    assert _verdicts(audit) == {"part_allocataires_rsa": "mauvais_univers"}


def test_c04_a_right_label_is_not_suspected(tmp_path: Path) -> None:
    lignes = [chiffre("part_allocataires_rsa", "60.0", label="Allocataires du RSA")]
    audit = faire_audit(tmp_path, lignes, [(EPCI, "nb_menages_fiscaux", 2021, 1000)])
    assert "C04" in audit.sans_objet


@pytest.mark.parametrize(
    ("libelle", "statut"), [("Ménages au RSA", "KO_LIBELLE"), ("Foyers au RSA", "DERIVE")]
)
def test_c05_amount_per_beneficiary(tmp_path: Path, libelle: str, statut: str) -> None:
    lignes = [
        chiffre("montant_prestations_precarite", "100000"),
        chiffre("part_allocataires_rsa", "20.0", label=libelle),
    ]
    valeurs = [(EPCI, "nb_menages_fiscaux", 2021, 1000), (EPCI, "nb_foyers_allocataires", 2022, 500)]
    controle = _controle(faire_audit(tmp_path, lignes, valeurs), "C05")
    assert controle.status == statut
    assert ": 200 foyers, 500 EUR ; univers" in controle.observed
    assert controle.observed.endswith(": 100 foyers, 1000 EUR")


@pytest.mark.parametrize(
    ("annee", "entrepot", "statut"),
    [("2022", 40.0, "OK"), ("2020", 40.0, "A_VERIFIER"), ("2022", 41.0, "A_VERIFIER")],
)
def test_c06_a_proportion_beside_the_warehouse(
    tmp_path: Path, annee: str, entrepot: float, statut: str
) -> None:
    lignes = [chiffre("personnes_couvertes_caf", "400"), chiffre("population_municipale", "1000", annee)]
    controle = _controle(
        faire_audit(tmp_path, lignes, [(EPCI, "part_population_couverte_caf", 2022, entrepot)]), "C06"
    )
    assert (controle.status, controle.observed) == (statut, "40,0")
    assert ("années différentes" in controle.explanation) == (annee == "2020")


@pytest.mark.parametrize(("couvertes", "statut", "delta"), [("500", "OK", -110), ("300", "KO", 90)])
def test_c07_parts_do_not_exceed_the_whole(tmp_path: Path, couvertes: str, statut: str, delta: int) -> None:
    lignes = _document(
        nb_foyers_allocataires="200",
        nb_familles_allocataires="100",
        nb_familles_monoparentales_allocataires="30",
        nb_enfants_moins_3_ans="40",
        nb_enfants_6_11_ans="40",
        nb_jeunes_12_17_ans="40",
        personnes_couvertes_caf=couvertes,
    )
    audit = faire_audit(tmp_path, lignes, [(EPCI, "nb_foyers_allocataires", 2022, 100)])
    controle = _controle(audit, "C07")
    assert (controle.status, controle.observed, controle.delta) == (statut, "390", delta)
    assert "la borne devient 290 et l'inégalité tient" in controle.explanation


@pytest.mark.parametrize(("couvertes", "statut"), [("285", "OK"), ("279", "KO")])
def test_c07_a_sum_that_roundings_may_bring_under_the_whole_does_not_exceed_it(
    tmp_path: Path, couvertes: str, statut: str
) -> None:
    """190 and 90 to 110 foyers of the warehouse: 290, and 280 at least."""
    lignes = _document(
        nb_familles_allocataires="100",
        nb_familles_monoparentales_allocataires="30",
        nb_enfants_moins_3_ans="40",
        nb_enfants_6_11_ans="40",
        nb_jeunes_12_17_ans="40",
        personnes_couvertes_caf=couvertes,
    )
    valeurs: list[Valeur] = [(EPCI, "nb_foyers_allocataires", 2022, 100, "arrondi", 90, 110)]
    controle = _controle(faire_audit(tmp_path, lignes, valeurs), "C07")
    assert (controle.status, controle.observed) == (statut, "290")


@pytest.mark.parametrize(
    ("jeunes", "evolution", "statut"),
    [("30", "-5", "OK"), ("90", "-5", "A_VERIFIER"), ("90", "5", "OK")],
)
def test_c08_generations(tmp_path: Path, jeunes: str, evolution: str, statut: str) -> None:
    lignes = _document(
        nb_enfants_moins_3_ans=jeunes, nb_enfants_6_11_ans="120", evolution_enfants_moins_3_ans=evolution
    )
    controle = _controle(faire_audit(tmp_path, lignes), "C08")
    assert (controle.status, controle.observed) == (statut, f"{int(jeunes) // 3} ; 20 par génération")


@pytest.mark.parametrize(("fin", "statut"), [("2021", "OK"), ("2022", "KO_PRESENTATION")])
def test_c09_windows(tmp_path: Path, fin: str, statut: str) -> None:
    lignes = [
        chiffre("evolution_enfants_moins_3_ans", "-5", "2016/2021", comparator="Ain -4"),
        chiffre("evolution_enfants_6_11_ans", "-6", f"2016/{fin}"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C09")
    assert controle.status == statut
    assert "sans comparateur : evolution_enfants_6_11_ans" in controle.explanation


@pytest.mark.parametrize(
    ("taux", "statut", "observe"), [("50.0", "OK", "10"), ("52.0", "KO", "n=10 : 50,0 ; n=11 : 55,0")]
)
def test_c10_a_whole_numerator(tmp_path: Path, taux: str, statut: str, observe: str) -> None:
    lignes = [
        chiffre("taux_couverture_petite_enfance", taux, SANS_ANNEE, unit="places_pour_100_enfants"),
        chiffre("nb_enfants_moins_3_ans", "20"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C10")
    assert (controle.status, controle.observed) == (statut, observe)


def test_c10_rate_and_count_of_two_years_are_not_paired(tmp_path: Path) -> None:
    lignes = [
        chiffre("taux_couverture_petite_enfance", "52.0", "2019"),
        chiffre("nb_enfants_moins_3_ans", "20"),
    ]
    assert "C10" in faire_audit(tmp_path, lignes).sans_objet


@pytest.mark.parametrize(
    ("ajout", "statut", "observe"),
    [
        ("30", "OK", "15,0 (dénominateur 200) ; 15,0 (dénominateur 2018 de 200)"),
        ("10", "KO", "5,0 (dénominateur 200) ; 5,0 (dénominateur 2018 de 200)"),
    ],
)
def test_c11_what_moves_a_coverage_rate(tmp_path: Path, ajout: str, statut: str, observe: str) -> None:
    """40 places per 100 of 200 children, then 55: 30 more places."""
    controle = _controle(faire_audit(tmp_path, _couverture(ajout, "0.0")), "C11")
    assert (controle.status, controle.expected, controle.observed) == (statut, "15,0", observe)


def test_c11_a_year_of_publication_taken_for_the_year_of_the_rate(tmp_path: Path) -> None:
    """With the 250 children of 2016, 40 % is 100 places; 10 more over 200 children give the 55 printed."""
    controle = _controle(faire_audit(tmp_path, _couverture("10", "-20.0")), "C11")
    assert controle.status == "KO"
    assert (
        "se réconcilie (55,0) si le taux « 2018 » a le dénominateur de 2016 (250,0)" in controle.explanation
    )


def _couverture(ajout: str, evolution: str) -> list[dict[str, str]]:
    return [
        chiffre("taux_couverture_petite_enfance", "40.0", "2018", unit="places_pour_100_enfants"),
        chiffre("taux_couverture_petite_enfance", "55.0", SANS_ANNEE, unit="places_pour_100_enfants"),
        chiffre("evolution_places_eaje", ajout, "2018/2022", unit="places"),
        chiffre("nb_enfants_moins_3_ans", "200"),
        chiffre("evolution_enfants_moins_3_ans", evolution, "2016/2020"),
    ]


def test_c12_planned_places_are_added_from_the_communes(tmp_path: Path) -> None:
    lignes = [
        *_document(nb_places_eaje="50", nb_places_psu_planifiees="6"),
        a_commune("nb_places_paje_planifiees", "10", "01001"),
        a_commune("nb_places_paje_planifiees", "4", "01002"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C12")
    assert (controle.status, controle.observed) == ("DERIVE", "70")


def test_c12_no_planned_places_nothing_implied(tmp_path: Path) -> None:
    lignes = _document(nb_places_eaje="50", nb_places_psu_planifiees="6")
    assert "C12" in faire_audit(tmp_path, lignes).sans_objet


@pytest.mark.parametrize(
    ("aval", "statut", "delta"), [("4", "OK", 0), ("3", "A_VERIFIER", -1), ("5", "KO", 1)]
)
def test_c13_communes_add_up_to_their_territory(tmp_path: Path, aval: str, statut: str, delta: int) -> None:
    lignes = [
        chiffre("nb_places_psu_planifiees", "10", unit="places"),
        a_commune("nb_places_psu_planifiees", "6", "01001", unit="places"),
        a_commune("nb_places_psu_planifiees", aval, "01002", unit="places"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C13")
    assert (controle.status, controle.delta) == (statut, delta)


@pytest.mark.parametrize(
    ("places", "statut", "observe"), [("40", "A_VERIFIER", "60,0"), ("120", "KO", "-20,0")]
)
def test_c14_places_outside_eaje(tmp_path: Path, places: str, statut: str, observe: str) -> None:
    lignes = [
        chiffre("taux_couverture_petite_enfance", "50.0", SANS_ANNEE, unit="places_pour_100_enfants"),
        *_document(nb_enfants_moins_3_ans="200", nb_places_eaje=places, nb_assistants_maternels_actifs="20"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C14")
    assert (controle.status, controle.observed) == (statut, observe)


@pytest.mark.parametrize(
    ("libelle", "statut"), [("Eaje", "A_VERIFIER"), ("Eaje financés par la PSU ou la Paje", "DERIVE")]
)
def test_c15_openings(tmp_path: Path, libelle: str, statut: str) -> None:
    lignes = [
        chiffre("nb_eaje", "3", unit="structures", label=libelle),
        a_commune("nb_places_psu_planifiees", "6", "01001", label="Extension de la crèche"),
        a_commune("nb_places_psu_planifiees", "5", "01002", label="Ouverture d'une crèche"),
        a_commune("nb_places_paje_planifiees", "10", "01001", label="Création d'une micro-crèche"),
    ]
    controle = _controle(faire_audit(tmp_path, lignes), "C15")
    assert controle.status == statut
    assert controle.observed == "5 (4 sans nb_places_psu_planifiees, 4 sans nb_places_paje_planifiees)"


@pytest.mark.parametrize(("evolution", "base"), [("-20", "249 à 251"), ("-20.0", "250"), ("25", "160")])
def test_c17_and_c18_implied_bases(tmp_path: Path, evolution: str, base: str) -> None:
    lignes = _document(
        nb_enfants_moins_3_ans="200",
        evolution_enfants_moins_3_ans=evolution,
        nb_enfants_6_11_ans="200",
        evolution_enfants_6_11_ans=evolution,
    )
    audit = faire_audit(tmp_path, lignes)
    assert [(c.check_id, c.observed, c.status) for c in audit.controles if c.check_id in ("C17", "C18")] == [
        ("C17", base, "DERIVE"),
        ("C18", base, "DERIVE"),
    ]


@pytest.mark.parametrize(
    ("effectif", "statut", "observe", "verdict"),
    [
        ("12", "FUITE", "4 (unique)", "divulgation"),
        ("150", "OK", "50 (unique)", "non_verifiable"),
        ("3000", "OK", "998 à 1000", "non_verifiable"),
    ],
)
def test_c20_a_rate_over_a_small_count(
    tmp_path: Path, effectif: str, statut: str, observe: str, verdict: str
) -> None:
    lignes = _document(
        part_monoparentales_bas_revenus="33.3", nb_familles_monoparentales_allocataires=effectif
    )
    audit = faire_audit(tmp_path, lignes)
    controle = _controle(audit, "C20")
    assert (controle.status, controle.observed) == (statut, observe)
    assert _verdicts(audit)["part_monoparentales_bas_revenus"] == verdict


def test_c20_a_printed_numerator_is_not_divulged(tmp_path: Path) -> None:
    lignes = _document(
        taux_monoparentalite_allocataires="25.0",
        nb_familles_allocataires="200",
        nb_familles_monoparentales_allocataires="50",
    )
    assert "C20" in faire_audit(tmp_path, lignes).sans_objet


TAUX, MONOPARENTALES = "taux_monoparentalite_allocataires", "nb_familles_monoparentales_allocataires"


@pytest.mark.parametrize(
    ("periode", "valeurs", "statut"),
    [
        ("2022", [(EPCI, TAUX, 2022, 25.0, "observe", 25.0, 25.0, None, 4, 16)], "OK"),
        (SANS_ANNEE, [(EPCI, TAUX, 2022, 25.0, "observe", 25.0, 25.0, None, 4, 16)], "OK"),
        ("2022", [(EPCI, MONOPARENTALES, 2022, 4)], "OK"),
        # Of another year, of another number, hidden, or shown without its terms: not published.
        ("2022", [(EPCI, TAUX, 2021, 25.0, "observe", 25.0, 25.0, None, 4, 16)], "FUITE"),
        ("2022", [(EPCI, TAUX, 2022, 25.0, "arrondi", 24.0, 26.0, None, 3, 12)], "FUITE"),
        ("2022", [(EPCI, TAUX, 2022, None, "secret")], "FUITE"),
        ("2022", [(EPCI, TAUX, 2022, 25.0)], "FUITE"),
        (SANS_ANNEE, [(EPCI, MONOPARENTALES, 2021, 4), (EPCI, TAUX, 2022, None, "secret")], "FUITE"),
    ],
)
def test_c20_a_numerator_that_the_release_shows_is_not_divulged(
    tmp_path: Path, periode: str, valeurs: list[Valeur], statut: str
) -> None:
    lignes = [chiffre(TAUX, "25.0", periode), chiffre("nb_familles_allocataires", "16", periode)]
    audit = faire_audit(tmp_path, lignes, valeurs)
    controle = _controle(audit, "C20")
    assert (controle.status, controle.observed) == (statut, "4 (unique)")
    assert (_verdicts(audit)[TAUX] == "divulgation") is (statut == "FUITE")


@pytest.mark.parametrize(("denominateur", "statut"), [(4, "OK"), (None, "OK_MAIS_FUITE")])
def test_c02_a_count_that_the_release_shows_is_not_divulged(
    tmp_path: Path, denominateur: int | None, statut: str
) -> None:
    moyenne = 4938.28 / 4
    montre = (EPCI, MOYENNE, 2022, moyenne, "observe", moyenne, moyenne, None, 4938.28, denominateur)
    lignes = [
        *_document(montant_prestations_total="4938.28"),
        chiffre(MOYENNE, "1234.57", unit="EUR_par_allocataire_par_an"),
    ]
    audit = faire_audit(tmp_path, lignes, [montre])
    assert _controle(audit, "C02").status == statut
    assert (_verdicts(audit)[MOYENNE] == "divulgation") is (denominateur is None)


@pytest.mark.parametrize(
    ("periode", "definition", "statut"),
    [
        (SANS_ANNEE, "chômeurs (définition non précisée)", "KO_METADONNEES"),
        (SANS_ANNEE, "", "KO_METADONNEES"),
        (SANS_ANNEE, "chômeurs du recensement", "OK"),
        ("2022", "chômeurs (définition non précisée)", "OK"),
    ],
)
def test_c21_a_rate_says_what_or_when(tmp_path: Path, periode: str, definition: str, statut: str) -> None:
    ligne = chiffre("taux_chomage", "9.0", periode, numerator_definition=definition)
    assert _controle(faire_audit(tmp_path, [ligne]), "C21").status == statut


@pytest.mark.parametrize(
    ("valeur", "statut", "observe"), [("3", "OK", "1 valeurs"), ("", "MANQUANT", "0 valeur")]
)
def test_c23_missing_values(tmp_path: Path, valeur: str, statut: str, observe: str) -> None:
    controle = _controle(faire_audit(tmp_path, [chiffre("nb_eaje", valeur)]), "C23")
    assert (controle.status, controle.observed) == (statut, observe)


@pytest.mark.parametrize(
    ("periode", "statut", "delta"), [("2022", "OK", 0), (SANS_ANNEE, "KO_METADONNEES", 1)]
)
def test_c24_figures_without_a_year(tmp_path: Path, periode: str, statut: str, delta: int) -> None:
    controle = _controle(faire_audit(tmp_path, [chiffre("nb_eaje", "3", periode)]), "C24")
    assert (controle.status, controle.delta) == (statut, delta)


@pytest.mark.parametrize(
    ("habitants", "schema", "statut"),
    [("10001", "2025-2029", "OK"), ("10001", "", "MANQUANT"), ("10000", "", "OK")],
)
def test_c28_the_plan_the_law_asks_for(tmp_path: Path, habitants: str, schema: str, statut: str) -> None:
    lignes = [
        chiffre("population_municipale", habitants),
        chiffre("schema_petite_enfance_periode", schema, "2025/2029", unit="intervalle"),
    ]
    assert _controle(faire_audit(tmp_path, lignes), "C28").status == statut


@pytest.mark.parametrize(
    ("imprime", "aval", "statut", "delta"),
    [("1000", 400, "OK", 0), ("1010", 400, "KO", -10), ("1000", None, "A_VERIFIER", -400)],
)
def test_c29_population_of_the_members(
    tmp_path: Path, imprime: str, aval: int | None, statut: str, delta: int
) -> None:
    valeurs: list[Valeur] = [(AMONT, "population_municipale", 2022, 600)]
    if aval:
        valeurs.append((AVAL, "population_municipale", 2022, aval))
    controle = _controle(faire_audit(tmp_path, [chiffre("population_municipale", imprime)], valeurs), "C29")
    assert (controle.status, controle.delta) == (statut, delta)


def test_c30_a_label_for_another_formula(tmp_path: Path) -> None:
    valeurs = [
        (EPCI, "part_residences_secondaires", 2018, 22.0),
        (EPCI, "part_hors_residence_principale", 2018, 30.12),
    ]
    lignes = [chiffre("part_residences_secondaires", "30.3", SANS_ANNEE)]
    controle = _controle(faire_audit(tmp_path, lignes, valeurs), "C30")
    assert (controle.status, controle.delta) == ("KO_LIBELLE", Fraction("-8.3"))
    assert "elle correspond à part_hors_residence_principale : 30,12" in controle.explanation


@pytest.mark.parametrize(
    ("imprime", "periode"), [("22.0", SANS_ANNEE), ("26.0", SANS_ANNEE), ("26.0", "2018")]
)
def test_c30_and_c31_tell_a_wrong_label_from_an_unknown_year(
    tmp_path: Path, imprime: str, periode: str
) -> None:
    valeurs = [(EPCI, "part_residences_secondaires", 2018, 22.0)]
    audit = faire_audit(tmp_path, [chiffre("part_residences_secondaires", imprime, periode)], valeurs)
    assert "C30" in audit.sans_objet
    if imprime == "26.0" and periode == SANS_ANNEE:
        controle = _controle(audit, "C31")
        assert (controle.status, controle.delta) == ("A_VERIFIER", -4)
    else:
        assert "C31" in audit.sans_objet


@pytest.mark.parametrize(("imprime", "a_corriger"), [("3", False), ("4", True)])
def test_what_calls_for_a_correction(tmp_path: Path, imprime: str, a_corriger: bool) -> None:
    audit = faire_audit(tmp_path, [chiffre("nb_eaje", imprime)], [(EPCI, "nb_eaje", 2022, 3)])
    assert audit.a_corriger is a_corriger


def test_the_communes_of_a_convention_are_added_up_as_those_of_an_epci(tmp_path: Path) -> None:
    chiffres = [(c, "population_municipale", 2022, v) for c, v in ((AMONT, 40), (AVAL, 60))]
    entrepot = charger(
        faire_release(tmp_path / "r", chiffres), [EPCI, "ctg:essai-2025"], ["population_municipale"]
    )
    assert entrepot.membres == dict.fromkeys((EPCI, "ctg:essai-2025"), frozenset({AMONT, AVAL}))
    for territoire in (EPCI, "ctg:essai-2025"):
        assert entrepot.somme_des_membres(territoire, "population_municipale", 2022) == (100, 2)
