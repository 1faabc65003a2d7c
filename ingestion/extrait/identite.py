"""Names of the extract's source and ressource. Imports nothing: naming the extract loads nothing else."""

SOURCE_EXTRAIT = "caf_extrait_allocataires"
RESSOURCE_EXTRAIT = "foyers"
