"""PostgreSQL: the tables of a published release in a schema of a server, for BI tools and SQL.

A whole new schema is loaded beside the one that is read, then takes its name; the one it replaces stays under
`<schema>_precedente` until the next publication, unless it is newer (ADR 16).
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
    """A release folder to publish in a schema; `lecteurs`: the role of its readers, if any.

    `patience`: seconds during which readers who hold the tables are waited for. `refaire`: load again a
    release that is there already.
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
        exiger_de_pouvoir_publier(con, schema, edition)
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
