"""Who knows the code and not the key learns nothing by running the engine again (attack: `rejeu.py`)."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pyarrow as pa
import pytest

from confidentialite import Entrees, cle
from confidentialite.cle import CLE_PUBLIQUE, confiee, confier
from confidentialite.moteur.elimination import Defenses
from confidentialite.moteur.formes import Cle, Territoire
from confidentialite.moteur.tirage import attente, empreinte
from confidentialite.regle.parametres import Relations
from socle.erreurs import ErreurPublication
from tests.confidentialite.moteur import rejeu
from tests.confidentialite.moteur.banc import MILLESIME, Indicateur, Monde, masquer, monde_aleatoire
from tests.confidentialite.moteur.rejeu import Bloc, Table, devinees, motif
from tests.confidentialite.moteur.suivi import decider_groupe
from tests.profondeur import PROFONDEUR

CLES = [b"cle %d" % k for k in range(40)]
# Blocks drawn of one count, and of a count and a share of it.
BLOCS, PARTS = PROFONDEUR.blocs, PROFONDEUR.parts


def compte(*valeurs: int) -> Table:
    return tuple((v, 0) for v in valeurs)


def lieux(m: rejeu.Motif) -> set[str]:
    return {territoire for territoire, _ in m}


@pytest.mark.parametrize("cle_", CLES[:12])
def test_two_cells_of_sum_four_would_be_two_and_two(cle_: bytes) -> None:
    """Of (1, 3) the foyer that is alone knows the other: a third cell is hidden. So it is of (2, 2)."""
    bloc, sans = Bloc(compte(2, 2, 9), parts=False), Defenses(rejeu=False)
    assert lieux(motif(bloc.table, False, cle_, sans)) == {"commune:c0", "commune:c1"}
    assert devinees(bloc, cle_, CLES, defenses=sans) == [("tout", 0), ("tout", 1)]
    assert lieux(motif(bloc.table, False, cle_)) == {"commune:c0", "commune:c1", "commune:c2"}
    assert devinees(bloc, cle_, CLES) == []


def test_beside_a_shown_five_the_hidden_one_may_be_larger() -> None:
    """4, 5 and 9: were the smallest hidden always, a sum of 13 beside a shown 5 would be nobody's."""
    table = compte(4, 5, 9)
    caches = Counter(tuple(sorted(lieux(motif(table, False, cle_)))) for cle_ in CLES)
    assert set(caches) == {("commune:c0", "commune:c1"), ("commune:c0", "commune:c2")}
    # What readers lose weighs: the larger goes less often.
    assert caches["commune:c0", "commune:c1"] > caches["commune:c0", "commune:c2"]


@pytest.mark.profond
def test_two_values_are_left_of_every_protected_cell_of_drawn_blocks() -> None:
    vus, trouvees = 0, []
    for graine in range(BLOCS):
        bloc, cle_ = rejeu.tirer(graine, parts=False), b"la vraie %d" % graine
        vus += bool(motif(bloc.table, False, cle_))
        if devinees(bloc, cle_, CLES):
            trouvees.append((graine, bloc.table))
    assert trouvees == [] and vus > BLOCS / 2


@pytest.mark.profond
def test_two_values_are_left_of_counts_shares_and_what_they_leave_of_drawn_blocks() -> None:
    vus, trouvees = 0, []
    for graine in range(PARTS):
        bloc, cle_ = rejeu.tirer(graine, parts=True), b"vraie%d" % graine
        # Tables are by the hundred thousand beyond four communes.
        bloc = replace(bloc, table=bloc.table[:4])
        vus += bool(motif(bloc.table, True, cle_))
        if devinees(bloc, cle_, CLES[:16], assez=600):
            trouvees.append((graine, bloc.table))
    assert trouvees == [] and vus > PARTS / 2


def test_shares_that_their_wholes_hold_to_two_or_three_are_not_told_by_their_sum() -> None:
    """Of 5 shown, 2 or 3 have it: of 1, who has it would know the 4 others. 2, 1 and 2 are the only such 5.

    Of 2, 2 and 1 wholes are hidden, so that they are here too.
    """
    bloc = Bloc(((5, 2), (11, 1), (5, 2)), parts=True)
    assert {i for _, i in motif(bloc.table, True, CLES[0])} == {"taux", "nb"}
    assert devinees(bloc, CLES[0], CLES[:4]) == []


@pytest.mark.parametrize(
    ("table", "autre"),
    [(((6, 0), (7, 1), (5, 3)), ((6, 0), (7, 2), (5, 2))), (((6, 1), (5, 2)), ((6, 2), (5, 2)))],
)
def test_who_is_alone_in_a_share_whose_sum_is_hidden_computes_nothing(table: Table, autre: Table) -> None:
    """1 of 7 is masked as 2 of 7 are: nothing ties them to another share, their sum of 4 being too few.

    So is 1 of 6 as 2 are: whoever is alone knows the 5 others, who are no longer few.
    """
    bloc = Bloc(table, parts=True)
    caches = motif(bloc.table, True, CLES[0])
    assert {i for _, i in caches} == {"taux"}
    assert motif(autre, True, CLES[1]) == caches
    assert devinees(bloc, CLES[0], CLES[:4]) == []


