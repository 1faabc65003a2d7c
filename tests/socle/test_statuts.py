"""Each figure of a table is read beside its own statut; a statut shows a figure, or a mark in its place."""

from typing import get_args

import pytest

from socle.affichage import MARQUES
from socle.statuts import MONTRENT, SANS_CHIFFRE, Statut, colonne_du_statut

LONGUE = ("valeur", "valeur_affichee", "borne_basse", "statut")
COTE_A_COTE = (*LONGUE, "valeur_epci", "valeur_epci_affichee", "valeur_epci_statut")


@pytest.mark.parametrize(
    ("colonnes", "colonne", "statut"),
    [
        (LONGUE, "valeur", "statut"),
        (LONGUE, "valeur_affichee", "statut"),
        (COTE_A_COTE, "valeur_epci", "valeur_epci_statut"),
        (COTE_A_COTE, "valeur_epci_affichee", "valeur_epci_statut"),
        (COTE_A_COTE, "valeur_affichee", "statut"),
        (("part", "part_statut"), "part", "part_statut"),
        (("part", "libelle"), "part", None),
    ],
)
def test_le_statut_d_une_colonne(colonnes: tuple[str, ...], colonne: str, statut: str | None) -> None:
    assert colonne_du_statut(colonne, colonnes) == statut


def test_a_statut_shows_a_figure_or_a_mark() -> None:
    assert (*MONTRENT, *SANS_CHIFFRE) == get_args(Statut)
    # An evolution that is refused has no statut of a figure.
    assert (*SANS_CHIFFRE, "refusee") == tuple(MARQUES)
