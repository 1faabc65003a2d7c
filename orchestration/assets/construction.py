"""The build file of a night, begun: the first step of the job `construction`."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from ingestion.extrait.identite import SOURCE_EXTRAIT

from ..actifs import CHECK_REFUS, CLE_CONSTRUCTION, CLE_MICRO, CLE_RELEASE, EQUIPE, cle_normalisee, ecrit_dans
from ..echecs import NUIT_ENTIERE
from ..nuit.nuit import Nuit
from ..resources import PREPARER, LaNuit, dit_les_pannes
from .sources import CONTRATS, a_construire, verdict
from .warehouse import entrepot


@dg.multi_asset(
    name=PREPARER,
    specs=[
        dg.AssetSpec(
            CLE_CONSTRUCTION,
            deps=[*(cle_normalisee(s) for s in CONTRATS), CLE_MICRO],
            group_name="construction",
            kinds={"duckdb"},
            owners=EQUIPE,
            description="The night's own DuckDB file with the accepted files registered as views. Not"
            " produced when inputs, scope and code are those of the release in service: everything after it"
            " is then skipped.",
            metadata=ecrit_dans(Path(__file__)),
            skippable=True,
        )
    ],
)
@dit_les_pannes
def construction(context: dg.AssetExecutionContext, nuit: LaNuit) -> Iterator[dg.MaterializeResult[None]]:
    """Begin the build file; where the run received nothing itself, look again whether there is news."""
    _exiger_toute_la_nuit(context)
    if nuit.partie == "entiere" or a_construire(context, nuit):
        yield _arrondir_et_preparer(context, nuit)


def _exiger_toute_la_nuit(context: dg.AssetExecutionContext) -> None:
    """Refuse to begin a night's file for a run that would not fill it."""
    demandes = context.run.asset_selection
    if demandes and not entrepot.keys | {CLE_RELEASE} <= demandes:
        raise dg.Failure(NUIT_ENTIERE, allow_retries=False)


def _arrondir_et_preparer(context: dg.AssetExecutionContext, nuit: Nuit) -> dg.MaterializeResult[None]:
    """Begin the build file of the night, with its inputs."""
    avant = nuit.resume.refus
    nuit.arrondir_et_preparer()
    # What is refused as it is counted was received well, and its check has said so.
    for source in {r["source"] for r in nuit.resume.refus if r not in avant}:
        cle = CLE_MICRO if source == SOURCE_EXTRAIT else cle_normalisee(source)
        dit = verdict(cle, [r for r in nuit.resume.refus if r["source"] == source])
        context.instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=cle,
                check_name=CHECK_REFUS,
                passed=False,
                severity=dit.severity,
                description=dit.description,
                metadata=dit.metadata,
            )
        )
    return dg.MaterializeResult(
        asset_key=CLE_CONSTRUCTION,
        metadata={
            "fichiers": len(nuit.retenus),
            "perimes": [f"{f.source}/{f.ressource} {f.millesime}" for f in nuit.retenus if f.perime],
            "en_attente": [f"{a.source}/{a.ressource} {a.millesime}" for a in nuit.attentes],
            "empreinte": nuit.empreinte,
            "perimetre": nuit.reglages.construction,
        },
    )
