"""One proof, in a process that holds nothing else: `python -m tests.bench.audit BASE`.

Belongs here: reading the marts of a drawn country (`tests/confidentialite/deux_faces.py`), proving, printing
what the certificate says. Does not: what it costs (`secret.py`), the masks.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from confidentialite.preuve import entrees
from confidentialite.preuve.auditeur import auditer
from confidentialite.preuve.certificat import Contexte, certifier
from tests.confidentialite.deux_faces import regles

PERIMETRE = "france"


def main(base: Path) -> None:
    """Prove what a base shows; write its certificate beside it, without what it hides by level.

    Bounds are kept there too, as a home keeps them; `registre/` beside the base is what was released before.
    """
    exigences = regles()
    with duckdb.connect(str(base), read_only=True) as con:
        agregats = entrees.lire_agregats(con, exigences)
        constats = auditer(
            con,
            base.with_name("registre"),
            exigences,
            perimetre=PERIMETRE,
            agregats=agregats,
            cache=base.with_name("bornes.json"),
        )
    contexte = Contexte("banc", datetime.now(UTC), [], None, None, {}, "", PERIMETRE, 0)
    certificat = certifier(constats, contexte)
    base.with_name("certificat.json").write_text(json.dumps(certificat))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
