"""Spark, another engine for what grows beyond one machine, in an environment of its own (ADR 24).

Imports nothing of the project, which is not installed there.
"""
