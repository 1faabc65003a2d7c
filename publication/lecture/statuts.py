"""What each statut is called and what it means, in the words of pages and sheets."""

from collections.abc import Mapping

from socle.affichage import TROP_PEU
from socle.statuts import Statut

NOMS: Mapping[Statut, str] = {
    "observe": "observé",
    "arrondi": "arrondi",
    "partiel": "partiel",
    "secret": "secret statistique",
    "non_disponible": "non disponible",
    "sans_objet": "sans objet",
}
PREVU = "prévu par le plan"
"""What the statut of a figure that a plan foresees is called."""


def statut_dit(statut: Statut, prevu: bool) -> str:
    """Return what the statut of a figure is called; `prevu`: a plan foresees it, and nobody observed it."""
    return PREVU if prevu and statut == "observe" else NOMS[statut]


SENS: Mapping[Statut, str] = {
    "observe": "Le producteur donne ce chiffre, ou c'est une somme de ses chiffres.",
    "arrondi": "La Cnaf arrondit ce qu'elle donne, et l'observatoire ce qu'il compte dans les dossiers de la"
    " Caf ; la valeur exacte est entre les bornes, 99 fois sur 100 pour une somme de communes.",
    "partiel": "Il manque une partie du total ; la valeur complète est entre les bornes.",
    "secret": "Son producteur ne montre pas ce chiffre, qui parlerait de trop peu de monde. Ce n'est pas un"
    " zéro.",
    "non_disponible": "La source ne le dit pas, n'a pas été reçue, ou ne couvre pas le territoire. Ce n'est"
    " pas un zéro.",
    "sans_objet": "La question ne se pose pas sur ce territoire, par exemple un taux d'un ensemble vide.",
}
LISIBILITES: Mapping[str, str] = {
    "entre 31,5 et 83,6\u202f%": "Un chiffre trop incertain pour être un point : il s'imprime par ses bornes,"
    " sans rang ni couleur.",
    "au plus 14,3\u202f%": "De même, d'un chiffre dont l'arrondi peut cacher zéro.",
    TROP_PEU: "Une part ou une évolution de moins de vingt personnes, foyers ou logements : elle ne dit rien"
    " du territoire.",
}
"""What stands in the place of a figure that is no point, and what it means."""
