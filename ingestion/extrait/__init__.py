"""The allocataire extract, from dropped file to micro Parquet: the only room that sees a person's row.

Belongs here: the interface contract, the mapping of each Caf, reading, pseudonyms, zones, reception, purge.
Does not belong here: what is computed from the micro Parquet (dbt, tag `micro`), nor what may be published.
"""
