"""What the extract is called, where every other source has its place among the contracts.

Belongs here: the names of its source and of its ressource. Its contract (`contrat.yml`) is refused where it
says another. Imports nothing: whoever only names it reads no more.
"""

SOURCE_EXTRAIT = "caf_extrait_allocataires"
RESSOURCE_EXTRAIT = "foyers"
