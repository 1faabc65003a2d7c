"""The night's own warehouse: one dbt build. Skipped when nothing changed.

Only wires dbt to Dagster: all SQL is in `dbt_project`.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from dagster_dbt import dbt_assets
from dagster_dbt.asset_utils import (
    get_asset_check_key_for_test,
    get_dbt_resource_names_for_asset_keys,
    get_dbt_test_names_for_check_keys,
)
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from confidentialite.cle import confier
from ingestion.contrats import charger_contrats
from socle.disque import creer_dossier_clos

from ..echecs import NUIT_ENTIERE
from ..manifeste import colonnes_masquees, hors_csv, promesses
from ..nuit.agregats import geler
from ..nuit.projet import actualiser_manifeste, projet_dbt
from ..nuit.revisions import eprouver
from ..progression import annoncer
from ..resources import Nuit, dit_les_pannes
from ..translator import CLE_CONSTRUCTION, TraducteurCtg, nom_de_verification

if TYPE_CHECKING:
    from ..nuit.construire import Ecoute

CONTRATS = charger_contrats()
# Whoever loads the graph runs it, the page as the night: a release would name SQL that it was not made of.
actualiser_manifeste()
MANIFESTE = json.loads(projet_dbt.manifest_path.read_bytes())
TRADUCTEUR = TraducteurCtg(CONTRATS)
MASQUEES = colonnes_masquees(MANIFESTE)
HORS_CSV = hors_csv(MANIFESTE)
PROMESSES = promesses(MANIFESTE)


@dbt_assets(manifest=MANIFESTE, project=projet_dbt, dagster_dbt_translator=TRADUCTEUR)
@dit_les_pannes
def entrepot(context: dg.AssetExecutionContext, nuit: Nuit) -> Iterator[Any]:
    """Run `dbt build`, freeze the aggregates of the extract, then attach the number of rows of each table.

    Asked for some of its tables alone, it makes them again in the file that the last night built.
    """
    # Imported late: a night where nothing changed builds nothing.
    from ..nuit.construire import EchecDbt, Ecoute, construire

    if context.is_subset and not nuit.seule:
        raise dg.Failure(NUIT_ENTIERE, allow_retries=False)
    quoi = _a_part(context, nuit) if nuit.seule else ()
    os.environ["CTG_CACHE_MASQUES"] = str(creer_dossier_clos(nuit.chemins.decisions))

    def batir() -> Ecoute:
        with confier(nuit.cle("masques")):
            return construire(nuit.construction.base, nuit.construction.dbt, *quoi)

    ecoute = batir()
    if nuit.seule:
        yield from _comptes(context, nuit, ecoute)
        if ecoute.erreurs:
            raise EchecDbt("\n\n".join(ecoute.erreurs))
        context.log.info(f"made again in {nuit.construction.base}, with its checks; nothing is published")
        return
    if not ecoute.erreurs:
        for mises in eprouver(nuit):
            for mise in mises:
                context.log.error(str(mise.erreur()))
            annoncer("/".join(CLE_CONSTRUCTION.path))
            ecoute = batir()
            if ecoute.erreurs:
                break
    yield from _comptes(context, nuit, ecoute)
    if ecoute.erreurs:
        raise EchecDbt("\n\n".join(ecoute.erreurs))
    for fichier in geler(nuit.construction.base, nuit.agregats, nuit.extrait):
        context.log.info(f"frozen: {fichier.name} of {fichier.parent.name}")


class ResultatDbt(DbtCoreCliEventMessage):
    """The result of a node of dbt, a test under the name that its check has here."""

    def _to_test_events(
        self, manifest: Mapping[str, Any], translator: Any, project: Any, context: Any
    ) -> Iterator[Any]:
        cle = get_asset_check_key_for_test(manifest, translator, self._unique_id, project=project)
        if cle is not None:
            cle = cle._replace(name=nom_de_verification(manifest["nodes"][self._unique_id]))
        if cle is not None and cle in self._get_result_check_keys(context):
            yield dg.AssetCheckResult(**self._get_check_properties(cle, manifest))
        else:
            yield from super()._to_test_events(manifest, translator, project, context)


def _a_part(context: dg.AssetExecutionContext, nuit: Nuit) -> Sequence[str]:
    """What dbt is told to make of the tables and checks that were asked for, each by its name."""
    tables = get_dbt_resource_names_for_asset_keys(
        TRADUCTEUR, MANIFESTE, context.assets_def, context.selected_asset_keys
    )
    essais = get_dbt_test_names_for_check_keys(
        TRADUCTEUR, MANIFESTE, context.assets_def, context.selected_asset_check_keys
    )
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
            " these tables read: ask for those too, or run the job rafraichissement_nocturne.",
            allow_retries=False,
        )
    # Tests are asked for one by one: those that read other tables are no checks of these.
    return ("--select", *tables, *essais, "--indirect-selection", "empty")


def _parents(table: str) -> Iterator[dict[str, Any]]:
    """The models and seeds that a table reads."""
    noeuds = MANIFESTE["nodes"]
    for noeud in noeuds.values():
        if noeud["name"] == table and noeud["resource_type"] in ("model", "seed"):
            yield from (noeuds[n] for n in noeud["depends_on"].get("nodes", ()) if n in noeuds)


def _comptes(context: dg.AssetExecutionContext, nuit: Nuit, ecoute: "Ecoute") -> Iterator[Any]:
    """What Dagster is told of each node, the number of rows of its table with it."""
    # DuckDB has one writer: rows can only be counted once dbt has let go of the file.
    with duckdb.connect(str(nuit.construction.base), read_only=True) as con:
        comptes = {
            (schema, table): nombre
            for schema, table, nombre in con.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        }
    for evenement in _evenements(context, nuit, ecoute.resultats):
        if isinstance(evenement, dg.Output):
            cle = context.asset_key_for_output(evenement.output_name)
            nombre = comptes.get((cle.path[0], cle.path[-1]))
            if nombre is not None:
                evenement = evenement.with_metadata({**evenement.metadata, "dagster/row_count": nombre})
        yield evenement


def _evenements(
    context: dg.AssetExecutionContext, nuit: Nuit, resultats: list[dict[str, Any]]
) -> Iterator[Any]:
    """What Dagster is told of each node: the same as when `DbtCliResource` runs dbt."""
    for resultat in resultats:
        yield from ResultatDbt(raw_event=resultat, event_history_metadata={}).to_default_asset_events(
            manifest=MANIFESTE,
            dagster_dbt_translator=TRADUCTEUR,
            context=context,
            target_path=nuit.construction.dbt,
            project=projet_dbt,
        )
