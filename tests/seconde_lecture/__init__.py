"""The figures of a release recomputed from the producers' raw files, by code that knows nothing of ours.

Belongs here: pandas, the standard library, what the producers say of their files. Does not: an import of the
project, SQL, a contract, the bounds and refusals that the warehouse adds to a figure.
"""
