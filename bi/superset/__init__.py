"""Superset: the dashboard "Suivi d'une CTG" as files that it imports, and a server to see it on (`make bi`).

    tableau.py    the page: charts, filters, places        jeux/, jeux.yml   its datasets: queries, words
    paquet.py     all of it as Superset's YAML, in a ZIP   acces.py          Superset's API
    serveur.py    PostgreSQL and Superset on loopback      image.py          the picture of the documentation

`superset_config.py` and `preparer.py` are run by Superset's own interpreter (`.venv-bi`): nothing imports
them, and they import nothing from here.
"""
