"""The certificate of the marts of a night, in the folder of the gate, where the release takes it."""

from pathlib import Path
from typing import Any

import duckdb

from confidentialite import certificat
from confidentialite.cle import empreinte
from confidentialite.regle import lire
from publication.releases.magasin import CERTIFICAT
from socle.disque import ecrire_json

from .base import MESURES
from .cles import cle
from .reglages import Reglages


def certifier(reglage: Reglages, base: Path, validation: Path) -> dict[str, Any]:
    """Compute the certificate of schema `marts` of a build file; write it in the folder of the gate."""
    with duckdb.connect(str(base), read_only=True) as con:
        fait = certificat.certifier(con, lire(MESURES), empreinte(cle(reglage, "arrondi")))
    validation.mkdir(parents=True, exist_ok=True)
    ecrire_json(validation / Path(CERTIFICAT).name, fait)
    return fait
