"""What a command says of a place on a terminal, where it may go on; elsewhere it never does."""

import sys

import pytest

from orchestration.cli.affichage import lieu
from publication.lecture.lieux import LieuNonCompris
from tests.publication.petits_noms import Place, publies

PLACES = [
    Place("departement:26", "Drôme", 521_000),
    Place("commune:26189", "Montauban-sur-l'Ouvèze", 117),
    Place("commune:26110", "Crozes-Hermitage", 653),
    Place("commune:26323", "Saint-Paul-lès-Romans", 1_927),
    Place("commune:26324", "Saint-Paul-Trois-Châteaux", 8_776),
    Place("commune:26159", "Laval-d'Aix", 112),
    Place("commune:13001", "Aix", 147_000, ici=False),
]


@pytest.mark.parametrize("terminal", [True, False])
def test_one_proposal_is_taken_on_a_terminal_and_said(monkeypatch, capsys, terminal: bool) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    con = publies(PLACES)
    if terminal:
        assert lieu(con, "Montauban") == "commune:26189"
        assert capsys.readouterr().err == "Compris : Montauban-sur-l'Ouvèze, 117 habitants.\n"
    else:
        with pytest.raises(LieuNonCompris, match="Lieu non reconnu : Montauban"):
            lieu(con, "Montauban")
    # Several may be meant, or a town that is elsewhere.
    for demande in ("Saint-Paul", "Aix", "zzz"):
        with pytest.raises(LieuNonCompris):
            lieu(con, demande)
    assert lieu(con, "26110") == "commune:26110"
    assert "26110 est lu comme le code Insee de Crozes-Hermitage" in capsys.readouterr().err
    assert lieu(con, "la Drôme") == "departement:26" and capsys.readouterr().err == ""
