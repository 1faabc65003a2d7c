from dataclasses import replace

import pyarrow as pa
import pytest

from confidentialite import Entrees
from confidentialite.moteur.registres import masquer_registres
from tests.confidentialite.moteur.banc import Indicateur, Monde

DICTIONNAIRE = pa.table(
    {
        "indicateur_id": ["structures", "personnes", "part", "montant"],
        "secret": ["aucun", "frequence", "conjoint", "dominance"],
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
    return replace(vides, cellules=siennes, indicateurs=DICTIONNAIRE, sources=SOURCES)


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
