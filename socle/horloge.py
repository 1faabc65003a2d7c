"""Which day it is: that of Paris, where nights are counted, whatever the machine's own zone.

At 23:30 UTC on 25 November, a night is one of the 26th; a machine in UTC would say the 25th.
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
