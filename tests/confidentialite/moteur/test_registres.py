from dataclasses import replace

import pyarrow as pa
import pytest

from confidentialite import Entrees
from confidentialite.memoire.schema import REGISTRE
from confidentialite.moteur.registres import masquer_registres
from tests.confidentialite.moteur.banc import Indicateur, Monde

DICTIONNAIRE = pa.table(
    {
        "indicateur_id": ["structures", "personnes", "part", "montant", "facture", "reel", "occupe"],
        "secret": ["aucun", "frequence", "conjoint", "dominance", "conjoint", "conjoint", "conjoint"],
        "numerateur": ["structures", "personnes", "a", None, "facturees", "realisees", "facturees"],
        "denominateur": [None, None, "b", None, "realisees", "capacite", "capacite"],
    }
)
# EPCI 1 and 2 lie in the département, 3 over two; one CTG is EPCI 1, the other is none.
COMMUNES = {"1": ["26001", "26002"], "2": ["26003"]}
TERRITOIRES = pa.table(
    {
        "niveau": ["epci", "epci", "epci", "departement", "ctg", "ctg", *["commune"] * 3],
        "code": ["1", "2", "3", "26", "jumelle", "autre", *COMMUNES["1"], *COMMUNES["2"]],
        "departement": ["26", "26", None, *["26"] * 6],
        "region": ["84"] * 9,
        "epci": ["1", "2", "3", None, "1", None, "1", "1", "2"],
    }
)
# What contracts declare; a name says nothing.
SOURCES = pa.table(
    {
        "source_id": [
            *("caf_equipements", "cd_pmi", "ctg_pilotage", "epci_conseil", "msa_prestations"),
            *("cnaf_allocataires_communes", "insee_bpe", "insee_populations_legales"),
            *("caf_ouverte", "caf_extrait_allocataires"),
        ],
        "diffusion": [*["interne"] * 5, *["publique"] * 4, "micro"],
    }
)
JUGEES = pa.table(
    {
        "territoire_id": pa.array([], pa.string()),
        "millesime": pa.array([], pa.int32()),
        "indicateur_id": pa.array([], pa.string()),
    }
)
Cellule = tuple[str, str, float | None, float | None, float | None]


def cellules(*rangs: Cellule, source_ids: str = "caf_equipements") -> pa.Table:
    """Cells given as (territoire_id, indicateur_id, valeur, numerateur, denominateur)."""
    territoires, indicateurs, valeurs, nums, dens = zip(*rangs, strict=True)
    return pa.table(
        {
            "territoire_id": territoires,
            "niveau": [t.split(":")[0] for t in territoires],
            "millesime": pa.array([2022] * len(rangs), pa.int32()),
            "indicateur_id": indicateurs,
            "valeur": pa.array(valeurs, pa.float64()),
            "numerateur": pa.array(nums, pa.float64()),
            "denominateur": pa.array(dens, pa.float64()),
            "source_ids": [source_ids] * len(rangs),
        }
    )


def entrees(*rangs: Cellule, source_ids: str = "caf_equipements") -> Entrees:
    """The tables of the masks step, with nothing that the engine judges."""
    vides = Monde({}, {}, [Indicateur("personnes", "personnes")]).entrees()
    siennes = cellules(*rangs, source_ids=source_ids)
    return replace(
        vides, cellules=siennes, indicateurs=DICTIONNAIRE, sources=SOURCES, territoires=TERRITOIRES
    )


def masques(*rangs: Cellule, source_ids: str = "caf_equipements") -> set[tuple[str, str]]:
    table = masquer_registres(entrees(*rangs, source_ids=source_ids), JUGEES, 5)
    return {(r["territoire_id"], r["indicateur_id"]) for r in table.to_pylist()}


UN = ("commune:26220", "personnes", 3.0, None, None)
AUTRE = ("commune:26063", "personnes", 12.0, None, None)


def test_public_sources_need_no_mask_and_keys_keep_their_types() -> None:
    table = masquer_registres(entrees(UN, source_ids="cnaf_allocataires_communes"), JUGEES, 5)
    assert table.num_rows == 0
    assert table.schema == pa.schema(
        [
            ("territoire_id", pa.string()),
            ("millesime", pa.int32()),
            ("indicateur_id", pa.string()),
            ("raison", pa.string()),
        ]
    )


