"""The release in PostgreSQL, where the night has a database.

No step of its own: Dagster skips what follows a skipped step, and a night that found nothing new owes the
database its release all the same. The step that knows what is in service ends the
night.
"""

from pathlib import Path

import dagster as dg

from publication.releases.verification import abimee

from ..actifs import EQUIPE, ecrit_dans
from ..echecs import PostgresEnEchec, ServiceAbime
from ..nuit.nuit import Nuit
from ..nuit.postgres import servir
from ..progression import annoncer

postgres = dg.AssetSpec(
    ["publication", "postgres"],
    deps=[["publication", "release"]],
    group_name="publication",
    kinds={"postgres"},
    owners=EQUIPE,
    metadata=ecrit_dans(Path(__file__)),
    description="The release in service in PostgreSQL, for BI tools and SQL: a new schema takes the place of "
    "the former one under its readers. Only where CTG_POSTGRES names a database. When it fails, the folder "
    "of the release is published all the same, and the night does not pass for a clean one.",
)


def vers_postgres(context: dg.AssetExecutionContext, nuit: Nuit, message: str) -> None:
    """Publish the releases in service to PostgreSQL, and tell Dagster; do nothing without a database.

    `message`: how the night ended. Raises PostgresEnEchec, once each scope had its turn.
    """
    if nuit.reglages.postgres is None or nuit.jour:
        # Without a database, a former alert about it is over.
        nuit.resume.noter_postgres([], [])
        return
    annoncer("/".join(postgres.key.path))
    servies, erreurs = servir(nuit.reglages)
    for servie in servies:
        context.log.info(servie.message)
    nuit.resume.noter_postgres([s.message for s in servies], erreurs)
    if erreurs:
        raise PostgresEnEchec("PostgreSQL did not get the release: " + "\n".join((*erreurs, message)))
    metadata = {
        "releases": dg.MetadataValue.json([s.release_id for s in servies]),
        "etats": dg.MetadataValue.json([s.etat for s in servies]),
    }
    context.log_event(dg.AssetMaterialization(postgres.key, metadata=metadata))


def terminer(context: dg.AssetExecutionContext, nuit: Nuit, message: str) -> None:
    """Publish to PostgreSQL, then fail the run if what readers had was damaged."""
    # The damaged releases are read again: the night may have replaced them.
    nuit.resume.noter_abimees(a for b in nuit.abimees.values() if (a := abimee(b.store, b.release_id)))
    vers_postgres(context, nuit, message)
    if nuit.abimees:
        raise ServiceAbime(message, nuit.abimees)
