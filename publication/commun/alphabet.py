"""In what order names stand, and when two are one: by their letters, as a French index has them.

    Beauvoisin, Bénivay-Ollon, Bésignan, Buis-les-Baronnies        Saint-Étienne, Saint-Vincent

Belongs here: that key, in SQL and in Python, which a test compares. Does not: what is listed, nor what breaks
a tie (an identifier, everywhere). Word by word: a hyphen, an apostrophe and a space are alike.
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
