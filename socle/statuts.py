"""Statuts: which show a figure, and which column holds the statut of another.

`affichage.MARQUES` gives the marks printed where none is shown.
"""

from collections.abc import Collection
from typing import Literal

Statut = Literal["observe", "arrondi", "partiel", "secret", "non_disponible", "sans_objet"]

MONTRENT = ("observe", "arrondi", "partiel")
"""The statuts under which a figure is shown."""

SANS_DONNEE: tuple[Statut, ...] = ("non_disponible", "sans_objet")
"""Those under which there is none to show."""

SANS_CHIFFRE: tuple[Statut, ...] = ("secret", *SANS_DONNEE)
"""Those under which none is shown, in the order of legends."""

_AFFICHEE = "_affichee"
_ACCOMPAGNENT = ("_borne_basse", "_borne_haute", "_lisibilite")


def colonne_du_statut(colonne: str, colonnes: Collection[str]) -> str | None:
    """Return the statut column of a figure among the columns of its table; None when it has none.

    valeur_epci             valeur_epci_statut, its own
    valeur_epci_affichee    valeur_epci_statut: what is printed is shown where the figure is
    valeur_epci_borne_basse valeur_epci_statut: so is a bound of it, and how sure it is
    borne_basse             statut, that of the row
    """
    figures = (colonne, *(colonne.removesuffix(fin) for fin in (_AFFICHEE, *_ACCOMPAGNENT)))
    return next((nom for nom in (*(f"{f}_statut" for f in figures), "statut") if nom in colonnes), None)
