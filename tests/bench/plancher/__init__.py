"""The floor: what a night costs when it has nothing to do.

Belongs here: one Dagster job run in one process, on one dbt model with one data test and one expectation of
Great Expectations, with the settings of a night. Does not: anything of the project's own, which would make
the floor move with what it measures.
"""