@pytest.mark.parametrize(
    ("source_ids", "cachee"),
    [
        ("caf_equipements", True),
        ("cd_pmi", True),
        ("ctg_pilotage", True),
        ("epci_conseil", True),
        # Another prefix, declared internal all the same; and the other way round.
        ("msa_prestations", True),
        ("caf_ouverte", False),
        ("non_declaree", True),
        ("insee_bpe+caf_equipements", True),
        ("cnaf_allocataires_communes", False),
        # Cell by cell, by the engine: never by whole levels.
        ("caf_extrait_allocataires", False),
        ("insee_populations_legales+caf_extrait_allocataires", False),
    ],
)
def test_registers_are_judged_here_and_the_extract_is_not(source_ids: str, cachee: bool) -> None:
    assert bool(masques(UN, source_ids=source_ids)) is cachee


@pytest.mark.parametrize(("seuil", "cachee"), [(3, False), (4, True), (16, True)])
def test_the_threshold_of_registers_is_the_one_given(seuil: float, cachee: bool) -> None:
    assert bool(masquer_registres(entrees(UN), JUGEES, seuil).num_rows) is cachee


def test_one_small_count_masks_its_whole_level_and_no_other() -> None:
    epci = ("epci:200068229", "personnes", 15.0, None, None)
    sans_regle = ("commune:26220", "structures", 1.0, None, None)
    assert masques(UN, AUTRE, epci, sans_regle) == {(UN[0], "personnes"), (AUTRE[0], "personnes")}
    # Nobody is hidden by a zero, and a level without a small count is shown.
    assert masques(("commune:26220", "personnes", 0.0, None, None), AUTRE) == set()


@pytest.mark.parametrize(
    ("numerateur", "denominateur", "cachee"),
    [(3, 40, True), (38, 40, True), (0, 4, True), (0, 40, False), (20, 40, False)],
)
def test_a_share_is_judged_on_its_terms_and_its_complement(
    numerateur: float, denominateur: float, cachee: bool
) -> None:
    part = ("epci:1", "part", 100 * numerateur / denominateur, numerateur, denominateur)
    assert bool(masques(part)) is cachee


def test_amounts_of_registers_and_the_rest_of_a_ctg_are_never_shown() -> None:
    assert masques(("epci:1", "montant", 40_000.0, None, None))
    assert masques(("ctg:baronnies", "personnes", 40.0, None, None))
    # What is not available stays so: a mask would say that there is something.
    assert not masques(("epci:1", "montant", None, None, None))


def part(territoire: str, indicateur: str, numerateur: float, denominateur: float) -> Cellule:
    return territoire, indicateur, 100 * numerateur / denominateur, numerateur, denominateur


def test_what_other_rows_would_give_back_is_hidden_with_it() -> None:
    """Of EPCI 1, 3 realised hours were not billed; the shares of the capacity have both."""
    jeu = [
        *(part("epci:1", "facture", 24_630, 24_633), part("epci:2", "facture", 9_000, 9_900)),
        *(part("epci:1", "reel", 24_633, 30_000), part("epci:2", "reel", 9_900, 11_000)),
        *(part("epci:1", "occupe", 24_630, 30_000), part("epci:2", "occupe", 9_000, 11_000)),
    ]
    departement = part("departement:26", "facture", 33_630, 34_533)
    assert masques(*jeu, departement) == {(t, i) for t, i, *_ in jeu}
    # Another year of the same has nothing small, nor has an indicateur of other mesures.
    assert masques(part("epci:2", "facture", 9_000, 9_900), part("epci:1", "part", 3, 40)) == {
        ("epci:1", "part")
    }


@pytest.mark.parametrize(("total", "caches"), [(139, True), (137, False), (160, False)])
def test_what_narrow_territories_leave_of_a_wide_one_is_no_small_count(total: float, caches: bool) -> None:
    """EPCI 3 is in two départements and has no row: 139 - 100 - 37 is its part of one, 2."""
    epci = [part("epci:1", "part", 100, 900), part("epci:2", "part", 37, 300)]
    departement = part("departement:26", "part", total, 1_315)
    assert masques(*epci, departement) == ({(t, i) for t, i, *_ in epci} if caches else set())
    # Where the wide one is hidden, nothing is subtracted from it.
    assert masques(*epci, part("departement:26", "part", 139, 141)) == {("departement:26", "part")}


def test_a_ctg_of_the_communes_of_an_epci_is_masked_as_that_epci_is() -> None:
    epci, autre = part("epci:1", "part", 100, 900), part("epci:2", "part", 37, 300)
    jumelle, decoupee = part("ctg:jumelle", "part", 100, 900), part("ctg:autre", "part", 80, 500)
    assert masques(epci, autre, jumelle, decoupee) == {("ctg:autre", "part")}
    assert masques(epci, part("epci:2", "part", 3, 300), jumelle) == {
        *(("epci:1", "part"), ("epci:2", "part"), ("ctg:jumelle", "part"))
    }


