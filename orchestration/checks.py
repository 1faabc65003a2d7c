"""The gate as Dagster asset checks, blocking: the audit of secrecy, then the expectations of each mart.

One step: both are made at once, and the audit is told first, since a report of expectations quotes figures.
The expectations are in `expectations/`, the audit in `confidentialite/preuve/`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import dagster as dg

from expectations.juges import est_juge

from .assets.warehouse import MASQUEES, entrepot
from .resources import LaNuit, dit_les_pannes

if TYPE_CHECKING:
    from confidentialite.preuve.constats import Constats
    from expectations.bilan import Bilan, BilanMart
    from ingestion.ecartees import Ecartee

CHECK_ATTENTES = "attentes"
CHECK_SECRET = "audit_secret"
FAITS = dg.AssetKey(["marts", "fct_indicateurs"])


def marts_juges() -> list[dg.AssetKey]:
    """Marts that have a suite."""
    return sorted(cle for cle in entrepot.keys if cle.path[0] == "marts" and est_juge(cle.path[-1]))


def _resultat(cle: dg.AssetKey, bilan: "BilanMart", rapport: str) -> dg.AssetCheckResult:
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


def _verdict_du_secret(constats: "Constats", ecartees: Sequence["Ecartee"]) -> dg.AssetCheckResult:
    # What is set aside stops nothing, and is no clean success.
    aside = [f"Set aside until each incident is decided (`ctg secret incidents`): {e.nom}" for e in ecartees]
    return dg.AssetCheckResult(
        asset_key=FAITS,
        check_name=CHECK_SECRET,
        passed=constats.succes and not ecartees,
        severity=dg.AssetCheckSeverity.WARN if constats.succes else dg.AssetCheckSeverity.ERROR,
        description="\n".join([constats.message, *aside]),
        metadata={
            **constats.comptes,
            "incidents_assumes": len(constats.incidents) - len(constats.a_decider),
            "borne_haute_sous_seuil": constats.bilan.sous_seuil,
        },
    )


def _echecs(bilan: "Bilan | None", constats: "Constats | None") -> Iterator[dict[str, object]]:
    """What failed of the marts, in words; rows only where the proof of secrecy let these marts through."""
    prouve = constats is not None and constats.succes
    for b in bilan.marts if bilan else ():
        if b.erreur:
            yield _echec(b.mart, "suite", "critical", "a verdict", b.erreur, ())
        for c in b.echecs:
            lignes = (", ".join(f"{cle}={valeur}" for cle, valeur in p.items()) for p in c.premieres)
            observe = c.observe if prouve else "not quoted: the proof of secrecy stopped these marts"
            yield _echec(b.mart, c.controle, c.severite, c.attendu, observe, lignes if prouve else ())


def _echec(
    mart: str, controle: str, severite: str, attendu: str, observe: str, lignes: Iterable[str]
) -> dict[str, object]:
    return {
        **{"mart": mart, "controle": controle, "severite": severite},
        **{"attendu": attendu, "observe": observe, "premieres": list(lignes)[:3]},
    }


def _bloque(constats: "Constats | None") -> dict[str, int] | None:
    """How many findings and incidents stop the night; None where none does."""
    if constats is None or constats.succes:
        return None
    return {"constats": len(constats.echecs), "incidents": len(constats.a_decider)}


@dg.multi_asset_check(
    name="controles",
    specs=[
        dg.AssetCheckSpec(
            CHECK_SECRET,
            asset=FAITS,
            blocking=True,
            description="Proof, from the marts and from all that was ever released, that no masked cell can "
            "be recomputed: rank tests, lone contributors, bounds. Names cells, never a value.",
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
    """Audit the masks, then judge every mart once; a mart without a verdict has failed.

    Asked for some of them alone, it judges those in the file that the last night built.
    """
    # Imported late: a night where nothing changed judges nothing.
    from expectations.bilan import BilanMart
    from expectations.runner import Contexte, valider
    from publication.releases.magasin import courante

    from .nuit.secret import audit_de_la_nuit

    demandes = context.selected_asset_check_keys
    marts = [cle for cle in marts_juges() if dg.AssetCheckKey(cle, CHECK_ATTENTES) in demandes]
    base, validation = nuit.construction.base, nuit.construction.validation
    perimetre = nuit.construction.perimetre_juge
    contexte = Contexte(nuit.reglages.profil, perimetre)
    # What was known on an older day is not a movement of the release in service.
    precedente = None if nuit.jour else courante(nuit.reglages.magasin(perimetre))
    seuls = {cle.path[-1] for cle in marts} if nuit.seule else None
    audite = dg.AssetCheckKey(FAITS, CHECK_SECRET) in demandes
    with audit_de_la_nuit(nuit.construction, nuit.chemins.releases) if audite else nullcontext() as attendre:
        bilan = valider(base, precedente, validation, contexte, MASQUEES, seuls) if marts else None
        constats = attendre() if attendre else None
    if constats:
        if not constats.succes:
            context.log.error(constats.message)
        yield _verdict_du_secret(constats, nuit.ecartees)
    if bilan:
        if not bilan.succes:
            context.log.error(bilan.message)
        par_mart = {b.mart: b for b in bilan.marts}
        for cle in marts:
            sans_verdict = BilanMart(cle.path[-1], erreur="no suite judged this mart")
            yield _resultat(cle, par_mart.get(cle.path[-1], sans_verdict), str(validation / "rapport.html"))
    if not nuit.seule:
        nuit.resume.noter_controles(_echecs(bilan, constats), _bloque(constats))
    if (constats and constats.succes) and (bilan and bilan.succes):
        nuit.juger()
