"""Writes the extracts under the folder given, once: the second process of `extraits_a_cote`."""

import sys
from pathlib import Path

from demonstration import ecrire_extraits, une_fois

une_fois(ecrire_extraits, Path(sys.argv[1]))
