"""Each rule on small invented documents: what passes, and what does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from petit_audit import AMONT, AVAL, EPCI, Valeur, a_commune, chiffre, faire_audit, juger

from publication.controle_documents.controles import declarations

SANS_ANNEE = "annee_non_precisee"
MOYENNE, PAR_AN = "montant_annuel_par_allocataire", "EUR_par_allocataire_par_an"
TAUX, MONOPARENTALES = "taux_monoparentalite_allocataires", "nb_familles_monoparentales_allocataires"
COUVERTURE, POUR_100 = "taux_couverture_petite_enfance", "places_pour_100_enfants"
SECONDAIRES, POPULATION = "part_residences_secondaires", "population_municipale"
PERSONNES = "nb_personnes_rsa"

Lignes = list[dict[str, str]]
Cas = tuple[Lignes, list[Valeur], dict[str, Any] | None]
"""A document, what the release says, and fields of the result; None: the check has nothing to apply to.

`verdict`: that of the first line; `dit`: a part of the explanation.
"""


def doc(**valeurs: str) -> Lignes:
    return [chiffre(indicateur, valeur) for indicateur, valeur in valeurs.items()]


def c01() -> Iterator[Cas]:
    """Four amounts to the euro and their total: up to 2.5 EUR may come from rounding."""
    noms = ("aides_logement", "prestations_precarite", "prestations_familiales", "prestations_handicap")
    montants = {f"montant_{nom}": str(100 * rang) for rang, nom in enumerate(noms, 1)}
    for total, statut, gravite, delta, verdict in (
        ("1000", "OK", "info", 0, "non_verifiable"),
        ("1002", "OK_ARRONDI", "info", -2, "ecart_arrondi"),
        ("1003", "KO", "majeur", -3, "ecart"),
    ):
        trouve = {"status": statut, "severity": gravite, "observed": "1000", "delta": delta}
        yield doc(montant_prestations_total=total, **montants), [], {**trouve, "verdict": verdict}


def c02() -> Iterator[Cas]:
    """The quotient may be 4 or 810 alone, any of 8101 to 8107, or no whole number (800.2).

    Of four persons or fewer, one that is told alone is a leak, unless the release shows it.
    """
    for total, moyenne, statut, verdict in (
        ("4938.28", "1234.57", "OK_MAIS_FUITE", "divulgation"),
        ("1000001", "1234.57", "OK", "non_verifiable"),
        ("10000010", "1234", "OK", "non_verifiable"),
        ("1000300", "1250.00", "KO", "ecart"),
    ):
        lignes = [chiffre(MOYENNE, moyenne, unit=PAR_AN), chiffre("montant_prestations_total", total)]
        yield lignes, [], {"status": statut, "verdict": verdict}
    lignes = [chiffre(MOYENNE, "1234.57", unit=PAR_AN), *doc(montant_prestations_total="1000001")]
    yield [*lignes, *doc(nb_foyers_allocataires="810")], [], None
    lignes = [chiffre(MOYENNE, "1234.57", unit=PAR_AN), *doc(montant_prestations_total="4938.28")]
    for denominateur, statut in ((4, "OK"), (None, "OK_MAIS_FUITE")):
        moyenne = 4938.28 / 4
        montre = (EPCI, MOYENNE, 2022, moyenne, "observe", moyenne, moyenne, None, 4938.28, denominateur)
        verdict = "conforme" if denominateur else "divulgation"
        yield lignes, [montre], {"status": statut, "verdict": verdict}


def c03() -> Iterator[Cas]:
    for taux, statut in (("25.0", "OK"), ("25", "OK"), ("26.0", "KO")):
        comptes = {MONOPARENTALES: "50", "nb_familles_allocataires": "200", TAUX: taux}
        yield doc(**comptes), [], {"status": statut}


def c04() -> Iterator[Cas]:
    """60 % of 1 000 ménages is more than the 500 foyers allocataires there are; 10 % proves nothing."""
    foyers: Valeur = (EPCI, "nb_foyers_allocataires", 2022, 500)
    menages: Valeur = (EPCI, "nb_menages_fiscaux", 2021, 1000)
    for part, valeurs, statut in (
        ("60.0", [foyers, menages], "KO"),
        ("10.0", [foyers, menages], "KO_LIBELLE"),
        ("60.0", [foyers], "A_VERIFIER"),
    ):
        lignes = [chiffre("part_allocataires_rsa", part, label="Ménages au RSA")]
        yield lignes, valeurs, {"status": statut, "verdict": "mauvais_univers"}
    yield [chiffre("part_allocataires_rsa", "60.0", label="Allocataires du RSA")], [menages], None


def c05() -> Iterator[Cas]:
    valeurs: list[Valeur] = [
        (EPCI, "nb_menages_fiscaux", 2021, 1000),
        (EPCI, "nb_foyers_allocataires", 2022, 500),
    ]
    lu = (
        "univers nb_menages_fiscaux (1000, entrepôt 2021, insee_essai) : 200 foyers, 500 EUR ; univers"
        " nb_foyers_allocataires (500, entrepôt 2022, insee_essai) : 100 foyers, 1000 EUR"
    )
    for libelle, statut in (("Ménages au RSA", "KO_LIBELLE"), ("Foyers au RSA", "DERIVE")):
        part = chiffre("part_allocataires_rsa", "20.0", label=libelle)
        lignes = [*doc(montant_prestations_precarite="100000"), part]
        yield lignes, valeurs, {"status": statut, "observed": lu}


def c06() -> Iterator[Cas]:
    for annee, entrepot, statut, dit in (
        ("2022", 40.0, "OK", ""),
        ("2020", 40.0, "A_VERIFIER", "années différentes"),
        ("2022", 41.0, "A_VERIFIER", ""),
    ):
        lignes = [chiffre("personnes_couvertes_caf", "400"), chiffre(POPULATION, "1000", annee)]
        part: Valeur = (EPCI, "part_population_couverte_caf", 2022, entrepot)
        yield lignes, [part], {"status": statut, "observed": "40,0", "dit": dit}


def c07() -> Iterator[Cas]:
    """190 and 200 foyers of the document, or 90 to 110 of the warehouse: 290, and 280 at least."""
    autres = {
        "nb_familles_allocataires": "100",
        MONOPARENTALES: "30",
        **dict.fromkeys(("nb_enfants_moins_3_ans", "nb_enfants_6_11_ans", "nb_jeunes_12_17_ans"), "40"),
    }
    dit = "la borne devient 290 et l'inégalité tient"
    for couvertes, statut, delta in (("500", "OK", -110), ("300", "KO", 90)):
        lignes = doc(nb_foyers_allocataires="200", personnes_couvertes_caf=couvertes, **autres)
        trouve = {"status": statut, "observed": "390", "delta": delta, "dit": dit}
        yield lignes, [(EPCI, "nb_foyers_allocataires", 2022, 100)], trouve
    arrondis: Valeur = (EPCI, "nb_foyers_allocataires", 2022, 100, "arrondi", 90, 110)
    for couvertes, statut in (("285", "OK"), ("279", "KO")):
        lignes = doc(personnes_couvertes_caf=couvertes, **autres)
        yield lignes, [arrondis], {"status": statut, "observed": "290"}
    # The foyers of the release, 190 at least, make 380; years that differ are told.
    lignes = doc(personnes_couvertes_caf="385", **autres, nb_foyers_allocataires="200")
    lignes[-1]["period"] = "2024"
    arrondis = (EPCI, "nb_foyers_allocataires", 2024, 200, "arrondi", 190, 210)
    yield lignes, [arrondis], {"status": "OK", "dit": "années différentes : 2022, 2024"}


def c08() -> Iterator[Cas]:
    for jeunes, evolution, statut, observe in (
        ("30", "-5", "OK", "10 ; 20 par génération"),
        ("90", "-5", "A_VERIFIER", "30 ; 20 par génération"),
        ("90", "5", "OK", "30 ; 20 par génération"),
    ):
        pente = {"evolution_enfants_moins_3_ans": evolution}
        lignes = doc(nb_enfants_moins_3_ans=jeunes, nb_enfants_6_11_ans="120", **pente)
        yield lignes, [], {"status": statut, "observed": observe}


def c09() -> Iterator[Cas]:
    for fin, statut in (("2021", "OK"), ("2022", "KO_PRESENTATION")):
        lignes = [
            chiffre("evolution_enfants_moins_3_ans", "-5", "2016/2021", comparator="Ain -4"),
            chiffre("evolution_enfants_6_11_ans", "-6", f"2016/{fin}"),
        ]
        yield lignes, [], {"status": statut, "dit": "sans comparateur : evolution_enfants_6_11_ans"}


def c10() -> Iterator[Cas]:
    enfants = doc(nb_enfants_moins_3_ans="20")
    for taux, statut, observe in (("50.0", "OK", "10"), ("52.0", "KO", "n=10 : 50,0 ; n=11 : 55,0")):
        lignes = [chiffre(COUVERTURE, taux, SANS_ANNEE, unit=POUR_100), *enfants]
        yield lignes, [], {"status": statut, "observed": observe}
    # A rate and a count of two years are not paired.
    yield [chiffre(COUVERTURE, "52.0", "2019"), *enfants], [], None


def c11() -> Iterator[Cas]:
    """40 places per 100 of 200 children, then 55: 30 more places, opened between the two.

    With the 250 children of 2016, 40 % is 100 places; 10 more over 200 children give the 55 printed.
    """
    confusion = "se réconcilie (55,0) si le taux « 2018 » a le dénominateur de 2016 (250,0)"
    for ajout, evolution, trouve in (
        ("30", "0.0", {"status": "OK", "expected": "15,0", "observed": _de("15,0", 200)}),
        ("10", "0.0", {"status": "KO", "expected": "15,0", "observed": _de("5,0", 200)}),
        ("10", "-20.0", {"status": "KO", "dit": confusion}),
    ):
        lignes = [
            chiffre(COUVERTURE, "40.0", "2018", unit=POUR_100),
            chiffre(COUVERTURE, "55.0", SANS_ANNEE, unit=POUR_100),
            chiffre("evolution_places_eaje", ajout, "2018/2022", unit="places"),
            chiffre("nb_enfants_moins_3_ans", "200"),
            chiffre("evolution_enfants_moins_3_ans", evolution, "2016/2020"),
        ]
        yield lignes, [], trouve
        # The places of 2018 to 2022 explain no rate of 2021.
        yield [lignes[0], lignes[1] | {"period": "2021"}, *lignes[2:]], [], None


def _de(effet: str, enfants: int) -> str:
    return f"{effet} (dénominateur {enfants}) ; {effet} (dénominateur 2018 de {enfants})"


def c12() -> Iterator[Cas]:
    """Planned places are added from the communes; without any, nothing is implied."""
    lignes = doc(nb_places_eaje="50", nb_places_psu_planifiees="6")
    communes = [
        a_commune("nb_places_paje_planifiees", n, code) for n, code in (("10", "01001"), ("4", "01002"))
    ]
    yield [*lignes, *communes], [], {"status": "DERIVE", "observed": "70"}
    yield lignes, [], None


def c13() -> Iterator[Cas]:
    for aval, statut, delta in (("4", "OK", 0), ("3", "A_VERIFIER", -1), ("5", "KO", 1)):
        lignes = [
            chiffre("nb_places_psu_planifiees", "10", unit="places"),
            a_commune("nb_places_psu_planifiees", "6", "01001", unit="places"),
            a_commune("nb_places_psu_planifiees", aval, "01002", unit="places"),
        ]
        yield lignes, [], {"status": statut, "delta": delta}
    # 5.7 and 4.7 children are the 10.4 of the EPCI, each rounded alone; rates do not add up.
    enfants = [(t, "nb_enfants_moins_3_ans", 2022, n) for t, n in ((EPCI, 10.4), (AMONT, 5.7), (AVAL, 4.7))]
    lignes = [
        chiffre("nb_enfants_moins_3_ans", "10"),
        a_commune("nb_enfants_moins_3_ans", "6", "01001"),
        a_commune("nb_enfants_moins_3_ans", "5", "01002"),
    ]
    yield lignes, [*enfants], {"status": "OK_ARRONDI", "delta": 1, "verdict": "conforme"}
    yield lignes, [], {"status": "KO", "delta": 1}
    for nom, unite in ((COUVERTURE, "places"), ("eleves_par_classe", "élèves par classe")):
        yield (
            [chiffre(nom, "20", unit=unite), a_commune(nom, "21", "01001", unit=unite)],
            [],
            None,
        )


def c14() -> Iterator[Cas]:
    for places, statut, observe in (("40", "A_VERIFIER", "60,0"), ("120", "KO", "-20,0")):
        comptes = {"nb_enfants_moins_3_ans": "200", "nb_assistants_maternels_actifs": "20"}
        taux = chiffre(COUVERTURE, "50.0", SANS_ANNEE, unit=POUR_100)
        yield [taux, *doc(nb_places_eaje=places, **comptes)], [], {"status": statut, "observed": observe}


def c15() -> Iterator[Cas]:
    lu = "5 (4 sans nb_places_psu_planifiees, 4 sans nb_places_paje_planifiees)"
    for libelle, statut in (("Eaje", "A_VERIFIER"), ("Eaje financés par la PSU ou la Paje", "DERIVE")):
        lignes = [
            chiffre("nb_eaje", "3", unit="structures", label=libelle),
            a_commune("nb_places_psu_planifiees", "6", "01001", label="Extension de la crèche"),
            a_commune("nb_places_psu_planifiees", "5", "01002", label="Ouverture d'une crèche"),
            a_commune("nb_places_paje_planifiees", "10", "01001", label="Création d'une micro-crèche"),
        ]
        yield lignes, [], {"status": statut, "observed": lu}


def _base(ages: str) -> Iterator[Cas]:
    for evolution, base in (("-20", "249 à 251"), ("-20.0", "250"), ("25", "160")):
        lignes = doc(**{f"nb_enfants_{ages}": "200", f"evolution_enfants_{ages}": evolution})
        yield lignes, [], {"status": "DERIVE", "observed": base}


def c17() -> Iterator[Cas]:
    yield from _base("moins_3_ans")


def c18() -> Iterator[Cas]:
    yield from _base("6_11_ans")


def c20() -> Iterator[Cas]:
    """A rate over a small count gives its numerator away, unless it is printed, or the release shows it."""
    for effectif, statut, observe, verdict in (
        ("12", "FUITE", "4 (unique)", "divulgation"),
        ("150", "OK", "50 (unique)", "non_verifiable"),
        ("3000", "OK", "998 à 1000", "non_verifiable"),
    ):
        lignes = doc(part_monoparentales_bas_revenus="33.3", **{MONOPARENTALES: effectif})
        yield lignes, [], {"status": statut, "observed": observe, "verdict": verdict}
    yield doc(**{TAUX: "25.0", "nb_familles_allocataires": "200", MONOPARENTALES: "50"}), [], None
    montre: list[Valeur] = [(EPCI, TAUX, 2022, 25.0, "observe", 25.0, 25.0, None, 4, 16)]
    tu: Valeur = (EPCI, TAUX, 2022, None, "secret")
    cas: tuple[tuple[str, list[Valeur], str, str], ...] = (
        ("2022", montre, "OK", "conforme"),
        (SANS_ANNEE, montre, "OK", "conforme"),
        ("2022", [(EPCI, MONOPARENTALES, 2022, 4)], "OK", "non_verifiable"),
        # Of another year, of another number, hidden, or shown without its terms: not published.
        ("2022", [(EPCI, TAUX, 2021, 25.0, "observe", 25.0, 25.0, None, 4, 16)], "FUITE", "divulgation"),
        ("2022", [(EPCI, TAUX, 2022, 25.0, "arrondi", 24.0, 26.0, None, 3, 12)], "FUITE", "divulgation"),
        ("2022", [tu], "FUITE", "divulgation"),
        ("2022", [(EPCI, TAUX, 2022, 25.0)], "FUITE", "divulgation"),
        (SANS_ANNEE, [(EPCI, MONOPARENTALES, 2021, 4), tu], "FUITE", "divulgation"),
    )
    for periode, valeurs, statut, verdict in cas:
        lignes = [chiffre(TAUX, "25.0", periode), chiffre("nb_familles_allocataires", "16", periode)]
        yield lignes, valeurs, {"status": statut, "observed": "4 (unique)", "verdict": verdict}


def c21() -> Iterator[Cas]:
    for periode, definition, statut in (
        (SANS_ANNEE, "chômeurs (définition non précisée)", "KO_METADONNEES"),
        (SANS_ANNEE, "", "KO_METADONNEES"),
        (SANS_ANNEE, "chômeurs du recensement", None),
        ("2022", "chômeurs (définition non précisée)", None),
    ):
        ligne = chiffre("taux_chomage", "9.0", periode, numerator_definition=definition)
        yield [ligne], [], statut and {"status": statut}


def c28() -> Iterator[Cas]:
    for habitants, annees, statut in (
        ("10001", "2025-2029", "OK"),
        ("10001", "", "MANQUANT"),
        ("10000", "", "OK"),
    ):
        schema = chiffre("schema_petite_enfance_periode", annees, "2025/2029", unit="intervalle")
        yield [chiffre(POPULATION, habitants), schema], [], {"status": statut}


def c29() -> Iterator[Cas]:
    amont, aval = (AMONT, POPULATION, 2022, 600), (AVAL, POPULATION, 2022, 400)
    for imprime, valeurs, statut, delta in (
        ("1000", [amont, aval], "OK", 0),
        ("1010", [amont, aval], "KO", -10),
        ("1000", [amont], "A_VERIFIER", -400),
    ):
        yield doc(**{POPULATION: imprime}), [*valeurs], {"status": statut, "delta": delta}


def c30() -> Iterator[Cas]:
    """A label for another formula, told from a year that is not known."""
    secondaires: Valeur = (EPCI, SECONDAIRES, 2018, 22.0)
    autre: Valeur = (EPCI, "part_hors_residence_principale", 2018, 30.12)
    dit = "elle correspond à part_hors_residence_principale : 30,12"
    trouve = {"status": "KO_LIBELLE", "delta": pytest.approx(-8.3), "dit": dit}
    yield [chiffre(SECONDAIRES, "30.3", SANS_ANNEE)], [secondaires, autre], trouve
    for imprime, periode in (("22.0", SANS_ANNEE), ("26.0", SANS_ANNEE), ("26.0", "2018")):
        yield [chiffre(SECONDAIRES, imprime, periode)], [secondaires], None


def c31() -> Iterator[Cas]:
    secondaires: Valeur = (EPCI, SECONDAIRES, 2018, 22.0)
    trouve = {"status": "A_VERIFIER", "delta": -4}
    yield [chiffre(SECONDAIRES, "26.0", SANS_ANNEE)], [secondaires], trouve
    for imprime, periode in (("22.0", SANS_ANNEE), ("26.0", "2018")):
        yield [chiffre(SECONDAIRES, imprime, periode)], [secondaires], None


def c32() -> Iterator[Cas]:
    """What communes, or a convention of one commune, leave of the persons of their EPCI."""
    ctg = {"territory_level": "ctg", "territory_code": "essai"}
    for imprime, amont, statut, verdict in (
        ("20", "17", "FUITE", "divulgation"),
        ("20", "16", "FUITE", "divulgation"),
        ("20", "15", "OK", "non_verifiable"),
        ("20", "20", "OK", "non_verifiable"),
    ):
        tout = chiffre(PERSONNES, imprime)
        trouve = {"status": statut, "observed": str(int(imprime) - int(amont)), "verdict": verdict}
        yield [tout, a_commune(PERSONNES, amont, "01001")], [], trouve
        yield [tout, chiffre(PERSONNES, amont, **ctg)], [], trouve
    lignes = [chiffre(PERSONNES, "20"), a_commune(PERSONNES, "17", "01001")]
    # The release's own tell nothing that it does not; every commune is printed; other years; no persons.
    publies: list[Valeur] = [(EPCI, PERSONNES, 2022, 20), (AMONT, PERSONNES, 2022, 17)]
    yield lignes, publies, {"status": "OK", "verdict": "conforme"}
    yield lignes, publies[:1], {"status": "FUITE", "verdict": "divulgation"}
    yield [*lignes, a_commune(PERSONNES, "0", "01002")], [], None
    yield [lignes[0], lignes[1] | {"period": "2021"}], [], None
    yield [chiffre("nb_eaje", "5"), a_commune("nb_eaje", "3", "01001")], [], None


CONTROLES = [faire for nom, faire in globals().items() if re.fullmatch(r"c\d\d", nom)]


def test_a_check_says_what_passes_and_what_does_not(tmp_path: Path) -> None:
    cas = [(c.__name__.upper(), *un) for c in CONTROLES for un in c()]
    rendus = juger(tmp_path, [(lignes, valeurs) for _, lignes, valeurs, _ in cas])
    for (check_id, lignes, valeurs, attendu), (chiffres, controles) in zip(cas, rendus, strict=True):
        siens = [c for c in controles if c["check_id"] == check_id]
        assert len(siens) == (attendu is not None), (check_id, lignes, valeurs)
        for nom, voulu in (attendu or {}).items():
            if nom == "dit":
                assert voulu in (siens[0]["explanation"] or ""), check_id
                continue
            trouve = (chiffres if nom == "verdict" else siens)[0][nom]
            juste = pytest.approx(voulu) if nom == "delta" else voulu
            assert trouve == juste, (check_id, nom, lignes, valeurs)


def test_every_check_is_tried() -> None:
    essayes = {c.__name__.upper() for c in CONTROLES}
    assert {d["check_id"] for d in declarations()} == essayes | {"C23", "C24"}


@pytest.mark.parametrize(
    ("ligne", "statuts", "manquent", "a_corriger"),
    [
        (chiffre("nb_eaje", "3"), {"C21": "OK", "C23": "OK", "C24": "OK"}, "0 valeur sans année", False),
        (chiffre("nb_eaje", ""), {"C23": "MANQUANT", "C24": "OK"}, "0 valeur sans année", True),
        (
            chiffre("nb_eaje", "3", SANS_ANNEE),
            {"C23": "OK", "C24": "KO_METADONNEES"},
            "1 valeurs sans année (EPCI : 1)",
            True,
        ),
        (chiffre("nb_eaje", "4"), {"C23": "OK", "C24": "OK"}, "0 valeur sans année", True),
    ],
)
def test_what_is_said_of_the_document_as_a_whole(
    tmp_path: Path, ligne: dict[str, str], statuts: dict[str, str], manquent: str, a_corriger: bool
) -> None:
    audit = faire_audit(tmp_path, [ligne], [(EPCI, "nb_eaje", 2022, 3)])
    trouves = {c["check_id"]: c for c in audit.controles}
    assert {nom: trouves[nom]["status"] for nom in statuts} == statuts
    assert trouves["C24"]["observed"] == manquent
    assert audit.a_corriger is a_corriger
    assert "C32" in audit.sans_objet


def test_the_communes_of_a_convention_are_added_up_as_those_of_an_epci(tmp_path: Path) -> None:
    ctg = {"territory_level": "ctg", "territory_code": "essai"}
    chiffres = [(c, POPULATION, 2022, v) for c, v in ((AMONT, 40), (AVAL, 60))]
    lignes = [chiffre(POPULATION, "100"), chiffre(POPULATION, "40", **ctg)]
    ((_, controles),) = juger(tmp_path, [(lignes, chiffres)])
    assert [(c["status"], c["observed"]) for c in controles if c["check_id"] == "C29"] == [
        ("OK", "100"),
        ("OK", "40"),
    ]
