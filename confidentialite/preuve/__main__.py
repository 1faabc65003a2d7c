"""The proof as a process of its own: `python -m confidentialite.preuve BUILD REGISTER CACHE SCOPE`.

It is given plain paths, prints its findings as JSON, and ends with 1 and the error where it cannot judge.
"""

import sys
from pathlib import Path

import duckdb

from confidentialite.preuve.auditeur import prouver
from socle.erreurs import ErreurPublication

construction, registre, cache, perimetre = sys.argv[1:]
try:
    constats = prouver(Path(construction), Path(registre), Path(cache), perimetre)
except (ErreurPublication, duckdb.Error) as erreur:
    sys.exit(str(erreur))
print(constats.texte())
