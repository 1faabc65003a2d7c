"""Sums over communes that were read, of mesures that are parts of each other: they leave nothing of few."""

from dataclasses import replace

import pytest

from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from confidentialite.regle import raisons
from confidentialite.regle.parametres import Relations, charger
from tests.confidentialite.moteur.banc import MILLESIME, masquer
from tests.confidentialite.moteur.suivi import decider
from tests.confidentialite.registre_tire import RELATIONS, TROIS_SOMMES, Attaquant, tire
from tests.profondeur import PROFONDEUR


def test_three_shown_sums_do_not_leave_the_subsidy_of_one_gestionnaire() -> None:
    """280 of eaje and 1 050 of alsh, less 1 230 of all: the 100 of A, whose row is hidden."""
    m = TROIS_SOMMES.monde()
    sans = Attaquant(TROIS_SOMMES, masquer(m, relations=Relations({}, RELATIONS.inclusions)))
    assert {("epci", "e", f"financement_{x}") for x in ("eaje_rpe", "enfance_jeunesse", "caf")} <= set(
        sans.lignes
    )
    assert any("souris" in siens for siens in sans.de_peu())
    avec = Attaquant(TROIS_SOMMES, masquer(m, relations=RELATIONS))
    assert not list(avec.de_peu())
    # One of the three is hidden, and the two others tell of everybody.
    assert len([lieu for lieu in avec.lignes if lieu[0] == "epci" and lieu[2] != "financement_eaje"]) == 2


def test_what_three_sums_of_an_earlier_release_left_is_an_incident_that_is_decided_once() -> None:
    m = TROIS_SOMMES.monde()
    montrees = masquer(m, relations=Relations({}, RELATIONS.inclusions))
    apres = replace(m, registre=m.inscrire(montrees, 1)).entrees()
    with pytest.raises(DivulgationAnterieure) as incident:
        decider(apres, charger(), RELATIONS)
    cellules = incident.value.cellules
    assert {(annee, indicateur) for annee, _, _, indicateur in cellules} >= {
        (MILLESIME, "financement_eaje_rpe")
    }
    decides = decider(apres, charger(), RELATIONS, assumees=cellules).masques
    divulguees = {
        (x.millesime, *x.territoire_id.split(":"), x.indicateur_id)
        for x in decides
        if x.raison == raisons.DIVULGUEE
    }
    assert divulguees and divulguees <= cellules


def examiner(graine: int) -> tuple[int, int]:
    """Sets of few gestionnaires and dominated sums that the release of a drawn register gives away."""
    registre = tire(graine)
    attaquant = Attaquant(registre, masquer(registre.monde(), relations=RELATIONS))
    return len(list(attaquant.de_peu())), len(attaquant.dominees())


@pytest.mark.parametrize("dizaine", range(6))
def test_no_combination_of_shown_sums_is_of_few(dizaine: int) -> None:
    for graine in range(dizaine * 10, dizaine * 10 + 10):
        assert examiner(graine) == (0, 0), graine


def test_without_partitions_drawn_registers_leak() -> None:
    """The property has something to find: pairs of inclusions alone leave leaks in these worlds."""
    fuites = 0
    for graine in range(20):
        registre = tire(graine)
        sans = Relations({}, RELATIONS.inclusions)
        attaquant = Attaquant(registre, masquer(registre.monde(), relations=sans))
        fuites += bool(list(attaquant.de_peu()))
    assert fuites


@pytest.mark.drill
def test_no_combination_of_shown_sums_is_of_few_at_length() -> None:
    assert all(examiner(graine) == (0, 0) for graine in range(PROFONDEUR.proprietes))
