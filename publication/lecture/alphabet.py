"""The order of names, word by word as a French index has it: Bénivay-Ollon, Bésignan, Buis-les-Baronnies.

The same key in SQL and in Python, which a test compares.
"""

import re
import unicodedata

NOM = (
    "trim(regexp_replace(strip_accents(replace(replace(lower({}), 'œ', 'oe'), 'æ', 'ae')),"
    " '[^a-z0-9]+', ' ', 'g'))"
)
"""SQL of a name as it is compared and sorted: letters and digits alone, without accents, œ as it is typed."""


def cle(nom: str) -> str:
    """Return what `NOM` is of a name: `L'Épine-Œuvre` gives `l epine oeuvre`."""
    plat = nom.lower().replace("œ", "oe").replace("æ", "ae")
    lettres = "".join(c for c in unicodedata.normalize("NFD", plat) if not unicodedata.combining(c))
    return re.sub("[^a-z0-9]+", " ", lettres).strip()
