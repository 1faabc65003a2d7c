import pyarrow as pa
import pytest

from publication.errors import ErreurPublication
from publication.secret import masquer

DICTIONNAIRE = pa.table(
    {
        "indicateur_id": ["structures", "personnes", "part", "montant"],
        "secret": ["aucun", "frequence", "conjoint", "dominance"],
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


def masques(*rangs: Cellule, source_ids: str = "caf_equipements") -> set[tuple[str, str]]:
    table = masquer(cellules(*rangs, source_ids=source_ids), DICTIONNAIRE, 5)
    return {(r["territoire_id"], r["indicateur_id"]) for r in table.to_pylist()}


UN = ("commune:26220", "personnes", 3.0, None, None)
AUTRE = ("commune:26063", "personnes", 12.0, None, None)


def test_public_sources_need_no_mask_and_keys_keep_their_types() -> None:
    table = masquer(cellules(UN, source_ids="cnaf_allocataires_communes"), DICTIONNAIRE, 5)
    assert table.num_rows == 0
    assert table.schema == pa.schema(
        [
            ("territoire_id", pa.string()),
            ("millesime", pa.int32()),
            ("indicateur_id", pa.string()),
            ("raison", pa.string()),
        ]
    )


@pytest.mark.parametrize("source_ids", ["caf_extrait_allocataires", "insee_populations_legales+caf_extrait"])
def test_micro_data_is_refused_and_named(source_ids: str) -> None:
    with pytest.raises(ErreurPublication, match=r"1 cells come from micro-data.*personnes"):
        masquer(cellules(UN, source_ids=source_ids), DICTIONNAIRE, 5)


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
