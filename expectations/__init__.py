"""What each mart promises its readers, checked with Great Expectations before any release.

Structure, keys and rows are dbt's to test; no Dagster here.
"""
