"""The space of what is published: what is tried leaves no trace, and what was allowed is not asked twice.

Belongs here: systems drawn cell by cell. Does not: which figures a night hides (`test_moteur.py`).
"""

import random
from collections.abc import Iterable

import pytest

from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme
from tests.confidentialite.moteur.banc import forme_nue

PREMIER = 2_147_483_647
ETATS = (Etat.LIBRE, Etat.LIBRE, Etat.LIBRE, Etat.RETENUE, Etat.PROTEGEE)


def tirer(alea: random.Random, cellules: int = 7, formes: int = 14) -> list[Forme]:
    """Sums and differences of a few cells, wide ones first, some of one contributor, some known."""
    tirees = []
    for _ in range(formes):
        siennes = alea.sample(range(cellules), alea.choice([1, 1, 1, 2, 3, 5]))
        vecteur = {c: 1 if alea.random() < 0.85 else -1 for c in siennes}
        tirees.append(
            forme_nue(
                vecteur,
                (-len(vecteur), alea.random()),
                alea.choice(ETATS),
                connue=alea.random() < 0.05,
                seule=alea.random() < 0.3,
            )
        )
    return tirees


def groupes(alea: random.Random, formes: Iterable[Forme]) -> list[list[Forme]]:
    """Lone contributors, two of whom may be one."""
    seules = [f for f in formes if f.seule]
    alea.shuffle(seules)
    return [seules[:2], seules[2:5]]


def dit(espace: Espace) -> tuple[object, ...]:
    """All that the answers of a space depend on."""
    return (
        {pivot: dict(v) for pivot, v in espace._base.items()},
        [(dict(reste), list(valeurs)) for reste, valeurs in espace._restes],
        list(espace._cles),
        *(
            {cle: set(x) for cle, x in index.items() if x}
            for index in (espace._dans_base, espace._dans_restes, espace._classes)
        ),
        dict(espace.gardes),
        set(espace.accuses),
    )


@pytest.mark.parametrize("graine", range(60))
def test_what_is_taken_out_leaves_the_space_as_it_was(graine: int) -> None:
    alea = random.Random(graine)
    formes = tirer(alea)
    try:
        espace = eliminer(formes, PREMIER, groupes=groupes(alea, formes))
    except DejaDivulguees:
        return
    essayees = [f.vecteur for f in formes if not f.publiee]
    for vecteur in essayees:
        avant, change = dit(espace), bool(espace.reste(vecteur))
        retirer = espace.essayer(vecteur)
        assert espace.implique(vecteur)
        assert (dit(espace) != avant) is change
        retirer()
        assert dit(espace) == avant


def test_what_the_last_proposal_allowed_is_decided_as_if_nobody_had_asked() -> None:
    """Some are hidden since: what is published, what is refused and for whom, is that of a first proposal."""
    comparees = 0
    for graine in range(300):
        alea = random.Random(graine)
        formes = tirer(alea)
        seuls = groupes(alea, formes)
        try:
            eliminer(formes, PREMIER, groupes=seuls)
        except DejaDivulguees:
            continue
        avant = {id(f) for f in formes if f.publiee}
        libres = [f for f in formes if f.publiee and f.etat is Etat.LIBRE and not f.connue]
        for forme in alea.sample(libres, min(2, len(libres))):
            forme.etat = Etat.RETENUE
        etats = [(f.etat, f.connue) for f in formes]
        premiere = eliminer(formes, PREMIER, groupes=seuls)
        publiees = [f.publiee for f in formes]
        for forme, (etat, connue) in zip(formes, etats, strict=True):
            forme.etat, forme.connue = etat, connue
        seconde = eliminer(formes, PREMIER, groupes=seuls, avant=avant)
        assert [f.publiee for f in formes] == publiees
        assert (seconde.gardes, seconde.accuses) == (premiere.gardes, premiere.accuses)
        comparees += publiees != [id(f) in avant for f in formes]
    assert comparees > 100
