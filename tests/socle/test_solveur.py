"""The solver that the engine and the proof share: one program, and what it does when it loses its way."""

import highspy
import numpy as np
import pytest

from socle.solveur import Solveur

INCONNU = highspy.HighsModelStatus.kUnknown


def au_moins_trois() -> Solveur:
    """The smallest x that is 3 at least."""
    solveur = Solveur()
    solveur.addVars(1, np.array([3.0]), np.array([highspy.kHighsInf]))
    solveur.changeColsCost(1, np.array([0], dtype=np.int32), np.array([1.0]))
    return solveur


@pytest.mark.parametrize("perdu", [0, 1, 2])
def test_a_solver_that_loses_its_way_starts_again(perdu: int, monkeypatch: pytest.MonkeyPatch) -> None:
    solveur = au_moins_trois()
    lancements: list[str] = []
    lancer, statut = highspy.Highs.run, highspy.Highs.getModelStatus

    def compter(s: highspy.Highs) -> object:
        lancements.append(s.getOptionValue("presolve")[1])
        return lancer(s)

    monkeypatch.setattr(highspy.Highs, "run", compter)
    monkeypatch.setattr(
        Solveur, "getModelStatus", lambda s: INCONNU if len(lancements) <= perdu else statut(s), raising=False
    )
    solveur.run()
    assert lancements == ["choose", "choose", "off"][: perdu + 1]
    assert solveur.getOptionValue("presolve")[1] == "choose"
    assert statut(solveur) == highspy.HighsModelStatus.kOptimal and solveur.getObjectiveValue() == 3