def test_a_foyer_that_is_alone_may_go_only_where_it_may_come_back() -> None:
    """Of an EPCI of 20 that shows 6 and 9, three are 5; two of them make a hidden CTG.

    Of 2, 1 and 2, who is alone would know too much: 6 and 9 are hidden. Were they shown of 1, 1 and 3, none
    of the five other tables would be masked so.
    """
    communes = [*"abcde"]
    territoires = {("commune", c): [c] for c in communes} | {
        ("epci", "e"): communes,
        ("ctg", "g"): ["a", "b"],
    }

    def masques(a: int, b: int, e: int) -> set[tuple[str, int, str]]:
        valeurs = {(MILLESIME, "tout"): {"a": a, "b": b, "c": 6, "d": 9, "e": e}}
        return masquer(Monde(valeurs, territoires, (Indicateur("nb", "tout"),)))

    tables = [(a, b, 5 - a - b) for a in (1, 2, 3) for b in range(1, 5 - a)]
    semblables = [t for t in tables if masques(*t) == masques(1, 1, 3)]
    assert [len(set(lues)) > 1 for lues in zip(*semblables, strict=True)] == [True, True, True]


def test_without_the_guard_drawn_blocks_are_guessed() -> None:
    """The property above is no accident: seed 17 draws two cells of 2 beside three that are shown."""
    bloc = rejeu.tirer(17, parts=False)
    assert devinees(bloc, b"la vraie 17", CLES, defenses=Defenses(rejeu=False))


@pytest.mark.parametrize("graine", range(4))
def test_the_same_figures_under_the_same_key_say_nothing_new_another_night(graine: int) -> None:
    m = monde_aleatoire(graine, 2, 8)
    premieres = masquer(m)
    assert premieres
    assert masquer(replace(m, registre=m.inscrire(premieres, 1))) == premieres


EN_UN_AUTRE = """
from confidentialite.cle import CLE_PUBLIQUE, confier
from tests.confidentialite.moteur.banc import masquer, monde_aleatoire
with confier(CLE_PUBLIQUE):
    print(sorted(masquer(monde_aleatoire(3, 3, 8))))
"""


@pytest.mark.parametrize("hachage", ["0", "1"])
def test_a_key_gives_the_same_masks_in_any_process(hachage: str) -> None:
    sortie = subprocess.run(
        [sys.executable, "-c", EN_UN_AUTRE],
        env=os.environ | {"PYTHONHASHSEED": hachage},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sortie.stdout.strip() == str(sorted(masquer(monde_aleatoire(3, 3, 8))))


def test_rows_in_another_order_have_the_same_masks_and_another_key_has_others() -> None:
    from confidentialite import masquer as etape

    entrees = monde_aleatoire(5, 3, 8).entrees()
    a_l_envers = Entrees(**{nom: table.take(_envers(table)) for nom, table in vars(entrees).items()})
    assert etape(a_l_envers).equals(etape(entrees))
    autres = []
    for cle_ in CLES[:8]:
        with confier(cle_):
            autres.append(etape(entrees))
    assert not all(autre.equals(etape(entrees)) for autre in autres)


def _envers(table: pa.Table) -> pa.Array:
    return pa.array(range(table.num_rows - 1, -1, -1), pa.int64())


def test_without_a_key_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cle, "_confiees", [])
    with pytest.raises(ErreurPublication, match="CTG_CLE_MASQUES=publique"):
        confiee()
    with pytest.raises(ErreurPublication, match="none was given"):
        masquer(monde_aleatoire(0, 2, 5))


def une(commune: str) -> Cle:
    return Cle(((1, "m"),), Territoire("commune", commune))


def test_lots_favour_large_figures_and_any_order_may_come() -> None:
    valeurs = {"a": Decimal(10), "b": Decimal(20), "c": Decimal(60)}
    ordres: Counter[tuple[str, ...]] = Counter(
        tuple(sorted(valeurs, key=lambda c: attente(b"%d" % k, MILLESIME, une(c), valeurs[c])))
        for k in range(3000)
    )
    assert set(ordres) == set(permutations("abc"))
    premiers = Counter(ordre[0] for ordre in ordres.elements())
    # 60 of 90, 20 of 90, 10 of 90; the chords of the logarithm move them little.
    assert [premiers[c] / 3000 for c in "cba"] == pytest.approx([2 / 3, 2 / 9, 1 / 9], abs=0.05)


