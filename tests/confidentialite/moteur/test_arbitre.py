"""What the rule says of sums once cells change, and whether anybody would believe what they make."""

import pytest

from confidentialite.moteur import decision
from confidentialite.moteur.arbitre import Arbitre, Change, Regard
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.decoupe import couper
from confidentialite.moteur.elimination import TOUTES
from confidentialite.moteur.lecture import Lecture
from confidentialite.moteur.plateau import Plateau
from confidentialite.regle.parametres import Relations
from tests.confidentialite.moteur.banc import MILLESIME, SANS_RELATION, Indicateur, Monde, regles

FOYERS, RSA = "foyers_allocataires", "foyers_rsa"
LIEUX = {("commune", "a"): ["a"], ("commune", "b"): ["b"], ("epci", "e"): ["a", "b"]}


def chantier(m: Monde, relations: Relations = SANS_RELATION) -> Chantier:
    """The system of a world of one group, where nothing is published."""
    (groupe,) = couper(m.entrees(), regles(), relations).groupes
    return decision._preparer(Chantier(Lecture(groupe), TOUTES))


@pytest.mark.parametrize(
    ("a", "possible"),
    [
        (1, True),
        (5, True),
        # Of 1 to 5, as its producer rounds it.
        (6, False),
        # A row that is hidden holds somebody: zeros are shown.
        (0, False),
    ],
)
def test_a_cell_stays_within_what_its_producer_says_of_it(a: int, possible: bool) -> None:
    publics = {(MILLESIME, FOYERS, "commune", "a"): (1, 5)}
    c = chantier(
        Monde({(MILLESIME, FOYERS): {"a": 2, "b": 20}}, LIEUX, [Indicateur("nb", FOYERS)], publics=publics)
    )
    arbitre = Arbitre(c, Plateau(c))
    change = Change(_echange(c, a - 2))
    assert arbitre.est_possible(change, arbitre.juges(change)) is possible


@pytest.mark.parametrize(("a", "possible"), [(1, True), (0, True), (-1, False)])
def test_a_cell_that_no_row_shows_may_hold_nobody(a: int, possible: bool) -> None:
    nb = Indicateur("nb", FOYERS, niveaux=("epci",))
    c = chantier(Monde({(MILLESIME, FOYERS): {"a": 2, "b": 20}}, LIEUX, [nb]))
    arbitre = Arbitre(c, Plateau(c))
    assert arbitre.est_possible(Change(_echange(c, a - 2)), set()) is possible


@pytest.mark.parametrize(
    ("rsa", "regard"),
    [
        (8, Regard(gardee=True, seule=True)),
        (6, Regard(gardee=True, seule=False)),
        (1, Regard(gardee=False, seule=False)),
    ],
)
def test_what_a_part_leaves_of_its_whole_is_few_or_one(rsa: int, regard: Regard) -> None:
    """Of 9 foyers: all but one, all but three, all but eight have the RSA."""
    indicateurs = [Indicateur("nb", FOYERS), Indicateur("rsa", RSA)]
    valeurs = {(MILLESIME, FOYERS): {"a": 9, "b": 20}, (MILLESIME, RSA): {"a": 1, "b": 7}}
    c = chantier(Monde(valeurs, LIEUX, indicateurs), Relations({}, ((FOYERS, RSA),)))
    arbitre = Arbitre(c, Plateau(c))
    (lieu,) = {cle.lieu for cle, _ in c.placees() if cle.lieu.code == "a"}
    somme = RSA, lieu
    cellule = c.lecture.cellules[RSA, "a"]
    change = Change({cellule: (rsa - 1, rsa - 1)})
    assert arbitre.reste(FOYERS, somme, change) == regard
    assert arbitre.vaut(somme, change) == (rsa, rsa) and arbitre.vaut(somme, None) == (1, 1)


def _echange(c: Chantier, de_plus: int) -> dict[int, tuple[int, int]]:
    """So many more foyers in a, and as many less in b."""
    a, b = (c.lecture.cellules[FOYERS, commune] for commune in "ab")
    return {a: (de_plus, de_plus), b: (-de_plus, -de_plus)}
