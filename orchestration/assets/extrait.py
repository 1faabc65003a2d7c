"""The allocataire extract in the graph: what waits in the depot, and the months taken in.

Only wires `ingestion.extrait` to Dagster. No metadata, log or check here tells a number of rows: it would be
a number of persons.
"""

from collections.abc import Iterator

import dagster as dg

from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.erreurs import SOURCE

from ..resources import Nuit
from ..translator import CLE_MICRO, EQUIPE
from .sources import CHECK_REFUS, cle_source

source_extrait = dg.AssetSpec(
    cle_source(SOURCE),
    group_name="sources",
    description=f"{charger_contrat().titre}: one row per foyer and reference month, dropped by the Caf in "
    "the closed depot and bound to the contract by its own mapping (docs/extrait.md).",
    kinds={"csv", "parquet"},
    owners=EQUIPE,
)


@dg.asset(
    key=CLE_MICRO,
    deps=[source_extrait.key],
    group_name="micro",
    kinds={"parquet", "python"},
    owners=EQUIPE,
    description="Months of the extract taken in: whitelisted columns, keyed pseudonyms, communes and age "
    "bands, in the closed micro zone. The raw file is removed at the end of its declared retention.",
    check_specs=[
        dg.AssetCheckSpec(
            CHECK_REFUS,
            asset=CLE_MICRO,
            description="No extract was refused, and no revision waits for a decision. A refused file leaves "
            "the last accepted month in use.",
        )
    ],
)
def extrait(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[dg.MaterializeResult[None]]:
    """Take in the months that wait."""
    bilan = nuit.reception.recevoir()
    nuit.noter_refus(bilan.refus)
    for erreur in bilan.refus:
        context.log.warning(str(erreur))
    if bilan.a_purger:
        context.log.warning(f"past their retention: {', '.join(bilan.a_purger)}; run `ctg extrait purge`")
    en_usage = [f"- {m.mois} ({m.statut}): {m.sha256[:12]}" for m in nuit.micro.mois_retenus()]
    refus = "\n\n".join(str(e) for e in bilan.refus) or "none"
    yield dg.MaterializeResult(
        metadata={
            "recus": bilan.recus,
            "inchanges": bilan.inchanges,
            "acceptes": bilan.acceptes,
            "bruts_retires": bilan.retires,
            "a_purger": bilan.a_purger,
            "mois": dg.MetadataValue.md("\n".join(en_usage) or "none taken in"),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=CHECK_REFUS,
                passed=not bilan.refus,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"refus": dg.MetadataValue.md(refus)},
            )
        ],
    )
