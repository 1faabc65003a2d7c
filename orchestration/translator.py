"""How dbt nodes appear in Dagster: keys, groups, kinds, owners, freshness. No computation."""

import csv
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from ingestion.contrats import Contrat
from publication.commun.promesses import cle_de, liens, sans_vide

from .actifs import CLE_CONSTRUCTION, CLE_MICRO, EQUIPE, cle_normalisee, proprietaires
from .racine import RACINE

# Sources are annual and a night where nothing changed rebuilds nothing, so the age of a mart is the time
# since a figure last moved: more than a year means that a whole round of publications was missed.
FRAICHEUR_MARTS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=400), warn_window=timedelta(days=200)
)
# A group has some sixteen characters in the graph of the page.
GROUPES = {
    "commun": "etoile",
    "ctg": "conventions",
    "animation_vie_sociale": "vie_sociale",
    "metiers_services_familles": "metiers_familles",
}
THEMES = frozenset(
    ligne["theme"]
    for ligne in csv.DictReader((RACINE / "dbt_project/seeds/themes.csv").read_text("utf-8").splitlines())
)


class TraducteurCtg(DagsterDbtTranslator):
    """The only translator: one asset per dbt model, one group per layer and theme."""

    def __init__(self, contrats: Mapping[str, Contrat]) -> None:
        """Several dbt tables (one per resource) come from one source asset."""
        self._contrats = contrats
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True, enable_code_references=True
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`normalised` tables belong to their source's asset, what the night registers to `construction`."""
        if dbt_resource_props["resource_type"] == "source":
            if dbt_resource_props["name"] == "foyers":
                return CLE_MICRO
            if dbt_resource_props["source_name"] in ("nuit", "micro"):
                return CLE_CONSTRUCTION
            return cle_normalisee(dbt_resource_props["name"].split("__")[0])
        couche = dbt_resource_props["fqn"][1] if dbt_resource_props["resource_type"] != "seed" else "seeds"
        return dg.AssetKey([couche, dbt_resource_props["name"]])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Add owner, kinds, group and, on marts, freshness."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        noeud = self.get_resource_props(manifest, unique_id)
        if noeud["resource_type"] == "seed":
            return spec.replace_attributes(
                group_name="dictionnaire",
                owners=EQUIPE,
                kinds={"csv", "dbt"},
                # Dagster's own ends with the SQL of a model, which a seed has none of.
                description=noeud["description"],
                metadata={**spec.metadata, "dagster/table_name": f"seeds.{noeud['name']}"},
            )
        # A folder is numbered in reading order; its group is not.
        couche, dossier = noeud["fqn"][1], noeud["fqn"][2].lstrip("0123456789_")
        langage = "python" if noeud["path"].endswith(".py") else "sql"
        spec = spec.replace_attributes(
            group_name=_groupe(couche, dossier),
            owners=self._proprietaires(manifest, noeud, dossier),
            kinds={"dbt", "duckdb", langage},
            metadata={**spec.metadata, "dagster/table_name": f"{couche}.{noeud['name']}"},
        )
        return spec.replace_attributes(freshness_policy=FRAICHEUR_MARTS) if couche == "marts" else spec

    def _proprietaires(
        self, manifest: Mapping[str, Any], noeud: Mapping[str, Any], dossier: str
    ) -> list[str]:
        """The producers of what a staging model reads, the theme of a mart; the data team for the rest."""
        if noeud["fqn"][1] == "marts" and dossier in THEMES:
            return [f"team:{dossier}"]
        sources = (manifest["sources"].get(parent) for parent in noeud.get("depends_on", {}).get("nodes", ()))
        lues = {s["name"].split("__")[0] for s in sources if s and s["source_name"] == "normalised"}
        producteurs = {p for s in lues if s in self._contrats for p in proprietaires(self._contrats[s])}
        return sorted(producteurs) if noeud["fqn"][1] == "staging" and producteurs else EQUIPE

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Say in words what a dbt test checks: its own description, or its rule and arguments."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        test = self.get_resource_props(manifest, unique_id)
        return spec._replace(
            name=nom_de_verification(test), description=test.get("description") or _regle(test, manifest)
        )


def nom_de_verification(test: Mapping[str, Any]) -> str:
    """The name of a dbt test on the page of its table: dbt's own repeats that of the table."""
    return "promesses" if test.get("test_metadata", {}).get("name") == "promesses" else str(test["name"])


def _groupe(couche: str, dossier: str) -> str:
    match couche:
        case "staging":
            return couche
        case "intermediate":
            return f"int_{dossier}"
        case _:
            return GROUPES.get(dossier, dossier)


def _regle(test: Mapping[str, Any], manifeste: Mapping[str, Any]) -> str:
    arguments = {
        cle: valeur
        for cle, valeur in test.get("test_metadata", {}).get("kwargs", {}).items()
        if cle not in ("model", "column_name")
    }
    match test.get("test_metadata", {}).get("name"):
        case "promesses":
            declarees = manifeste["nodes"].get(test["attached_node"], {})
            return " ".join(_promesses(_contraintes(declarees) | arguments))
        case "combinaison_unique":
            return f"{', '.join(arguments['colonnes'])} together identify a row."
        case autre:
            return f"{autre} {arguments}"


def _contraintes(modele: Mapping[str, Any]) -> dict[str, Any]:
    """What a model declares itself, as the arguments of the test of a seed say it."""
    return {
        "cle": cle_de(modele),
        "sans_vide": sorted(sans_vide(modele, modele["columns"].values())),
        "liens": {c: {"to": lien.table, "field": lien.colonne} for c, lien in liens(modele).items()},
    }


def _promesses(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Each promise of a table, in words."""
    if cle := arguments.get("cle"):
        yield f"{', '.join(cle)} {'together identify' if len(cle) > 1 else 'identifies'} a row."
    if colonnes := arguments.get("sans_vide"):
        yield f"Never empty: {', '.join(colonnes)}."
    for colonne, valeurs in arguments.get("valeurs", {}).items():
        yield f"{colonne} is one of {', '.join(map(str, valeurs))}."
    for colonne, lien in arguments.get("liens", {}).items():
        yield f"{colonne} exists in {lien['to']}, column {lien['field']}."
    for expression in arguments.get("expressions", []):
        yield f"On every row: {expression}."
