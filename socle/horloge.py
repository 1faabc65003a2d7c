"""The day, which is that of Paris, where nights are counted, whatever the machine's own zone.

At 23:30 UTC on 25 November, a night belongs to the 26th.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def aujourd_hui() -> date:
    """Return today's date in Paris."""
    return datetime.now(PARIS).date()


def jour_de(instant: str) -> date:
    """Return the day, in Paris, of an ISO instant that names its zone."""
    return datetime.fromisoformat(instant).astimezone(PARIS).date()
