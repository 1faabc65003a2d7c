"""Producers' files, their landing and their typed Parquet: two assets per contract, no SQL.

Only wires `ingestion.acquisition` to Dagster: what a file must be is said by its contract.
"""

from collections.abc import Iterator

import dagster as dg

from ingestion.acquisition import SOURCE_COG, BilanSource, dans_l_ordre
from ingestion.contrats import Contrat, charger_contrats

from ..resources import Nuit
from ..translator import EQUIPE, cle_normalisee

CONTRATS = charger_contrats()
CHECK_REFUS = "aucun_refus"


def _kinds(contrat: Contrat) -> set[str]:
    return {r.format.kind for r in contrat.ressources.values()}


def cle_source(source_id: str) -> dg.AssetKey:
    """Key of the producer's files, outside this project."""
    return dg.AssetKey(["sources", source_id])


def cle_landing(source_id: str) -> dg.AssetKey:
    """Key of the landed files of a source."""
    return dg.AssetKey(["landing", source_id])


def _externe(contrat: Contrat) -> dg.AssetSpec:
    return dg.AssetSpec(
        cle_source(contrat.source),
        group_name="sources",
        description=f"{contrat.title}. {contrat.description}",
        kinds=_kinds(contrat),
        owners=EQUIPE,
        metadata={
            "producteur": contrat.producer,
            "licence": contrat.licence,
            "page": dg.MetadataValue.url(str(contrat.page)),
        },
    )


def _bilan(bilan: BilanSource) -> dict[str, dg.MetadataValue]:
    metadata: dict[str, dg.MetadataValue] = {
        "recus": dg.MetadataValue.int(len(bilan.recus)),
        "inchanges": dg.MetadataValue.int(len(bilan.inchanges)),
        "absents": dg.MetadataValue.int(len(bilan.absents)),
        "acceptes": dg.MetadataValue.int(len(bilan.acceptes)),
        "refus": dg.MetadataValue.int(len(bilan.refus)),
    }
    if bilan.refus:
        metadata["erreurs"] = dg.MetadataValue.md("\n\n".join(f"```\n{e}\n```" for e in bilan.refus))
    return metadata


def _landing(contrat: Contrat) -> dg.AssetsDefinition:
    @dg.asset(
        key=cle_landing(contrat.source),
        deps=[cle_source(contrat.source)],
        group_name="landing",
        kinds=_kinds(contrat),
        owners=EQUIPE,
        description=f"{contrat.title}: files as received, unchanged, addressed by their content.",
    )
    def recevoir(context: dg.AssetExecutionContext, nuit: Nuit) -> dg.MaterializeResult[None]:
        bilan = nuit.acquisition.recevoir(contrat.source)
        nuit.noter(bilan)
        for erreur in bilan.refus:
            context.log.warning(str(erreur))
        return dg.MaterializeResult(metadata=_bilan(bilan))

    return recevoir


def _normalised(contrat: Contrat) -> dg.AssetsDefinition:
    cle = cle_normalisee(contrat.source)
    # Codes are checked against the COG, so the COG is accepted first.
    attendus = [cle_landing(contrat.source)]
    if contrat.source != SOURCE_COG:
        attendus.append(cle_normalisee(SOURCE_COG))

    @dg.asset(
        key=cle,
        deps=attendus,
        group_name="normalised",
        kinds={"parquet", "python"},
        owners=EQUIPE,
        description=f"{contrat.title}: accepted files, typed by their contract and nothing else.",
        check_specs=[
            dg.AssetCheckSpec(
                CHECK_REFUS,
                asset=cle,
                description="No file of this source was refused, and no revision waits for a decision. A "
                "refused file leaves the last accepted one in use.",
            )
        ],
    )
    def normaliser(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[dg.MaterializeResult[None]]:
        bilan = nuit.acquisition.normaliser(contrat.source)
        nuit.noter(bilan)
        for erreur in bilan.refus:
            context.log.warning(str(erreur))
        for ecart in bilan.ecartes:
            context.log.warning(str(ecart))
        retenus = nuit.acquisition.fichiers_retenus(contrat.source)
        refus = [r for r in nuit.refus if r["source"] == contrat.source]
        yield dg.MaterializeResult(
            metadata={
                **_bilan(bilan),
                "dagster/row_count": dg.MetadataValue.int(sum(f.lignes for f in retenus)),
                "lignes_ecartees": dg.MetadataValue.int(sum(f.lignes_ecartees for f in retenus)),
                "fichiers": dg.MetadataValue.md(
                    "\n".join(f"- {f.ressource} {f.millesime}: {f.fichier} ({f.lignes})" for f in retenus)
                    or "none received"
                ),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=CHECK_REFUS,
                    passed=not refus,
                    severity=dg.AssetCheckSeverity.ERROR,
                    metadata={"refus": dg.MetadataValue.md("\n\n".join(r["texte"] for r in refus) or "none")},
                )
            ],
        )

    return normaliser


externes = [_externe(CONTRATS[s]) for s in dans_l_ordre(CONTRATS)]
landing = [_landing(CONTRATS[s]) for s in dans_l_ordre(CONTRATS)]
normalised = [_normalised(CONTRATS[s]) for s in dans_l_ordre(CONTRATS)]
