"""Bytes in, typed Parquet out: contracts, reception, landing, reading, normalising.

Knows no Dagster, no dbt and no indicator: `dbt_project/seeds` says what a column means to a reader.
"""
