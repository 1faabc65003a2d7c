"""The gate as Dagster asset checks: one per mart, blocking. The expectations are in `expectations/`."""

from collections.abc import Iterator

import dagster as dg

from expectations.bilan import BilanMart
from expectations.runner import Contexte, valider
from publication.releases import courante

from .assets.secret import CLE_AUDIT
from .assets.warehouse import entrepot
from .resources import Nuit

CHECK_ATTENTES = "attentes"
ETOILE = ("fct_indicateurs", "dim_territoire", "dim_indicateur")


def marts_juges() -> list[dg.AssetKey]:
    """Marts that have a suite: the star and every wide mart."""
    return sorted(
        cle
        for cle in entrepot.keys
        if cle.path[0] == "marts" and (cle.path[-1].startswith("mart_") or cle.path[-1] in ETOILE)
    )


def _resultat(cle: dg.AssetKey, bilan: BilanMart, rapport: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=cle,
        check_name=CHECK_ATTENTES,
        passed=bilan.succes,
        severity=dg.AssetCheckSeverity.ERROR,
        description=bilan.message,
        metadata={
            "attentes": len(bilan.constats),
            "echecs": len(bilan.echecs),
            "constats": dg.MetadataValue.md(bilan.message),
            "rapport": dg.MetadataValue.path(rapport),
        },
    )


@dg.multi_asset_check(
    name="attentes",
    specs=[
        dg.AssetCheckSpec(
            CHECK_ATTENTES,
            asset=cle,
            blocking=True,
            # The gate quotes figures in its report: it waits until the masks are proved.
            additional_deps=[CLE_AUDIT],
            description="Promises to readers: ranges, completeness by territory, published totals, movement "
            "against the release in service, coherence of statut and value (expectations/seuils.yml).",
        )
        for cle in marts_juges()
    ],
)
def attentes(context: dg.AssetCheckExecutionContext, nuit: Nuit) -> Iterator[dg.AssetCheckResult]:
    """Judge every mart once; a mart without a verdict has failed."""
    contexte = Contexte(nuit.reglages.profil, nuit.reglages.perimetre)
    # What was known on an older day is not a movement of the release in service.
    precedente = None if nuit.jour else courante(nuit.releases)
    bilan = valider(nuit.base, precedente, nuit.validation, contexte)
    par_mart = {b.mart: b for b in bilan.marts}
    if not bilan.succes:
        context.log.error(bilan.message)
    for cle in marts_juges():
        sans_verdict = BilanMart(cle.path[-1], erreur="no suite judged this mart")
        yield _resultat(cle, par_mart.get(cle.path[-1], sans_verdict), str(nuit.validation / "rapport.html"))
