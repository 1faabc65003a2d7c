"""What the extract is called, where every other source has its place among the contracts.

Belongs here: the names of its source and of its ressource, which its contract says too (`contrat.yml`), and is
refused where it says others. Imports nothing: whoever only names it reads no more.
"""

SOURCE_EXTRAIT = "caf_extrait_allocataires"
RESSOURCE_EXTRAIT = "foyers"
