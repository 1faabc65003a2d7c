"""Superset: the dashboard "Suivi d'une CTG" as files that it imports, and a server to see it on (`make bi`).

`superset_config.py` and `preparer.py` run in Superset's own interpreter (`.venv-bi`) and import nothing here.
"""
