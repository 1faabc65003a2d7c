"""What a release prints for people, beside its tables: a setting of the night."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Impression:
    """The territories that have a page: levels (`epci`) and ids (`commune:26220`).

    `cache`: a folder of drawings that may be lost; None keeps nothing. `code`: digest of what draws a page.
    """

    territoires: tuple[str, ...]
    cache: Path | None = None
    code: str = ""
