"""Where a convention stands, by what its plan declares and its dates say."""

from datetime import date

import pytest

from publication.lecture.conventions import dernier_jour, etat

D = date


@pytest.mark.parametrize(
    ("declare", "debut", "fin", "annee_fin", "jour", "attendu"),
    [
        ("en vigueur", None, None, 2024, D(2024, 12, 31), "en vigueur"),
        # The plan of 2024 says that it runs; the release is of 2026.
        ("en vigueur", None, None, 2024, D(2025, 1, 1), "terminée en 2024"),
        ("en vigueur", D(2023, 1, 1), D(2027, 6, 30), 2027, D(2027, 7, 1), "terminée en 2027"),
        # Prolonged beyond its own last day.
        ("en vigueur", D(2023, 1, 1), D(2027, 6, 30), 2028, D(2028, 7, 1), "en vigueur"),
        ("en vigueur", D(2026, 1, 1), None, None, D(2025, 12, 31), "à venir"),
        ("projet", D(2025, 1, 1), D(2029, 12, 31), 2029, D(2026, 11, 30), "projet"),
        ("échue", None, None, None, D(2026, 11, 30), "échue"),
        ("en vigueur", None, None, None, D(2026, 11, 30), "en vigueur"),
    ],
)
def test_dates_say_more_than_what_was_declared(
    declare: str, debut: date | None, fin: date | None, annee_fin: int | None, jour: date, attendu: str
) -> None:
    convention = {
        "convention_statut": declare,
        "date_debut": debut,
        "date_fin": fin,
        "annee_fin": annee_fin,
    }
    assert etat(convention, jour) == attendu


def test_the_last_day_is_that_of_the_last_prolongation() -> None:
    assert dernier_jour({"date_fin": D(2029, 6, 30), "annee_fin": 2029}) == D(2029, 6, 30)
    assert dernier_jour({"date_fin": D(2029, 6, 30), "annee_fin": 2030}) == D(2030, 12, 31)
    assert dernier_jour({"date_fin": None, "annee_fin": None}) is None
