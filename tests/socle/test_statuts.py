"""Each figure of a table is read beside its own statut."""

import pytest

from socle.statuts import colonne_du_statut

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
