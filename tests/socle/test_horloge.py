"""Nights are counted in Paris, wherever the machine is."""

from datetime import date

import pytest

from socle.horloge import jour_de


@pytest.mark.parametrize(
    "instant, jour",
    [
        ("2026-11-25T22:59:59+00:00", date(2026, 11, 25)),
        ("2026-11-25T23:00:00+00:00", date(2026, 11, 26)),
        # Summer time: two hours.
        ("2026-07-14T22:30:00+00:00", date(2026, 7, 15)),
        ("2026-11-26T00:30:00+01:00", date(2026, 11, 26)),
    ],
)
def test_the_day_of_an_instant_is_that_of_paris(instant: str, jour: date) -> None:
    assert jour_de(instant) == jour
