"""Spark, another engine for what grows beyond one machine: run from a checkout, in its own environment.

Belongs here: a session, and the project's own models run in it by dbt-spark. Does not belong here: which
months are counted, what is checked of the answer and when it is used (`orchestration.nuit.comptage`).
Imports nothing of the project, which is not installed there; knows it by the requests it reads (ADR 24).
"""
