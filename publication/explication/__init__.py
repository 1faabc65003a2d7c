"""Where a figure comes from: from a value back to its formula, its parts, its files and their lines.

`modele` is what is known of a figure, `territoires` finds a place by its name, `parcours` walks one release,
`histoire` the releases before it, `texte` writes it all in French, for readers of figures.

Nothing here opens a closed zone: the structures that a sum counts, which no release names, are handed over by
the caller, who may read them. A masked figure has no part, no line and no past, whoever asks.
"""

from publication.explication.histoire import passees
from publication.explication.modele import Explication, Structure
from publication.explication.parcours import expliquer
from publication.explication.texte import rendre

__all__ = ["Explication", "Structure", "expliquer", "passees", "rendre"]
