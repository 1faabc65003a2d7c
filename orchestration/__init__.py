"""The only room that knows Dagster: assets, checks, job, schedule, sensor, and the command line."""
