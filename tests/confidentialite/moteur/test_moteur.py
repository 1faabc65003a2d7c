import random
from collections import defaultdict
from fractions import Fraction

import pytest

from confidentialite.moteur import espace as moteur
from confidentialite.moteur.elimination import TOUTES, Defenses, DejaDivulguees, eliminer
from confidentialite.moteur.formes import Etat, Forme, Vecteur
from tests.confidentialite.moteur.banc import forme_nue, regles
from tests.confidentialite.moteur.suivi import a_la_portee_d_un_seul

P1, P2 = regles().premiers.valeur


LIBRE, PROTEGEE, RETENUE = Etat.LIBRE, Etat.PROTEGEE, Etat.RETENUE


def forme(
    *cellules: int, ordre: int = 0, etat: Etat = LIBRE, connue: bool = False, seule: bool = False
) -> Forme:
    return forme_nue(dict.fromkeys(cellules, 1), (ordre,), etat, connue=connue, seule=seule)


def rang_exact(vecteurs: list[Vecteur], largeur: int) -> int:
    """Rank by Gaussian elimination with fractions, row by row."""
    lignes = [[Fraction(v.get(c, 0)) for c in range(largeur)] for v in vecteurs]
    rang = 0
    for c in range(largeur):
        pivot = next((i for i in range(rang, len(lignes)) if lignes[i][c]), None)
        if pivot is None:
            continue
        lignes[rang], lignes[pivot] = lignes[pivot], lignes[rang]
        for i in range(rang + 1, len(lignes)):
            k = lignes[i][c] / lignes[rang][c]
            lignes[i] = [a - k * b for a, b in zip(lignes[i], lignes[rang], strict=True)]
        rang += 1
    return rang


