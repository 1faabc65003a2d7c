"""The columns of the register: the one schema of what was ever released, for whoever writes or reads it.

Belongs here: names, types and order. Does not: files (`registre.py`), nor the meaning of each column for
readers of the warehouse (`dbt_project/models/_nuit.yml` describes them, and a test holds the two together).
Imports nothing but pyarrow, so that declaring the table costs nothing.
"""

import pyarrow as pa

REGISTRE = pa.schema(
    [
        ("release_id", pa.string()),
        ("rang", pa.int32()),
        ("millesime", pa.int32()),
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("indicateur_id", pa.string()),
        ("statut", pa.string()),
        ("valeur", pa.float64()),
        ("numerateur", pa.float64()),
        ("denominateur", pa.float64()),
        ("atomes", pa.list_(pa.string())),
        ("regle", pa.string()),
        ("geographie", pa.string()),
        ("cog_atomes", pa.int32()),
        ("millesime_second", pa.int32()),
        ("borne_basse", pa.float64()),
        ("borne_haute", pa.float64()),
        ("motif", pa.string()),
        ("source_ids", pa.string()),
        ("methode", pa.string()),
        ("formule_numerateur", pa.string()),
        ("formule_denominateur", pa.string()),
        ("part_d_un_tout", pa.bool_()),
        ("unite", pa.string()),
        ("sensible", pa.bool_()),
    ]
)
"""One row per row of a mart that shows or hides a mesure of the micro-data or of a register under a rule.

`atomes`: the communes the territory is the sum of, coded in the COG `cog_atomes`; `regle`: the version of the
rule in force; the rest is what the row said, and the formulas of the dictionary of that day.
"""
