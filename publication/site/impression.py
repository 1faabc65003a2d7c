"""What a release prints for people, beside its tables: a setting of the night.

Belongs here: the setting alone, which whoever makes a release gives. Does not: pages (`publication.site`),
portraits (`publication.portraits`).
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Impression:
    """Which territories have a page, and where drawings are kept from one night to the next.

    The conventions among them have their portrait in every format too.

    `territoires`: levels (`epci`) and ids (`commune:26220`). `cache`: a folder that may be lost; None keeps
    nothing. `code`: digest of what draws a page.
    """

    territoires: tuple[str, ...]
    cache: Path | None = None
    code: str = ""