def test_lots_of_two_millesimes_have_nothing_in_common() -> None:
    communes = [f"c{k:02d}" for k in range(30)]
    ordres = [
        sorted(communes, key=lambda c, annee=annee: attente(CLE_PUBLIQUE, annee, une(c), Decimal(7)))
        for annee in (2021, 2022)
    ]
    assert ordres[0] != ordres[1]


def test_a_decision_is_kept_under_the_key_that_made_it_and_says_nothing_of_it() -> None:
    groupe = rejeu._groupe(4, False)
    autre = replace(groupe, cle=CLES[0])
    assert groupe.faits() != autre.faits()
    assert empreinte(CLES[0]) in str(autre.faits()) and str(CLES[0]) not in str(autre.faits())
    assert str(CLES[0]) not in repr(autre)
    assert decider_groupe(autre).systemes[0].formes


@pytest.mark.parametrize(
    ("paire", "rejeu_", "epci_cache"),
    [((1, 3), True, True), ((2, 2), True, True), ((3, 4), True, False), ((2, 2), False, False)],
)
def test_a_sum_that_leaves_two_and_two_is_hidden_where_the_third_is_known_already(
    paire: tuple[int, int], rejeu_: bool, epci_cache: bool
) -> None:
    """Beside a 9 that an earlier release showed: of (1, 3), the EPCI of 13 is hidden; so it is of (2, 2)."""
    m = Monde(
        {(MILLESIME, "nb"): {"a": paire[0], "b": paire[1], "c": 9}},
        {**{("commune", c): [c] for c in "abc"}, ("epci", "e"): [*"abc"]},
        (Indicateur("nb", "nb"),),
    )
    m = replace(m, registre=[r for r in m.inscrire(set(), 1) if r["code"] == "c"])
    caches = {territoire for territoire, *_ in masquer(m, defenses=Defenses(rejeu=rejeu_))}
    assert caches == {"commune:a", "commune:b", *(["epci:e"] if epci_cache else [])}


@pytest.mark.parametrize("graine", [2, 5, 26])
def test_a_total_that_tells_no_sum_of_two_cells_is_not_hidden_for_it(graine: int) -> None:
    # Two cells alike are four together, in territories that are hidden: the département does not tell them.
    cachees = masquer(monde_aleatoire(graine, 2 + graine % 3, 4 + graine % 6))
    assert cachees and not [t for t, *_ in cachees if t.startswith("departement")]


@pytest.mark.parametrize(
    ("foyers", "aah"), [((4, 7, 12), (2, 7, 11)), ((9, 4, 8), (5, 2, 1)), ((8, 14, 2, 4, 2), (2, 7, 1, 3, 0))]
)
def test_a_count_under_two_names_is_exchanged_as_under_one(
    foyers: tuple[int, ...], aah: tuple[int, ...]
) -> None:
    """Both names are one cell: what changes places with it is hidden under both, and no more is."""

    def caches(*noms: str) -> set[str]:
        codes = "abcde"[: len(foyers)]
        comptes = {**dict.fromkeys(noms, foyers), "foyers_aah": aah}
        m = Monde(
            {(MILLESIME, mesure): dict(zip(codes, v, strict=True)) for mesure, v in comptes.items()},
            {**{("commune", c): [c] for c in codes}, ("epci", "e"): [*codes]},
            (*(Indicateur(nom, nom) for nom in noms), Indicateur("taux", "foyers_aah", "foyers")),
        )
        return {
            t for t, _, i in masquer(m, relations=Relations({"jumeau": ("foyers",)}, ())) if i == "foyers"
        }

    assert caches("foyers", "jumeau") == caches("foyers") < {f"commune:{c}" for c in "abcde"[: len(foyers)]}


def test_a_sum_that_rounded_parts_tell_is_four_to_all() -> None:
    """A producer rounds the parts of c and d, 4 at least, of e and f, 5 at least, and their CTG has 9.

    So c and d are 4 together, and a and b the 4 that the département has besides: 2 and 2, were it replayed.
    """
    tout = {"a": 2, "b": 2, "c": 2, "d": 2, "e": 3, "f": 2, "x": 50}
    monde = Monde(
        {(MILLESIME, "tout"): tout, (MILLESIME, "part"): {"c": 2, "d": 2, "e": 3, "f": 2, "x": 20}},
        {
            **{("commune", c): [c] for c in tout},
            ("departement", "1"): list("abcd"),
            ("ctg", "t"): list("cdef"),
            ("epci", "f"): list("cd"),
            ("epci", "g"): list("ef"),
            ("region", "r"): ["x"],
        },
        (
            Indicateur("nb", "tout", niveaux=("commune", "ctg", "departement")),
            Indicateur("part", "part", "tout", niveaux=("region",)),
        ),
        publics={
            (MILLESIME, "part", "epci", "f"): (4, 6),
            (MILLESIME, "part", "epci", "g"): (5, 10),
        },
    )
    assert "ctg:t" in {territoire for territoire, *_ in masquer(monde)}
