"""Where a figure comes from: from a value back to its formula, its parts, its files and their lines.

Opens no closed zone: the structures that a sum counts are handed over by the caller, who may read them. A
masked figure has no part, no line and no past, whoever asks.
"""

from publication.explication.histoire import passees
from publication.explication.modele import Explication, Structure
from publication.explication.parcours import expliquer
from publication.explication.texte import rendre

__all__ = ["Explication", "Structure", "expliquer", "passees", "rendre"]