def au_hasard(alea: random.Random, largeur: int, nombre: int) -> list[Forme]:
    """Formes of a system: single cells, blocks of cells, and differences of two."""
    formes = []
    for k in range(nombre):
        cellules = alea.sample(range(largeur), alea.choice((1, 1, 2, 3, largeur // 2)))
        signes = alea.choice(((1,), (1, -1)))
        vecteur = {c: alea.choice(signes) for c in cellules}
        formes.append(
            forme_nue(
                vecteur,
                (k,),
                PROTEGEE if alea.random() < 0.25 else LIBRE,
                seule=alea.random() < 0.15,
            )
        )
    return formes


@pytest.mark.parametrize("graine", range(40))
def test_elimination_agrees_with_exact_rationals(graine: int) -> None:
    alea = random.Random(graine)
    largeur = alea.randint(3, 9)
    formes = au_hasard(alea, largeur, alea.randint(5, 16))
    espace = eliminer(formes, P1, TOUTES)
    publies = [f.vecteur for f in formes if f.publiee]
    base = rang_exact(publies, largeur)
    protegees = [f for f in formes if f.cachee]
    for f in formes:
        assert espace.implique(f.vecteur) is (rang_exact([*publies, f.vecteur], largeur) == base)
        # Nothing more could be published, and nothing hidden is implied.
        assert f.publiee is espace.implique(f.vecteur)
        if f.publiee or f.protegee:
            continue
        avec = [*publies, f.vecteur]
        rang = rang_exact(avec, largeur)
        assert rang > base
        exacte = any(rang_exact([*avec, p.vecteur], largeur) == rang for p in protegees)
        seul = any(
            rang_exact([*avec, s.vecteur, p.vecteur], largeur) == rang_exact([*avec, s.vecteur], largeur)
            for s in formes
            for p in protegees
            if s.seule and rang_exact([s.vecteur, p.vecteur], largeur) == 2
        )
        assert exacte or seul
    for p in protegees:
        assert rang_exact([*publies, p.vecteur], largeur) > base
        for s in formes:
            if (
                s.seule
                and rang_exact([s.vecteur, p.vecteur], largeur) == 2
                and not espace.implique(s.vecteur)
            ):
                avec = [*publies, s.vecteur]
                assert rang_exact([*avec, p.vecteur], largeur) > rang_exact(avec, largeur)
    assert not espace.trahies()
    assert not a_la_portee_d_un_seul(espace)


@pytest.mark.parametrize("graine", range(20))
def test_both_primes_decide_alike(graine: int) -> None:
    def decisions(premier: int) -> list[bool]:
        formes = au_hasard(random.Random(1000 + graine), 9, 18)
        eliminer(formes, premier)
        return [f.publiee for f in formes]

    assert P1 != P2
    assert decisions(P1) == decisions(P2)


def test_a_small_prime_would_give_away_a_cell() -> None:
    # 0+1 and 1+2 make 0+2 modulo two, not in numbers: with the three of them each cell is known. Determinants
    # of coefficients of one stay far below 2^31.
    def triangle() -> list[Forme]:
        return [forme(0, 1), forme(1, 2, ordre=1), forme(0, 2, ordre=2), forme(0, ordre=3, etat=PROTEGEE)]

    juste, faux = triangle(), triangle()
    eliminer(juste, P1)
    eliminer(faux, 2)
    assert [f.publiee for f in juste] == [True, True, False, False]
    assert [f.publiee for f in faux] == [True, True, True, False]


def test_a_total_minus_what_is_shown_hides_one_more() -> None:
    total, petite, grande = forme(0, 1, 2), forme(0, ordre=3, etat=PROTEGEE), forme(1, ordre=1)
    moyenne = forme(2, ordre=2)
    eliminer([total, petite, grande, moyenne], P1)
    assert [f.publiee for f in (total, grande, moyenne, petite)] == [True, True, False, False]


def test_formes_are_published_in_their_order() -> None:
    total, petite, a, b = (
        forme(0, 1, 2),
        forme(0, ordre=9, etat=PROTEGEE),
        forme(1, ordre=2),
        forme(2, ordre=1),
    )
    eliminer([a, total, petite, b], P1)
    assert (b.publiee, a.publiee) == (True, False)


def test_an_implied_forme_is_published_whatever_it_is_near() -> None:
    # 0+1 and 2+3 are shown, hence 0+1+2+3; that tells nothing new of the hidden 0.
    formes = [
        forme(0, 1), forme(2, 3, ordre=1), forme(0, 1, 2, 3, ordre=2), forme(0, ordre=3, etat=PROTEGEE),
        forme(1, ordre=4),
    ]  # fmt: skip
    eliminer(formes, P1)
    assert [f.publiee for f in formes] == [True, True, True, False, False]


def test_a_lone_contributor_takes_its_own_away() -> None:
    # The foyer of cell 0 knows it, hence 1 = (0+1) - 0; a third cell has to blur the sum.
    def monde(seule: bool) -> list[Forme]:
        return [
            forme(0, 1, 2), forme(2, ordre=1), forme(0, ordre=2, etat=PROTEGEE, seule=seule),
            forme(1, ordre=3, etat=PROTEGEE),
        ]  # fmt: skip

    sans = monde(False)
    eliminer(sans, P1)
    assert sans[1].publiee
    avec = monde(True)
    espace = eliminer(avec, P1)
    assert not avec[1].publiee and not a_la_portee_d_un_seul(espace)
    sans_defense = monde(True)
    eliminer(sans_defense, P1, Defenses(singletons=False))
    assert sans_defense[1].publiee
    # Lone contributors are watched with the defence on only: what was published is taken as given to see it.
    for f in sans_defense:
        f.connue = f.publiee
    assert a_la_portee_d_un_seul(eliminer(sans_defense, P1)) == [sans_defense[3]]


def test_the_owner_of_two_cells_is_kept_from_a_third() -> None:
    # 2 = (0+1+2) - 0 - 1: neither lone contributor can do it, one person who is both can.
    def monde() -> list[Forme]:
        return [
            forme(0, 1, 2, ordre=3), forme(0, ordre=1, etat=PROTEGEE, seule=True),
            forme(1, ordre=2, etat=PROTEGEE, seule=True), forme(2, ordre=0, etat=PROTEGEE),
        ]  # fmt: skip

    deux_personnes = monde()
    eliminer(deux_personnes, P1)
    assert deux_personnes[0].publiee
    une_seule = monde()
    eliminer(une_seule, P1, groupes=[une_seule[1:3]])
    assert not une_seule[0].publiee
    sans_defense = monde()
    eliminer(sans_defense, P1, Defenses(singletons=False), [sans_defense[1:3]])
    assert sans_defense[0].publiee


@pytest.mark.parametrize("fonctionnelles", [6, 2])
@pytest.mark.parametrize("graine", range(60))
def test_what_the_owner_of_a_group_can_compute_is_what_exact_rationals_say(
    graine: int, fonctionnelles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing protected is in its reach, and each forme hidden for a group alone would have put one there.

    With 2 functionals no group is small enough for them: the vectors themselves are looked at.
    """
    monkeypatch.setattr(moteur, "_FONCTIONNELLES", fonctionnelles)
    # Functionals of cells are kept between spaces: those of another number of them are not these.
    monkeypatch.setattr(moteur, "_POIDS", defaultdict(dict))
    alea = random.Random(graine)
    largeur = alea.randint(4, 9)
    formes = au_hasard(alea, largeur, alea.randint(8, 18))
    seules = [f for f in formes if f.seule]
    if len(seules) < 2:
        seules = alea.sample(formes, 2)
        for f in seules:
            f.seule = True
    groupes = [alea.sample(seules, alea.randint(2, min(3, len(seules)))) for _ in range(2)]

    def a_la_portee(publies: list[Vecteur]) -> bool:
        return any(
            rang_exact([*publies, *siens, f.vecteur], largeur) == rang_exact([*publies, *siens], largeur)
            for groupe in groupes
            for siens in ([m.vecteur for m in groupe],)
            for f in formes
            if f.protegee and rang_exact([*siens, f.vecteur], largeur) > rang_exact(siens, largeur)
        )

    eliminer(formes, P1, TOUTES, groupes)
    publies: list[Vecteur] = []
    for f in formes:
        if f.publiee:
            publies.append(f.vecteur)
            assert not a_la_portee(publies)
        elif not f.protegee:
            # With what came before it, this one would have given something away: to all, to one, to a group.
            assert a_la_portee([*publies, f.vecteur]) or not _sans_groupe(formes, publies, f)


def _sans_groupe(formes: list[Forme], publies: list[Vecteur], essayee: Forme) -> bool:
    """Whether a forme can be added to what is published when nobody owns two cells."""
    autres = [forme_nue(f.vecteur, f.ordre, f.etat, montree=False, seule=f.seule) for f in formes]
    essai = forme_nue(essayee.vecteur, (len(formes),), seule=essayee.seule)
    deja = [forme_nue(v, (-1,), montree=False, connue=True) for v in publies]
    eliminer([*autres, *deja, essai], P2)
    return essai.publiee


def test_the_owner_of_two_cells_may_compute_what_is_only_theirs() -> None:
    formes = [
        forme(0, 1, 2), forme(0, ordre=1, etat=PROTEGEE, seule=True),
        forme(1, ordre=2, etat=PROTEGEE, seule=True), forme(0, 1, ordre=3, etat=PROTEGEE),
    ]  # fmt: skip
    eliminer(formes, P1, groupes=[formes[1:3]])
    assert formes[0].publiee


def test_a_lone_contributor_is_no_accomplice_against_itself() -> None:
    # An EPCI of one commune shows the same number twice: the foyer learns nothing from its own.
    commune, epci = forme(0, etat=PROTEGEE, seule=True), forme(0, ordre=1, etat=PROTEGEE, seule=True)
    autre = forme(1, ordre=2)
    espace = eliminer([commune, epci, autre], P1)
    assert autre.publiee and not a_la_portee_d_un_seul(espace)


def test_the_lone_contributor_of_a_wide_territory_is_watched_too() -> None:
    # 0+1 is one foyer's alone (a signed sum); with 0+1+2 shown it would know 2.
    formes = [
        forme(0, 1, 2),
        forme(0, 1, ordre=1, etat=PROTEGEE, seule=True),
        forme(2, ordre=2, etat=PROTEGEE),
    ]
    espace = eliminer(formes, P1)
    assert not formes[0].publiee and not a_la_portee_d_un_seul(espace)


def test_what_is_forced_is_known_before_anything_is_published() -> None:
    total, cachee, libre = forme(0, 1), forme(0, ordre=2, etat=PROTEGEE), forme(1, ordre=1)
    eliminer([total, cachee, libre], P1)
    assert total.publiee and not libre.publiee
    libre.connue = True
    eliminer([total, cachee, libre], P1)
    assert libre.publiee and not total.publiee
    # Without that defence, the wider territory is shown first and the two together give 0 away.
    eliminer([total, cachee, libre], P1, Defenses(connues=False))
    assert total.publiee


def test_a_public_forme_is_shown_and_never_owed_a_proof() -> None:
    publique = forme(0, etat=Etat.PUBLIQUE, connue=True)
    assert not publique.cachee
    eliminer([publique], P1)
    assert publique.publiee


def test_what_earlier_releases_give_away_is_an_incident() -> None:
    cachee = forme(0, ordre=1, etat=PROTEGEE)
    formes = [forme(0, 1, connue=True), forme(1, connue=True), cachee]
    with pytest.raises(DejaDivulguees) as incident:
        eliminer(formes, P1)
    assert incident.value.formes == [cachee]
    assert "1 protected" in str(incident.value)


def test_what_was_hidden_for_others_is_let_go_once_it_is_known() -> None:
    retenue = forme(0, ordre=1, etat=RETENUE)
    formes = [forme(0, 1, connue=True), forme(1, connue=True), retenue]
    eliminer(formes, P1)
    assert retenue.publiee and not retenue.retenue
    seule = forme(0, ordre=1, etat=RETENUE)
    eliminer([forme(0, 1), seule, forme(1, ordre=2)], P1)
    assert not seule.publiee


def test_a_forme_that_is_let_go_is_known_outside() -> None:
    # Nobody may then try to hide it again to loosen an interval: it would be let go again, for ever.
    retenue = forme(0, ordre=1, etat=RETENUE)
    eliminer([forme(0, 1, connue=True), forme(1, connue=True), retenue], P1)
    assert retenue.connue


def test_without_secondaries_everything_but_the_protected_is_shown() -> None:
    formes = [forme(0, 1), forme(1, ordre=1), forme(0, ordre=2, etat=PROTEGEE)]
    espace = eliminer(formes, P1, Defenses(secondaires=False))
    assert [f.publiee for f in formes] == [True, True, False]
    assert espace.trahies() == [formes[2]]
