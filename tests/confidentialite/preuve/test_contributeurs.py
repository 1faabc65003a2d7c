"""What a lone contributor is left with: the auditor, on marts masked as data, and every table beside it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from petits_marts import EXIGENCES, Marts
from test_exhaustif import CODES, MAXIMUM, RSA, modeliser, monde, somme, tables_possibles
from test_fuites import marts, masques, natures, singletons

from confidentialite.preuve.bornes import borner
from confidentialite.preuve.constats import Constats
from confidentialite.preuve.contributeurs import restes_des_contributeurs
from confidentialite.preuve.elimination import Elimination
from confidentialite.preuve.exactitude import connaitre, determinee
from confidentialite.preuve.modele import ECHELLE, Forme, Modele

Juger = Callable[..., Constats]


def trouvees(*codes: str) -> set[tuple[str, str, str]]:
    return {("contributeur", f"commune:{c}", "nb_rsa") for c in codes}


def test_the_foyer_of_three_children_deduces_its_neighbours(juger: Juger) -> None:
    """3 + B + C = 5 with B and C at least 1; a D of 2 hidden too leaves B one or two."""
    trois = marts(
        valeurs={("rsa", 2024): {"26001": 3, "26002": 1, "26003": 1, "26004": 12, "26005": 9, "26006": 30}},
        masques=masques("26001", "26002", "26003"),
    )
    assert juger(trois).succes
    constats = juger(trois, singletons=singletons(("26001", "a", 3)))
    assert natures(constats) == trouvees("26002", "26003")
    # One who is alone in C, 1, still has the others to share 4.
    assert juger(trois, singletons=singletons(("26003", "c", 1))).succes
    quatre = marts(
        communes={c: "E1" for c in ("26001", "26002", "26003", "26004", "26005")},
        valeurs={("rsa", 2024): {"26001": 3, "26002": 1, "26003": 1, "26004": 2, "26005": 30}},
        masques=masques("26001", "26002", "26003", "26004"),
    )
    assert juger(quatre, singletons=singletons(("26001", "a", 3))).succes


COMME_26015 = {"26015": 2, "26080": 1, "26266": 1, "26328": 1, "26333": 54, "26334": 100, "26335": 200}


def test_the_one_foyer_of_26015_deduces_three_communes(juger: Juger) -> None:
    """Of 359 in the EPCI, 354 are shown; the two children of the one foyer of 26015 leave 3 for three."""
    m = Marts(
        {c: "E1" for c in COMME_26015},
        {("rsa", 2024): COMME_26015},
        RSA,
        masques("26015", "26080", "26266", "26328"),
    )
    assert juger(m).succes
    constats = juger(m, singletons=singletons(("26015", "a", 2)))
    assert natures(constats) == trouvees("26080", "26266", "26328")
    plus = Marts(m.communes, m.valeurs, RSA, m.masques | masques("26333"))
    assert juger(plus, singletons=singletons(("26015", "a", 2))).succes


def test_what_earlier_releases_leave_a_contributor_is_an_incident(
    juger: Juger, publier: Callable[[Marts, str], Path]
) -> None:
    m = Marts(
        {c: "E1" for c in COMME_26015},
        {("rsa", 2024): COMME_26015},
        RSA,
        masques("26015", "26080", "26266", "26328"),
    )
    publier(m, "r1")
    constats = juger(m, singletons=singletons(("26015", "a", 2)))
    assert not constats.echecs
    assert {i.cellule.territoire_id for i in constats.incidents} == {
        f"commune:{c}" for c in ("26080", "26266", "26328")
    }


def test_what_is_known_of_unchanged_components_is_read(juger: Juger, tmp_path: Path) -> None:
    m = marts(
        valeurs={("rsa", 2024): {"26001": 3, "26002": 1, "26003": 1, "26004": 12, "26005": 9, "26006": 30}},
        masques=masques("26001", "26002", "26003"),
    )
    cache, seul = tmp_path / "bornes.json", singletons(("26001", "a", 3))
    premier = juger(m, singletons=seul, cache=cache)
    memoire = (tmp_path / "bornes_contributeurs.json").read_bytes()
    assert natures(juger(m, singletons=seul, cache=cache)) == natures(premier) == trouvees("26002", "26003")
    assert (tmp_path / "bornes_contributeurs.json").read_bytes() == memoire
    # Another figure of one's own is another question.
    assert juger(m, singletons=singletons(("26001", "a", 2)), cache=cache).succes


def propres_de(modele: Modele, m: Marts, codes: list[str]) -> dict[Forme, int]:
    formes = {}
    for c in codes:
        atome = list(modele.geographie.atomes).index(c)
        forme = modele.forme_connue({"rsa": 1}, 2024, modele.geographie.territoire([atome]))
        assert forme is not None
        formes[forme] = round(m.valeurs["rsa", 2024][c] * ECHELLE)
    return formes


@pytest.mark.parametrize("graine", range(60))
def test_a_form_is_too_closely_known_when_every_table_says_so(graine: int) -> None:
    """Up to three contributors of one or two communes each; all tables with their own cells as they are."""
    m, tirage = monde(5000 + graine, RSA), random.Random(graine)
    modele = modeliser(m)
    savoir = connaitre(modele, registre_seul=False)
    peuplees = [c for c in CODES if m.valeurs["rsa", 2024][c]]
    tirage.shuffle(peuplees)
    contributeurs = [g for g in (peuplees[:1], peuplees[1:2], peuplees[2:4]) if g]
    groupes = [propres_de(modele, m, codes) for codes in contributeurs]
    saines = [p for p in modele.protegees.values() if not determinee(modele, savoir, p.forme)]
    bornes = borner(modele, savoir, saines).bornes
    finies = [p for p in saines if bornes[p.forme].haut <= MAXIMUM and bornes[p.forme].entiers > 1]
    completes = all(bornes[p.forme].haut <= MAXIMUM for p in saines)
    restes = restes_des_contributeurs(
        modele, savoir, [tuple(g) for g in groupes], {f: v for g in groupes for f, v in g.items()}, finies
    )
    assert not restes.echecs and not restes.contredits
    possibles = tables_possibles(m)
    attendues = set()
    for codes, groupe in zip(contributeurs, groupes, strict=True):
        siennes = [t for t in possibles if all(t[c] == m.valeurs["rsa", 2024][c] for c in codes)]
        propre = Elimination(EXIGENCES.premiers[0])
        for forme in groupe:
            propre.ajouter(modele.vecteur(forme, savoir.connus)[0], 0)
        attendues |= {
            p.forme
            for p in finies
            if propre.reduire(modele.vecteur(p.forme, savoir.connus)[0])[0]
            and len({somme(modele, p, t) for t in siennes}) < 2
        }
    etroites = {p.forme for p in restes.etroites}
    # Where nothing is beyond MAXIMUM, the tables are all there are.
    assert etroites == attendues if completes else etroites <= attendues
