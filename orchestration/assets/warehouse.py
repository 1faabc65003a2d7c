"""The night's own warehouse: one dbt build. Skipped when nothing changed.

Only wires dbt to Dagster: all SQL is in `dbt_project`.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from dagster_dbt import DbtProject, dbt_assets

from ..echecs import NUIT_ENTIERE
from ..manifeste import colonnes_masquees, hors_csv, promesses
from ..nuit import projet
from ..nuit.fichiers_lus import dire_les_fichiers
from ..nuit.nuit import Nuit
from ..resources import LaNuit, dit_les_pannes
from ..translator import TraducteurCtg
from .sources import CONTRATS

if TYPE_CHECKING:
    from ..nuit.execution_dbt import Ecoute

# The page parses too: from a stale graph, a release would name SQL that it was not made of.
projet.actualiser_manifeste()
MANIFESTE = json.loads(projet.MANIFESTE.read_bytes())
TRADUCTEUR = TraducteurCtg(CONTRATS)
MASQUEES = colonnes_masquees(MANIFESTE)
HORS_CSV = hors_csv(MANIFESTE)
PROMESSES = promesses(MANIFESTE)
# Where dagster-dbt says which node of dbt an asset or a check is.
NOEUD = "dagster_dbt/unique_id"


@dbt_assets(
    manifest=MANIFESTE,
    exclude=projet.PORTABLE,
    project=DbtProject(projet.PROJET, profiles_dir=projet.PROJET),
    dagster_dbt_translator=TRADUCTEUR,
)
@dit_les_pannes
def entrepot(context: dg.AssetExecutionContext, nuit: LaNuit) -> Iterator[Any]:
    """Run `dbt build`, then attach the number of rows of each table.

    Asked for some of its tables alone, it makes them again in the file that the last night built.
    """
    # dbt: 0.3 s, which a night where nothing changed need not pay.
    from ..nuit.execution_dbt import EchecDbt, construire

    if context.is_subset and not nuit.seule:
        raise dg.Failure(NUIT_ENTIERE, allow_retries=False)
    quoi = _a_part(context, nuit) if nuit.seule else ("--exclude", projet.PORTABLE)
    ecoute = construire(nuit.construction.base, nuit.construction.dbt, *quoi)
    yield from _comptes(context, nuit, ecoute)
    for rate in ecoute.rates:
        lus = dire_les_fichiers(MANIFESTE, rate.noeud, rate.sources, nuit.retenus, nuit.extrait)
        ecoute.erreurs[rate.rang] += lus
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))
    if nuit.seule:
        context.log.info(f"made again in {nuit.construction.base}, with its checks; nothing is published")


def _a_part(context: dg.AssetExecutionContext, nuit: Nuit) -> Sequence[str]:
    """The arguments that select the tables and checks asked for, each by its name."""
    noeuds = MANIFESTE["nodes"]
    actifs = [noeuds[n] for n, actif in _actifs().items() if actif in context.selected_asset_keys]
    essais = [
        noeuds[n] for n, essai in _verifications().items() if essai in context.selected_asset_check_keys
    ]
    with duckdb.connect(str(nuit.construction.base), read_only=True) as con:
        la = set(con.execute("select table_schema, table_name from information_schema.tables").fetchall())
    demandes = {*(cle.path[-1] for cle in context.selected_asset_keys)}
    manquants = {
        parent["name"]
        for cle in context.selected_asset_keys
        for parent in _parents(cle.path[-1])
        if parent["name"] not in demandes and (parent["schema"], parent["alias"]) not in la
    }
    if manquants:
        raise dg.Failure(
            f"The last build ({nuit.construction.base}) stopped before {', '.join(sorted(manquants))}, which"
            " these tables read: ask for those too, or run a night (`ctg refresh`).",
            allow_retries=False,
        )
    # Tests are selected one by one: dbt would add those that also read other tables.
    choix = (".".join(noeud["fqn"]) for noeud in (*actifs, *essais))
    return ("--select", *choix, "--indirect-selection", "empty")


def _parents(table: str) -> Iterator[dict[str, Any]]:
    """The models and seeds that a table reads."""
    noeuds = MANIFESTE["nodes"]
    for noeud in noeuds.values():
        if noeud["name"] == table and noeud["resource_type"] in ("model", "seed"):
            yield from (noeuds[n] for n in noeud["depends_on"].get("nodes", ()) if n in noeuds)


def _comptes(context: dg.AssetExecutionContext, nuit: Nuit, ecoute: "Ecoute") -> Iterator[Any]:
    """Results of dbt as Dagster events, with the number of rows of each table."""
    # DuckDB has one writer: rows can only be counted once dbt has let go of the file.
    with duckdb.connect(str(nuit.construction.base), read_only=True) as con:
        comptes = {
            (schema, table): nombre
            for schema, table, nombre in con.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        }
    actifs, verifications = _actifs(), _verifications()
    for resultat in ecoute.resultats:
        noeud = resultat["data"]["node_info"]
        nom, etat = noeud["unique_id"], noeud["node_status"]
        faits = {
            "unique_id": nom,
            "invocation_id": resultat["info"]["invocation_id"],
            "status": etat,
            "Execution Duration": float(resultat["data"]["execution_time"]),
        }
        if nom in actifs and etat == "success":
            actif = actifs[nom]
            lignes = comptes.get((actif.path[0], actif.path[-1]))
            compte = {} if lignes is None else {"dagster/row_count": lignes}
            yield dg.MaterializeResult(asset_key=actif, metadata=faits | compte)
        verification = verifications.get(nom)
        if verification and verification in context.selected_asset_check_keys and etat != "skipped":
            rates = resultat["data"].get("num_failures")
            yield dg.AssetCheckResult(
                asset_key=verification.asset_key,
                check_name=verification.name,
                passed=etat == "pass",
                severity=dg.AssetCheckSeverity.WARN if etat == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata=faits | ({} if rates is None else {"dagster_dbt/failed_row_count": rates}),
            )


def _actifs() -> dict[str, dg.AssetKey]:
    """The asset of each node of dbt."""
    return {spec.metadata[NOEUD]: spec.key for spec in entrepot.specs}


def _verifications() -> dict[str, dg.AssetCheckKey]:
    """The check of each test of dbt."""
    return {spec.metadata[NOEUD]: spec.key for spec in entrepot.check_specs}
