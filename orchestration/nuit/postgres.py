"""Which releases of a home go to PostgreSQL, and to which schemas.

Belongs here: what the night and `ctg publish postgres` both decide. Does not: how a release is published
there (`publication.exports.postgres`).
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from publication.releases.magasin import courante
from socle.erreurs import ErreurPublication

from .reglages import Reglages

if TYPE_CHECKING:
    from publication.exports.postgres import Servie

SCHEMA = "marts"


def schema_de(magasin: Path, releases: Path, perimetre: str) -> str:
    """The schema of the store of a scope, as `releases` has a place for each:

    releases/                              marts
    releases/perimetres/epci-200068229/    marts_epci_200068229
    """
    return SCHEMA if magasin == releases else f"{SCHEMA}_{re.sub(r'[:-]', '_', perimetre)}"


def servir(reglages: Reglages) -> tuple[list["Servie"], list[str]]:
    """Publish the release in service of each scope of a night to PostgreSQL.

    Return what was done, and errors: a scope that cannot be published stops no other.
    """
    # psycopg: 0.2 s, and most homes publish to no server.
    from publication.exports.postgres import Demande, publier
    from publication.exports.postgres.serveur import Adresse

    servies, erreurs = [], []
    for perimetre in reglages.perimetres:
        magasin = reglages.magasin(perimetre)
        try:
            adresse = Adresse.lire(reglages.postgres or "")
            if release := courante(magasin):
                schema = schema_de(magasin, reglages.chemins.releases, perimetre)
                servies.append(publier(adresse, Demande(release, schema, reglages.lecteurs)))
        except ErreurPublication as erreur:
            erreurs.append(str(erreur))
    return servies, list(dict.fromkeys(erreurs))
