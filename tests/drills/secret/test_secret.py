"""The attacks: on a seeded sample in `make test`, on many worlds each in `make drills`, 3 000 at length.

Belongs here: that nothing protected is found, that the attacker is one (it does find what a lesser engine
leaves), and that it has code of its own. Minimal cases of each attack have tests of their own beside what
defends (`tests/confidentialite`).
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.drills.secret import boite
from tests.drills.secret.attaques import ATTAQUES, Assaut
from tests.drills.secret.boite import Masques
from tests.drills.secret.campagne import Bilan, attaquer, chercher, mener, rejouer
from tests.drills.secret.mondes import NATURES, Monde
from tests.profondeur import PROFONDEUR

# What is promised against, with the seeds of the sample. Two homes that share no memory (h2) are not: what
# their releases tell together is a figure of docs/secret.md.
TENUES: dict[str, dict[str, Sequence[int]]] = {
    "a": dict.fromkeys(("comptes", "extrait", "montants", "subventions"), range(3)),
    "b": dict.fromkeys(("rares", "extrait", "arrondis"), range(3)),
    "c1": dict.fromkeys(("rares", "extrait", "montants", "subventions"), range(3)),
    "c2": {"rares": (9, 31, 35, 48), "extrait": (0,)},
    "c3": {"rares": (9, 31), "extrait": (0,)},
    "d": {"noms": (32,), "extrait": (25, 203)},
    "d2": {"subventions": (20, 26, 30, 43)},
    "e": {"partiels": (8, 11, 20, 36)},
    "f1": {"extrait": (4, 13, 14, 47)},
    "f2": {"montants": (0,), "subventions": (35, 68, 114)},
    "f3": {"montants": (22, 33), "subventions": (3, 8)},
    "f4": {"montants": (121,), "subventions": (26, 132, 175, 354)},
    "g": {"blocs": (80, 85, 77139), "parts": (87, 230)},
    "h1": {"comptes": (0, 1420), "extrait": (6, 136, 231)},
    "i": {"morceaux": range(4)},
    "i2": {"morceaux": (525, 1081, 1084)},
}


@pytest.mark.parametrize(("code", "nature"), [(c, n) for c, natures in TENUES.items() for n in natures])
def test_no_attack_finds_anything_in_a_sample(code: str, nature: str) -> None:
    bilan = attaquer(code, nature, TENUES[code][nature])
    assert bilan.attaques, "nothing is protected in these worlds: they are not worth attacking"
    assert not bilan.trouvees, _dire(bilan)


def test_each_attack_is_made_on_every_nature_of_world_it_is_for() -> None:
    assert {c: set(n) for c, n in TENUES.items()} == {c: set(ATTAQUES[c].natures) for c in TENUES}


@pytest.fixture(scope="module")
def bilans() -> dict[str, Bilan]:
    return mener([*TENUES], PROFONDEUR.mondes, processus=2)


@pytest.mark.drill
@pytest.mark.xdist_group("attaques")
@pytest.mark.parametrize("code", TENUES)
def test_no_attack_finds_anything(code: str, bilans: dict[str, Bilan]) -> None:
    assert bilans[code].mondes > 0.9 * PROFONDEUR.mondes
    assert not bilans[code].trouvees, _dire(bilans[code])


def _dire(bilan: Bilan) -> str:
    premiers = "\n".join(bilan.premiers[:10])
    return (
        f"{bilan.trouvees} protected numbers found in {bilan.touches} of {bilan.mondes} worlds "
        f"({ATTAQUES[bilan.code].nom}):\n{premiers}\n"
        f"In full: python -m tests.drills.secret --attaque {bilan.code} --nature NATURE --graine SEED"
    )


def _primaires_seules(nature: str, graines: range) -> Iterator[tuple[Monde, Masques]]:
    """Releases of an engine that hides what is small and nothing besides."""
    mondes = [m for m in map(NATURES[nature], graines) if m.contributeurs]
    for monde, masques in zip(mondes, boite.masquer(mondes), strict=True):
        yield monde, {cle: raison for cle, raison in masques.items() if raison in "AB"}


@pytest.mark.parametrize(
    ("code", "nature"), [("a", "comptes"), ("a", "subventions"), ("b", "comptes"), ("f2", "montants")]
)
def test_the_attacker_finds_what_secondaries_protect(code: str, nature: str) -> None:
    trouvees = [
        succes
        for sortie in _primaires_seules(nature, range(30))
        for succes in ATTAQUES[code].chercher(Assaut([sortie], rejouer))
    ]
    assert len(trouvees) > 3


def test_a_lone_contributor_finds_what_nobody_else_does() -> None:
    """Communes A 4 of one foyer, B 4 and C 12 of many, an EPCI of 20: 20 - 12 - 4 is B to the foyer of A."""
    apports = {
        "26001": {"26001/0": 4},
        "26002": {f"26002/{k}": 1 for k in range(4)},
        "26003": {f"26003/{k}": 1 for k in range(12)},
    }
    mesure = "enfants_6_11_ans_couverts"
    communes = tuple(apports)
    monde = Monde(
        0,
        "comptes",
        {**{("commune", c): (c,) for c in communes}, ("epci", "200000000"): communes},
        {(mesure, c): a for c, a in apports.items()},
        {mesure: "foyers"},
        ("nb_enfants_6_11_ans",),
    )
    caches = {(f"commune:{c}", "nb_enfants_6_11_ans"): "A" for c in ("26001", "26002")}

    def trouves(code: str) -> set[tuple[str, str]]:
        return {(s.forme.nom, s.par) for s in ATTAQUES[code].chercher(Assaut([(monde, caches)], rejouer))}

    assert not trouves("a") | trouves("b")
    assert trouves("c1") == {(f"{mesure} commune:26002", "the lone contributor 26001/0")}


def test_a_world_is_drawn_and_masked_the_same_alone_and_in_a_batch() -> None:
    mondes = [NATURES["extrait"](g) for g in range(6)]
    assert boite.masquer(mondes) == [boite.masquer([m])[0] for m in mondes]
    assert chercher("a", "extrait", 3)[0] == [(mondes[3], boite.masquer([mondes[3]])[0])]


def test_the_auditor_passes_a_safe_release_and_refuses_one_without_secondaries() -> None:
    """So that what it is asked of each success is a question it can answer either way."""
    mondes = [NATURES["comptes"](g) for g in range(6)]
    assert not any(boite.refusee([s]) for s in zip(mondes, boite.masquer(mondes), strict=True))
    nues = list(_primaires_seules("comptes", range(30)))
    trahies = [s for s in nues if any(ATTAQUES["a"].chercher(Assaut([s], rejouer)))]
    assert trahies and all(boite.refusee([s]) for s in trahies[:3])


def test_the_attacker_shares_no_code_with_what_it_attacks() -> None:
    permis = {
        "confidentialite",
        "confidentialite.memoire",
        "confidentialite.memoire.schema",
        "confidentialite.preuve.auditeur",
    }
    for fichier in Path(__file__).parent.glob("*.py"):
        for noeud in ast.walk(ast.parse(fichier.read_text(encoding="utf-8"))):
            noms = (
                [n.name for n in noeud.names]
                if isinstance(noeud, ast.Import)
                else [noeud.module or ""]
                if isinstance(noeud, ast.ImportFrom)
                else []
            )
            lus = {n for n in noms if n.split(".")[0] == "confidentialite"}
            assert lus <= permis, f"{fichier.name} imports {sorted(lus - permis)}"
            assert not lus or fichier.name in ("boite.py", "dictionnaire.py", Path(__file__).name)
