"""The release in PostgreSQL, where the night is told of a database. What is done there is `publication`."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from ..nuit.postgres import servir
from ..progression import annoncer
from ..resources import Nuit
from ..translator import EQUIPE

CLE = dg.AssetKey(["publication", "postgres"])


@dg.asset(
    key=CLE,
    deps=[dg.AssetKey(["publication", "release"])],
    group_name="publication",
    kinds={"postgres"},
    owners=EQUIPE,
    output_required=False,
    description="The release in service in PostgreSQL, for BI tools and SQL: a new schema takes the place of "
    "the former one under its readers. Does nothing without CTG_POSTGRES; when it fails, the folder of the "
    "release is published all the same, and the night does not pass for a clean one.",
)
def postgres(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[dg.MaterializeResult[None]]:
    """Publish to PostgreSQL what the night has put in service."""
    if (metadata := vers_postgres(context, nuit)) is not None:
        yield dg.MaterializeResult(metadata=metadata)


def vers_postgres(context: dg.AssetExecutionContext, nuit: Nuit) -> Mapping[str, Any] | None:
    """Publish the releases in service to PostgreSQL; None where nobody asked for it.

    A night where nothing changed does it too: the database may have been out of reach the night before.
    Raises dg.Failure, once each scope had its turn.
    """
    if nuit.reglages.postgres is None or nuit.jour:
        return None
    annoncer("/".join(CLE.path))
    servies, erreurs = servir(nuit.reglages)
    for servie in servies:
        context.log.info(servie.message)
    nuit.noter_postgres([s.message for s in servies], erreurs)
    if erreurs:
        raise dg.Failure("\n".join(erreurs), allow_retries=False)
    return {
        "releases": [s.release_id for s in servies],
        "etats": [s.etat for s in servies],
        "faits": dg.MetadataValue.md("\n".join(f"- {s.message}" for s in servies)),
    }