def apres(
    rangs: list[Cellule], *releases: list[Cellule], alors: dict[str, list[str]] = COMMUNES
) -> set[tuple[str, str]]:
    """Masks of these cells once releases said those, a hidden one without a value.

    `alors`: the communes of EPCI then.
    """
    dites = [
        {
            **{"rang": k, "millesime": 2022, "niveau": t.split(":")[0], "code": t.split(":")[1]},
            **{"indicateur_id": i, "statut": "secret" if v is None else "observe", "valeur": v},
            **{"numerateur": n, "denominateur": d, "atomes": alors.get(t.split(":")[1], [])},
        }
        for k, release in enumerate(releases, 1)
        for t, i, v, n, d in release
    ]
    tables = replace(entrees(*rangs), registre=pa.Table.from_pylist(dites, schema=REGISTRE))
    return {
        (r["territoire_id"], r["indicateur_id"]) for r in masquer_registres(tables, JUGEES, 5).to_pylist()
    }


def test_what_a_release_showed_gives_no_revised_figure_back() -> None:
    """EPCI 1 was 6 and is 2: of the département of today, the others of then leave 2."""
    avant = [part("epci:1", "part", 6, 40), part("epci:2", "part", 133, 900)]
    avant.append(part("departement:26", "part", 139, 940))
    revise = [part("epci:1", "part", 2, 40), part("epci:2", "part", 133, 900)]
    revise.append(part("departement:26", "part", 135, 940))
    tout = {(t, i) for t, i, *_ in revise}
    assert masques(*avant) == set()
    assert masques(*revise) == {("epci:1", "part"), ("epci:2", "part")}, "nothing was released"
    assert apres(revise, avant) == tout
    # Never shown, EPCI take nothing with them.
    caches = [(t, i, None, None, None) for t, i, *_ in revise if t.startswith("epci")]
    assert apres(revise, [*caches, avant[2]]) == {("epci:1", "part"), ("epci:2", "part")}


def test_a_level_that_a_release_hid_stays_hidden() -> None:
    avant = [part("epci:1", "part", 6, 40), part("epci:2", "part", 133, 900)]
    caches = [(t, i, None, None, None) for t, i, *_ in avant]
    assert apres(avant, caches) == {("epci:1", "part"), ("epci:2", "part")}
    # Of another indicateur, another level or a CTG, nothing is kept.
    autres = [("departement:26", "part", None, None, None), ("epci:1", "personnes", None, None, None)]
    assert apres(avant, [*autres, ("ctg:jumelle", "part", None, None, None)]) == set()


def test_communes_that_left_an_epci_are_not_told_by_what_it_was() -> None:
    """EPCI 1 was 100 with a commune more, and is 97; EPCI 2 has it now."""
    avant = [part("epci:1", "part", 100, 900), part("epci:2", "part", 37, 300)]
    apres_ = [part("epci:1", "part", 97, 800), part("epci:2", "part", 40, 400)]
    large = part("departement:26", "part", 237, 1_500)
    caches = {("epci:1", "part"), ("epci:2", "part"), ("departement:26", "part")}
    alors = {"1": ["26001", "26002", "26003"], "2": ["26004"]}
    assert apres([*apres_, large], [*avant, large], alors=alors) == caches
    # Of the same communes, a revision: nothing tells whose the three are.
    assert apres([*apres_, large], [*avant, large]) == set()


def test_a_row_that_is_gone_is_what_it_was_shown_to_be() -> None:
    """EPCI 2 was 37, and has no row today: 139 - 100 - 37 is 2."""
    avant = [part("epci:1", "part", 100, 900), part("epci:2", "part", 37, 300)]
    avant.append(part("departement:26", "part", 150, 1_315))
    rangs = [avant[0], part("departement:26", "part", 139, 1_315)]
    assert apres(rangs, avant) == {("epci:1", "part"), ("departement:26", "part")}


def test_a_hidden_total_is_not_the_sum_of_what_is_shown() -> None:
    """Billed hours may exceed those realised: each leaves much, and together they leave little."""
    epci = [part("epci:1", "facture", 980, 1_000), part("epci:2", "facture", 1_018, 1_000)]
    assert masques(*epci, part("departement:26", "facture", 1_998, 2_000)) == {
        *((t, "facture") for t in ("epci:1", "epci:2", "departement:26"))
    }
