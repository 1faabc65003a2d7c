import pyarrow as pa
import pytest

from publication.errors import ErreurPublication
from publication.secret import masquer


def cellules(*source_ids: str) -> pa.Table:
    n = len(source_ids)
    return pa.table(
        {
            "territoire_id": ["commune:26220"] * n,
            "millesime": pa.array([2022] * n, pa.int32()),
            "indicateur_id": [f"indicateur_{i}" for i in range(n)],
            "valeur": [1.0] * n,
            "source_ids": list(source_ids),
        }
    )


def test_public_sources_need_no_mask_and_keys_keep_their_types() -> None:
    masques = masquer(cellules("insee_filosofi", "cnaf_allocataires_communes+insee_populations_legales"))
    assert masques.num_rows == 0
    assert masques.schema == pa.schema(
        [
            ("territoire_id", pa.string()),
            ("millesime", pa.int32()),
            ("indicateur_id", pa.string()),
            ("raison", pa.string()),
        ]
    )


@pytest.mark.parametrize("source_ids", ["caf_extrait_allocataires", "insee_populations_legales+caf_extrait"])
def test_micro_data_is_refused_and_named(source_ids: str) -> None:
    with pytest.raises(ErreurPublication, match=r"1 cells come from micro-data.*indicateur_1"):
        masquer(cellules("insee_filosofi", source_ids))
