"""Statistical secrecy: which cells must not be shown.

The engine that chooses masks (primary rule, then secondary suppression) belongs here. It does not exist yet:
no source of this version is micro-data, and what the producers blank themselves already reaches the cells as
statut `secret`. Until it does, this step keeps its place in the graph and refuses what it cannot protect.
"""

import pyarrow as pa
import pyarrow.compute as pc

from publication.errors import ErreurPublication

CLE = ("territoire_id", "millesime", "indicateur_id")


def masquer(cellules: pa.Table) -> pa.Table:
    """Return the masks of these cells: `territoire_id, millesime, indicateur_id, raison`, always empty today.

    `cellules` holds at least the key and `source_ids` (text, any separator). The key columns of the result
    have the types of the input, so that joining the two never casts.

    Raises ErreurPublication when a cell comes from micro-data (a source whose id starts with `caf_`).
    """
    micro = cellules.filter(pc.match_substring_regex(cellules["source_ids"], r"\bcaf_"))
    if micro.num_rows:
        sources = sorted(pc.unique(micro["source_ids"]).to_pylist())
        indicateurs = sorted(pc.unique(micro["indicateur_id"]).to_pylist())
        raise ErreurPublication(
            f"{micro.num_rows} cells come from micro-data (source_ids {', '.join(sources)}; indicateurs"
            f" {', '.join(indicateurs)}) and no secrecy engine protects them yet: nothing may be published."
            " Withdraw these sources from dbt_project/seeds/indicateurs.csv and run the night again."
        )
    return pa.schema(
        [*(cellules.schema.field(c) for c in CLE), pa.field("raison", pa.string())]
    ).empty_table()
