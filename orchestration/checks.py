"""The gate as Dagster asset checks, blocking: the certificate of confidentiality, the expectations of each
mart.

The expectations are in `expectations/`, the certificate in `confidentialite/`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from confidentialite.certificat import CONFORME
from expectations.bilan import Bilan, BilanMart
from expectations.juges import est_juge
from expectations.runner import Contexte, valider

from .assets.warehouse import MASQUEES, entrepot
from .nuit.certificat import certifier
from .resources import LaNuit, dit_les_pannes

CHECK_ATTENTES = "attentes"
CHECK_SECRET = "certificat"
FAITS = dg.AssetKey(["marts", "fct_indicateurs"])


def marts_juges() -> list[dg.AssetKey]:
    """Marts that have a suite."""
    return sorted(cle for cle in entrepot.keys if cle.path[0] == "marts" and est_juge(cle.path[-1]))


def _resultat(cle: dg.AssetKey, bilan: BilanMart, rapport: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=cle,
        check_name=CHECK_ATTENTES,
        # A warning stops nothing, and is no clean success.
        passed=bilan.succes and not bilan.echecs,
        severity=dg.AssetCheckSeverity.WARN if bilan.succes else dg.AssetCheckSeverity.ERROR,
        description=bilan.message,
        metadata={
            "attentes": len(bilan.constats),
            "echecs": len(bilan.echecs),
            "constats": dg.MetadataValue.md("\n\n".join(e.message for e in bilan.echecs) or bilan.message),
            "rapport": dg.MetadataValue.path(rapport),
        },
    )


def _verdict_du_secret(certificat: dict[str, Any]) -> dg.AssetCheckResult:
    moindres = [m["mesure"] for m in certificat["mesures"] if m["alternatives_min"] < m["pas"]]
    return dg.AssetCheckResult(
        asset_key=FAITS,
        check_name=CHECK_SECRET,
        passed=certificat["verdict"] == CONFORME,
        description=(
            f"fewer values than the step are left to some counts of {', '.join(moindres)}"
            if moindres
            else f"{len(certificat['mesures'])} mesures of persons, as many values as its step left to each"
        ),
        metadata={
            "cellules": sum(m["cellules"] for m in certificat["mesures"]),
            "retenues": certificat["retenues"],
        },
    )


def _echecs(bilan: Bilan | None, certificat: dict[str, Any] | None) -> Iterator[dict[str, object]]:
    """Yield what failed of the marts, in words."""
    if certificat and certificat["verdict"] != CONFORME:
        trop_peu = [
            f"{m['mesure']}: {m['alternatives_min']} of {m['pas']}"
            for m in certificat["mesures"]
            if m["alternatives_min"] < m["pas"]
        ]
        attendu = "as many values as the step left to each count of persons"
        yield _echec(FAITS.path[-1], CHECK_SECRET, "critical", attendu, "fewer", trop_peu)
    for b in bilan.marts if bilan else ():
        if b.erreur:
            yield _echec(b.mart, "suite", "critical", "a verdict", b.erreur, ())
        for c in b.echecs:
            lignes = (", ".join(f"{cle}={valeur}" for cle, valeur in p.items()) for p in c.premieres)
            yield _echec(b.mart, c.controle, c.severite, c.attendu, c.observe, lignes)


def _echec(
    mart: str, controle: str, severite: str, attendu: str, observe: str, lignes: Iterable[str]
) -> dict[str, object]:
    return {
        **{"mart": mart, "controle": controle, "severite": severite},
        **{"attendu": attendu, "observe": observe, "premieres": list(lignes)[:3]},
    }


@dg.multi_asset_check(
    name="controles",
    specs=[
        dg.AssetCheckSpec(
            CHECK_SECRET,
            asset=FAITS,
            blocking=True,
            description="From the marts alone: each count of persons keeps as many values as its step, for "
            "who knows the exact total of each département.",
        ),
        *(
            dg.AssetCheckSpec(
                CHECK_ATTENTES,
                asset=cle,
                blocking=True,
                description="Promises to readers: ranges, completeness by territory, published totals, "
                "movement against the release in service, coherence of statut and value "
                "(expectations/seuils.yml).",
            )
            for cle in marts_juges()
        ),
    ],
    can_subset=True,
)
@dit_les_pannes
def controles(context: dg.AssetCheckExecutionContext, nuit: LaNuit) -> Iterator[dg.AssetCheckResult]:
    """Write the certificate, then judge every mart once; a mart without a verdict has failed.

    Asked for some of them alone, it judges those in the file that the last night built.
    """
    demandes = context.selected_asset_check_keys
    marts = [cle for cle in marts_juges() if dg.AssetCheckKey(cle, CHECK_ATTENTES) in demandes]
    base, validation = nuit.construction.base, nuit.construction.validation
    perimetre = nuit.construction.perimetre_juge
    contexte = Contexte(nuit.reglages.profil, perimetre)
    # What was known on an older day is not a movement of the release in service.
    precedente = nuit.precedente(perimetre)
    seuls = {cle.path[-1] for cle in marts} if nuit.seule else None
    certificat = None
    if dg.AssetCheckKey(FAITS, CHECK_SECRET) in demandes:
        certificat = certifier(nuit.reglages, base, validation)
        verdict = _verdict_du_secret(certificat)
        if not verdict.passed:
            context.log.error(f"{verdict.description}: nothing is published (docs/secret.md)")
        yield verdict
    bilan = valider(base, precedente, validation, contexte, MASQUEES, seuls) if marts else None
    if bilan:
        if not bilan.succes:
            context.log.error(bilan.message)
        par_mart = {b.mart: b for b in bilan.marts}
        for cle in marts:
            sans_verdict = BilanMart(cle.path[-1], erreur="no suite judged this mart")
            yield _resultat(cle, par_mart.get(cle.path[-1], sans_verdict), str(validation / "rapport.html"))
    if not nuit.seule:
        nuit.resume.noter_controles(_echecs(bilan, certificat))
    if (certificat and certificat["verdict"] == CONFORME) and (bilan and bilan.succes):
        nuit.juger()
