"""PostgreSQL: the tables of a published release in a schema of a server, for BI tools and SQL.

Made from the `ctg.duckdb` of a sealed release, so that it says what the Parquet says. A whole new schema is
loaded beside the one that is read, then takes its name; the one it replaces is kept under
`<schema>_precedente` until the next publication, unless it is newer: what was rolled back goes (ADR 16).

    marts              release of tonight
    marts_precedente   that of last night
    marts_nouvelle     only while a publication runs, or after one that was killed: the next one removes it

Belongs here: the order of the steps, and what is said at the end. Does not: what a release says of its
tables (`tables.py`), what a server has already (`schema.py`), how they are loaded (`chargement.py`), how
names are exchanged under readers (`bascule.py`), how a server is reached and its errors told (`serveur.py`).
Which release is published, and where, is the caller's.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from publication.exports.postgres.bascule import PATIENCE as PATIENCE
from publication.exports.postgres.bascule import basculer
from publication.exports.postgres.chargement import charger, retirer
from publication.exports.postgres.schema import Schema, exiger_de_pouvoir_publier, tenue
from publication.exports.postgres.serveur import Adresse, connexion, seul
from publication.exports.postgres.tables import ouvrir
from socle.erreurs import ErreurPublication


@dataclass(frozen=True)
class Demande:
    """What to publish and how: the folder of a release, the name of the schema, the role of its readers.

    `lecteurs`: None, or no name, grants nothing to anybody. `patience`: seconds during which readers who hold
    the tables are waited for. `refaire`: load again a release that is there already.
    """

    release: Path
    schema: str
    lecteurs: str | None
    patience: float = PATIENCE
    refaire: bool = False


@dataclass(frozen=True)
class Servie:
    """What `publier` did: `etat` is `inchangee` when the schema held that very release."""

    etat: Literal["publiee", "inchangee"]
    release_id: str
    message: str


def publier(adresse: Adresse, demande: Demande) -> Servie:
    """Publish a release to PostgreSQL: readers see the former one until they see all of this one.

    Raises ErreurPublication, which says what to do next; what readers have is then untouched.
    """
    schema = Schema(demande.schema)
    with ouvrir(demande.release) as contenu, connexion(adresse) as con, seul(con, schema.nom):
        edition = contenu.edition
        exiger_de_pouvoir_publier(con, schema, edition, demande.lecteurs)
        ancienne = tenue(con, schema.nom)
        ou = f"schema {schema.nom} of {adresse}"
        if ancienne == edition and not demande.refaire:
            message = f"Release {edition.release_id} is in {ou} already."
            return Servie("inchangee", edition.release_id, message)
        lignes = charger(con, contenu, schema, demande.lecteurs)
        try:
            basculer(con, schema, demande.patience, edition.release_id)
        except ErreurPublication:
            retirer(con, schema)
            raise
    message = f"Release {edition.release_id} is in {ou}: {len(contenu.tables)} tables, {lignes} rows"
    if ancienne and ancienne.release_id < edition.release_id:
        message += f"; {ancienne.release_id} is kept in {schema.precedente}"
    elif ancienne and ancienne != edition:
        message += f"; {ancienne.release_id}, which is newer, was removed"
    return Servie("publiee", edition.release_id, message + ".")
