"""The night apart from Dagster: settings, the build file, what the audit is given."""
