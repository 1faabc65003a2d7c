"""Bytes in, typed Parquet out: contracts, fetching, landing, reading, normalising.

Knows no Dagster, no dbt and no indicator: what a column means to a reader is said in
`dbt_project/seeds`.
"""
