"""Documents are read strictly, and printed numbers as what they may have been."""

from fractions import Fraction
from pathlib import Path

import pytest
from petit_audit import chiffre, ecrire_document

from publication.controle_documents.intervalles import Intervalle, arrondir, calculer, ecrire
from publication.controle_documents.lecture import COLONNES, DocumentIllisible, lire


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return tmp_path / "document.csv"


def test_a_document_in_its_own_order(fichier: Path) -> None:
    lignes = [
        chiffre("nb_eaje", "3", notes="deux\nlignes"),
        chiffre("zonage_frr", "oui", unit="booleen"),
        chiffre("schema_petite_enfance_periode", "2025-2029", "2025/2029", unit="intervalle"),
        chiffre("part_allocataires_rsa", "-0.5", "annee_non_precisee"),
        chiffre("nb_eaje", ""),
    ]
    document = lire(ecrire_document(fichier, lignes))
    assert document.document_id == "document_essai"
    assert [c.ligne for c in document.chiffres] == [2, 4, 5, 6, 7]
    assert [c.annees for c in document.chiffres[:4]] == [(2022, 2022), (2022, 2022), (2025, 2029), None]
    assert [c.nombre for c in document.chiffres] == [3, None, None, Fraction(-1, 2), None]
    assert [c.manquant for c in document.chiffres] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("change", "faute"),
    [
        ({"value": "12,7"}, "line 2, column value: observed '12,7', expected digits with a decimal point"),
        ({"value": "3 250"}, "observed '3 250'"),
        ({"value": "vrai", "unit": "booleen"}, "observed 'vrai', expected oui or non for unit booleen"),
        ({"value": "2025", "unit": "date"}, "expected a date as 2025-01-31"),
        ({"period": "2022-2023"}, "column period: observed '2022-2023'"),
        ({"period": "2023/2022"}, "two years in order"),
        ({"territory_level": "canton"}, "column territory_level: observed 'canton', expected one of commune"),
        ({"indicator_id": ""}, "column indicator_id: observed nothing"),
    ],
)
def test_a_cell_out_of_form_is_told_with_its_line_and_column(
    fichier: Path, change: dict[str, str], faute: str
) -> None:
    with pytest.raises(DocumentIllisible) as erreur:
        lire(ecrire_document(fichier, [chiffre("part_allocataires_rsa", "12.7") | change]))
    assert faute in str(erreur.value)


def test_what_a_document_need_not_say_may_be_left_out(fichier: Path) -> None:
    fichier.write_text(
        "indicator_id;label;territory_level;territory_code;territory_name;period;value;unit;source\n"
        "nb_eaje;Eaje;epci;200068229;CC des Baronnies;2022;3;structures;diagnostic\n"
    )
    (lu,) = lire(fichier).chiffres
    assert (lu.nombre, lu.theme, lu.comparator, lu.notes) == (3, "", "", "")


@pytest.mark.parametrize(
    ("octets", "faute"),
    [
        (b"", "columns missing: indicator_id"),
        (
            ",".join(c for c in COLONNES if c != "source").encode(),
            "columns missing: source; unknown or repeated: none",
        ),
        (",".join([*COLONNES, "auteur"]).encode(), "columns missing: none; unknown or repeated: auteur"),
        (",".join([*COLONNES, "notes"]).encode(), "unknown or repeated: notes"),
        (",".join(COLONNES).encode(), "no figure"),
        (",".join(COLONNES).encode() + b"\na,b\n", "line 2: observed 2 cells, expected 14"),
        (b"\x81", "is neither UTF-8 nor Windows-1252"),
        (b"\xd0\xcf\x11\xe0", "is an old workbook (XLS): save it as XLSX"),
        (b"PK\x03\x04 cut short", "is no workbook that can be read"),
    ],
)
def test_a_file_out_of_form_is_refused(fichier: Path, octets: bytes, faute: str) -> None:
    fichier.write_bytes(octets)
    with pytest.raises(DocumentIllisible) as erreur:
        lire(fichier)
    assert faute in str(erreur.value)


@pytest.mark.parametrize(
    ("valeur", "unite", "bas", "haut"),
    [
        ("57.2", "pourcent", "57.15", "57.25"),
        ("38", "pourcent", "37.5", "38.5"),
        ("1000", "EUR", "999.5", "1000.5"),
        ("433", "enfants", "433", "433"),
    ],
)
def test_a_printed_measure_was_rounded_and_a_count_was_not(
    fichier: Path, valeur: str, unite: str, bas: str, haut: str
) -> None:
    (lu,) = lire(ecrire_document(fichier, [chiffre("x", valeur, unit=unite)])).chiffres
    assert lu.intervalle == Intervalle(Fraction(valeur), Fraction(bas), Fraction(haut))


def test_formulas_carry_intervals_through() -> None:
    valeurs = {"a": Intervalle.imprime(Fraction(10), 0), "b": Intervalle.exact(Fraction(4))}
    quotient = calculer("100 * a / (b - 2)", valeurs)
    assert (quotient.bas, quotient.centre, quotient.haut) == (475, 500, 525)
    assert list(calculer("a", valeurs).entiers()) == [10]
    with pytest.raises(ZeroDivisionError):
        calculer("b / (a - 10)", valeurs)
    with pytest.raises(ValueError, match="not a formula"):
        calculer("a ** b", valeurs)


def test_rounding_is_half_away_from_zero_and_exact() -> None:
    assert [arrondir(Fraction(x), 1) for x in ("16.65", "-16.65", "16.649")] == [
        Fraction("16.7"),
        Fraction("-16.7"),
        Fraction("16.6"),
    ]
    assert [ecrire(Fraction(1, 3)), ecrire(Fraction(-9)), ecrire(Fraction("38.004"), 1)] == [
        "0,33",
        "-9",
        "38,0",
    ]
